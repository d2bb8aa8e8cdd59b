"""What the pages of partners read: fixed numbers of queries, keyset pages."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, DateTimeField, DurationField, F, Min, Q, QuerySet, Value
from django.utils.translation import gettext as _

from lamppost.cases.models import Case
from lamppost.kernel.refusals import NotFound
from lamppost.partners.choices import (
    NEEDS_A_PERSON,
    WAITING,
    DeliveryState,
    InboundResult,
    Purpose,
)
from lamppost.partners.models import (
    Connection,
    Delivery,
    Finding,
    HandOff,
    InboundUpdate,
    OutboxEntry,
    Reconciliation,
)
from lamppost.people.actors import Actor
from lamppost.people.permissions import ALL_DEPARTMENTS, Permission, require

PAGE = 50
# Beside the states of a delivery: what a person looks for.
LATE = "late"
ATTENTION = "attention"


@dataclass(frozen=True, slots=True)
class Health:
    """How one connection does. ``oldest_at`` is when the oldest waiting delivery was made."""

    waiting: int
    unanswered: int
    needs_person: int
    oldest_at: datetime | None


@dataclass(frozen=True, slots=True)
class Page:
    """Some deliveries, newest first. ``older`` and ``newer`` are keys for the next page, or 0."""

    rows: list[Delivery]
    older: int
    newer: int


@dataclass(frozen=True, slots=True)
class WorkOrder:
    """A case at a partner, as the public may know it."""

    partner: str
    number: str


def own_department(actor: Actor) -> int | None:
    """Return the department whose partners ``actor`` sees, or None for all.

    Raises ``Forbidden`` or ``Unauthenticated`` for who sees none.
    """
    require(actor, Permission.PARTNER_SEE)
    if actor.role in ALL_DEPARTMENTS:
        return None
    return actor.department_id or 0


def connections(actor: Actor) -> list[Connection]:
    """Return the connections ``actor`` sees, by department."""
    rows = Connection.objects.select_related("department")
    department_id = own_department(actor)
    if department_id is not None:
        rows = rows.filter(department_id=department_id)
    return list(rows.order_by("department__code", "code"))


def connection_by_code(code: str, actor: Actor) -> Connection:
    """Return one connection. Raises ``NotFound`` for none this person sees."""
    department_id = own_department(actor)
    found = Connection.objects.filter(code=code).select_related("department").first()
    if found is None or department_id not in {None, found.department_id}:
        raise NotFound(_("This connection does not exist here."))
    return found


def health_of(rows: Iterable[Connection]) -> dict[int, Health]:
    """Return how each connection does; one query."""
    open_states = [*WAITING, *NEEDS_A_PERSON, DeliveryState.SENT]
    counted = (
        Delivery.objects.filter(connection__in=[row.pk for row in rows], state__in=open_states)
        .values("connection_id")
        .annotate(
            waiting=Count("pk", filter=Q(state__in=WAITING)),
            unanswered=Count(
                "pk",
                filter=Q(
                    state=DeliveryState.SENT,
                    purpose=Purpose.NEW,
                    connection__acknowledge_within_min__isnull=False,
                ),
            ),
            needs_person=Count("pk", filter=Q(state__in=NEEDS_A_PERSON)),
            oldest_at=Min("created_at", filter=Q(state__in=WAITING)),
        )
    )
    found = {
        row["connection_id"]: Health(
            row["waiting"], row["unanswered"], row["needs_person"], row["oldest_at"]
        )
        for row in counted
    }
    return {row.pk: found.get(row.pk, Health(0, 0, 0, None)) for row in rows}


def deliveries(
    actor: Actor,
    *,
    connection: Connection | None = None,
    state: str = "",
    number: str = "",
    older_than: int = 0,
    newer_than: int = 0,
    now: datetime,
) -> Page:
    """Return a page of deliveries, newest first; ``state`` may also be ``LATE``, ``ATTENTION``."""
    rows = _narrowed(actor, connection, state, number, now)
    rows = rows.select_related(
        "connection", "handoff", "handoff__case", "handoff__case__service"
    ).order_by("-id")
    if newer_than:
        found = list(rows.filter(pk__gt=newer_than).order_by("id")[: PAGE + 1])
        more = len(found) > PAGE
        found = found[:PAGE][::-1]
        return Page(found, found[-1].pk if found else 0, found[0].pk if more else 0)
    if older_than:
        rows = rows.filter(pk__lt=older_than)
    found = list(rows[: PAGE + 1])
    more = len(found) > PAGE
    found = found[:PAGE]
    return Page(found, found[-1].pk if more else 0, found[0].pk if older_than and found else 0)


def delivery_by_id(delivery_id: int, actor: Actor) -> Delivery:
    """Return one delivery with its case. Raises ``NotFound`` for none this person sees."""
    department_id = own_department(actor)
    found = (
        Delivery.objects.filter(pk=delivery_id)
        .select_related("connection", "handoff", "handoff__case", "settled_by", "event")
        .first()
    )
    if found is None or department_id not in {None, found.connection.department_id}:
        raise NotFound(_("This delivery does not exist here."))
    return found


def inbound_items(actor: Actor, *, limit: int = 100) -> list[InboundUpdate]:
    """Return what partners said and nobody has seen to yet, newest first."""
    rows = InboundUpdate.objects.filter(
        result__in=[InboundResult.UNMAPPED, InboundResult.REFUSED]
    ).select_related("connection", "handoff__case")
    department_id = own_department(actor)
    if department_id is not None:
        rows = rows.filter(connection__department_id=department_id)
    return list(rows.order_by("-id")[:limit])


def runs(actor: Actor, *, limit: int = 60) -> list[Reconciliation]:
    """Return the latest comparisons with the number of their findings."""
    rows = Reconciliation.objects.select_related("connection").annotate(
        found=Count("findings"),
        open=Count("findings", filter=Q(findings__sent_again_at__isnull=True)),
    )
    department_id = own_department(actor)
    if department_id is not None:
        rows = rows.filter(connection__department_id=department_id)
    return list(rows.order_by("-day", "connection__code")[:limit])


def run_by_id(run_id: int, actor: Actor) -> Reconciliation:
    """Return one comparison. Raises ``NotFound`` for none this person sees."""
    department_id = own_department(actor)
    found = Reconciliation.objects.filter(pk=run_id).select_related("connection").first()
    if found is None or department_id not in {None, found.connection.department_id}:
        raise NotFound(_("This comparison does not exist here."))
    return found


def findings(run: Reconciliation, *, after: int = 0, limit: int = PAGE) -> QuerySet[Finding]:
    """Return findings of a comparison in order, from beyond the id ``after``; 0: all at once."""
    rows = Finding.objects.filter(run=run, pk__gt=after).select_related(
        "case", "case__service", "sent_again_by"
    )
    return rows.order_by("id")[:limit] if limit else rows.order_by("id")


def handoffs_of(case: Case) -> list[HandOff]:
    """Return where a case was handed over, with the connection; one query."""
    return list(HandOff.objects.filter(case=case).select_related("connection").order_by("id"))


def public_work_orders(case: Case) -> list[WorkOrder]:
    """Return the partners' numbers the public may see for a case; one query."""
    rows = HandOff.objects.filter(
        case=case, connection__is_number_public=True, ended_at=None
    ).exclude(external_number="")
    return [
        WorkOrder(name, number)
        for name, number in rows.order_by("id").values_list("connection__name", "external_number")
    ]


