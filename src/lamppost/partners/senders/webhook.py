"""A signed POST (Standard Webhooks): the delivery's key is the webhook's id, in every attempt."""

from __future__ import annotations

import json

from django.utils import timezone

from lamppost.partners.choices import AttemptResult
from lamppost.partners.messages import Message
from lamppost.partners.models import Connection
from lamppost.partners.senders import Answer
from lamppost.partners.senders.outcome import number_in, refusal_of
from lamppost.partners.signing import signed
from lamppost.partners.web import NoAnswer, Response, Unreachable, call

_MAX_ANSWER = 100_000


def send(connection: Connection, secret: str, message: Message, _is_unsure: bool) -> Answer:
    """POST the message and read the number the partner may answer with."""
    body = json.dumps(
        {
            "type": f"case.{message.purpose}",
            "timestamp": message.at.isoformat(),
            "data": message.as_data(),
        },
        ensure_ascii=False,
    )
    headers = {
        "Content-Type": "application/json",
        **signed(secret, message_id=message.key, at=timezone.now(), body=body),
    }
    try:
        response = call(
            "POST", connection.address, headers=headers, body=body.encode(), max_bytes=_MAX_ANSWER
        )
    except Unreachable as error:
        return Answer(AttemptResult.AGAIN, reason=f"no connection: {error}")
    except NoAnswer as error:
        return Answer(AttemptResult.UNKNOWN, reason=f"no answer: {error}")
    refusal = refusal_of(response)
    if refusal is not None:
        return refusal
    number = _number(response)
    return Answer(
        AttemptResult.TAKEN,
        response.code,
        number=number,
        # Whether a new case is in their system is known by its number only.
        is_acknowledged=bool(number) or not message.is_new,
    )


def _number(response: Response) -> str:
    try:
        answer = json.loads(response.body)
    except ValueError:
        return ""
    return number_in(answer.get("external_number")) if isinstance(answer, dict) else ""
