"""``/hooks/sms/status``: what became of an SMS we sent."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

from django.http import HttpResponse
from django.utils import timezone

from lamppost.faces.channels.provider import ProviderCall, signed
from lamppost.faces.channels.twiml import Twiml
from lamppost.notify.choices import GatewayKind
from lamppost.notify.models import Gateway
from lamppost.notify.services.sms_states import told_state


@signed(GatewayKind.SMS)
def take_state(call: ProviderCall, _gateway: Gateway) -> HttpResponse:
    """Write down a state; what is not known here is taken without a word."""
    key = parse_qs(urlsplit(call.url).query).get("key", [""])[0]
    error = call.get("ErrorCode")
    told_state(
        key=key[:40],
        provider_id=call.get("MessageSid")[:200],
        state=(call.get("MessageStatus") or call.get("SmsStatus")).lower(),
        error=error if re.fullmatch(r"[0-9]{1,6}", error) else "",
        now=timezone.now(),
    )
    return Twiml().response()
