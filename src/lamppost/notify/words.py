"""What is said in each notice: the words shipped, and the names a city's own may use.

A city words a notice itself in ``notices.yaml`` of its pack. ``{name}`` stands for what is
filled in; anything else in braces is refused by the check of packs.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from django.conf import settings
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from lamppost.cities.cache import CityCache, catalog_stamp
from lamppost.cities.models import City
from lamppost.cities.selectors import city_in_scope
from lamppost.notify.models import NoticeText

Words = str | Promise

_CASE = frozenset({"city", "number", "service", "place", "department", "status"})
_NAME = re.compile(r"\{(\w+)\}")
_BLANK_LINES = re.compile(r"\n{3,}")
_BLANKS = re.compile(r"[ \t]{2,}")


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing the city says. ``names`` are what may stand in braces; no ``sms``: never sent so.

    ``about`` says to who words it when it goes out.
    """

    code: str
    about: Words
    names: frozenset[str]
    subject: Words
    text: Words
    sms: Words = ""


@dataclass(frozen=True, slots=True)
class Said:
    """A notice in one language, filled in."""

    subject: str
    text: str
    sms: str


_ALL = (
    Notice(
        code="case_received",
        about=_("A report has come in"),
        names=_CASE | {"promise"},
        subject=_("We have your report: {service} #{number}"),
        text=_(
            "Thank you. Your report “{service}” has the number {number}. {department} takes care "
            "of it.\n{place}\n\n{promise}"
        ),
        sms=_("{city}: we have your report {number}, {service}. {promise}"),
    ),
    Notice(
        code="case_changed",
        about=_("The status has changed, or the work has begun"),
        names=_CASE | {"note"},
        subject=_("{status}: {service} #{number}"),
        text=_("Request {number}, {service}: {status}.\n{place}\n\n{note}"),
        sms=_("{city}: request {number}, {service}: {status}. {note}"),
    ),
    Notice(
        code="case_waiting",
        about=_("The city waits for something"),
        names=_CASE | {"note", "reason"},
        subject=_("On hold: {service} #{number}"),
        text=_(
            "Request {number}, {service}, is on hold: {reason}.\n{place}\n\n{note}\n\n"
            "If something is asked of you, open the page of the request and add it there."
        ),
        sms=_("{city}: request {number}, {service}, is on hold: {reason}. {note}"),
    ),
    Notice(
        code="case_news",
        about=_("The city has written something for everybody"),
        names=_CASE | {"note"},
        subject=_("News: {service} #{number}"),
        text=_("About request {number}, {service}:\n{place}\n\n{note}"),
        sms=_("{city}: request {number}: {note}"),
    ),
    Notice(
        code="case_closed",
        about=_("The request is closed"),
        names=_CASE | {"note", "outcome"},
        subject=_("Closed: {service} #{number}"),
        text=_(
            "Request {number}, {service}, is closed: {outcome}.\n{place}\n\n{note}\n\n"
            "If it is not as it should be, say so on the page of the request."
        ),
        sms=_("{city}: request {number}, {service}, is closed: {outcome}. {note}"),
    ),
    Notice(
        code="case_reopened",
        about=_("A closed request is open again"),
        names=_CASE | {"note"},
        subject=_("Open again: {service} #{number}"),
        text=_("Request {number}, {service}, is open again.\n{place}\n\n{note}"),
        sms=_("{city}: request {number}, {service}, is open again. {note}"),
    ),
    Notice(
        code="case_decided",
        about=_("The 311 center has found that it is indeed not fixed"),
        names=_CASE | {"note"},
        subject=_("The work goes on: {service} #{number}"),
        text=_(
            "The 311 center has looked at request {number}, {service}: it is not fixed, and the "
            "work goes on.\n\n{note}"
        ),
        sms=_("{city}: request {number}: it is not fixed, the work goes on. {note}"),
    ),
    Notice(
        code="case_late",
        about=_("The promised time has passed"),
        names=_CASE | {"due"},
        subject=_("Late: {service} #{number}"),
        text=_(
            "Request {number}, {service}, was to be done by {due}. It is not, and we are sorry. "
            "It stays open until it is done.\n{place}"
        ),
        sms=_("{city}: request {number} was to be done by {due}. It is late; we are sorry."),
    ),
    Notice(
        code="case_survey",
        about=_("After closing: is it as it should be?"),
        names=_CASE,
        subject=_("Is it fixed? {service} #{number}"),
        text=_(
            "Thank you for telling us about “{service}”. Is it as it should be now? Two questions, "
            "half a minute:"
        ),
        sms=_("{city}: thank you. Is {service} {number} fixed? Tell us:"),
    ),
    Notice(
        code="wide_new",
        about=_("A new request in an area or of a kind somebody watches"),
        names=_CASE,
        subject=_("New: {service} #{number}"),
        text=_("New request {number}: {service}.\n{place}"),
        sms=_("{city}: new request {number}, {service}. {place}"),
    ),
    Notice(
        code="wide_closed",
        about=_("A request in an area or of a kind somebody watches is closed"),
        names=_CASE | {"note", "outcome"},
        subject=_("Closed: {service} #{number}"),
        text=_("Request {number}, {service}, is closed: {outcome}.\n{place}\n\n{note}"),
        sms=_("{city}: request {number}, {service}, is closed: {outcome}."),
    ),
    Notice(
        code="article_changed",
        about=_("An answer somebody watches has changed"),
        names=frozenset({"city", "question"}),
        subject=_("Changed: {question}"),
        text=_("We have changed our answer to: {question}"),
        sms=_("{city}: our answer has changed: {question}"),
    ),
    Notice(
        code="confirm",
        about=_("Somebody wants messages: is it really you?"),
        names=frozenset({"city", "what"}),
        subject=_("Please confirm: messages from {city}"),
        text=_(
            "Somebody, we think you, asked {city} to write to you about: {what}\n\n"
            "If it was you, open the link. If not, do nothing: you will not hear from us again."
        ),
        sms=_(
            "{city}: to get messages about {what}, open the link. If it was not you, ignore this."
        ),
    ),
    Notice(
        code="digest",
        about=_("Once a day: everything that is new"),
        names=frozenset({"city", "day", "items"}),
        subject=_("{city}: what is new, {day}"),
        text=_("What is new in what you follow:\n\n{items}"),
        sms=_("{city}, {day}:\n{items}"),
    ),
)
NOTICES: dict[str, Notice] = {notice.code: notice for notice in _ALL}


