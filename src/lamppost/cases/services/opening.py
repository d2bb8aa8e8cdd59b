"""Writing a new case with all it begins with: one statement.

The case, its areas and answers, its clocks and that they run, the caller's own key, the event
that it was received: written one after the other, each took longer to put together and to carry
over than to do.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from django.db import connection, models

from lamppost.cases.choices import ClockEventKind
from lamppost.cases.models import Case, CaseAnswer, CaseEvent, Clock, IdempotencyKey
from lamppost.cases.services.numbers import sequence_of
from lamppost.database.fields import Point
from lamppost.database.scope import UnscopedQuery, require_city_id
from lamppost.places.locate import Located

# Said of no case when it is new: nobody has it, it has not ended, nothing hangs on it.
_LATER = (
    "assignee", "outcome", "status_note", "public_note", "subject", "photo_count",
    "follower_count", "reopen_count", "open_required", "closed_at", "is_paused",
)  # fmt: skip

# The event repeats the case; seq, prev_hash and hash are the trigger's. Kept below what the
# driver remembers of a statement (4096 characters, 50 parameters).
_OPEN = """
WITH opened AS (
  INSERT INTO cases_case ({columns}) VALUES ({values}) RETURNING {returned}
), within AS (
  SELECT * FROM json_to_recordset(%(areas)s) AS a(area_id bigint, is_doubtful boolean)
), placed AS (
  INSERT INTO cases_casearea (city_id, case_id, area_id, is_doubtful)
  SELECT o.city_id, o.id, area_id, is_doubtful FROM opened o, within
), answered AS (
  INSERT INTO cases_caseanswer (city_id, case_id, question_id, value_id, text, public_text)
  SELECT o.city_id, o.id, question, value, words, public FROM opened o, json_to_recordset(
    %(answers)s) AS a(question bigint, value bigint, words text, public text)
), running AS (
  INSERT INTO cases_clock (city_id, case_id, kind, target_id, department_id, state,
    started_at, due_at, next_check_at)
  SELECT o.city_id, o.id, kind, target, o.department_id, c.state, started, due, next_check
  FROM opened o, json_to_recordset(%(clocks)s) AS c(kind text, target bigint, state text,
    started timestamptz, due timestamptz, next_check timestamptz)
  RETURNING id, city_id, started_at, due_at
), begun AS (
  INSERT INTO cases_clockevent (city_id, clock_id, kind, at, due_at, note)
  SELECT city_id, id, '{start}', started_at, due_at, '' FROM running
), keyed AS (
  INSERT INTO cases_idempotencykey (city_id, caller, key, fingerprint, case_id, created_at)
  SELECT o.city_id, %(caller)s, %(key)s::text, %(fingerprint)s, o.id, o.created_at
  FROM opened o WHERE %(key)s::text IS NOT NULL
), received AS (
  INSERT INTO cases_caseevent (city_id, case_id, seq, kind, audience, at, recorded_at, actor,
    user_id, api_key_id, channel, state, status_id, service_id, department_id, data,
    text_digest, prev_hash, hash)
  SELECT o.city_id, o.id, 0, %(event)s, %(audience)s, o.requested_at,
    %(recorded_at)s::timestamptz, %(actor)s, %(user_id)s::bigint, o.api_key_id, o.channel,
    o.state, o.status_id, o.service_id, o.department_id, %(data)s::jsonb, '', '', ''
  FROM opened o RETURNING id
)
SELECT opened.id, opened.number, received.id{asked} FROM opened, received
"""
_REPEATED = (
    "id", "number", "city_id", "service_id", "department_id", "state", "status_id", "channel",
    "api_key_id", "requested_at", "created_at",
)  # fmt: skip
_QUESTIONS: dict[str, str] = {}


@dataclass(frozen=True, slots=True)
class Opening:
    """A case about to begin, none of its rows written yet.

    Its number is given as it is written. ``received`` is its first event, as the case stands;
    ``answers`` and ``clocks`` name the case already.
    """

    case: Case
    received: CaseEvent
    areas: Sequence[Located] = ()
    answers: Sequence[CaseAnswer] = ()
    clocks: Sequence[Clock] = ()
    key: IdempotencyKey | None = None


def ask(name: str, question: str) -> None:
    """Have ``question`` answered with every opening; ``CaseEvent.asked`` has the ids it finds.

    For a reader of the event who would ask it of every new case. A SELECT of one column that
    may use ``within`` (area_id, is_doubtful), the parameters ``city_id`` and ``service_id``,
    and sees nothing of the case itself.
    """
    _QUESTIONS[name] = question
    _statement.cache_clear()


def open_case(opening: Opening) -> None:
    """Write the case and all it begins with; it and its event get their ids and the number.

    Runs in the caller's transaction. Raises ``UnscopedQuery`` for a case of a city that is not
    in scope, ``IntegrityError`` when the caller's key was used meanwhile.
    """
    case, event = opening.case, opening.received
    city_id = require_city_id()
    if case.city_id != city_id:
        raise UnscopedQuery(f"A case of city {case.city_id} was to be opened in {city_id}.")
    with connection.cursor() as cursor:
        cursor.execute(_statement(), _parameters(opening, city_id))
        case.pk, case.number, event.pk, *found = cursor.fetchone()
    event.asked = dict(zip(_QUESTIONS, found, strict=True))
    for row in (case, event):
        row._state.adding, row._state.db = False, connection.alias
    event.case_id = case.pk


def _fields() -> list[models.Field[Any, Any]]:
    return [field for field in Case._meta.concrete_fields if not field.primary_key]


@cache
def _given() -> tuple[str, ...]:
    """The columns of a new case that a filing fills, the number aside."""
    said = (field for field in _fields() if field.name not in (*_LATER, "number"))
    return tuple(field.attname for field in said)


@cache
def _statement() -> str:
    values = {name: f"%({name})s" for name in _given()}
    values["number"] = "nextval(%(numbers)s::text::regclass)::text"
    for field in _fields():
        if field.name in _LATER:
            values[field.attname] = _written(field.get_default())
    return _OPEN.format(
        columns=", ".join(values),
        values=", ".join(values.values()),
        returned=", ".join(_REPEATED),
        start=ClockEventKind.START.value,
        asked="".join(f", ARRAY({question})" for question in _QUESTIONS.values()),
    )


def _written(default: object) -> str:
    return "NULL" if default is None else f"'{default}'"


def _parameters(opening: Opening, city_id: int) -> dict[str, str | None]:
    case, event, key = opening.case, opening.received, opening.key
    parameters = {name: _plain(getattr(case, name)) for name in _given()}
    parameters |= {
        "numbers": sequence_of(city_id),
        "areas": json.dumps(
            [
                {"area_id": one.area_id, "is_doubtful": one.is_doubtful}
                for one in opening.areas
                if one.is_inside
            ]
        ),
        "answers": json.dumps([_answer(one) for one in opening.answers]),
        "clocks": json.dumps([_clock(one) for one in opening.clocks]),
        "event": str(event.kind),
        "audience": str(event.audience),
        "recorded_at": event.recorded_at.isoformat(),
        "actor": str(event.actor),
        "user_id": _plain(event.user_id),
        "data": json.dumps(event.data),
        "caller": key.caller if key else None,
        "key": key.key if key else None,
        "fingerprint": key.fingerprint if key else None,
    }
    return parameters


def _answer(answer: CaseAnswer) -> dict[str, Any]:
    return {
        "question": answer.question_id,
        "value": answer.value_id,
        "words": answer.text,
        "public": answer.public_text,
    }


def _clock(clock: Clock) -> dict[str, Any]:
    return {
        "kind": clock.kind,
        "target": clock.target_id,
        "state": clock.state,
        "started": _plain(clock.started_at),
        "due": _plain(clock.due_at),
        "next_check": _plain(clock.next_check_at),
    }


def _plain(value: object) -> str | None:
    """``value`` as text, which the server reads by its column.

    So whatever is empty, and however large a number, it is one statement, prepared once.
    """
    if value is None:
        return None
    if isinstance(value, Point):
        return f"({float(value.long)!r},{float(value.lat)!r})"
    return value.isoformat() if isinstance(value, datetime) else str(value)
