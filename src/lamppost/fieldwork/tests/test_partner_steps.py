"""Partners by signed link: guessed, ended, of too little right; what they do and who is told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from lamppost.cases.choices import ActorKind, EventKind
from lamppost.cases.models import Attachment, Case, CaseEvent
from lamppost.cases.services.lifecycle import close
from lamppost.catalog.models import Status
from lamppost.cities.models import City
from lamppost.database.scope import city_scope
from lamppost.fieldwork.models import CompletionReport, PartnerEntry, PartnerLink
from lamppost.fieldwork.services import partner_steps
from lamppost.fieldwork.services.partner_links import (
    MadeLink,
    Offer,
    link_for,
    make_link,
    renew_link,
    revoke_link,
)
from lamppost.fieldwork.tests.conftest import jpeg
from lamppost.kernel.refusals import Conflict, Forbidden, Invalid, NotFound
from lamppost.people.actors import SYSTEM, Actor
from lamppost.people.choices import Role
from lamppost.people.models import Denial, StaffNotice

pytestmark = pytest.mark.django_db
FileCase = Callable[..., Case]
MakeActor = Callable[..., Actor]
MakeLink = Callable[..., MadeLink]
KEY = "form-key-1"


@pytest.fixture
def linked(worker: Actor) -> MakeLink:
    """Make a link to a case: ``linked(case, level="note")``."""

    def make(case: Case, **changes: Any) -> MadeLink:
        offer: dict[str, Any] = {"organization": "Gas Works", "level": "done", "days": 30}
        return make_link(case_id=case.pk, offer=Offer(**(offer | changes)), actor=worker)

    return make


def test_only_who_works_on_the_case_makes_renews_and_ends_links(
    actor: MakeActor, linked: MakeLink, file_case: FileCase, other_city: City
) -> None:
    case = file_case()
    link = linked(case).link
    offer = Offer(organization="X", level="done", days=1)
    for other in (actor(Role.WORKER, "parks"), actor(Role.AGENT, "center"), actor(Role.DIRECTOR)):
        with pytest.raises(Forbidden):
            make_link(case_id=case.pk, offer=offer, actor=other)
        with pytest.raises(Forbidden):
            renew_link(link_id=link.pk, days=1, actor=other)
        with pytest.raises(Forbidden):
            revoke_link(link_id=link.pk, actor=other)
    with city_scope(other_city.pk), pytest.raises(NotFound):
        revoke_link(link_id=link.pk, actor=SYSTEM)
    assert PartnerLink.objects.filter(revoked_at=None).count() == 1


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("organization", {"organization": " "}),
        ("organization", {"organization": "x" * 201}),
        ("level", {"level": "everything"}),
        ("days", {"days": 0}),
        ("days", {"days": 367}),
        ("email", {"email": "not an address"}),
        ("instruction", {"instruction": "x" * 4001}),
        ("done_status", {"done_status": "closed"}),
        ("done_status", {"done_status": "waiting-weather"}),
    ],
)
def test_a_link_that_cannot_be(
    field: str, changes: dict[str, Any], linked: MakeLink, file_case: FileCase
) -> None:
    with pytest.raises(Invalid) as refused:
        linked(file_case(), **changes)
    assert refused.value.problems[0].field == field


def test_tokens_are_signed_long_and_kept_as_digests_only(
    linked: MakeLink, file_case: FileCase, other_city: City, django_assert_num_queries: Any
) -> None:
    made = linked(file_case())
    token = made.token
    assert len(token) > 80
    assert token not in str(PartnerLink.objects.values_list())
    found = link_for(token)
    assert found is not None
    assert found.pk == made.link.pk
    spoiled = [
        "", "x", "." * 50, token[:-1], token + "A", token.swapcase(), token.replace(".", ""),
        "é" + token, token + "\x00", "x" * 100_000,
    ]  # fmt: skip
    with django_assert_num_queries(0):
        assert [link_for(one) for one in spoiled] == [None] * len(spoiled)
    with city_scope(other_city.pk), django_assert_num_queries(0):
        assert link_for(token) is None  # signed for another city


LEVELS = {
    "see": set(),
    "note": {"accept", "note", "reference"},
    "status": {"accept", "note", "reference", "status"},
    "done": {"accept", "note", "reference", "status", "done"},
    "close": {"accept", "note", "reference", "status", "done"},
}
STEPS: dict[str, Callable[[int], bool]] = {
    "accept": lambda pk: partner_steps.accept(link_id=pk, key="key-accept"),
    "note": lambda pk: partner_steps.add_note(link_id=pk, key="key-note-", text="Hello"),
    "reference": lambda pk: partner_steps.set_reference(link_id=pk, key="key-ref--", reference="7"),
    "status": lambda pk: partner_steps.set_status(
        link_id=pk, key="key-status", status_code="in-progress"
    ),
    "done": lambda pk: partner_steps.report_done(
        link_id=pk, key="key-done-", outcome_code="done", text="Filled"
    ),
}


@pytest.mark.parametrize("level", list(LEVELS))
def test_a_link_does_what_its_level_says_and_no_more(
    level: str, linked: MakeLink, file_case: FileCase
) -> None:
    link = linked(file_case(), level=level).link
    allowed = set()
    for name, step in STEPS.items():
        try:
            step(link.pk)
        except Forbidden:
            continue
        allowed.add(name)
    assert allowed == LEVELS[level]
    assert set(PartnerEntry.objects.values_list("step", flat=True)) == allowed
    refused = len(STEPS) - len(allowed)
    assert Denial.objects.filter(permission__startswith="partner.link").count() == refused


def test_an_ended_link_does_nothing(linked: MakeLink, file_case: FileCase, worker: Actor) -> None:
    expired, revoked = linked(file_case()).link, linked(file_case()).link
    PartnerLink.objects.filter(pk=expired.pk).update(expires_at=timezone.now())
    revoke_link(link_id=revoked.pk, actor=worker)
    events = CaseEvent.objects.count()
    for link in (expired, revoked):
        for step in STEPS.values():
            with pytest.raises(Forbidden):
                step(link.pk)
    assert CaseEvent.objects.count() == events


def test_a_renewed_link_has_a_new_address_and_the_old_one_ends(
    linked: MakeLink, file_case: FileCase, worker: Actor
) -> None:
    old = linked(file_case(), instruction="Dig here")
    partner_steps.accept(link_id=old.link.pk, key=KEY)
    new = renew_link(link_id=old.link.pk, days=5, actor=worker)
    assert new.token != old.token
    assert (new.link.instruction, new.link.accepted_at is not None) == ("Dig here", True)
    with pytest.raises(Forbidden):
        STEPS["note"](old.link.pk)
    with pytest.raises(Conflict):
        renew_link(link_id=old.link.pk, days=5, actor=worker)


def test_the_same_form_twice_is_one_step(linked: MakeLink, file_case: FileCase) -> None:
    link = linked(file_case()).link
    send = {"link_id": link.pk, "key": KEY, "text": "On it", "photos": [jpeg(9)]}
    assert partner_steps.add_note(**send)
    events = CaseEvent.objects.count()
    assert not partner_steps.add_note(**send)
    assert CaseEvent.objects.count() == events
    assert Attachment.objects.count() == 1
    for key in ("", "short", "x" * 65, "a/b/c/d/e/f"):
        with pytest.raises(Invalid):
            partner_steps.accept(link_id=link.pk, key=key)


def test_what_a_partner_says_is_for_the_staff_without_other_people_s_numbers(
    linked: MakeLink, file_case: FileCase
) -> None:
    case = file_case()
    link = linked(case).link
    partner_steps.add_note(link_id=link.pk, key=KEY, text="Ask jane@home.example first")
    event = CaseEvent.objects.filter(case=case, kind=EventKind.PARTNER_UPDATE).latest("seq")
    assert (event.audience, event.actor, event.user_id) == ("staff", ActorKind.PARTNER, None)
    assert event.data == {"change": "note", "link": link.pk}
    assert "jane@home" not in event.words.text


@pytest.mark.parametrize(
    ("outcome", "text", "photos"),
    [
        ("no-such", "x", ()),
        ("duplicate", "x", ()),
        ("withdrawn", "x", ()),  # that is for the resident and the city to say
        ("done", " ", ()),
        ("done", "x", (b"%PDF-1.4",)),
    ],
)
def test_a_report_that_cannot_be(
    outcome: str, text: str, photos: tuple[bytes, ...], linked: MakeLink, file_case: FileCase
) -> None:
    link = linked(file_case()).link
    with pytest.raises(Invalid):
        partner_steps.report_done(
            link_id=link.pk, key=KEY, outcome_code=outcome, text=text, photos=photos
        )
    assert not CompletionReport.objects.exists()


def test_done_by_the_partner_waits_for_the_department(
    linked: MakeLink, file_case: FileCase, worker: Actor, actor: MakeActor
) -> None:
    boss = actor(Role.MANAGER, "streets")
    case = file_case()
    Case.objects.filter(pk=case.pk).update(assignee_id=worker.user_id)
    link = linked(case, done_status="scheduled").link
    partner_steps.report_done(
        link_id=link.pk, key=KEY, outcome_code="done", text="Filled", photos=[jpeg(4)]
    )
    case.refresh_from_db()
    assert (case.state, case.status.code, case.outcome) == ("open", "scheduled", None)
    assert set(StaffNotice.objects.values_list("user_id", flat=True)) == {
        boss.user_id, worker.user_id,
    }  # fmt: skip
    with pytest.raises(Conflict):
        partner_steps.report_done(
            link_id=link.pk, key="form-key-2", outcome_code="done", text="Filled"
        )
    report = CompletionReport.objects.get()
    with pytest.raises(Forbidden):
        partner_steps.decide(report_id=report.pk, confirmed=True,
                             actor=actor(Role.WORKER, "parks"))  # fmt: skip
    with pytest.raises(Invalid):
        partner_steps.decide(report_id=report.pk, confirmed=False, actor=worker)
    partner_steps.decide(report_id=report.pk, confirmed=False, text="Edges too", actor=worker)
    with pytest.raises(Conflict):
        partner_steps.decide(report_id=report.pk, confirmed=True, actor=worker)
    assert partner_steps.report_done(
        link_id=link.pk, key="form-key-3", outcome_code="done", text="Edges as well"
    )
    case.refresh_from_db()
    assert case.state == "open"


def test_a_waiting_case_is_the_department_s_again_and_its_clock_runs_on(
    linked: MakeLink, file_case: FileCase
) -> None:
    case = file_case()
    link = linked(case).link
    STEPS["status"](link.pk)
    with pytest.raises(Invalid, match="reason"):
        partner_steps.set_status(link_id=link.pk, key="k-waiting", status_code="waiting-weather")
    partner_steps.set_status(
        link_id=link.pk, key="k-waiting", status_code="waiting-weather", text="Frost"
    )
    case.refresh_from_db()
    assert case.is_paused
    STEPS["done"](link.pk)
    case.refresh_from_db()
    assert (case.is_paused, case.status.code) == (False, "in-progress")


@pytest.mark.parametrize(
    ("level", "outcome", "photos", "state"),
    [
        ("close", "done", [jpeg(5)], "closed"),  # allowed, done, with its photo
        ("close", "done", [], "received"),  # no photo: the department confirms
        ("close", "not-done", [jpeg(5)], "received"),  # not done: the department decides
        ("done", "done", [jpeg(5)], "received"),  # a link that may not close
    ],
)
def test_closing_with_a_photo(
    level: str, outcome: str, photos: list[bytes], state: str, linked: MakeLink,
    file_case: FileCase,
) -> None:  # fmt: skip
    case = file_case()
    link = linked(case, level=level).link
    partner_steps.report_done(
        link_id=link.pk, key=KEY, outcome_code=outcome, text="Filled", photos=photos
    )
    case.refresh_from_db()
    assert case.state == state
    assert CompletionReport.objects.exists() == (state != "closed")
    if state == "closed":
        assert CaseEvent.objects.get(case=case, kind=EventKind.CLOSED).actor == ActorKind.PARTNER


def test_a_closed_case_takes_nothing_more(linked: MakeLink, file_case: FileCase) -> None:
    case = file_case()
    link = linked(case).link
    close(case_id=case.pk, outcome_code="not-done", text="x", actor=SYSTEM)
    for step in STEPS.values():
        with pytest.raises(Conflict):
            step(link.pk)
    with pytest.raises(Conflict):
        linked(case)


def test_a_status_the_city_allows_no_step_to_is_refused(
    linked: MakeLink, file_case: FileCase
) -> None:
    link = linked(file_case()).link
    assert Status.objects.filter(code="waiting-weather").exists()
    with pytest.raises(Conflict):
        partner_steps.set_status(
            link_id=link.pk, key=KEY, status_code="waiting-weather", text="Rain"
        )
    assert timezone.now() < link.expires_at < timezone.now() + timedelta(days=31)
