"""Another Open311 server (GeoReport v2), as whose client we file, tell and ask."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode

from lamppost.partners.choices import AttemptResult
from lamppost.partners.messages import Message
from lamppost.partners.models import Connection
from lamppost.partners.senders import Answer
from lamppost.partners.senders.outcome import number_in, refusal_of
from lamppost.partners.web import NoAnswer, Response, Unreachable, call

# Ids asked for in one call; with long ids this keeps an address below 8 kB.
CHUNK = 50
_MOST_TEXT = 4000
_MAX_ANSWER = 5_000_000
# How far before the request to look for a copy of ours that may have arrived.
_LOOK_BACK = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Remote:
    """One request as their list has it. ``at`` is when they last changed it."""

    number: str
    status: str
    text: str
    at: datetime | None
    media_url: str = ""


class ListUnreadable(Exception):
    """Their list did not come, or not in the standard's form."""


def send(connection: Connection, secret: str, message: Message, is_unsure: bool) -> Answer:
    """File the case there, or tell of a change by the update extension."""
    try:
        if message.is_new:
            if is_unsure:
                found = _look_up(connection, message)
                if found:
                    return Answer(
                        AttemptResult.TAKEN,
                        reason="found there by our reference",
                        number=found,
                        is_acknowledged=True,
                    )
            return _file(connection, secret, message)
        return _tell(connection, secret, message)
    except Unreachable as error:
        return Answer(AttemptResult.AGAIN, reason=f"no connection: {error}")
    except NoAnswer as error:
        return Answer(AttemptResult.UNKNOWN, reason=f"no answer: {error}")


def reference(message: Message) -> str:
    """Return the mark at the end of a description by which we find our request again."""
    return f"[{message.key}]"


def number_for_token(connection: Connection, token: str) -> str:
    """Return the number behind a token, '' while there is none yet.

    Raises ``ListUnreadable`` when the server does not answer.
    """
    response = _get(connection, f"tokens/{quote(token, safe='')}.json", {})
    if response.code == 404:
        return ""
    rows = _rows(response)
    return number_in(rows[0].get("service_request_id")) if rows else ""


def requests_by_id(connection: Connection, numbers: Sequence[str]) -> list[Remote]:
    """Return what their list says of these numbers; those it does not have are missing.

    Raises ``ListUnreadable``.
    """
    found: list[Remote] = []
    for start in range(0, len(numbers), CHUNK):
        wanted = ",".join(numbers[start : start + CHUNK])
        response = _get(connection, "requests.json", {"service_request_id": wanted})
        if response.code == 404:
            # Some servers answer so when they have none of them.
            continue
        found += [row for row in map(_remote, _rows(response)) if row is not None]
    return found


def _file(connection: Connection, secret: str, message: Message) -> Answer:
    mark = reference(message)
    text = message.description[: _MOST_TEXT - len(mark) - 2]
    fields = {
        "api_key": secret,
        "service_code": message.service_code,
        "description": f"{text}\n\n{mark}".strip(),
        "address_string": message.address,
        "media_url": message.photos[0] if message.photos else "",
    }
    if connection.jurisdiction_id:
        fields["jurisdiction_id"] = connection.jurisdiction_id
    if message.point is not None:
        fields |= {"lat": str(message.point.lat), "long": str(message.point.long)}
    body = urlencode([*_filled(fields), *_attributes(message)])
    response = _post(connection, "requests.json", body, message.key)
    refusal = refusal_of(response)
    if refusal is not None:
        return refusal
    rows = _rows_or_none(response)
    row = rows[0] if rows else {}
    number, token = number_in(row.get("service_request_id")), number_in(row.get("token"))
    if not (number or token):
        # Blackbox services answer so; it was taken, and nothing more will be known of it.
        return Answer(AttemptResult.TAKEN, response.code, "neither number nor token came back")
    return Answer(
        AttemptResult.TAKEN,
        response.code,
        number=number,
        token=token,
        is_acknowledged=bool(number),
    )


