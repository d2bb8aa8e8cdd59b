"""``/hooks/partner/<connection>``: what a partner system tells us, signed as Standard Webhooks."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from lamppost.faces.api.problems import problem
from lamppost.kernel.vault import SecretLost, opened
from lamppost.partners.choices import ConnectionKind, InboundResult
from lamppost.partners.models import Connection
from lamppost.partners.services.inbound import Told, take
from lamppost.partners.signing import BadSignature, check
from lamppost.people.rates import TooManyCalls, count_call

_MAX_BYTES = 100_000
_PER_MINUTE = 600
_TEXTS = ("number", "external_number", "status", "text", "media_url")


@csrf_exempt
@require_POST
def partner(request: HttpRequest, code: str) -> HttpResponse:
    """Take one message. The same ``webhook-id`` again is answered the same and changes nothing.

    401 for any signature that is not right, whether or not the connection exists; 422 for a
    message that makes no sense; 200 otherwise, with what became of it.
    """
    if int(request.headers.get("Content-Length") or 0) > _MAX_BYTES:
        return problem(413, _("The request is too large."))
    connection = Connection.objects.filter(code=code, kind=ConnectionKind.WEBHOOK).first()
    try:
        secret = ""
        if connection is not None:
            count_call(f"hook:{connection.pk}", per_minute=_PER_MINUTE)
            secret = opened(connection.secret)
        message_id = check(secret, headers=_headers(request), body=request.body)
    except TooManyCalls as refusal:
        response = problem(429, str(refusal))
        response.headers["Retry-After"] = str(refusal.retry_after)
        return response
    except (BadSignature, SecretLost):
        return problem(401, _("The signature is missing, wrong, or older than five minutes."))
    told = _told(request.body, message_id)
    if told is None or connection is None:
        return problem(422, _("Send JSON with data.number or data.external_number."))
    taken = take(connection, told)
    return JsonResponse(
        {
            "result": InboundResult(taken.result).value,
            "reason": taken.reason,
            "number": taken.handoff.case.number if taken.handoff else None,
        }
    )


def _headers(request: HttpRequest) -> dict[str, str]:
    return {name.lower(): value for name, value in request.headers.items()}


def _told(body: bytes, message_id: str) -> Told | None:
    try:
        sent = json.loads(body)
    except ValueError:
        return None
    data = sent.get("data") if isinstance(sent, dict) else None
    if not isinstance(data, dict) or not (0 < len(message_id) <= 200):
        return None
    texts = {name: _text(data.get(name)) for name in _TEXTS}
    at = _moment(data.get("at"))
    if not (texts["number"] or texts["external_number"]) or at is None:
        return None
    return Told(update_id=message_id, at=at, **texts)


def _text(value: Any) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    # PostgreSQL takes no NUL in any text.
    return value.replace("\0", "").strip() if isinstance(value, str) else ""


def _moment(value: Any) -> datetime | None:
    """The time it happened there; now when they do not say. None for one without a zone."""
    if value is None:
        return timezone.now()
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    return moment if moment.tzinfo else None
