"""A talk by SMS, a call and the set-up of the lines, for installations under test."""

from __future__ import annotations

from django.utils import timezone

from lamppost.contacts.models import (
    AgentPhone,
    Keyword,
    PhoneLine,
    SpokenLanguage,
)
from lamppost.contacts.services.conversation import Incoming, hear
from lamppost.contacts.services.voice import enqueue, hang_up, ring
from lamppost.notify.choices import GatewayKind
from lamppost.notify.models import Gateway
from lamppost.people.models import User


def add_phones(slug: str) -> None:
    """Set up the lines of the city in scope, with a talk half done and a call that ended."""
    Keyword.objects.create(code="wifi", words={"en": "wifi"}, text={"en": f"Wi-Fi of {slug}"})
    PhoneLine.objects.create(welcome={"en": f"Welcome to {slug}"})
    SpokenLanguage.objects.create(code="en", tag="en-US", order=1)
    Gateway.objects.create(
        kind=GatewayKind.SMS, address=f"+1555{sum(map(ord, slug)):07d}", account=slug
    )
    user = User.objects.order_by("id").first()
    if user is not None:
        AgentPhone.objects.create(agent=user, phone="+12155550177")
    phone = f"+1444{sum(map(ord, slug)):07d}"
    hear(
        Incoming(
            provider_id=f"SM-{slug}",
            phone=phone,
            text="pothole",
            base_url=f"https://{slug}.example",
        )
    )
    call = ring(provider_id=f"CA-{slug}", phone=phone, line="", now=timezone.now())
    enqueue(call)
    hang_up(provider_id=call.provider_id)
