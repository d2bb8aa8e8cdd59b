"""Partners that take files: one file per interval, and what they put back."""

from __future__ import annotations

import csv
import hashlib
import io
import random
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

from django.db import transaction
from django.utils import timezone

from lamppost.cities.selectors import city_in_scope
from lamppost.partners.addresses import BadAddress
from lamppost.partners.choices import WAITING, AttemptResult, Purpose
from lamppost.partners.messages import Message, message_of
from lamppost.partners.models import Attempt, Connection, Delivery, Drop
from lamppost.partners.senders import Answer
from lamppost.partners.services.delivering import due, is_open, start_attempt
from lamppost.partners.services.folders import ready, write_whole
from lamppost.partners.services.inbound import Told, take
from lamppost.partners.services.results import finish

_MOST_ROWS = 1000
_MAX_BYTES = 20_000_000
_MAX_ID = 200
# A file this young may still be growing.
_SETTLES = timedelta(seconds=2)
# Begins a formula where the file is opened in a spreadsheet.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
COLUMNS = (
    "key", "purpose", "number", "external_number", "service_code", "service_name",
    "description", "address", "lat", "long", "priority", "hazard", "requested_at", "due_at",
    "at", "status", "outcome", "text", "photos", "answers", "url",
)  # fmt: skip
# The partner's list of all it has: read by reconciliation, not as updates.
LIST_PREFIX = "list"


def write_drop(
    connection: Connection,
    *,
    now: datetime | None = None,
    chance: Callable[[], float] = random.random,
) -> int:
    """Write the file that is due, if any; return how many deliveries it holds.

    The rows of a file are fixed and committed before it is written: a worker that dies in
    between leaves a file to be written again under the same name, with the same keys.
    """
    now = now or timezone.now()
    if not is_open(connection, now):
        return 0
    # Begun by a worker that died: its rows are still waiting.
    unfinished = Drop.objects.filter(connection=connection, deliveries__state__in=WAITING)
    drop = unfinished.order_by("id").first()
    drop = drop or _collect(connection, now)
    if drop is None:
        return 0
    return _write(connection, drop, now, chance)


def read_returns(connection: Connection, *, now: datetime | None = None) -> int:
    """Take the files a partner put into ``in/``; return how many rows were taken.

    Columns: ``number`` or ``external_number``, and as needed ``status``, ``text``,
    ``updated_at`` (the city's time when it names no zone), ``update_id``. A file is moved to
    ``in/done`` when read, to ``in/refused`` when it is none. Read twice, its rows change nothing.
    """
    now = now or timezone.now()
    try:
        folder = ready(connection) / "in"
    except (OSError, BadAddress):
        return 0
    taken = 0
    for path in sorted(folder.glob("*.csv")):
        if path.name.startswith((".", LIST_PREFIX)) or not _is_settled(path, now):
            continue
        try:
            rows = list(rows_of(path))
        except (OSError, ValueError, csv.Error):
            path.replace(folder / "refused" / path.name)
            continue
        for row in rows:
            take(connection, _told(row, now))
            taken += 1
        path.replace(folder / "done" / path.name)
    return taken


def rows_of(path: Path) -> Iterator[dict[str, str]]:
    """Yield the rows of a partner's CSV file (UTF-8, comma or semicolon, header first).

    Raises ``ValueError`` for a file that is too large, not UTF-8, or names no case.
    """
    if path.stat().st_size > _MAX_BYTES:
        raise ValueError("the file is too large")
    text = path.read_text(encoding="utf-8-sig")
    head = text.partition("\n")[0]
    reader = csv.DictReader(
        io.StringIO(text), delimiter=";" if head.count(";") > head.count(",") else ","
    )
    names = {(name or "").strip().lower() for name in reader.fieldnames or ()}
    if not names & {"number", "external_number"}:
        raise ValueError("no column number or external_number")
    for row in reader:
        yield {
            (name or "").strip().lower(): (value or "").strip()
            for name, value in row.items()
            if isinstance(value, str)
        }


