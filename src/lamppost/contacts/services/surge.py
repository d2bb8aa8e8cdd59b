"""Surge mode: one switch, and home page, voice menu and SMS say the same at once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from lamppost.cities.selectors import city_in_scope, languages_of
from lamppost.contacts.models import Surge
from lamppost.kernel.refusals import Conflict, Invalid, NotFound, Problem
from lamppost.kernel.text import clean_line
from lamppost.knowledge.selectors.articles import published
from lamppost.people import audit, notices
from lamppost.people.actors import SYSTEM, Actor
from lamppost.people.choices import AuditWhat, NoticeKind, Role
from lamppost.people.permissions import Permission, require

# Read aloud in half a minute, and three SMS at most.
MOST_CHARACTERS = 450
_TOLD = (Role.AGENT, Role.SUPERVISOR, Role.DIRECTOR)


def switch_on(
    *,
    message: Mapping[str, str],
    actor: Actor,
    ends_at: datetime | None = None,
    article_code: str = "",
    now: datetime | None = None,
) -> Surge:
    """Switch surge mode on, with a text in every language of the city; return it.

    ``ends_at`` ends it by itself, ``article_code`` names the article that says more. Raises
    ``Invalid`` when a language has no text, one is too long, the end is past or residents
    cannot read the article, ``Forbidden`` without the right, and ``Conflict`` when a surge is
    on already.
    """
    require(actor, Permission.SURGE_SWITCH)
    now = now or timezone.now()
    texts = _checked(message)
    if article_code and not published().filter(code=article_code).exists():
        raise Invalid(_("Choose an article of the list."), field="article")
    if ends_at is not None and ends_at <= now:
        raise Invalid(_("The end must lie ahead."), field="ends_at")
    end_due_surges(now=now)
    try:
        with transaction.atomic():
            surge = Surge.objects.create(
                message=texts,
                topic_article=article_code,
                started_at=now,
                started_by_id=actor.user_id,
                ends_at=ends_at,
            )
            audit.note(what=AuditWhat.SETTING, label="surge", actor=actor, detail="on")
            _tell(surge, is_on=True)
    except IntegrityError:
        raise Conflict(_("Surge mode is on already. Switch it off first.")) from None
    return surge


def switch_off(*, surge_id: int, actor: Actor, now: datetime | None = None) -> Surge:
    """End a surge and return it. Raises ``NotFound``, ``Forbidden``, ``Conflict`` when it ended."""
    require(actor, Permission.SURGE_SWITCH)
    with transaction.atomic():
        surge = Surge.objects.select_for_update().filter(pk=surge_id).first()
        if surge is None:
            raise NotFound(_("This surge does not exist here."))
        if surge.ended_at is not None:
            raise Conflict(_("This surge has ended already."))
        _end(surge, at=now or timezone.now(), actor=actor)
    return surge


def end_due_surges(*, now: datetime) -> int:
    """Write down the end of surges whose time has passed; return how many. Safe to repeat."""
    with transaction.atomic():
        due = Surge.objects.select_for_update().filter(ended_at=None, ends_at__lte=now)
        ended = list(due)
        for surge in ended:
            _end(surge, at=surge.ends_at or now, actor=SYSTEM)
    return len(ended)


def _checked(message: Mapping[str, str]) -> dict[str, str]:
    texts = {code: clean_line(message.get(code, "")) for code in languages_of(city_in_scope())}
    problems = [
        Problem(f"message_{code}", _("Write the text in every language of the city."))
        for code, text in texts.items()
        if not text
    ]
    problems += [
        Problem(
            f"message_{code}",
            _("Too long: at most %(count)d characters fit a call and an SMS.")
            % {"count": MOST_CHARACTERS},
        )
        for code, text in texts.items()
        if len(text) > MOST_CHARACTERS
    ]
    if problems:
        raise Invalid(problems)
    return texts


def _end(surge: Surge, *, at: datetime, actor: Actor) -> None:
    surge.ended_at, surge.ended_by_id = at, actor.user_id
    surge.save(update_fields=["ended_at", "ended_by"])
    audit.note(what=AuditWhat.SETTING, label="surge", actor=actor, detail="off")
    _tell(surge, is_on=False)


def _tell(surge: Surge, *, is_on: bool) -> None:
    notices.tell(
        notices.staff_of(roles=_TOLD),
        NoticeKind.CENTER,
        subject=lambda: _("Surge mode is on") if is_on else _("Surge mode is off"),
        path="/console/surge/",
        once_key=f"surge:{surge.pk}:{'on' if is_on else 'off'}",
    )
