"""What was promised, is and will be: agreements through all their versions, and proposals."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Exists, OuterRef, Prefetch, QuerySet
from django.utils import timezone
from django.utils.translation import get_language

from lamppost.cities.selectors import city_in_scope
from lamppost.kernel.text import in_language
from lamppost.people.actors import Actor
from lamppost.people.permissions import Permission, may
from lamppost.sla.choices import Audience, ProposalState, Side, StepMoment, Verdict
from lamppost.sla.models import (
    OPEN_STATES,
    Agreement,
    AgreementProposal,
    AgreementVersion,
    EscalationStep,
    PauseReason,
    ProposalDecision,
    ProposedTarget,
    SlaTarget,
)
from lamppost.sla.promises import promises
from lamppost.sla.target import Unit
from lamppost.sla.words import Era, Told, in_order, line, step_words, told


@dataclass(frozen=True, slots=True)
class Approval:
    """Who said yes for which side, and when."""

    side: str
    name: str
    at: date


@dataclass(frozen=True, slots=True)
class Period:
    """One version of an agreement with the days it holds, in words."""

    version_id: int
    era: Era
    lines: tuple[str, ...]
    calendar: str
    evidence: str
    approvals: tuple[Approval, ...]
    is_current: bool
    is_future: bool


@dataclass(frozen=True, slots=True)
class ShownStep:
    """One rung of the ladder of escalation in words."""

    code: str
    kind: str
    when: str
    whom: tuple[str, ...]
    wording: str


def local_today() -> date:
    """Return the day it is in the city in scope."""
    return timezone.localdate(timezone.now(), city_in_scope().zone)


def agreement_of(service_id: int, department_id: int) -> Agreement | None:
    """Return the agreement of a department for a service, or None."""
    return Agreement.objects.filter(service_id=service_id, department_id=department_id).first()


def versions_in_force(on: date) -> QuerySet[AgreementVersion]:
    """Return the version of each agreement that holds on a local day.

    The newest one ends those before it, even where it has ended itself: as for new cases
    (``sla.promises``).
    """
    newer = AgreementVersion.objects.filter(
        agreement=OuterRef("agreement"),
        effective_from__gt=OuterRef("effective_from"),
        effective_from__lte=on,
    )
    begun = AgreementVersion.objects.filter(effective_from__lte=on)
    return begun.exclude(effective_to__lt=on).exclude(Exists(newer))


def periods_of(agreements: Iterable[int]) -> dict[int, list[Period]]:
    """Return the versions of these agreements, oldest first, by agreement; five queries."""
    decisions = ProposalDecision.objects.filter(verdict=Verdict.APPROVED).select_related("user")
    rows = (
        AgreementVersion.objects.filter(agreement_id__in=list(agreements))
        .select_related("calendar", "proposal")
        .prefetch_related(
            Prefetch("targets", SlaTarget.objects.select_related("area").defer("area__boundary")),
            Prefetch("proposal__decisions", decisions),
        )
        .order_by("agreement_id", "effective_from")
    )
    found: dict[int, list[AgreementVersion]] = {}
    for row in rows:
        found.setdefault(row.agreement_id, []).append(row)
    today = local_today()
    return {
        key: [
            _period(version, following, today)
            for version, following in zip(versions, [*versions[1:], None], strict=True)
        ]
        for key, versions in found.items()
    }


def _period(version: AgreementVersion, following: AgreementVersion | None, today: date) -> Period:
    until = version.effective_to
    if following is not None:
        eve = following.effective_from - timedelta(days=1)
        until = min(until or eve, eve)
    targets = in_order(_told(version.targets.all()))
    approvals = _approvals(version)
    who = ", ".join(f"{one.name} ({one.side})" for one in approvals) or version.approved_by
    ends = until is not None and until < today
    return Period(
        version_id=version.pk,
        era=Era(version.effective_from, until, tuple(targets), who),
        lines=tuple(line(one) for one in targets),
        calendar=_named(version.calendar.name, version.calendar.code),
        evidence=version.evidence,
        approvals=approvals,
        is_current=version.effective_from <= today and not ends,
        is_future=version.effective_from > today,
    )


def _approvals(version: AgreementVersion) -> tuple[Approval, ...]:
    proposal = getattr(version, "proposal", None)
    if proposal is None:
        return ()
    zone = city_in_scope().zone
    return tuple(
        Approval(str(Side(one.side).label), str(one.user), one.at.astimezone(zone).date())
        for one in proposal.decisions.all()
    )


def _told(rows: Iterable[SlaTarget | ProposedTarget]) -> list[Told]:
    return [
        told(
            row.kind,
            row.amount,
            row.unit,
            day_end=row.day_end,
            area=_named(row.area.name, row.area.code) if row.area else "",
            priority=row.priority,
        )
        for row in rows
    ]


def _named(texts: object, code: str) -> str:
    name = in_language(texts, get_language() or "en") if isinstance(texts, dict) else ""
    return name or code


def steps_of(agreement_id: int | None) -> list[ShownStep]:
    """Return the ladder of an agreement, or the city's where it has none of its own."""
    rows = list(_steps().filter(agreement_id=agreement_id)) if agreement_id else []
    rows = rows or list(_steps().filter(agreement__isnull=True))
    order = sorted(rows, key=lambda row: (_distance(row), row.code))
    return [
        ShownStep(
            code=row.code,
            kind=str(row.get_kind_display()) if row.kind else "",
            when=step_words(StepMoment(row.moment), row.amount, Unit(row.unit)),
            whom=tuple(str(Audience(one.whom).label) for one in row.audiences.all()),
            wording=in_language(row.wording, get_language() or "en"),
        )
        for row in order
    ]


