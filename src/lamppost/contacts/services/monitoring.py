"""Monitoring of quality: a few contacts of every agent and week, drawn by lot, looked at again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from random import SystemRandom

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from lamppost.cities.selectors import city_in_scope
from lamppost.contacts.models import (
    Interaction,
    MonitoredContact,
    MonitoringQuestion,
    MonitoringScore,
)
from lamppost.contacts.selectors.calls import SPOKEN
from lamppost.kernel.refusals import Conflict, Forbidden, Invalid, NotFound, Problem
from lamppost.kernel.text import clean_text
from lamppost.people import denials
from lamppost.people.actors import Actor
from lamppost.people.choices import NoticeKind
from lamppost.people.models import User
from lamppost.people.notices import tell
from lamppost.people.permissions import Permission, require

PER_WEEK = 3
MAX_TEXT = 4000
_WEEK = timedelta(days=7)


def draw_last_week(*, now: datetime) -> int:
    """Draw ``PER_WEEK`` answered contacts of each agent's last whole week; return how many.

    The week begins on Monday by the city's clock. Drawn once: an agent with a draw of that
    week is left alone. Nobody can know beforehand which ones.
    """
    zone = city_in_scope().zone
    today = now.astimezone(zone).date()
    monday = today - timedelta(days=today.weekday()) - _WEEK
    start = datetime.combine(monday, time.min, zone)
    stop = datetime.combine(monday + _WEEK, time.min, zone)
    drawn = 0
    with transaction.atomic():
        # One round at a time: two would draw twice.
        list(MonitoringQuestion.objects.select_for_update().order_by("id"))
        done = MonitoredContact.objects.filter(week=monday).values("agent_id")
        found: dict[int, list[int]] = {}
        rows = Interaction.objects.filter(
            offered_at__gte=start,
            offered_at__lt=stop,
            answered_at__isnull=False,
            ended_at__isnull=False,
            channel__in=SPOKEN,
            agent__isnull=False,
        ).exclude(agent_id__in=done)
        for agent_id, key in rows.order_by("id").values_list("agent_id", "id"):
            found.setdefault(agent_id or 0, []).append(key)
        for agent_id, keys in found.items():
            chosen = SystemRandom().sample(keys, min(PER_WEEK, len(keys)))
            MonitoredContact.objects.bulk_create(
                MonitoredContact(interaction_id=key, agent_id=agent_id, week=monday, drawn_at=now)
                for key in sorted(chosen)
            )
            drawn += len(chosen)
    return drawn


def review(
    *,
    monitored_id: int,
    scores: Mapping[str, int | None],
    comment: str,
    actor: Actor,
    now: datetime | None = None,
) -> MonitoredContact:
    """Write down what was found: points by question code, None where it did not apply.

    The agent is told. Raises ``Forbidden`` for one's own contact, ``Invalid`` for points out
    of range, a question missing, or none that applies; ``Conflict`` when it was looked at.
    """
    require(actor, Permission.CENTER_SUPERVISE)
    with denials.kept_to_the_end(), transaction.atomic():
        row = MonitoredContact.objects.select_for_update(of=("self",)).filter(pk=monitored_id)
        monitored = row.select_related("agent").first()
        if monitored is None:
            raise NotFound(_("This contact was not drawn."))
        if monitored.agent_id == actor.user_id:
            denials.keep(actor, Permission.CENTER_SUPERVISE, detail=f"monitored {monitored.pk}")
            raise Forbidden(_("Nobody looks at their own contacts."))
        if monitored.reviewed_at is not None:
            raise Conflict(_("This contact has been looked at."))
        given = _checked(scores)
        monitored.comment = _text(comment, "comment")
        monitored.reviewed_at = now or timezone.now()
        monitored.reviewed_by_id = actor.user_id
        monitored.save()
        MonitoringScore.objects.bulk_create(
            MonitoringScore(
                monitored=monitored, question=question, points=points, of=question.points
            )
            for question, points in given
        )
        _tell(monitored.agent, monitored.pk)
    return monitored


def answer(
    *, monitored_id: int, text: str, actor: Actor, now: datetime | None = None
) -> MonitoredContact:
    """Keep the agent's own word on what was found; once.

    Raises ``NotFound`` for what was not found of the actor, ``Invalid`` for nothing or too
    much text, ``Conflict`` for a second answer.
    """
    require(actor, Permission.CONSOLE_USE)
    with transaction.atomic():
        row = (
            MonitoredContact.objects.select_for_update(of=("self",))
            .filter(pk=monitored_id, agent_id=actor.user_id, reviewed_at__isnull=False)
            .first()
        )
        if row is None:
            raise NotFound(_("This contact was not drawn."))
        if row.answered_at is not None:
            raise Conflict(_("You have answered already."))
        row.answer = _text(text, "answer")
        if not row.answer:
            raise Invalid(_("Write your answer."), field="answer")
        row.answered_at = now or timezone.now()
        row.save(update_fields=["answer", "answered_at"])
    return row


def _checked(scores: Mapping[str, int | None]) -> list[tuple[MonitoringQuestion, int]]:
    problems, given = [], []
    for question in MonitoringQuestion.objects.filter(is_active=True):
        points = scores.get(question.code, -1)
        if points is None:
            continue
        if not 0 <= points <= question.points:
            problems.append(Problem(f"score_{question.code}", _("Choose the points.")))
        else:
            given.append((question, points))
    if problems:
        raise Invalid(problems)
    if not given:
        raise Invalid(_("At least one question applies."))
    return given


def _text(text: str, field: str) -> str:
    text = clean_text(text)
    if len(text) > MAX_TEXT:
        raise Invalid(_("Use at most %(limit)d characters.") % {"limit": MAX_TEXT}, field=field)
    return text


def _tell(agent: User, monitored_id: int) -> None:
    tell(
        [agent],
        NoticeKind.CENTER,
        subject=lambda: _("One of your contacts was looked at"),
        path="/console/quality/mine/",
        once_key=f"monitored-{monitored_id}",
    )
