"""Addresses of the city's mailbox: which mailbox a mail is for, and what its plus part says."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from django.utils.crypto import constant_time_compare

from lamppost.cases.models import Case
from lamppost.cities.rounds import each_city
from lamppost.notify.addresses import MESSAGE_MARK, plus_address, plus_token, reply_token
from lamppost.notify.choices import GatewayKind
from lamppost.notify.models import Gateway

_TOKEN = re.compile(r"^(?P<what>[^.]{1,60}(?:\.[^.]{1,60})*)\.(?P<token>[0-9a-f]{12})$")


class About(StrEnum):
    """What the plus part of an address names. ``NOTHING``: it names nothing of ours."""

    NOTHING = "nothing"
    CASE = "case"
    THREAD = "thread"
    PARTNER = "partner"
    MESSAGE = "message"


_PREFIXES = {About.THREAD: "t-", About.PARTNER: "p-", About.MESSAGE: MESSAGE_MARK}


@dataclass(frozen=True, slots=True)
class Named:
    """What an address names, the token having been checked: a number, a reference or an id."""

    about: About = About.NOTHING
    name: str = ""


@dataclass(frozen=True, slots=True)
class Box:
    """A mailbox that is read: of which city, and by which gateway."""

    city_id: int
    gateway_id: int


def split(address: str) -> tuple[str, str]:
    """Return an address without its plus part, and the plus part; both in small letters."""
    local, _at, domain = address.strip().strip("<>").lower().rpartition("@")
    name, _plus, rest = local.partition("+")
    return f"{name}@{domain}", rest


def box_of(address: str) -> Box | None:
    """Return the mailbox, of whatever city, that takes mail for ``address``, or None."""
    plain, _rest = split(address)
    found = None
    for city in each_city():
        row = Gateway.objects.filter(
            kind=GatewayKind.EMAIL, is_active=True, address__iexact=plain
        ).first()
        if row is not None and found is None:
            found = Box(city.pk, row.pk)
    return found


def gateway_of(address: str) -> Gateway | None:
    """Return the gateway of the city in scope that takes mail for ``address``, or None."""
    plain, _rest = split(address)
    rows = Gateway.objects.filter(kind=GatewayKind.EMAIL, is_active=True)
    return rows.filter(address__iexact=plain).first()


def our_mailboxes() -> frozenset[str]:
    """Return the mailboxes of the city in scope that are read, in small letters; one query."""
    rows = Gateway.objects.filter(kind=GatewayKind.EMAIL, is_active=True)
    return frozenset(address.lower() for address in rows.values_list("address", flat=True))


def case_numbered(number: str) -> Case | None:
    """Return the case with this number, whatever became of the case of its letters on the way.

    The number as it stands, or in capitals, is found by its index; only letters of both cases
    have to be looked for.
    """
    if not number.isprintable():
        return None
    exact = Case.objects.filter(number__in={number, number.upper()}).first()
    if exact is not None or number.isdigit():
        return exact
    return Case.objects.filter(number__iexact=number).first()


def named_by(address: str) -> Named:
    """Return what the plus part names: only with the right token, whatever the letters' case."""
    _plain, rest = split(address)
    found = _TOKEN.match(rest)
    if found is None:
        return Named()
    what, token = found["what"], found["token"]
    for about, prefix in _PREFIXES.items():
        if what.startswith(prefix) and constant_time_compare(token, plus_token(what)):
            return Named(about, what.removeprefix(prefix))
    case = case_numbered(what)
    if case is not None and constant_time_compare(token, reply_token(case)):
        return Named(About.CASE, case.number)
    return Named()


def address_for(about: About, name: str) -> str:
    """Return the address that names a thread or a partner's case; '' without a mailbox."""
    return plus_address(f"{_PREFIXES[about]}{name}".lower())
