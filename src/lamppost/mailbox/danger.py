"""Words of danger in a mail: nobody waits at the other end, so the mail says what to do."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from lamppost.catalog.danger import look
from lamppost.cities.selectors import city_in_scope, languages_of


@dataclass(frozen=True, slots=True)
class Heard:
    """What the words told of ('' for nothing), and what to answer in the active language."""

    what: str = ""
    told: str = ""


def heard_in(text: str) -> Heard:
    """Return the danger these words tell of, in any language of the city."""
    city = city_in_scope()
    found = look(text, languages_of(city)) if text.strip() else None
    if found is None:
        return Heard()
    told = _("This sounds like danger. Do not wait for the city: call %(number)s now.")
    return Heard(found.what, told % {"number": city.emergency_number})
