"""The demo's telephone and mailbox: the stand-in's, so that its pages can reach the city."""

from __future__ import annotations

import secrets

import phonenumbers

from lamppost.cities.models import City
from lamppost.kernel.refusals import Forbidden
from lamppost.kernel.vault import locked_away
from lamppost.notify.choices import GatewayKind, GatewayProvider
from lamppost.notify.models import Gateway


def make_demo_lines(city: City) -> int:
    """Connect the stand-in for SMS, voice and mail where nothing is connected; return how many.

    For the city in scope. Raises ``Forbidden`` for a real city.
    """
    if not City.objects.filter(pk=city.pk, is_demo=True).exists():
        raise Forbidden("Only a demo has the stand-in.")
    made = 0
    for kind in (GatewayKind.SMS, GatewayKind.VOICE):
        if Gateway.objects.filter(kind=kind).exists():
            continue
        Gateway.objects.create(
            kind=kind,
            provider=GatewayProvider.STAND_IN,
            address=_number(city),
            account="stand-in",
            secret=locked_away(secrets.token_urlsafe(24)),
        )
        made += 1
    if not Gateway.objects.filter(kind=GatewayKind.EMAIL).exists():
        # A domain set aside for examples (RFC 2606): nobody's mail comes here by mistake.
        Gateway.objects.create(
            kind=GatewayKind.EMAIL,
            provider=GatewayProvider.STAND_IN,
            address=f"311@{city.slug}.example",
        )
        made += 1
    return made


def _number(city: City) -> str:
    try:
        number = phonenumbers.parse(city.contact_phone, city.country)
    except phonenumbers.NumberParseException:
        return city.contact_phone or city.slug
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
