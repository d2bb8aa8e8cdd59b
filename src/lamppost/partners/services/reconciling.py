"""Once a day: what we handed over against what the partner says it has.

A large city lost 13,000 hand-offs in one year because nobody compared two lists. A hand-off
is lost when the partner's own list does not have it; a case is never sent when its department
has a connection and no hand-off exists at all.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from lamppost.cases.models import Case
from lamppost.catalog.choices import CaseKind, State
from lamppost.cities.selectors import city_in_scope
from lamppost.kernel.vault import SecretLost, opened
from lamppost.partners.addresses import BadAddress
from lamppost.partners.choices import (
    ConnectionKind,
    DeliveryState,
    FindingKind,
    Purpose,
    RunResult,
)
from lamppost.partners.models import Connection, Delivery, Finding, HandOff, Reconciliation
from lamppost.partners.senders.open311 import ListUnreadable, requests_by_id
from lamppost.partners.senders.outcome import number_in
from lamppost.partners.services.alarms import tell_lost
from lamppost.partners.services.drops import LIST_PREFIX, rows_of
from lamppost.partners.services.folders import ready
from lamppost.partners.services.inbound import meaning_of
from lamppost.partners.services.polling import poll
from lamppost.partners.services.results import acknowledge
from lamppost.partners.signing import signed
from lamppost.partners.web import NoAnswer, Unreachable, call
from lamppost.people.actors import Actor
from lamppost.people.permissions import Permission, require

# A case closed here is compared for this long: theirs may still be open.
_AFTERWARDS = timedelta(days=7)
# The relay and the sender have had their time by then.
_FRESH = timedelta(minutes=10)
_ENDED_WORDS = frozenset({"closed", "fixed", "done", "resolved", "completed", "cancelled"})


@dataclass(frozen=True, slots=True)
class Theirs:
    """The partner's list: status by their number, and by ours where it names ours."""

    by_external: Mapping[str, str]
    by_number: Mapping[str, str]

    def status_of(self, handoff: HandOff) -> str | None:
        """Return their word for this hand-off, '' without one, None when it is not there."""
        if handoff.case.number in self.by_number:
            return self.by_number[handoff.case.number]
        return self.by_external.get(handoff.external_number) if handoff.external_number else None


class Unverifiable(Exception):
    """This way to reach a partner has no list to compare with."""


def reconcile(connection: Connection, *, now: datetime | None = None) -> Reconciliation:
    """Compare one connection and keep the result of today; a second time replaces it."""
    now = now or timezone.now()
    if connection.kind == ConnectionKind.OPEN311:
        # What they closed a moment ago is no difference.
        poll(connection, now=now)
    handoffs = list(_handed_over(connection, now))
    result, reason = RunResult.COMPARED, ""
    theirs: Theirs | None = None
    try:
        theirs = _theirs(connection, handoffs)
    except Unverifiable as error:
        result, reason = RunResult.UNVERIFIABLE, str(error)
    except (ListUnreadable, BadAddress, SecretLost, Unreachable, NoAnswer, OSError) as error:
        result, reason = RunResult.FAILED, str(error)[:200]
    with transaction.atomic():
        day = timezone.localtime(now, city_in_scope().zone).date()
        run, _made = Reconciliation.objects.update_or_create(
            connection=connection,
            day=day,
            defaults={
                "at": now,
                "result": result,
                "reason": reason,
                "handed_over": len(handoffs),
                "confirmed": 0,
            },
        )
        Finding.objects.filter(run=run, sent_again_at=None).delete()
        if theirs is not None:
            run.confirmed = _compare(run, handoffs, theirs, now)
            run.save(update_fields=["confirmed"])
        else:
            _unanswered(run, handoffs, now)
        _never_sent(run, connection, now)
        if Finding.objects.filter(run=run, sent_again_at=None).exists():
            tell_lost(run)
        return run


def reconcile_now(connection: Connection, *, actor: Actor) -> Reconciliation:
    """Compare because somebody asks, beside the daily time."""
    require(actor, Permission.PARTNER_MANAGE, detail=connection.code)
    return reconcile(connection)


def _handed_over(connection: Connection, now: datetime) -> QuerySet[HandOff]:
    recent = ~Q(case__state=State.CLOSED) | Q(case__closed_at__gte=now - _AFTERWARDS)
    return (
        HandOff.objects.filter(recent, connection=connection, ended_at=None, sent_at__isnull=False)
        .select_related("case")
        .order_by("id")
    )


def _compare(
    run: Reconciliation, handoffs: Iterable[HandOff], theirs: Theirs, now: datetime
) -> int:
    confirmed = []
    for handoff in handoffs:
        status = theirs.status_of(handoff)
        if status is None:
            if handoff.sent_at and handoff.sent_at < now - _FRESH:
                _lost(run, handoff)
            continue
        confirmed.append(handoff.pk)
        if status and _differs(run.connection, handoff, status):
            _found(run, FindingKind.MISMATCH, handoff, theirs=status)
    HandOff.objects.filter(pk__in=confirmed).update(confirmed_at=now)
    _acknowledge(confirmed, now)
    return len(confirmed)


