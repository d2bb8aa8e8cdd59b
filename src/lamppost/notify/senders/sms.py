"""SMS over a Twilio-compatible provider's REST interface.

What became of a message the provider tells at ``/hooks/sms/status``; the message's own key is
in that address, so it is found even when the answer to the sending was lost.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from django.utils import timezone

from lamppost.cities.selectors import city_in_scope, site_of
from lamppost.kernel.segments import plain_for_sms
from lamppost.kernel.vault import SecretLost, opened
from lamppost.notify.choices import GatewayKind, GatewayProvider
from lamppost.notify.models import Gateway
from lamppost.notify.selectors.gateways import gateway_for
from lamppost.notify.senders import Answer, HandingOver, Outgoing, Result, Send, Sender
from lamppost.partners.addresses import BadAddress
from lamppost.partners.pacing import is_permanent, retry_after
from lamppost.partners.web import NoAnswer, Response, Unreachable, call

ENDPOINT = "https://api.twilio.com"
STATUS_PATH = "/hooks/sms/status"
# The provider's numbers of errors that mean that nothing will ever reach this number: stopped,
# not a mobile number, no such number (Twilio, "Error and warning dictionary").
STOPPED = "21610"
DEAD_NUMBERS = frozenset({"21211", "21214", "21217", "21614", "30005", "30006"})
_OUR_FAULT = frozenset({401, 403})
_MAX_BYTES = 200_000


def is_on() -> bool:
    """Return whether the city in scope has an account with a real provider."""
    gateway = gateway_for(GatewayKind.SMS)
    return gateway is not None and gateway.provider != GatewayProvider.STAND_IN


@contextmanager
def line() -> Iterator[Send]:
    """Send each message by a call of its own, all by the same account."""
    gateway = gateway_for(GatewayKind.SMS)
    yield lambda message, handing_over: _send(gateway, message, handing_over)


def _send(gateway: Gateway | None, message: Outgoing, handing_over: HandingOver) -> Answer:
    if gateway is None:
        return Answer(Result.LATER, reason="no SMS gateway", is_line_down=True)
    try:
        name = f"{gateway.account}:{opened(gateway.secret)}".encode()
    except SecretLost:
        reason = "the gateway's secret has to be entered again"
        return Answer(Result.LATER, reason=reason, is_line_down=True)
    endpoint = (gateway.endpoint or ENDPOINT).rstrip("/")
    handing_over()
    try:
        response = call(
            "POST",
            f"{endpoint}/2010-04-01/Accounts/{gateway.account}/Messages.json",
            headers={"Authorization": f"Basic {b64encode(name).decode()}"},
            fields=_fields(gateway, message),
            max_bytes=_MAX_BYTES,
        )
    except (Unreachable, BadAddress) as error:
        return Answer(Result.LATER, reason=f"provider: {error}"[:200], is_line_down=True)
    except NoAnswer as error:
        # It may have been taken. A second SMS is worse than one whose fate the status call tells.
        return Answer(Result.TAKEN, reason=f"no whole answer: {error}"[:200])
    return _answer(response)


def _fields(gateway: Gateway, message: Outgoing) -> dict[str, str]:
    sender = "MessagingServiceSid" if gateway.address.startswith("MG") else "From"
    return {
        "To": message.address,
        sender: gateway.address,
        "Body": plain_for_sms(message.text),
        "StatusCallback": f"{site_of(city_in_scope())}{STATUS_PATH}?key={message.key}",
    }


def _answer(response: Response) -> Answer:
    told = _told(response.body)
    if 200 <= response.code < 300:
        return Answer(Result.TAKEN, provider_id=str(told.get("sid", "")))
    code = str(told.get("code", "") or "")
    reason = f"the provider answered {response.code}{f', error {code}' if code else ''}"
    if code == STOPPED or code in DEAD_NUMBERS:
        return Answer(Result.GONE, reason=reason)
    if response.code in _OUR_FAULT:
        return Answer(Result.LATER, reason=reason, is_line_down=True)
    if is_permanent(response.code):
        return Answer(Result.REFUSED, reason=reason)
    wait = retry_after(response.headers.get("retry-after"), timezone.now())
    return Answer(Result.LATER, reason=reason, again_in=wait, is_line_down=response.code >= 500)


def _told(body: bytes) -> dict[str, Any]:
    try:
        told = json.loads(body)
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


# Longer than the whole call may take; see partners.web.
SENDER = Sender(line=line, is_on=is_on, patience=timedelta(seconds=30))
