"""A change of a promise: both sides approve it, or it does not come about."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from lamppost.catalog.models import Service
from lamppost.cities.models import City
from lamppost.database.scope import city_scope
from lamppost.kernel.refusals import Conflict, Forbidden, Invalid, NotFound, Unauthenticated
from lamppost.people.actors import ANONYMOUS, Actor
from lamppost.people.choices import NoticeKind, Role
from lamppost.people.models import AuditEntry, Denial, Department, StaffNotice
from lamppost.sla.choices import Priority, ProposalState, Side, TargetKind, Verdict
from lamppost.sla.models import (
    Agreement,
    AgreementProposal,
    AgreementVersion,
    BusinessCalendar,
    ProposalDecision,
    SlaTarget,
)
from lamppost.sla.promises import promises
from lamppost.sla.services import proposals
from lamppost.sla.services.proposals import Terms
from lamppost.sla.services.publishing import TargetFacts
from lamppost.sla.target import Target

pytestmark = pytest.mark.django_db
ActorMaker = Callable[..., Actor]


def today(city: City) -> date:
    return timezone.now().astimezone(city.zone).date()


@pytest.fixture
def terms(city: City) -> Terms:
    """46 business days instead of 3, from in ten days on."""
    return Terms(
        effective_from=today(city) + timedelta(days=10),
        calendar_id=BusinessCalendar.objects.get(code="office").pk,
        targets=(TargetFacts("resolve", 46, "business_days"),),
        reason="Two crews fewer",
    )


@pytest.fixture
def manager(actor: ActorMaker) -> Actor:
    """The manager of the streets department."""
    return actor(Role.MANAGER, "streets")


@pytest.fixture
def director(actor: ActorMaker) -> Actor:
    """The 311 director."""
    return actor(Role.DIRECTOR)


def pair() -> dict[str, int]:
    return {
        "service_id": Service.objects.get(code="POTHOLE").pk,
        "department_id": Department.objects.get(code="streets").pk,
    }


def proposed(terms: Terms, actor: Actor) -> AgreementProposal:
    made = proposals.draft(**pair(), terms=terms, actor=actor)
    return proposals.propose(proposal_id=made.pk, actor=actor)


def say(
    proposal: AgreementProposal, side: Side, actor: Actor, verdict: Verdict = Verdict.APPROVED
) -> AgreementProposal:
    words = "No crews" if verdict is Verdict.REJECTED else ""
    return proposals.decide(
        proposal_id=proposal.pk, side=side, verdict=verdict, words=words, actor=actor
    )


# -- refusals


@pytest.mark.parametrize(
    ("role", "department"),
    [
        (Role.WORKER, "streets"), (Role.AGENT, "center"), (Role.MANAGER, "parks"),
        (Role.COUNCIL, None), (Role.EDITOR, None), (Role.RESIDENT, None),
    ],
)  # fmt: skip
def test_who_may_not_propose(
    role: Role, department: str | None, terms: Terms, actor: ActorMaker
) -> None:
    with pytest.raises(Forbidden):
        proposals.draft(**pair(), terms=terms, actor=actor(role, department))
    assert not AgreementProposal.objects.exists()
    assert Denial.objects.filter(permission="agreement.propose").exists()


def test_a_stranger_may_not_propose(terms: Terms) -> None:
    with pytest.raises(Unauthenticated):
        proposals.draft(**pair(), terms=terms, actor=ANONYMOUS)


@pytest.mark.parametrize(
    ("change", "field", "why"),
    [
        ({"effective_from": date(2020, 1, 1)}, "effective_from", "a day that has passed"),
        ({"effective_from": date(2999, 1, 1)}, "effective_from", "a day nobody will see"),
        ({"calendar_id": 0}, "calendar", "a calendar that does not exist"),
        ({"targets": ()}, "targets", "nothing promised"),
        ({"reason": "  "}, "reason", "no reason"),
        ({"evidence": "x" * 301}, "evidence", "evidence that does not fit"),
        ({"targets": (TargetFacts("resolve", 0, "hours"),)}, "target-0", "zero hours"),
        ({"targets": (TargetFacts("resolve", 10**9, "hours"),)}, "target-0", "beyond ten years"),
        ({"targets": (TargetFacts("fix", 1, "hours"),)}, "target-0", "an unknown kind"),
        ({"targets": (TargetFacts("resolve", 1, "weeks"),)}, "target-0", "an unknown unit"),
        (
            {"targets": (TargetFacts("resolve", 1, "hours", priority="soon"),)},
            "target-0", "an unknown priority",
        ),
        (
            {"targets": (TargetFacts("resolve", 1, "hours", area_id=10**9),)},
            "target-0", "an unknown area",
        ),
        (
            {"targets": (TargetFacts("resolve", 1, "hours"), TargetFacts("resolve", 2, "hours"))},
            "target-1", "two targets for the same cases",
        ),
    ],
)  # fmt: skip
def test_terms_that_are_refused(
    change: dict[str, Any], field: str, why: str, terms: Terms, manager: Actor
) -> None:
    with pytest.raises(Invalid) as refused:
        proposals.draft(**pair(), terms=replace(terms, **change), actor=manager)
    assert [problem.field for problem in refused.value.problems] == [field], why
    assert not AgreementProposal.objects.exists()


def test_a_question_has_no_service_level(terms: Terms, actor: ActorMaker) -> None:
    where = pair() | {"service_id": Service.objects.get(code="QUESTION").pk}
    with pytest.raises(Invalid):
        proposals.draft(**where, terms=terms, actor=actor(Role.DIRECTOR))


def test_one_change_at_a_time(terms: Terms, manager: Actor) -> None:
    proposals.draft(**pair(), terms=terms, actor=manager)
    with pytest.raises(Conflict):
        proposals.draft(**pair(), terms=terms, actor=manager)


def test_a_proposal_of_another_city_does_not_exist_here(
    terms: Terms, manager: Actor, director: Actor, other_city: City
) -> None:
    proposal = proposed(terms, manager)
    with city_scope(other_city.pk), pytest.raises(NotFound):
        say(proposal, Side.CENTER, director)


@pytest.mark.parametrize(
    ("role", "department", "side"),
    [
        (Role.WORKER, "streets", Side.DEPARTMENT), (Role.MANAGER, "parks", Side.DEPARTMENT),
        (Role.MANAGER, "streets", Side.CENTER), (Role.DIRECTOR, None, Side.DEPARTMENT),
        (Role.SUPERVISOR, "center", Side.CENTER), (Role.AGENT, "center", Side.CENTER),
    ],
)  # fmt: skip
def test_who_may_not_approve(
    role: Role, department: str | None, side: Side, terms: Terms, actor: ActorMaker
) -> None:
    proposal = proposed(terms, actor(Role.ADMIN))
    with pytest.raises(Forbidden):
        say(proposal, side, actor(role, department, "other"))
    assert not ProposalDecision.objects.exists()


def test_nobody_approves_for_both_sides(terms: Terms, actor: ActorMaker) -> None:
    """Not even who may do everything, and not the proposer."""
    admin = actor(Role.ADMIN)
    proposal = proposed(terms, admin)
    say(proposal, Side.CENTER, admin)
    with pytest.raises(Conflict):
        say(proposal, Side.DEPARTMENT, admin)
    assert AgreementVersion.objects.count() == 1
    with pytest.raises(IntegrityError), transaction.atomic():
        ProposalDecision.objects.create(
            proposal=proposal, side=Side.DEPARTMENT, verdict=Verdict.APPROVED,
            user_id=admin.user_id, at=timezone.now(),
        )  # fmt: skip


def test_a_side_decides_once(terms: Terms, manager: Actor, actor: ActorMaker) -> None:
    proposal = proposed(terms, manager)
    say(proposal, Side.DEPARTMENT, manager)
    with pytest.raises(Conflict):
        say(proposal, Side.DEPARTMENT, actor(Role.MANAGER, "streets", "second"))


def test_a_draft_is_not_decided_and_a_proposal_not_edited(
    terms: Terms, manager: Actor, director: Actor
) -> None:
    made = proposals.draft(**pair(), terms=terms, actor=manager)
    with pytest.raises(Conflict):
        say(made, Side.CENTER, director)
    proposals.propose(proposal_id=made.pk, actor=manager)
    with pytest.raises(Conflict):
        proposals.edit(proposal_id=made.pk, terms=terms, actor=manager)
    with pytest.raises(Conflict):
        proposals.propose(proposal_id=made.pk, actor=manager)


def test_a_rejection_says_why_and_ends_it(terms: Terms, manager: Actor, director: Actor) -> None:
    proposal = proposed(terms, manager)
    with pytest.raises(Invalid):
        proposals.decide(
            proposal_id=proposal.pk, side=Side.CENTER, verdict=Verdict.REJECTED, words=" ",
            actor=director,
        )  # fmt: skip
    rejected = say(proposal, Side.CENTER, director, Verdict.REJECTED)
    assert rejected.state == ProposalState.REJECTED
    with pytest.raises(Conflict):
        say(proposal, Side.DEPARTMENT, manager)
    assert AgreementVersion.objects.count() == 1


def test_too_late_an_approval_is_refused(terms: Terms, manager: Actor, director: Actor) -> None:
    """Nobody promises for days that are over: the first day has passed while it lay around."""
    proposal = proposed(terms, manager)
    say(proposal, Side.DEPARTMENT, manager)
    AgreementProposal.objects.filter(pk=proposal.pk).update(effective_from=date(2026, 1, 1))
    with pytest.raises(Conflict):
        say(proposal, Side.CENTER, director)
    assert AgreementVersion.objects.count() == 1


# -- what comes about


def test_both_sides_make_a_version(
    city: City, terms: Terms, manager: Actor, director: Actor
) -> None:
    before = City.objects.get(pk=city.pk).catalog_changed_at
    proposal = say(proposed(terms, manager), Side.DEPARTMENT, manager)
    assert proposal.state == ProposalState.PROPOSED
    proposal = say(proposal, Side.CENTER, director)

    assert proposal.state == ProposalState.PUBLISHED
    version = proposal.version
    assert version is not None
    assert version.effective_from == terms.effective_from
    assert version.approved_by == "director, manager"
    assert City.objects.get(pk=city.pk).catalog_changed_at > before
    assert [entry.detail.partition(",")[0] for entry in AuditEntry.objects.order_by("id")] == [
        f"proposal {proposal.pk} {step}"
        for step in ("proposed", "department approved", "center approved")
    ]


def test_cases_of_either_side_of_the_day_have_their_own_version(
    terms: Terms, manager: Actor, director: Actor
) -> None:
    say(say(proposed(terms, manager), Side.DEPARTMENT, manager), Side.CENTER, director)

    def promised(on: date) -> list[Target]:
        found = promises().for_case(**pair(), on=on, areas=(), priority=Priority.NORMAL)
        return [one.target for one in found if one.kind is TargetKind.RESOLVE]

    eve = terms.effective_from - timedelta(days=1)
    assert promised(eve) == [Target.business_days(3)]
    assert promised(terms.effective_from) == [Target.business_days(46)]
    assert promised(date(2014, 12, 31)) == []


def test_people_are_told(terms: Terms, manager: Actor, director: Actor) -> None:
    proposal = proposed(terms, manager)
    told = StaffNotice.objects.filter(kind=NoticeKind.AGREEMENT)
    assert [notice.user_id for notice in told] == [director.user_id]
    assert told.get().path == f"/desk/agreements/proposals/{proposal.pk}/"
    say(proposal, Side.CENTER, director)
    assert (
        StaffNotice.objects.filter(user_id=manager.user_id)
        .get()
        .subject.endswith("approved by 311 center")
    )


def test_withdrawn_leaves_room_for_another(terms: Terms, manager: Actor) -> None:
    proposals.withdraw(proposal_id=proposed(terms, manager).pk, actor=manager)
    assert proposed(terms, manager).state == ProposalState.PROPOSED


def test_who_was_to_decide_hears_that_it_is_withdrawn(
    terms: Terms, manager: Actor, director: Actor
) -> None:
    proposal = proposed(terms, manager)
    proposals.withdraw(proposal_id=proposal.pk, actor=manager)
    told = StaffNotice.objects.filter(user_id=director.user_id).order_by("id")
    assert [row.subject.rpartition(": ")[2] for row in told] == [
        "your decision is needed", "withdrawn",
    ]  # fmt: skip
    assert not StaffNotice.objects.filter(user_id=manager.user_id).exists()


def test_a_draft_can_be_rewritten(terms: Terms, manager: Actor) -> None:
    made = proposals.draft(**pair(), terms=terms, actor=manager)
    other = replace(terms, targets=(TargetFacts("inspect", 4, "business_hours"),))
    edited = proposals.edit(proposal_id=made.pk, terms=other, actor=manager)
    assert [row.kind for row in edited.targets.all()] == ["inspect"]


# -- published is history


def approved(terms: Terms, manager: Actor, director: Actor) -> AgreementVersion:
    done = say(say(proposed(terms, manager), Side.DEPARTMENT, manager), Side.CENTER, director)
    assert done.version is not None
    return done.version


def _old_version() -> AgreementVersion:
    return AgreementVersion.objects.get(effective_from=date(2015, 1, 1))


@pytest.mark.parametrize(
    ("why", "change"),
    [
        ("another first day", lambda v: _set(v, effective_from=date(2016, 1, 1))),
        ("another agreement", lambda v: _set(v, agreement=_another_agreement())),
        ("another day of publishing", lambda v: _set(v, published_at=timezone.now())),
        ("gone", lambda v: AgreementVersion.objects.filter(pk=v.pk).delete()),
        ("another amount", lambda v: SlaTarget.objects.filter(version=v).update(amount=99)),
        ("a target less", lambda v: SlaTarget.objects.filter(version=v, kind="resolve").delete()),
    ],
)
@pytest.mark.parametrize("whose", ["in force since 2015", "approved by both, not in force yet"])
def test_the_database_refuses_to_rewrite_history(
    whose: str, why: str, change: Callable[[AgreementVersion], Any],
    terms: Terms, manager: Actor, director: Actor,
) -> None:  # fmt: skip
    version = _old_version()
    if whose.startswith("approved"):
        version = approved(terms, manager, director)
    with pytest.raises(IntegrityError, match=r"published history|protected"), transaction.atomic():
        change(version)


def test_a_version_still_to_come_of_a_pack_may_change(terms: Terms) -> None:
    version = AgreementVersion.objects.create(
        agreement=Agreement.objects.get(), effective_from=terms.effective_from,
        calendar_id=terms.calendar_id, published_at=timezone.now(),
    )  # fmt: skip
    SlaTarget.objects.create(version=version, kind="resolve", amount=5, unit="hours")
    SlaTarget.objects.filter(version=version).update(amount=6)
    version.targets.all().delete()
    version.delete()


def _set(version: AgreementVersion, **fields: Any) -> None:
    AgreementVersion.objects.filter(pk=version.pk).update(**fields)


def _another_agreement() -> Agreement:
    return Agreement.objects.create(
        service=Service.objects.get(code="TREE"), department=Department.objects.get(code="parks")
    )
