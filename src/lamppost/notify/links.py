"""Links in messages: made from a key of the installation when they are sent, kept nowhere.

A link is worth what its purpose says and no more: the one that unsubscribes, which mail
programs and servers see, does not open what only a reporter sees.
"""

from __future__ import annotations

from enum import StrEnum

from django.utils.crypto import constant_time_compare, salted_hmac

from lamppost.cities.selectors import city_in_scope, languages_of, site_of
from lamppost.notify.models import Subscription

# Hexadecimal digits of the signature: 80 bits, checked by our server only.
_SIGNED = 20


class Purpose(StrEnum):
    """What who holds a link may do."""

    CASE = "c"
    MANAGE = "m"
    CONFIRM = "k"


def token_of(subscription: Subscription, purpose: Purpose) -> str:
    """Return the token of ``subscription`` for one purpose."""
    return f"{subscription.pk}-{_signed(subscription, purpose)}"


def subscription_of(token: str, purpose: Purpose) -> Subscription | None:
    """Return the subscription of the city in scope ``token`` was made for, or None."""
    number, _dash, signature = token.partition("-")
    if not (number.isascii() and number.isdigit() and len(number) < 19):
        return None
    found = (
        Subscription.objects.select_related("recipient", "case", "area", "service")
        .defer("area__boundary")
        .filter(pk=int(number))
        .first()
    )
    if found is None or not constant_time_compare(signature, _signed(found, purpose)):
        return None
    return found


def address_of(path: str, language: str) -> str:
    """Return the full address of ``path`` on the city's site, in ``language`` if offered."""
    city = city_in_scope()
    prefix = f"/{language.lower()}" if language.lower() in languages_of(city) else ""
    return f"{site_of(city)}{prefix}{path}"


def _signed(subscription: Subscription, purpose: Purpose) -> str:
    said = f"{subscription.city_id}:{subscription.pk}:{subscription.created_at.isoformat()}"
    return salted_hmac(f"lamppost.notify.links.{purpose}", said, algorithm="sha256").hexdigest()[
        :_SIGNED
    ]
