"""The city's accounts with providers of SMS, voice and mail: entered, changed, switched off."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

import phonenumbers
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from lamppost.cities.selectors import city_in_scope
from lamppost.kernel.refusals import Conflict, Invalid, NotFound, Problem
from lamppost.kernel.text import clean_line
from lamppost.kernel.vault import locked_away
from lamppost.notify.choices import MAIL_PROVIDERS, GatewayKind, GatewayProvider
from lamppost.notify.models import Gateway
from lamppost.partners.addresses import BadAddress, check_url
from lamppost.partners.signing import is_secret
from lamppost.people import audit
from lamppost.people.actors import Actor
from lamppost.people.choices import AuditWhat
from lamppost.people.permissions import Permission, require

_ACCOUNT = re.compile(r"[A-Za-z0-9._@-]{1,200}")
# The provider's own name for a group of numbers it sends from.
_SERVICE = re.compile(r"MG[0-9a-f]{32}")
_SHORT_CODE = re.compile(r"[0-9]{3,8}")
# ``imap://`` is without TLS: for a server on this very machine only (see ``mailbox``).
_IMAP = re.compile(r"imaps?://[A-Za-z0-9.-]{1,200}(?::[0-9]{2,5})?(?:/[^\s?#]{0,80})?")
_LEAST_SECRET, _MOST_SECRET = 16, 500


@dataclass(frozen=True, slots=True)
class GatewaySettings:
    """What a person enters. ``secret`` '' keeps the one there is; ``endpoint`` '' is usual."""

    kind: str
    address: str
    account: str = ""
    secret: str = ""
    endpoint: str = ""
    provider: str = GatewayProvider.TWILIO.value


def add(*, wanted: GatewaySettings, actor: Actor) -> Gateway:
    """Enter an account, in use at once; return it.

    Raises ``Invalid`` naming each wrong field, ``Conflict`` when the number or mailbox is
    entered already, ``Forbidden`` without the right. A stand-in is only for a demo city.
    """
    require(actor, Permission.CHANNEL_MANAGE)
    wanted = _checked(wanted, has_secret=False)
    try:
        with transaction.atomic():
            row = Gateway.objects.create(
                kind=wanted.kind,
                provider=wanted.provider,
                address=wanted.address,
                account=wanted.account,
                secret=locked_away(wanted.secret),
                endpoint=wanted.endpoint,
            )
            _note(row, actor, "entered")
    except IntegrityError:
        raise _known_already() from None
    return row


def change(*, gateway_id: int, wanted: GatewaySettings, actor: Actor) -> Gateway:
    """Change an account; its kind stays. Raises as ``add``, ``NotFound`` for an unknown one."""
    require(actor, Permission.CHANNEL_MANAGE)
    try:
        with transaction.atomic():
            row = _locked(gateway_id)
            wanted = _checked(replace(wanted, kind=row.kind), has_secret=bool(row.secret))
            row.provider, row.address = wanted.provider, wanted.address
            row.account, row.endpoint = wanted.account, wanted.endpoint
            if wanted.secret:
                row.secret = locked_away(wanted.secret)
            row.save()
            _note(row, actor, "changed, with a new secret" if wanted.secret else "changed")
    except IntegrityError:
        raise _known_already() from None
    return row


def switch(*, gateway_id: int, is_active: bool, actor: Actor) -> Gateway:
    """Use an account or leave it alone; the same again changes nothing. Raises as ``change``."""
    require(actor, Permission.CHANNEL_MANAGE)
    with transaction.atomic():
        row = _locked(gateway_id)
        if row.is_active != is_active:
            row.is_active = is_active
            row.save(update_fields=["is_active"])
            _note(row, actor, "switched on" if is_active else "switched off")
        return row


def _locked(gateway_id: int) -> Gateway:
    row = Gateway.objects.select_for_update(of=("self",)).filter(pk=gateway_id).first()
    if row is None:
        raise NotFound(_("This does not exist here."))
    return row


def _checked(wanted: GatewaySettings, *, has_secret: bool) -> GatewaySettings:
    wanted = replace(
        wanted,
        address=_address(wanted.kind, clean_line(wanted.address)),
        account=clean_line(wanted.account),
        secret=wanted.secret.strip(),
        endpoint=clean_line(wanted.endpoint),
    )
    problems = list(_problems(wanted, has_secret=has_secret))
    if problems:
        raise Invalid(problems)
    return wanted


def _problems(wanted: GatewaySettings, *, has_secret: bool) -> Iterator[Problem]:
    if wanted.kind not in GatewayKind.values:
        yield Problem("kind", _("Choose what it is for."))
    if wanted.provider not in GatewayProvider.values:
        yield Problem("provider", _("Choose a provider."))
    if wanted.provider == GatewayProvider.STAND_IN and not city_in_scope().is_demo:
        yield Problem("provider", _("The stand-in is only for a demo."))
    if not _is_address(wanted.kind, wanted.address):
        yield Problem("address", _("Write the number as +12155550311, or the mailbox."))
    if wanted.kind == GatewayKind.EMAIL:
        yield from _problems_of_mailbox(wanted, has_secret=has_secret)
    else:
        yield from _problems_of_number(wanted, has_secret=has_secret)


def _problems_of_number(wanted: GatewaySettings, *, has_secret: bool) -> Iterator[Problem]:
    if wanted.provider in MAIL_PROVIDERS:
        yield Problem("provider", _("This is for a mailbox."))
    if wanted.endpoint:
        try:
            check_url(wanted.endpoint)
        except BadAddress as bad:
            yield Problem("endpoint", str(bad))
    if not _ACCOUNT.fullmatch(wanted.account):
        yield Problem("account", _("Write the account's name as the provider shows it."))
    is_kept = has_secret and not wanted.secret
    if not is_kept and not _LEAST_SECRET <= len(wanted.secret) <= _MOST_SECRET:
        yield Problem("secret", _("Write the account's token: at least 16 characters."))


def _problems_of_mailbox(wanted: GatewaySettings, *, has_secret: bool) -> Iterator[Problem]:
    has_secret = has_secret or bool(wanted.secret)
    if wanted.provider == GatewayProvider.TWILIO:
        yield Problem("provider", _("Choose how the mailbox is read."))
    is_right = is_secret(wanted.secret) if wanted.secret else has_secret
    if wanted.provider == GatewayProvider.WEBHOOK and not is_right:
        yield Problem("secret", _("Write the secret as Standard Webhooks does: whsec_…"))
    if wanted.provider == GatewayProvider.IMAP:
        if not _IMAP.fullmatch(wanted.endpoint):
            yield Problem("endpoint", _("Write the server as imaps://imap.city.example:993/INBOX."))
        if not wanted.account or not has_secret:
            yield Problem("account", _("Write the account's name and its password."))
    elif wanted.endpoint:
        yield Problem("endpoint", _("Only a mailbox that is fetched has a server."))


def _address(kind: str, address: str) -> str:
    if kind == GatewayKind.EMAIL or _SERVICE.fullmatch(address) or _SHORT_CODE.fullmatch(address):
        return address
    try:
        number = phonenumbers.parse(address, city_in_scope().country)
    except phonenumbers.NumberParseException:
        return address
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def _is_address(kind: str, address: str) -> bool:
    if kind == GatewayKind.EMAIL:
        try:
            validate_email(address)
        except ValidationError:
            return False
        return True
    is_number = bool(re.fullmatch(r"\+[0-9]{7,15}", address))
    is_sender = bool(_SERVICE.fullmatch(address) or _SHORT_CODE.fullmatch(address))
    return is_number or (kind == GatewayKind.SMS and is_sender)


def _known_already() -> Conflict:
    return Conflict(_("This number or mailbox is entered already."), field="address")


def _note(row: Gateway, actor: Actor, detail: str) -> None:
    audit.note(
        what=AuditWhat.SETTING, label=f"{row.kind} {row.address}", actor=actor, detail=detail
    )