def names_in(text: str) -> set[str]:
    """Return the names in braces in ``text``."""
    return set(_NAME.findall(text))


def said(code: str, language: str, values: Mapping[str, str]) -> Said:
    """Return the notice ``code`` in ``language`` with ``values`` filled in.

    The city's words where it has some in that language, else those shipped; where neither
    speaks the language, the city's default language. What has no value is left out.
    """
    city = city_in_scope()
    subject, text, sms = (_worded(code, part, language, city) for part in _PARTS)
    return Said(
        subject=" ".join(_filled(subject, values).split())[:300],
        text=_filled(text, values),
        sms=_BLANKS.sub(" ", _filled(sms, values)),
    )


_PARTS = ("subject", "text", "sms")


def _worded(code: str, part: str, language: str, city: City) -> str:
    own = _texts.get(city).get((code, part), {})
    for wanted in (language, city.default_language):
        for tag in (wanted.lower(), wanted.lower().partition("-")[0]):
            if own.get(tag):
                return own[tag]
        if _is_shipped(wanted):
            break
    with translation.override(wanted):
        return str(getattr(NOTICES[code], part))


def _is_shipped(language: str) -> bool:
    """Whether the software itself speaks ``language``."""
    shipped = {code for code, _name in settings.LANGUAGES}
    return language.lower() in shipped or language.lower().partition("-")[0] in shipped


def _filled(text: str, values: Mapping[str, str]) -> str:
    filled = _NAME.sub(lambda found: values.get(found[1], ""), text)
    lines = "\n".join(line.strip() for line in filled.split("\n"))
    return _BLANK_LINES.sub("\n\n", lines).strip()


def _load(_city: City) -> dict[tuple[str, str], dict[str, str]]:
    return {
        (row.code, part): getattr(row, part) for row in NoticeText.objects.all() for part in _PARTS
    }


_texts: CityCache[dict[tuple[str, str], dict[str, str]]] = CityCache(_load, catalog_stamp)
