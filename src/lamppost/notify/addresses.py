"""Addresses as they are compared, masked and digested; and where an answer goes."""

from __future__ import annotations

import hashlib

import phonenumbers
from django.utils.crypto import salted_hmac

from lamppost.cases.models import Case
from lamppost.cities.selectors import city_in_scope
from lamppost.database.scope import require_city_id
from lamppost.notify.choices import GatewayKind, MessageChannel
from lamppost.notify.models import Gateway, Message

_MARK = 12
# What a plus-address for reports of bounces begins with.
MESSAGE_MARK = "b-"


def normalized(channel: MessageChannel | str, address: str) -> str:
    """Return ``address`` as it is compared: e-mail in small letters, a number in E.164.

    A number without a country code is one of the city's country; what is no number at all
    stays as it is, without blanks.
    """
    address = address.strip()
    if channel == MessageChannel.EMAIL:
        return address.lower()
    if channel != MessageChannel.SMS:
        return address
    try:
        number = phonenumbers.parse(address, city_in_scope().country)
    except phonenumbers.NumberParseException:
        return "".join(address.split())
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def address_digest(channel: MessageChannel | str, address: str) -> str:
    """Return the SHA-256 hex digest of the normalized address, within the city in scope.

    A pseudonym, not a secret: who has an address can find its digest, and nothing else can.
    """
    said = f"{city_in_scope().slug}:{channel}:{normalized(channel, address)}"
    return hashlib.sha256(said.encode()).hexdigest()


def masked(channel: MessageChannel | str, address: str) -> str:
    """Return ``address`` for those who may not read it: enough to tell two apart."""
    if not address:
        return ""
    if channel == MessageChannel.EMAIL:
        name, _at, domain = address.partition("@")
        return f"{name[:1]}…@{domain[:1]}…"
    return f"…{address[-2:]}" if channel == MessageChannel.SMS else "…"


def reply_token(case: Case) -> str:
    """Return the mark that proves that an answer's address was given out by this city."""
    said = f"{case.city_id}:{case.pk}:{case.number}"
    return salted_hmac("lamppost.notify.reply", said, algorithm="sha256").hexdigest()[:_MARK]


def reply_address(case: Case, token: str = "") -> str:
    """Return where an answer to a mail about ``case`` goes, or '' when nobody reads answers.

    The plus-address of the city's mailbox: ``name+<number>.<token>@domain``.
    """
    box = mailbox()
    if not box:
        return ""
    name, _at, domain = box.partition("@")
    return f"{name}+{case.number}.{token or reply_token(case)}@{domain}"


def plus_token(what: str) -> str:
    """Return the mark that goes with ``what`` in a plus-address of the city in scope."""
    said = f"{require_city_id()}:{what.lower()}"
    return salted_hmac("lamppost.notify.plus", said, algorithm="sha256").hexdigest()[:_MARK]


def plus_address(what: str) -> str:
    """Return the plus-address of the city's mailbox that names ``what``, or '' without one.

    ``what`` holds small letters, digits and dashes: servers on the way may change the case.
    """
    box = mailbox()
    if not box:
        return ""
    name, _at, domain = box.partition("@")
    return f"{name}+{what}.{plus_token(what)}@{domain}"


def return_address(message: Message) -> str:
    """Return where news goes that ``message`` could not be delivered, or ''."""
    return plus_address(f"{MESSAGE_MARK}{message.pk}")


def mailbox() -> str:
    """Return the mailbox of the city that is read, or ''."""
    boxes = Gateway.objects.filter(kind=GatewayKind.EMAIL, is_active=True).order_by("id")
    return boxes.values_list("address", flat=True).first() or ""
