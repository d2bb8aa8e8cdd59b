"""Contacts drawn by lot: what waits to be looked at, what was found, how often by question."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Prefetch, Sum

from lamppost.contacts.models import MonitoredContact, MonitoringQuestion, MonitoringScore

MOST = 100
LOOK_BACK = timedelta(weeks=13)


def questions() -> list[MonitoringQuestion]:
    """Return the form in use."""
    return list(MonitoringQuestion.objects.filter(is_active=True))


def to_look_at(user_id: int | None) -> list[MonitoredContact]:
    """Return what was drawn and not looked at, without the reader's own; one query."""
    rows = MonitoredContact.objects.filter(reviewed_at=None).exclude(agent_id=user_id)
    return list(
        rows.select_related("agent", "interaction__disposition", "interaction__service").order_by(
            "-week", "agent__name", "id"
        )[:MOST]
    )


def looked_at(
    *, agent_id: int | None = None, exclude_agent: int | None = None
) -> list[MonitoredContact]:
    """Return what was found, the newest first, of one agent or of all; two queries."""
    rows = MonitoredContact.objects.filter(reviewed_at__isnull=False)
    if agent_id is not None:
        rows = rows.filter(agent_id=agent_id)
    if exclude_agent is not None:
        rows = rows.exclude(agent_id=exclude_agent)
    scores = MonitoringScore.objects.select_related("question").order_by("question__order", "id")
    return list(
        rows.select_related(
            "agent", "reviewed_by", "interaction__disposition", "interaction__service"
        )
        .prefetch_related(Prefetch("scores", queryset=scores))
        .order_by("-reviewed_at", "-id")[:MOST]
    )


@dataclass(frozen=True, slots=True)
class QuestionFigure:
    """One question: the points it got of those possible, from the sums over all contacts."""

    code: str
    text: Mapping[str, str]
    points: int
    of: int


def by_question(*, since: date) -> list[QuestionFigure]:
    """Return the points of each question of the weeks since ``since``; two queries."""
    rows = (
        MonitoringScore.objects.filter(monitored__week__gte=since)
        .values("question_id")
        .annotate(points_sum=Sum("points"), of_sum=Sum("of"))
        .order_by("question__order", "question_id")
    )
    known = MonitoringQuestion.objects.in_bulk()
    return [
        QuestionFigure(
            known[row["question_id"]].code,
            known[row["question_id"]].text,
            row["points_sum"],
            row["of_sum"],
        )
        for row in rows
    ]
