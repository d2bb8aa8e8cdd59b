"""What the public reads of free text: the words with personal data taken out, kept beside them.

Found by rules when text is written, put right by staff (``text_marks``). Kept, so that lists
and interfaces read one column: null where nothing had to be hidden.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

from lamppost.cases.models import Case
from lamppost.cities.selectors import city_in_scope
from lamppost.kernel.personal_data import Public, Span, find, hidden
from lamppost.kernel.phone import e164
from lamppost.people.models import Department

_KEEP_SECONDS = 30.0
_public: dict[int, tuple[float, Public]] = {}
_PROVIDERS: list[Callable[[], Iterable[str]]] = []


def also_public(provider: Callable[[], Iterable[str]]) -> None:
    """Have the phones and addresses ``provider`` gives for the city in scope stay readable.

    For what a floor above publishes: a directory of offices, the lines of the center.
    """
    if provider not in _PROVIDERS:
        _PROVIDERS.append(provider)


def public_form(text: str) -> str | None:
    """Return ``text`` as the public reads it; None where nothing has to be hidden."""
    return public_former()(text)


def public_former() -> Callable[[str], str | None]:
    """Return ``public_form`` for the city in scope, for use where there is no scope.

    It knows the city's country and offices of this moment and reads nothing more: for threads
    that may not touch the database.
    """
    country, public = city_in_scope().country, public_addresses()

    def form(text: str) -> str | None:
        spans = find(text, country=country, public=public) if text else []
        return hidden(text, spans) if spans else None

    return form


def found_in(text: str) -> list[Span]:
    """Return where rules find personal data in ``text``, by the city's country and offices."""
    return find(text, country=city_in_scope().country, public=public_addresses())


def describe(case: Case, text: str) -> None:
    """Give ``case`` these words of the reporter's; the caller saves it."""
    case.description = text
    case.public_description = public_form(text)


def word_status(case: Case, text: str) -> None:
    """Give ``case`` this sentence on how it stands; the caller saves it."""
    case.status_note = text
    case.public_note = public_form(text)


def public_addresses() -> Public:
    """Return what everybody may know in the city in scope, some seconds old at most."""
    city = city_in_scope()
    kept = _public.get(city.pk)
    if kept is None or time.monotonic() - kept[0] >= _KEEP_SECONDS:
        kept = (time.monotonic(), _read_public())
        _public[city.pk] = kept
    return kept[1]


def _read_public() -> Public:
    city = city_in_scope()
    known = [city.contact_phone, city.contact_email]
    for row in Department.objects.values_list("phone", "email"):
        known += row
    for provider in _PROVIDERS:
        known += provider()
    emails = {one.casefold() for one in known if "@" in one}
    phones = {e164(one, city.country) for one in known if one and "@" not in one}
    mail_domain = city.contact_email.rpartition("@")[2].casefold()
    return Public(
        phones=frozenset(one for one in phones if one),
        emails=frozenset(emails),
        domains=frozenset({mail_domain} - {""}),
    )
