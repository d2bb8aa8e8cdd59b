"""In which language we write back, and what we say by ourselves."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from lamppost.cities.selectors import city_in_scope, languages_of
from lamppost.contacts.talk.scripts import language_by_script
from lamppost.kernel.text import in_language
from lamppost.people.models import Contact

# Latin letters that only Vietnamese is written with.
_VIETNAMESE = re.compile(r"[ăđơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ]", re.IGNORECASE)
_LETTER = re.compile(r"[^\W\d_]")
_SHARE = 0.2
_SHARE_OF_MARKS = 0.05


def language_of(text: str, *, said: str = "", contact: Contact | None = None) -> str:
    """Return the language of the city to answer in, '' when nothing tells.

    What the words are written with comes first, then what the contact chose, then what the
    mail's headers say (``said``).
    """
    offered = languages_of(city_in_scope())
    by_letters = language_by_script(text, offered, share=_SHARE) or _by_marks(text)
    for wanted in (by_letters, contact.language if contact else "", said):
        found = _offered(wanted, offered)
        if found:
            return found
    return ""


def _by_marks(text: str) -> str:
    marks = len(_VIETNAMESE.findall(text))
    return "vi" if marks > _SHARE_OF_MARKS * len(_LETTER.findall(text)) else ""


def _offered(wanted: str, offered: Sequence[str]) -> str:
    base = wanted.lower().split("-")[0]
    if not base:
        return ""
    exact = [code for code in offered if code.lower() == wanted.lower()]
    near = [code for code in offered if code.lower().split("-")[0] == base]
    return (exact or near or [""])[0]


def city_name() -> str:
    """Return what the city is called in the active language."""
    city = city_in_scope()
    return in_language(city.name, get_language() or "", city.default_language)


def received_subject(reference: str) -> str:
    """Return the subject of the first automatic answer."""
    return _("We have your mail: %(reference)s") % {"reference": reference}


def received_text(reference: str, due_at: datetime, *, danger: str) -> str:
    """Return the first automatic answer: what to do in danger, the number, by when we answer."""
    city = city_in_scope()
    day = date_format(timezone.localtime(due_at, city.zone), "DATE_FORMAT")
    parts = [danger] if danger else []
    parts += [
        _("Thank you for writing to %(city)s. Your mail has the number %(reference)s.")
        % {"city": city_name(), "reference": reference},
        _("A person will answer it, by %(day)s at the latest.") % {"day": day},
        _("To add something, answer this mail. To ask about something else, write a new one."),
    ]
    if not danger:
        number = city.emergency_number
        parts.append(
            _("This mailbox is not for emergencies: call %(number)s.") % {"number": number}
        )
    return "\n\n".join(parts)


def added_text(number: str, *, danger: str, not_taken: Sequence[str]) -> str:
    """Return what is answered to an addition to a case when there is something to say."""
    parts = [danger] if danger else []
    parts.append(_("What you wrote was added to request %(number)s.") % {"number": number})
    if not_taken:
        parts.append(not_taken_text(not_taken))
    return "\n\n".join(parts)


def not_taken_text(names: Sequence[str]) -> str:
    """Return that these attachments could not be put on the public record."""
    shown = ", ".join(names[:10])
    return _(
        "We can add photos only. These attachments were not added to the request: %(names)s."
    ) % {"names": shown}
