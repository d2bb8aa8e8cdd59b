"""What a city's lines say and when somebody is there, in the active language."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from lamppost.cities.selectors import city_in_scope
from lamppost.contacts.models import AgentPhone, PhoneLine, SpokenLanguage
from lamppost.contacts.selectors.surge import current_surge
from lamppost.kernel.text import in_language
from lamppost.knowledge.selectors.articles import Shown, published, shown_versions
from lamppost.sla.promises import promises


def phone_line() -> PhoneLine:
    """Return the wording of the city in scope; an empty one where its pack has none."""
    return PhoneLine.objects.select_related("calendar").first() or PhoneLine()


def surge_words() -> str:
    """Return what a surge that is on says, '' when there is none."""
    surge = current_surge()
    return in_language(surge.message, get_language() or "en") if surge else ""


def text_welcome() -> str:
    """Return the first thing said to a number that never texted before."""
    city = city_in_scope()
    own = in_language(phone_line().sms_welcome, get_language() or "en")
    return own or _("%(city)s 311. In an emergency call %(number)s.") % {
        "city": in_language(city.name, get_language() or "en"),
        "number": city.emergency_number,
    }


def spoken_languages() -> list[SpokenLanguage]:
    """Return the languages a caller may choose, nine at most, in the order of their keys."""
    return list(SpokenLanguage.objects.order_by("order")[:9])


def featured_answers(*, limit: int) -> list[Shown]:
    """Return the articles the city features, in the active language; six queries at most."""
    ids = (
        published().filter(current__is_featured=True).order_by("code").values_list("pk", flat=True)
    )
    return list(shown_versions(list(ids[:limit]), language=get_language() or "en").values())


def phone_of_agent(user_id: int) -> str:
    """Return where an agent's telephone is called, '' when none is known."""
    row = AgentPhone.objects.filter(agent_id=user_id).values_list("phone", flat=True).first()
    return row or ""


def is_open(line: PhoneLine, now: datetime) -> bool:
    """Return whether agents are there at ``now``; without a calendar they always are."""
    if line.calendar_id is None:
        return True
    return promises().calendars[line.calendar_id].is_open(now)
