"""What the desk reads beside the queue: one case, its neighbors, offers, a search."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import phonenumbers
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from lamppost.cases.choices import ClockState, LinkKind, TransferState
from lamppost.cases.models import (
    Attachment,
    Case,
    CaseAnswer,
    CaseArea,
    CaseLink,
    Clock,
    Participant,
    Transfer,
)
from lamppost.cases.selectors.clock_history import due_of
from lamppost.cases.selectors.words import all_words, newest_of_all, newest_searched
from lamppost.catalog.book import book
from lamppost.catalog.choices import State
from lamppost.cities.selectors import city_in_scope
from lamppost.database.plane import Away, in_box
from lamppost.kernel.geo import box_around, distance_m
from lamppost.kernel.refusals import NotFound
from lamppost.kernel.text import clean_line, in_language
from lamppost.people.actors import Actor
from lamppost.people.choices import Role
from lamppost.people.models import Membership, User
from lamppost.people.permissions import ALL_DEPARTMENTS, Permission, may, require
from lamppost.sla.choices import TargetKind
from lamppost.sla.explain import describe

MAX_FOUND = 50


@dataclass(frozen=True, slots=True)
class ShownAnswer:
    """One question of the form with what was answered, in the reader's language."""

    question: str
    answer: str


@dataclass(frozen=True, slots=True)
class ShownClock:
    """One promise as staff see it. ``explanation`` says in words how the due time came about."""

    id: int
    kind: TargetKind
    state: ClockState
    due_at: datetime | None
    stopped_at: datetime | None
    breached_at: datetime | None
    explanation: str
    is_live: bool


@dataclass(frozen=True, slots=True)
class ShownLink:
    """Another case this one belongs to; ``is_outward`` reads from this case to the other."""

    kind: LinkKind
    is_outward: bool
    number: str
    service_id: int
    status_id: int
    state: State


@dataclass(frozen=True, slots=True)
class Nearby:
    """An open case of the same service near this one, ``distance_m`` meters away."""

    case: Case
    distance_m: float


def case_for_desk(number: str, *, actor: Actor) -> Case:
    """Return the case with this number, with assignee and contact at hand.

    Readable for its own department, for those with a part in it, for the one it is offered
    to, and for roles that read all. Raises ``NotFound`` for an unknown number, ``Forbidden``
    for somebody else's case.
    """
    case = (
        Case.objects.select_related("assignee", "contact", "entered_by", "api_key")
        .filter(number=clean_line(number))
        .first()
    )
    if case is None:
        raise NotFound(_("There is no case with this number here."))
    if not may(actor, Permission.DESK_SEE, department_id=case.department_id) and not (
        may(actor, Permission.DESK_SEE)
        and readable(Case.objects.filter(pk=case.pk), actor).exists()
    ):
        require(actor, Permission.DESK_SEE, department_id=case.department_id)
    return case


def readable(rows: QuerySet[Case], actor: Actor) -> QuerySet[Case]:
    """Restrict cases to those ``actor`` may read at the desk."""
    if actor.role in ALL_DEPARTMENTS:
        return rows
    own = actor.department_id or 0
    offered = Transfer.objects.filter(
        case=OuterRef("pk"), to_department_id=own, state=TransferState.OFFERED
    )
    takes_part = Participant.objects.filter(case=OuterRef("pk"), department_id=own)
    return rows.filter(Q(department_id=own) | Exists(offered) | Exists(takes_part))


def answers_of(case: Case, *, language: str) -> list[ShownAnswer]:
    """Return the answers given with the case, in the form's order."""
    rows = (
        CaseAnswer.objects.filter(case=case)
        .select_related("question", "value")
        .order_by("question__order", "value__order", "id")
    )
    shown: dict[str, list[str]] = {}
    for row in rows:
        question = in_language(row.question.text, language) or row.question.code
        text = in_language(row.value.name, language) or row.value.key if row.value else row.text
        shown.setdefault(question, []).append(text)
    return [ShownAnswer(question, ", ".join(texts)) for question, texts in shown.items()]


def areas_of(case: Case) -> list[CaseArea]:
    """Return the areas the case lies in, with their names at hand."""
    return list(
        CaseArea.objects.filter(case=case)
        .select_related("area", "area__kind")
        .defer("area__boundary")
        .order_by("area__kind__order", "area__code")
    )


def clocks_of(case: Case) -> list[ShownClock]:
    """Return the case's clocks, live ones first, each explained; one query per live clock."""
    shown = []
    for clock in Clock.objects.filter(case=case).order_by("id"):
        state = ClockState(clock.state)
        replaced = state in {ClockState.SUPERSEDED, ClockState.CANCELLED}
        due = None if replaced else due_of(clock)
        shown.append(
            ShownClock(
                id=clock.pk,
                kind=TargetKind(clock.kind),
                state=state,
                due_at=clock.due_at,
                stopped_at=clock.stopped_at,
                breached_at=clock.breached_at,
                explanation=describe(due.explanation) if due else "",
                is_live=state in {ClockState.RUNNING, ClockState.PAUSED},
            )
        )
    return sorted(shown, key=lambda one: (not one.is_live, one.id))


