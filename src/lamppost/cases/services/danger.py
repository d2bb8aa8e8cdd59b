"""Words of danger: what stops a report whose answers did not. See docs/decisions/0023."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.utils import timezone, translation
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from lamppost.cases.choices import DiversionSource, EventKind, OnDanger
from lamppost.cases.models import Case, CaseEvent, Diversion
from lamppost.cases.reports import Report, Triage
from lamppost.cases.services.events import call_on
from lamppost.catalog.book import book
from lamppost.catalog.choices import Channel, Datatype, TriageOutcome
from lamppost.catalog.danger import Danger, look, shipped_languages
from lamppost.cities.selectors import city_in_scope, languages_of
from lamppost.people.actors import Actor
from lamppost.people.choices import NoticeKind, Role
from lamppost.people.notices import staff_of, tell

# Nobody waits at the other end of a mail, and nobody can be asked before it is kept.
_NEVER_HELD_BACK = frozenset({Channel.EMAIL})
_CENTER = frozenset({Role.AGENT, Role.SUPERVISOR})


def danger_in(text: str) -> Danger | None:
    """Return the danger these words tell of in any language there are words for, or None.

    Not only in those the city speaks: who smells gas writes in the own language on any page.
    """
    return look(text, shipped_languages()) if text.strip() else None


def words_of(report: Report) -> str:
    """Return what the reporter wrote: the description and answers in words, not those chosen."""
    service = book().services.get(report.service_code)
    asked = service.form("en") if service else ()
    free = {one.code for one in asked if one.datatype in (Datatype.STRING, Datatype.TEXT)}
    answers = (value for code, sent in report.answers.items() if code in free for value in sent)
    return "\n".join([report.description, *answers])


def heeded(triage: Triage, report: Report) -> Triage:
    """Return ``triage``, which accepts the report, as the report's own words change it.

    Stopped with what to tell the person; or accepted as a hazard, carrying the danger, where
    nothing is held back or the person said that nobody is in danger.
    """
    if report.on_danger is OnDanger.UNHEEDED or report.channel == Channel.IMPORT:
        return triage
    found = danger_in(words_of(report))
    if found is None:
        return triage
    if report.on_danger is OnDanger.SAID_SAFE or report.channel in _NEVER_HELD_BACK:
        told = told_of(found)
        return replace(triage, is_hazard=True, danger=found, text=told.text, heard_in=told.heard_in)
    return told_of(found)


def told_of(found: Danger) -> Triage:
    """Return the triage for words that mean danger, with what to tell the person.

    In the active language; where the words are in another language of the city, in that one
    too, on a second line: who is frightened writes in the own language.
    """
    texts = [_told(found)]
    heard = _language_of(found)
    active = get_language() or ""
    if heard and heard.split("-")[0] != active.split("-")[0]:
        with translation.override(heard):
            texts.append(_told(found))
    else:
        heard = ""
    return Triage(
        outcome=TriageOutcome(found.kind),
        text="\n".join(dict.fromkeys(texts)),
        danger=found,
        heard_in=heard,
    )


def stopped_by_words(text: str) -> Triage | None:
    """Return the triage when these words alone mean danger, for faces that ask early."""
    found = danger_in(text)
    return told_of(found) if found else None


def count_diversion(
    triage: Triage, *, channel: Channel | str, language: str, service_id: int | None
) -> int:
    """Write down that a report was stopped, without a word of it; return the row's id."""
    found = triage.danger
    made = Diversion.objects.create(
        at=timezone.now(),
        channel=channel,
        language=language,
        outcome=triage.outcome,
        service_id=service_id,
        rule_id=triage.rule_id,
        source=DiversionSource.WORDS if found else DiversionSource.ANSWER,
        what=found.what if found else "",
        heard_in=found.language if found else "",
    )
    return int(made.pk)


def noted(triage: Triage, report: Report) -> dict[str, Any]:
    """Return what the record of a filing keeps of a danger: codes, never words."""
    if triage.danger is None:
        return {}
    return {
        "danger": triage.danger.what,
        "danger_kind": triage.danger.kind,
        "said_safe": report.on_danger is OnDanger.SAID_SAFE,
    }


def tell_staff(case: Case, found: Danger, *, once_key: str) -> None:
    """Tell the center and the case's managers at once that somebody wrote of danger."""
    number, what = case.number, found.what
    people = [
        *staff_of(roles=_CENTER),
        *staff_of(roles={Role.MANAGER}, department_id=case.department_id),
    ]
    tell(
        {user.pk: user for user in people}.values(),
        NoticeKind.DANGER,
        subject=lambda: _("Words of danger, look at once: %(number)s") % {"number": number},
        text=lambda: (
            _("Somebody wrote what sounds like danger (%(what)s). Read it and act now.")
            % {"what": what}
        ),
        path=f"/desk/cases/{number}/",
        once_key=once_key,
        case_number=number,
        default_language=city_in_scope().default_language,
    )


def connect() -> None:
    """Read for danger what residents add to a case, and why they say it is not fixed."""
    call_on(EventKind.RESIDENT_COMMENT, heed_comment)
    call_on(EventKind.REDRESS, heed_comment)


def heed_comment(case: Case, event: CaseEvent, actor: Actor) -> None:
    """Read what a resident added to a case: danger in it is told to the staff at once."""
    if actor.is_staff or actor.is_system:
        return
    written = getattr(event, "words", None)
    found = danger_in(written.text) if written else None
    if found is not None:
        tell_staff(case, found, once_key=f"danger-{case.pk}-{event.pk}")


def _language_of(found: Danger) -> str:
    """The city's language the words are in; '' when the city does not speak it."""
    base = found.language.split("-")[0]
    spoken = languages_of(city_in_scope())
    return next((tag for tag in spoken if tag.split("-")[0] == base), "")


def _told(found: Danger) -> str:
    city = city_in_scope()
    if found.kind == TriageOutcome.CRISIS:
        text = _(
            "You are not alone. Somebody trained for this listens day and night: call "
            "%(number)s. If somebody is in danger this moment, call %(emergency)s."
        ) % {
            "number": city.crisis_number or city.emergency_number,
            "emergency": city.emergency_number,
        }
        return text
    text = _("This sounds like danger. Do not wait for the city: call %(number)s now.") % {
        "number": city.emergency_number
    }
    return " ".join(part for part in (text, _advice(found.what)) if part)


def _advice(what: str) -> str:
    """One thing to do before anything else, where there is one that is always right."""
    if what == "gas":
        return _("Go outside first. Switch nothing on or off and light nothing.")
    if what == "wires":
        return _("Stay far away from the wires and whatever touches them.")
    if what == "monoxide":
        return _("Go outside into fresh air first, everybody.")
    if what in {"fire", "explosion"}:
        return _("Get out and stay out.")
    return ""