def _acknowledge(confirmed: list[int], now: datetime) -> None:
    """What is on their list they have: nobody need look for it, or send it a second time."""
    doubted = Delivery.objects.filter(
        handoff__in=confirmed,
        purpose=Purpose.NEW,
        state__in=[DeliveryState.SENT, DeliveryState.LOST],
    )
    ids = set(doubted.values_list("handoff_id", flat=True))
    for handoff in HandOff.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk"):
        acknowledge(handoff, now=now)
        handoff.save(update_fields=["acknowledged_at"])


def _lost(run: Reconciliation, handoff: HandOff) -> None:
    _found(run, FindingKind.LOST, handoff)
    sent = Delivery.objects.filter(handoff=handoff, purpose=Purpose.NEW).order_by("-id")[:1]
    Delivery.objects.filter(
        pk__in=[row.pk for row in sent],
        state__in=[DeliveryState.SENT, DeliveryState.ACKNOWLEDGED],
    ).update(state=DeliveryState.LOST)


def _unanswered(run: Reconciliation, handoffs: Iterable[HandOff], now: datetime) -> None:
    """Without their list: what never was acknowledged although it should have been."""
    limit = run.connection.acknowledge_within_min
    if limit is None:
        return
    for handoff in handoffs:
        is_late = handoff.sent_at and handoff.sent_at < now - timedelta(minutes=limit)
        if is_late and handoff.acknowledged_at is None:
            _found(run, FindingKind.UNANSWERED, handoff)


def _never_sent(run: Reconciliation, connection: Connection, now: datetime) -> None:
    services = list(connection.services.values_list("service_id", flat=True))
    handed = HandOff.objects.filter(
        connection=connection, case=OuterRef("pk"), ended_at__isnull=True
    )
    cases = Case.objects.filter(
        ~Exists(handed),
        ~Q(state=State.CLOSED),
        department_id=connection.department_id,
        kind=CaseKind.SERVICE_REQUEST,
        created_at__lt=now - _FRESH,
    )
    if services:
        cases = cases.filter(service_id__in=services)
    Finding.objects.bulk_create(
        [
            Finding(run=run, kind=FindingKind.NEVER_SENT, case=case, ours=case.state)
            for case in cases.order_by("id").iterator()
        ],
        ignore_conflicts=True,
    )


def _found(run: Reconciliation, kind: FindingKind, handoff: HandOff, *, theirs: str = "") -> None:
    Finding.objects.get_or_create(
        run=run,
        kind=kind,
        case=handoff.case,
        defaults={
            "external_number": handoff.external_number,
            "ours": handoff.case.state,
            "theirs": theirs[:100],
        },
    )


def _differs(connection: Connection, handoff: HandOff, word: str) -> bool:
    """Whether one of us has it closed and the other not."""
    _known, meaning, _sentence = meaning_of(connection, word, "en")
    plain = word.strip().lower()
    ended = plain in _ENDED_WORDS if meaning is None else not hasattr(meaning, "state")
    return ended != (handoff.case.state == State.CLOSED)


def _theirs(connection: Connection, handoffs: list[HandOff]) -> Theirs:
    if connection.kind == ConnectionKind.OPEN311:
        numbers = [row.external_number for row in handoffs if row.external_number]
        found = requests_by_id(connection, numbers)
        return Theirs({row.number: row.status for row in found}, {})
    if connection.kind == ConnectionKind.WEBHOOK and connection.list_url:
        return _indexed(_list_at(connection))
    if connection.kind == ConnectionKind.CSV:
        return _indexed(_list_in_folder(connection))
    if connection.kind == ConnectionKind.WEBHOOK:
        raise Unverifiable("the connection has no address of a list")
    raise Unverifiable("e-mail gives no list to compare with")


def _indexed(rows: Iterable[Mapping[str, Any]]) -> Theirs:
    external: dict[str, str] = {}
    ours: dict[str, str] = {}
    for row in rows:
        status = str(row.get("status") or "")[:100]
        number = number_in(row.get("number"))
        if number:
            ours[number] = status
        their = number_in(row.get("external_number"))
        if their:
            external[their] = status
    return Theirs(external, ours)


def _list_at(connection: Connection) -> list[dict[str, Any]]:
    """GET, signed as a webhook with an empty body; a JSON list of number and status."""
    now = timezone.now()
    key = f"list_{int(now.timestamp())}"
    headers = signed(opened(connection.secret), message_id=key, at=now, body="")
    response = call("GET", connection.list_url, headers=headers)
    if response.code != 200:
        raise ListUnreadable(f"the list answered {response.code}")
    try:
        rows = json.loads(response.body)
    except ValueError:
        raise ListUnreadable("the list is not JSON") from None
    if not isinstance(rows, list):
        raise ListUnreadable("the list is not a JSON array")
    return [row for row in rows if isinstance(row, dict)]


def _list_in_folder(connection: Connection) -> list[dict[str, str]]:
    """The newest ``in/list*.csv`` of the last two days."""
    found = sorted(
        (ready(connection) / "in").glob(f"{LIST_PREFIX}*.csv"),
        key=lambda path: path.stat().st_mtime,
    )
    recent = timezone.now() - timedelta(days=2)
    if not found or found[-1].stat().st_mtime < recent.timestamp():
        raise Unverifiable("no in/list….csv of the last two days")
    try:
        return list(rows_of(found[-1]))
    except (ValueError, csv.Error) as error:
        raise ListUnreadable(str(error)) from None
