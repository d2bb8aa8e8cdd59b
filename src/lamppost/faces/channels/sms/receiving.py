"""What the provider tells us of SMS: texts that came in, and what became of those sent."""

from __future__ import annotations

import logging

from django.db import transaction
from django.http import HttpResponse
from django.utils import timezone
from django.utils.crypto import salted_hmac

from lamppost.contacts.services.conversation import Heard, Incoming, hear
from lamppost.faces.channels.phones import e164
from lamppost.faces.channels.provider import ProviderCall, signed
from lamppost.faces.channels.sms.media import pictures
from lamppost.faces.channels.twiml import Twiml
from lamppost.kernel.text import clean_text
from lamppost.notify.choices import GatewayKind, MessageChannel, StopSource
from lamppost.notify.models import Gateway
from lamppost.notify.services.answers import write_down_answer
from lamppost.notify.services.stops import start, stop
from lamppost.people.rates import TooManyCalls, count_call

logger = logging.getLogger(__name__)

# Nobody types faster; a loop between two machines does.
_PER_MINUTE = 12


@signed(GatewayKind.SMS)
def take_text(call: ProviderCall, gateway: Gateway) -> HttpResponse:
    """Take one SMS into its talk and answer it; the same MessageSid again is answered the same."""
    phone = e164(call.get("From"))
    sid = call.get("MessageSid") or call.get("SmsSid")
    if not phone or not sid or len(sid) > 200:
        return Twiml().response()
    try:
        count_call(f"sms:{_pseudonym(phone)}", per_minute=_PER_MINUTE)
    except TooManyCalls:
        logger.warning("A number texts more than %d times a minute and is not heard.", _PER_MINUTE)
        return Twiml().response()
    taken = pictures(call, gateway)
    incoming = Incoming(
        provider_id=sid,
        phone=phone,
        text=clean_text(call.get("Body")),
        base_url=call.base_url,
        photos=taken.photos,
        photos_lost=taken.lost,
    )
    now = timezone.now()
    with transaction.atomic():
        heard = hear(incoming, now=now)
        if not heard.is_repeat:
            _follow_consent(heard, phone)
            write_down_answer(
                address=phone,
                text=heard.answer,
                once_key=f"sms-answer:{heard.text_id}",
                language=heard.language,
                provider=gateway.provider,
                now=now,
                contact_id=heard.contact_id,
                case_id=heard.case_id,
            )
    return Twiml().message(heard.answer).response()


def _follow_consent(heard: Heard, phone: str) -> None:
    if heard.consent == "stop":
        stop(channel=MessageChannel.SMS, address=phone, source=StopSource.KEYWORD)
    elif heard.consent == "start":
        start(channel=MessageChannel.SMS, address=phone)


def _pseudonym(phone: str) -> str:
    return salted_hmac("lamppost.channels.sms", phone, algorithm="sha256").hexdigest()[:24]