def _collect(connection: Connection, now: datetime) -> Drop | None:
    interval = timedelta(minutes=connection.interval_min)
    if connection.dropped_at is not None and connection.dropped_at + interval > now:
        return None
    with transaction.atomic():
        found = list(
            due(connection, now).select_for_update(skip_locked=True, of=("self",))[:_MOST_ROWS]
        )
        if not found:
            return None
        stamp = timezone.now().strftime("%Y%m%dT%H%M%S")
        drop = Drop.objects.create(connection=connection, name=stamp, created_at=now)
        drop.name = f"{stamp}-{drop.pk}.csv"
        drop.save(update_fields=["name"])
        for delivery in found:
            start_attempt(delivery, now)
            delivery.drop = drop
            delivery.save(update_fields=["drop"])
        return drop


def _write(connection: Connection, drop: Drop, now: datetime, chance: Callable[[], float]) -> int:
    # What a person settled meanwhile (delivered by phone, given up) is in no file.
    rows = list(
        Delivery.objects.filter(drop=drop, state__in=WAITING)
        .select_related("handoff", "handoff__case", "event")
        .order_by("id")
    )
    answer = Answer(AttemptResult.TAKEN, reason=drop.name)
    try:
        path = ready(connection) / "out" / drop.name
        if drop.written_at is None and not path.exists():
            write_whole(path, _as_csv(message_of(row) for row in rows))
    except (OSError, BadAddress) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        answer = Answer(AttemptResult.AGAIN, reason=f"the file was not written: {reason}")
    else:
        Drop.objects.filter(pk=drop.pk).update(written_at=now)
        Connection.objects.filter(pk=connection.pk).update(dropped_at=now)
    for row in rows:
        attempt = Attempt.objects.filter(delivery=row).order_by("-id")[0]
        finish(row, attempt, _for(row, answer), took_ms=0, now=now, chance=chance)
        if answer.result != AttemptResult.TAKEN:
            return 0
    return len(rows)


def _for(row: Delivery, answer: Answer) -> Answer:
    """Of changes nothing comes back: the file is all there is to know."""
    if row.purpose == Purpose.NEW or answer.result != AttemptResult.TAKEN:
        return answer
    return Answer(answer.result, reason=answer.reason, is_acknowledged=True)


def _as_csv(messages: Iterator[Message]) -> str:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for one in messages:
        writer.writerow(
            (
                one.key, one.purpose.value, one.number, one.external_number, one.service_code,
                _plain(one.service_name), _plain(one.description), _plain(one.address),
                one.point.lat if one.point else "", one.point.long if one.point else "",
                one.priority, "1" if one.is_hazard else "", one.requested_at.isoformat(),
                one.due_at.isoformat() if one.due_at else "", one.at.isoformat(), one.status,
                one.outcome, _plain(one.text), " ".join(one.photos),
                _plain("; ".join(f"{code}={answer}" for code, _name, answer in one.answers)),
                one.url,
            )
        )  # fmt: skip
    return out.getvalue()


def _plain(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text


def _is_settled(path: Path, now: datetime) -> bool:
    return path.stat().st_mtime <= (now - _SETTLES).timestamp()


def _told(row: dict[str, str], now: datetime) -> Told:
    content = "\x1f".join(f"{name}={value}" for name, value in sorted(row.items()))
    own_id = row.get("update_id", "")
    is_usable = 0 < len(own_id) <= _MAX_ID and own_id.isprintable()
    return Told(
        update_id=own_id if is_usable else hashlib.sha256(content.encode()).hexdigest(),
        at=_moment(row.get("updated_at", "")) or now,
        number=row.get("number", ""),
        external_number=row.get("external_number", ""),
        status=row.get("status", ""),
        text=row.get("text", ""),
    )


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    # Without a zone it is what the clocks of the city showed.
    return moment if moment.tzinfo else timezone.make_aware(moment, city_in_scope().zone)