def depth(now: datetime) -> tuple[int, float, int]:
    """Return for a monitor: deliveries waiting, the oldest's age in seconds, dead ones."""
    row = Delivery.objects.filter(state__in=[*WAITING, *NEEDS_A_PERSON]).aggregate(
        waiting=Count("pk", filter=Q(state__in=WAITING)),
        dead=Count("pk", filter=Q(state__in=NEEDS_A_PERSON)),
        oldest=Min("created_at", filter=Q(state__in=WAITING)),
    )
    # Events nobody has turned into deliveries yet wait too.
    events = OutboxEntry.objects.aggregate(waiting=Count("pk"), oldest=Min("event__recorded_at"))
    moments = [moment for moment in (row["oldest"], events["oldest"]) if moment]
    age = (now - min(moments)).total_seconds() if moments else 0.0
    return row["waiting"] + events["waiting"], max(age, 0.0), row["dead"]


def _narrowed(
    actor: Actor, connection: Connection | None, state: str, number: str, now: datetime
) -> QuerySet[Delivery]:
    rows = Delivery.objects.all()
    department_id = own_department(actor)
    if department_id is not None:
        rows = rows.filter(connection__department_id=department_id)
    if connection is not None:
        rows = rows.filter(connection=connection)
    if state == LATE:
        rows = rows.filter(
            purpose=Purpose.NEW,
            state__in=[*WAITING, DeliveryState.SENT],
            created_at__lt=Value(now, DateTimeField())
            - F("connection__acknowledge_within_min")
            * Value(timedelta(minutes=1), DurationField()),
        )
    elif state == ATTENTION:
        rows = rows.filter(state__in=NEEDS_A_PERSON)
    elif state:
        rows = rows.filter(state=state)
    if number:
        rows = rows.filter(Q(handoff__case__number=number) | Q(handoff__external_number=number))
    return rows
