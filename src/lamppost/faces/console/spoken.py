"""Short sentences to a caller, in the agent's language and beside it in the caller's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import override

from lamppost.cities.selectors import city_in_scope


@dataclass(frozen=True, slots=True)
class Said:
    """Sentences in one language, with its BCP 47 tag."""

    language: str
    sentences: list[str]


def hold_the_line(own: str, caller: str) -> list[Said]:
    """Return what to say to somebody in danger while the emergency number is dialed."""
    number = city_in_scope().emergency_number
    said = []
    for language in _both(own, caller):
        with override(language):
            words = _("I am connecting you with %(number)s. Stay on the line.") % {"number": number}
            said.append(Said(language, [words]))
    return said


def we_call_back(due: datetime, own: str, caller: str) -> list[Said]:
    """Return the promise of a call back in words, with its day and time in the city."""
    said = []
    for language in _both(own, caller):
        with override(language):
            local = timezone.localtime(due, city_in_scope().zone)
            when = {
                "day": date_format(local, "DATE_FORMAT"),
                "time": date_format(local, "TIME_FORMAT"),
            }
            words = _("We will call you back on %(day)s by %(time)s.") % when
            said.append(Said(language, [words]))
    return said


def _both(own: str, caller: str) -> list[str]:
    return [own, *([caller] if caller and caller != own else [])]