def _tell(connection: Connection, secret: str, message: Message) -> Answer:
    fields = {
        "api_key": secret,
        "jurisdiction_id": connection.jurisdiction_id,
        "service_request_id": message.external_number,
        "update_id": message.key,
        "status": message.word,
        "updated_datetime": message.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "description": message.text[:_MOST_TEXT],
    }
    # The extension requires a description, be it empty.
    pairs = [*_filled(fields)]
    if not message.text:
        pairs.append(("description", ""))
    response = _post(connection, "servicerequestupdates.json", urlencode(pairs), message.key)
    refusal = refusal_of(response)
    if refusal is None:
        return Answer(AttemptResult.TAKEN, response.code, is_acknowledged=True)
    return refusal


def _look_up(connection: Connection, message: Message) -> str:
    """Their number of the request that holds our reference, '' when none is seen.

    What cannot be known: a server may list late, or not at all. Then it is sent again with
    the same key, and only a server that heeds ``Idempotency-Key`` keeps one of two.
    """
    query = {
        "service_code": message.service_code,
        "start_date": (message.requested_at - _LOOK_BACK).astimezone(UTC).isoformat(),
        "q": reference(message),
    }
    try:
        rows = _rows(_get(connection, "requests.json", query))
    except ListUnreadable as error:
        raise NoAnswer(str(error)) from None
    mark = reference(message)
    for row in rows:
        if mark in str(row.get("description") or ""):
            return number_in(row.get("service_request_id"))
    return ""


def _attributes(message: Message) -> list[tuple[str, str]]:
    codes = [code for code, _question, _answer in message.answers]
    return [
        (f"attribute[{code}][]" if codes.count(code) > 1 else f"attribute[{code}]", answer)
        for code, _question, answer in message.answers
    ]


def _filled(fields: dict[str, str]) -> list[tuple[str, str]]:
    return [(name, value) for name, value in fields.items() if value]


def _post(connection: Connection, name: str, body: str, key: str) -> Response:
    return call(
        "POST",
        f"{connection.address.rstrip('/')}/{name}",
        headers={
            "Content-Type": "application/x-www-form-urlencoded; charset=utf-8",
            "Idempotency-Key": key,
        },
        body=body.encode(),
        max_bytes=_MAX_ANSWER,
    )


def _get(connection: Connection, name: str, query: dict[str, str]) -> Response:
    if connection.jurisdiction_id:
        query = {**query, "jurisdiction_id": connection.jurisdiction_id}
    tail = f"?{urlencode(query)}" if query else ""
    try:
        return call("GET", f"{connection.address.rstrip('/')}/{name}{tail}", max_bytes=_MAX_ANSWER)
    except (Unreachable, NoAnswer) as error:
        raise ListUnreadable(str(error)) from None


def _rows(response: Response) -> list[dict[str, Any]]:
    rows = _rows_or_none(response) if response.code == 200 else None
    if rows is None:
        raise ListUnreadable(f"the server answered {response.code}")
    return rows


def _rows_or_none(response: Response) -> list[dict[str, Any]] | None:
    try:
        rows = json.loads(response.body)
    except ValueError:
        return None
    if not isinstance(rows, list):
        return None
    return [row for row in rows if isinstance(row, dict)]


def _remote(row: dict[str, Any]) -> Remote | None:
    number = number_in(row.get("service_request_id"))
    if not number:
        return None
    extended = row.get("extended_attributes")
    detailed = extended.get("detailed_status") if isinstance(extended, dict) else None
    return Remote(
        number=number,
        status=str(detailed or row.get("status") or "")[:100],
        text=str(row.get("status_notes") or "")[:_MOST_TEXT],
        at=_moment(row.get("updated_datetime")),
    )


def _moment(value: Any) -> datetime | None:
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return moment if moment.tzinfo else None
