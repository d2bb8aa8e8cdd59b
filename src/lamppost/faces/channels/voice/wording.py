"""What the line says, in the active language, and in which voice."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from lamppost.cities.models import City
from lamppost.cities.selectors import city_in_scope
from lamppost.contacts.models import PhoneLine, SpokenLanguage
from lamppost.contacts.selectors.city_world import endonym
from lamppost.contacts.selectors.queue_wait import LONGEST_SAID, Wait
from lamppost.faces.channels.twiml import Voice
from lamppost.kernel.text import in_language


def voice_of(language: str, spoken: Sequence[SpokenLanguage], city: City) -> Voice:
    """Return the voice for a language; one nobody set up is named by language and country."""
    for one in spoken:
        if language in {one.code, one.code.split("-")[0]}:
            return Voice(one.tag, one.voice)
    return Voice(f"{language.split('-')[0]}-{city.country}")


def emergency(city: City) -> str:
    """Say that this is not for emergencies."""
    return _("If this is an emergency, hang up and dial %(number)s.") % {
        "number": " ".join(city.emergency_number)
    }


def choose_language(code: str, key: int) -> str:
    """Offer one language, in itself."""
    with translation.override(code):
        return _("For %(language)s, press %(key)d.") % {"language": endonym(code), "key": key}


def welcome(city: City, line: PhoneLine) -> str:
    """Greet the caller."""
    own = in_language(line.welcome, get_language() or "en")
    name = in_language(city.name, get_language() or "en")
    return own or _("You have reached %(city)s 311.") % {"city": name}


def menu(*, has_answers: bool) -> str:
    """Say the keys of the menu."""
    return " ".join(
        [
            _("To report a problem or speak with an agent, press 1."),
            _("To hear how a request stands, press 2."),
            _("For answers to frequent questions, press 3.") if has_answers else "",
            _("For another language, press star."),
        ]
    )


def closed(line: PhoneLine) -> str:
    """Say that nobody is there now."""
    own = in_language(line.closed, get_language() or "en")
    return own or _("Our agents are not here now. Requests can be made on the web at any time.")


def offer_call_back() -> str:
    """Offer to call back."""
    return _("To be called back and keep your place, press 1.")


def place_in_queue(wait: Wait) -> str:
    """Say the place in the queue, and the wait where it can be told."""
    said = _("You are number %(place)d in line.") % {"place": wait.place}
    if wait.minutes is None:
        return said
    if wait.minutes >= LONGEST_SAID:
        return f"{said} {_('The wait may be more than an hour.')}"
    if wait.minutes == 1:
        return f"{said} {_('The wait is about a minute.')}"
    minutes = _("The wait is about %(minutes)d minutes.") % {"minutes": wait.minutes}
    return f"{said} {minutes}"


def call_back_promised(due: datetime, digits: str) -> str:
    """Say that the call back is promised, to which number and by when, by the city's clock."""
    return _("We will call you back at %(number)s by %(time)s. Goodbye.") % {
        "number": " ".join(digits),
        "time": date_format(timezone.localtime(due, city_in_scope().zone), "DATETIME_FORMAT"),
    }