def links_of(case: Case) -> list[ShownLink]:
    """Return the cases this one is linked with, either way round."""
    rows = (
        CaseLink.objects.filter(Q(from_case=case) | Q(to_case=case))
        .select_related("from_case", "to_case")
        .order_by("id")
    )
    shown = []
    for row in rows:
        outward = row.from_case_id == case.pk
        other = row.to_case if outward else row.from_case
        shown.append(
            ShownLink(
                LinkKind(row.kind), outward, other.number, other.service_id, other.status_id,
                State(other.state),
            )
        )  # fmt: skip
    return shown


def photos_of(case: Case) -> list[Attachment]:
    """Return the case's photos, hidden ones too, oldest first."""
    return list(Attachment.objects.filter(case=case).order_by("id"))


def nearby_cases(case: Case, *, actor: Actor, limit: int = 5) -> list[Nearby]:
    """Return open cases of the same service around ``case`` that ``actor`` may read.

    Nearest first, within the service's own radius for repeats; they may be one problem.
    """
    if case.location is None:
        return []
    radius = book().services_by_id[case.service_id].duplicate_radius_m
    rows = readable(Case.objects.all(), actor).filter(
        in_box("location", box_around(case.location, radius)), service_id=case.service_id
    )
    rows = rows.exclude(pk=case.pk).exclude(state=State.CLOSED)
    found = [
        Nearby(row, distance_m(case.location, row.location))
        for row in rows.order_by(Away("location", case.location))[:limit]
        if row.location is not None
    ]
    near = [one for one in found if one.distance_m <= radius]
    return sorted(near, key=lambda one: (one.distance_m, one.case.pk))


def colleagues(department_id: int) -> list[User]:
    """Return the active members of a department by name."""
    rows = (
        Membership.objects.filter(department_id=department_id, is_active=True, user__is_active=True)
        .select_related("user")
        .order_by("user__name", "user_id")
    )
    return [row.user for row in rows if may_work(row)]


def may_work(membership: Membership) -> bool:
    """Return whether somebody with this membership can be given a case of the department."""
    actor = Actor(role=Role(membership.role), department_id=membership.department_id)
    return may(actor, Permission.CASE_WORK, department_id=membership.department_id)


def open_offer(case: Case) -> Transfer | None:
    """Return the transfer of ``case`` that awaits an answer, or None."""
    return (
        Transfer.objects.select_related("offered_by")
        .filter(case=case, state=TransferState.OFFERED)
        .first()
    )


def offers_to(actor: Actor) -> list[Transfer]:
    """Return the offers that await an answer of the actor's department, oldest first.

    Roles of all departments see every open offer.
    """
    return list(
        _offers(actor).select_related("case", "offered_by").order_by("offered_at", "id")[:MAX_FOUND]
    )


def offers_from(actor: Actor) -> list[Transfer]:
    """Return the offers the actor's own department waits to hear about, oldest first."""
    if actor.department_id is None:
        return []
    rows = Transfer.objects.filter(
        state=TransferState.OFFERED, from_department_id=actor.department_id
    )
    return list(rows.select_related("case", "offered_by").order_by("offered_at", "id")[:MAX_FOUND])


def search(text: str, *, actor: Actor) -> list[Case]:
    """Return cases found by number, else by phone or e-mail, else by words; newest first.

    ``text`` is cleaned and not empty. Who may not read contacts does not find by them. At
    most ``MAX_FOUND`` of the cases ``actor`` may read.
    """
    rows = readable(Case.objects.all(), actor).annotate(assignee_name=F("assignee__name"))
    exact: list[Case] = list(rows.filter(number=text)[:MAX_FOUND])
    if exact:
        return exact
    if may(actor, Permission.CASE_READ_CONTACT):
        known = _contact_is(text)
        if known is not None:
            return list(rows.filter(known).order_by("-requested_at", "-id")[:MAX_FOUND])
    return newest_of_all(rows, all_words(text), text=text, limit=MAX_FOUND)


def searched_of(text: str, found: Sequence[Case]) -> int | None:
    """Return in how many of the newest cases ``search`` looked for ``text``; None for all.

    ``found`` is what it returned. One query for a text of one or two letters, else none.
    """
    if len(found) == MAX_FOUND or any(case.number == text for case in found):
        return None
    return newest_searched(Case.objects.order_by("-pk"), text=text)


def _contact_is(text: str) -> Q | None:
    if "@" in text:
        return Q(contact__email=text.lower())
    digits = sum(char.isdigit() for char in text)
    if digits < 6 or any(char.isalpha() for char in text):
        return None
    spellings = {text}
    try:
        number = phonenumbers.parse(text, city_in_scope().country)
        spellings.add(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
    except phonenumbers.NumberParseException:
        pass
    return Q(contact__phone__in=spellings)


def cases_by_id(case_ids: Sequence[int], *, actor: Actor) -> list[Case]:
    """Return those of these cases ``actor`` may read, in the queue's order."""
    rows = readable(Case.objects.filter(pk__in=case_ids), actor)
    return list(rows.annotate(assignee_name=F("assignee__name")).order_by("due_at", "id"))


def _offers(actor: Actor) -> QuerySet[Transfer]:
    rows = Transfer.objects.filter(state=TransferState.OFFERED)
    if actor.role not in ALL_DEPARTMENTS:
        rows = rows.filter(to_department_id=actor.department_id)
    return rows