def _distance(row: EscalationStep) -> int:
    # A business day is longer than any office's hours of it: enough to put rungs in order.
    amount = row.amount * (24 if Unit(row.unit).counts_days else 1)
    return amount if row.moment == StepMoment.AFTER else -amount


def _steps() -> QuerySet[EscalationStep]:
    return EscalationStep.objects.prefetch_related("audiences")


def pause_reasons() -> list[str]:
    """Return the only reasons for which clocks stand still, in the reader's language."""
    used = set(promises().pause_reasons.values())
    rows = PauseReason.objects.filter(pk__in=used).order_by("code")
    return [_named(row.name, row.code) for row in rows]


# -- proposals


def proposal_for(proposal_id: int, *, actor: Actor) -> AgreementProposal | None:
    """Return a proposal with what its page needs, or None when there is none for ``actor``.

    A draft is there for those only who may propose for its department.
    """
    row = _proposals().filter(pk=proposal_id).first()
    return row if row is not None and _sees(row, actor) else None


def proposals_of(agreement_id: int, *, actor: Actor) -> list[AgreementProposal]:
    """Return the proposals of an agreement ``actor`` may see, newest first."""
    return [row for row in _proposals().filter(agreement_id=agreement_id) if _sees(row, actor)]


def open_proposals(*, actor: Actor) -> list[AgreementProposal]:
    """Return the open proposals of the city ``actor`` may see, newest first."""
    return [row for row in _proposals().filter(state__in=OPEN_STATES) if _sees(row, actor)]


def _proposals() -> QuerySet[AgreementProposal]:
    return AgreementProposal.objects.select_related(
        "agreement", "proposed_by", "calendar", "version"
    ).prefetch_related(
        Prefetch("targets", ProposedTarget.objects.select_related("area").defer("area__boundary")),
        Prefetch("decisions", ProposalDecision.objects.select_related("user")),
    )


def _sees(proposal: AgreementProposal, actor: Actor) -> bool:
    if proposal.state != ProposalState.DRAFT:
        return True
    department_id = proposal.agreement.department_id
    return may(actor, Permission.AGREEMENT_PROPOSE, department_id=department_id)


def told_of(proposal: AgreementProposal) -> list[Told]:
    """Return what a proposal promises, in order; its targets were loaded with it."""
    return in_order(_told(proposal.targets.all()))


def held_on(periods: Iterable[Period], on: date) -> tuple[Told, ...]:
    """Return what the versions promise on a local day."""
    for period in periods:
        era = period.era
        if era.since <= on and (era.until is None or on <= era.until):
            return era.told
    return ()
