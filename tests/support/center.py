"""A contact center for tests with two cities: one row of every table an agent's call leaves."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from django.utils import timezone

from lamppost.cases.models import Case
from lamppost.contacts.models import (
    AgentState,
    CallBack,
    CenterRules,
    Disposition,
    Handover,
    Interaction,
    InteractionAnswer,
    InteractionCase,
    MonitoredContact,
    MonitoringQuestion,
    MonitoringScore,
    Shift,
    Surge,
    SurgeText,
)
from lamppost.insight.models import ChannelCost
from lamppost.insight.services.center_counts import rebuild_center
from lamppost.people.models import Membership, User
from tests.support.work import FOREIGN_ID, SECRET

_CODES = (
    ("answered", "information", "1", "Question answered"),
    ("filed", "request", "2", "Request filed"),
    ("emergency", "emergency", "9", "Sent to 911"),
)


def add_center(slug: str) -> None:
    """Let somebody have called: coded, tied to a case, passed on, to be called back."""
    is_foreign = slug == "shelbyville"
    pk = {"pk": FOREIGN_ID} if is_foreign else {}
    words = SECRET if is_foreign else slug
    now = timezone.now()
    codes = [
        Disposition.objects.create(code=code, name={"en": name}, kind=kind, key=key, order=order)
        for order, (code, kind, key, name) in enumerate(_CODES)
    ]
    CenterRules.objects.create()
    member = Membership.objects.select_related("user").first()
    call = Interaction.objects.create(
        **pk,
        channel="phone",
        offered_at=now - timedelta(hours=1),
        answered_at=now - timedelta(hours=1),
        ended_at=now - timedelta(minutes=55),
        wrapped_at=now - timedelta(minutes=54),
        end="answered",
        disposition=codes[0],
        coded_at=now,
        note=f"note of {words}",
    )
    InteractionCase.objects.create(
        interaction=call, case=Case.objects.order_by("id")[0], tie="asked", at=now
    )
    InteractionAnswer.objects.create(interaction=call, article_code=f"seed-{slug}", at=now)
    Handover.objects.create(interaction=call, kind="warm", to_name=f"Office {words}", at=now)
    CallBack.objects.create(
        **pk,
        interaction=call,
        phone="+12155550177",
        about=f"about {words}",
        promised_at=now,
        due_at=now + timedelta(hours=2),
    )
    if member is not None:
        AgentState.objects.create(agent=member.user, kind="offline", since=now)
    _lead(call, pk, words, slug)


def _lead(call: Interaction, pk: dict[str, int], words: str, slug: str) -> None:
    """What who leads the center leaves: a contact looked at, a shift, a surge gone by, a cost."""
    now = timezone.now()
    agent = User.objects.create(email=f"agent@{slug}.example", name=f"Agent of {words}")
    question = MonitoringQuestion.objects.create(
        code="greeting", text={"en": f"Greeting {words}"}, points=2
    )
    drawn = MonitoredContact.objects.create(
        **pk, interaction=call, agent=agent, week=now.date(), drawn_at=now, comment=words
    )
    MonitoringScore.objects.create(monitored=drawn, question=question, points=1, of=2)
    AgentState.objects.create(agent=agent, kind="ready", since=now - timedelta(minutes=20))
    Shift.objects.create(
        **pk, agent=agent, starts_at=now - timedelta(hours=1), ends_at=now + timedelta(hours=1)
    )
    Surge.objects.create(
        **pk, message={"en": words}, started_at=now - timedelta(days=2),
        ended_at=now - timedelta(days=1),
    )  # fmt: skip
    SurgeText.objects.create(code="snow", name={"en": words}, message={"en": words})
    ChannelCost.objects.create(
        month=now.date().replace(day=1), channel="phone", amount=Decimal("12.50"), note=words,
        entered_at=now,
    )  # fmt: skip
    rebuild_center()
