"""Who may be calling: contacts by their number, and what they had to do with the city before."""

from __future__ import annotations

from dataclasses import dataclass

import phonenumbers
from django.utils.translation import gettext as _

from lamppost.cases.models import Case
from lamppost.cities.selectors import city_in_scope
from lamppost.contacts.models import CallBack, Interaction
from lamppost.kernel.refusals import Invalid
from lamppost.kernel.text import clean_line
from lamppost.people.choices import PointKind
from lamppost.people.contacts import find, normal
from lamppost.people.models import Contact

MOST_PEOPLE = 5
MOST_PAST = 5
_LONGEST = 40


def dialable(number: str) -> str:
    """Return ``number`` in the form numbers are kept in, E.164 where it can be dialed.

    Raises ``Invalid`` for what is too long to be a number.
    """
    number = clean_line(number)
    if len(number) > _LONGEST:
        raise Invalid(_("This is too long for a phone number."), field="address")
    return normal(PointKind.PHONE, number) if number else ""


def spoken_number(number: str) -> str:
    """Return ``number`` as people of the city read it out: national for its own country."""
    country = city_in_scope().country
    try:
        parsed = phonenumbers.parse(number, country)
    except phonenumbers.NumberParseException:
        return number
    home = phonenumbers.country_code_for_region(country)
    form = phonenumbers.PhoneNumberFormat
    kind = form.NATIONAL if parsed.country_code == home else form.INTERNATIONAL
    return str(phonenumbers.format_number(parsed, kind))


def people_with_number(number: str) -> list[Contact]:
    """Return who is known by this number, who has proven it first; five at most."""
    return find(phone=number, limit=MOST_PEOPLE) if number else []


@dataclass(frozen=True, slots=True)
class Past:
    """What there was with a caller: cases and interactions, newest first, open promises."""

    cases: list[Case]
    interactions: list[Interaction]
    call_backs: list[CallBack]


def past_of(interaction: Interaction) -> Past:
    """Return the history of who is calling: of the contact, else of the number.

    Five queries at most.

    An anonymous caller without a number has none.
    """
    if interaction.contact_id is not None:
        same = Interaction.objects.filter(contact_id=interaction.contact_id)
        cases = Case.objects.filter(contact_id=interaction.contact_id)
        promised = CallBack.objects.filter(contact_id=interaction.contact_id)
    elif interaction.address:
        known = [contact.pk for contact in people_with_number(interaction.address)]
        same = Interaction.objects.filter(address=interaction.address)
        cases = Case.objects.filter(contact_id__in=known)
        promised = CallBack.objects.filter(phone=interaction.address)
    else:
        return Past([], [], [])
    before = same.exclude(pk=interaction.pk).select_related("disposition", "agent")
    return Past(
        cases=list(cases.order_by("-requested_at", "-id")[:MOST_PAST]),
        interactions=list(before.order_by("-offered_at", "-id")[:MOST_PAST]),
        call_backs=list(
            promised.filter(done_at=None, given_up_at=None).order_by("due_at")[:MOST_PAST]
        ),
    )
