"""The demo's contact center: its last weeks of calls, agents' days, a surge, a few promises."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import phonenumbers
from django.contrib.auth.hashers import make_password
from django.db import transaction

from lamppost.cases.models import Case
from lamppost.catalog.choices import CaseKind, Channel
from lamppost.cities.models import City
from lamppost.contacts.choices import (
    AgentStateKind,
    CallStep,
    CaseTie,
    DispositionKind,
    InteractionEnd,
    TransferKind,
)
from lamppost.contacts.models import (
    AgentState,
    Call,
    CallBack,
    Disposition,
    Handover,
    Interaction,
    InteractionAnswer,
    InteractionCase,
    Surge,
    SurgeText,
)
from lamppost.contacts.services.line import SHORT_ABANDON
from lamppost.contacts.services.monitoring import draw_last_week
from lamppost.insight.models import ChannelCost
from lamppost.insight.services.center_counts import rebuild_center
from lamppost.knowledge.models import Article
from lamppost.people.choices import Role
from lamppost.people.models import Membership, User
from lamppost.simulator.calls import Desk, PastCall, Wish, day_of_calls, spans_of
from lamppost.simulator.profile import Profile, Way

DAYS = 35
_SURGE_AGO = 16
_SURGE_FACTOR = 4
_MOST = 6000
_COLLEAGUES = ("Alma Reyes", "Jonas Beck", "Mei Lin", "Tariq Aziz")
_OPEN, _CLOSE = time(8), time(18)
# What calls without a case of their own are about: parts by kind of coding.
_ABOUT = {
    DispositionKind.INFORMATION: 0.5,
    DispositionKind.STATUS: 0.26,
    DispositionKind.DIRECTORY: 0.12,
    DispositionKind.TRANSFER: 0.04,
    DispositionKind.NOT_OURS: 0.03,
    DispositionKind.NOBODY: 0.03,
    DispositionKind.COMPLAINT: 0.01,
    DispositionKind.CALL_BACK: 0.005,
    DispositionKind.EMERGENCY: 0.005,
}
_CODED = 0.97
_SAME_CALLER = 0.15
_DEFLECTED = 0.3
_PER_CALL = Decimal("2.20")


@dataclass
class _Made:
    """What is drawn and not yet written."""

    calls: list[Interaction]
    ties: list[InteractionCase]
    answers: list[InteractionAnswer]
    handovers: list[Handover]
    promises: list[CallBack]
    heard: list[Call]
    states: list[AgentState]


def fill_center(
    city: City,
    profile: Profile,
    *,
    seed: int,
    now: datetime,
    is_holiday: Callable[[date], bool],
) -> int:
    """Give the demo city in scope its calls of the last 35 days; return how many.

    Every case that came by phone in that time gets its call, the others ask, want a number or
    hang up. All or nothing, and once: a center that has interactions is left alone, as is one
    whose pack has no dispositions. The same seed and moment give the same calls.
    """
    codes = {DispositionKind(one.kind): one for one in Disposition.objects.filter(is_active=True)}
    if Interaction.objects.exists() or DispositionKind.INFORMATION not in codes:
        return 0
    center = _Center(city, profile, codes, seed=seed, now=now)
    with transaction.atomic():
        made = center.weeks(is_holiday)
        _write(made)
        _costs(city, now, len(made.calls))
        rebuild_center(now=now)
        draw_last_week(now=now)
    return len(made.calls)


class _Center:
    def __init__(
        self,
        city: City,
        profile: Profile,
        codes: dict[DispositionKind, Disposition],
        *,
        seed: int,
        now: datetime,
    ) -> None:
        self.zone, self.now, self.codes = city.zone, now, codes
        self.dice = Random(f"calls {seed}")  # noqa: S311 - repeatable, not secret
        self.way = _phone_way(profile)
        self.languages = profile.phrases.languages
        self.agents = _agents()
        self.articles = list(
            Article.objects.filter(is_active=True, current__isnull=False)
            .order_by("order", "code")
            .values_list("code", "current_id")
        )
        example = phonenumbers.example_number(city.country)
        self.number = (
            phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164)
            if example
            else "+00000000"
        )
        self.emergency_number = city.emergency_number
        self.callers: list[str] = []
        since = now - timedelta(days=DAYS)
        self.cases = list(
            Case.objects.filter(channel=Channel.PHONE, requested_at__gte=since)
            .order_by("requested_at", "id")
            .only("id", "kind", "language", "service_id", "requested_at")[: _MOST // 2]
        )
        self.made = _Made([], [], [], [], [], [], [])

    def weeks(self, is_holiday: Callable[[date], bool]) -> _Made:
        """Draw every day up to now."""
        today = self.now.astimezone(self.zone).date()
        others = max(60, len(self.cases))
        for ago in range(DAYS, -1, -1):
            day = today - timedelta(days=ago)
            is_closed = day.weekday() >= 5 or is_holiday(day)
            if not is_closed:
                self._day(day, others / (DAYS * 5 / 7), is_surge=_is_surge_day(today, day))
        return self.made

    def _day(self, day: date, count: float, *, is_surge: bool) -> None:
        begins = datetime.combine(day, _OPEN, self.zone)
        ends = min(datetime.combine(day, _CLOSE, self.zone), self.now)
        if ends <= begins:
            return
        wishes = self._wishes(day, count * (_SURGE_FACTOR if is_surge else 1), ends)
        surge = self._surge(begins, ends) if is_surge else None
        if surge is not None:
            wishes = [one for one in wishes if one.subject is not None or not self._hears(one)]
        desks = list(self._desks(day, begins, ends))
        for past in day_of_calls(wishes, desks, self.dice):
            self._keep(past)
        for desk in desks:
            for kind, began, ended in spans_of(desk):
                if began < self.now:
                    self.made.states.append(
                        AgentState(
                            agent_id=desk.agent, kind=AgentStateKind(kind), since=began,
                            until=min(ended, self.now),
                        )
                    )  # fmt: skip

    def _wishes(self, day: date, count: float, ends: datetime) -> list[Wish]:
        weights = list(self.way.hours)
        drawn = max(0, round(self.dice.gauss(count, count**0.5)))
        hours = self.dice.choices(range(24), weights=weights, k=drawn)
        moments = [
            datetime.combine(day, time(hour), self.zone)
            + timedelta(seconds=self.dice.uniform(0, 3600))
            for hour in hours
        ]
        wishes = [Wish(one) for one in moments]
        for case in self.cases:
            if case.requested_at.astimezone(self.zone).date() == day:
                wishes.append(Wish(case.requested_at - timedelta(seconds=60), case))
        first = datetime.combine(day, _OPEN, self.zone)
        return sorted((one for one in wishes if first <= one.at < ends), key=lambda one: one.at)

    def _desks(self, day: date, begins: datetime, ends: datetime) -> Iterator[Desk]:
        """Three of the agents, by turns; the first two from the morning, one later."""
        shift = day.toordinal() % len(self.agents)
        for place in range(min(3, len(self.agents))):
            agent = self.agents[(shift + place) % len(self.agents)]
            starts = begins + timedelta(hours=2 * (place == 2))
            if starts < ends:
                lunch = starts + timedelta(hours=3.5, minutes=45 * place)
                yield Desk(agent, starts, min(ends, starts + timedelta(hours=9)), lunch)

    def _keep(self, past: PastCall) -> None:
        if past.ended > self.now or (past.wrapped and past.wrapped > self.now):
            return
        case = past.wish.subject if isinstance(past.wish.subject, Case) else None
        if past.answered is None and case is not None:
            return  # a case was filed, so somebody answered: the next call of it did
        row = Interaction(
            channel=Channel.PHONE, language=case.language if case else self._language(),
            address=self._caller(), agent_id=past.agent, offered_at=past.wish.at,
            answered_at=past.answered, ended_at=past.ended, wrapped_at=past.wrapped,
            hold_seconds=past.hold_seconds, end=_end(past),
        )  # fmt: skip
        self.made.calls.append(row)
        if past.answered is None:
            return
        row.needs_interpreter = bool(row.language) and self.dice.random() < 0.02
        self._about(row, case)

    def _about(self, row: Interaction, case: Case | None) -> None:
        if case is not None:
            is_request = case.kind == CaseKind.SERVICE_REQUEST
            row.service_id = case.service_id
            self._tie(row, case, CaseTie.FILED if is_request else CaseTie.ANSWERED)
            kind = DispositionKind.REQUEST if is_request else DispositionKind.INFORMATION
        else:
            kind = self.dice.choices(list(_ABOUT), weights=list(_ABOUT.values()))[0]
        if kind is DispositionKind.INFORMATION and self.articles:
            place = int(len(self.articles) * self.dice.random() ** 2)
            code, version = self.articles[place]
            self.made.answers.append(
                InteractionAnswer(
                    interaction=row,
                    article_code=code,
                    version_id=version,
                    at=row.ended_at or row.offered_at,
                )
            )
        self._consequences(row, kind)
        code_row = self.codes.get(kind) or self.codes[DispositionKind.INFORMATION]
        if self.dice.random() < _CODED:
            row.disposition, row.coded_at = code_row, row.ended_at

    def _consequences(self, row: Interaction, kind: DispositionKind) -> None:
        ended = row.ended_at or row.offered_at
        if kind is DispositionKind.STATUS:
            known = [one for one in self.cases[:50] if one.requested_at < row.offered_at]
            if known:
                case = self.dice.choice(known)
                row.service_id = case.service_id
                self._tie(row, case, CaseTie.ASKED)
        elif kind in {DispositionKind.TRANSFER, DispositionKind.EMERGENCY}:
            is_emergency = kind is DispositionKind.EMERGENCY
            self.made.handovers.append(
                Handover(
                    interaction=row, at=ended, by_id=row.agent_id, to_name=self.emergency_number
                    if is_emergency else "Records",
                    kind=TransferKind.EMERGENCY if is_emergency else TransferKind.WARM,
                )
            )  # fmt: skip
        elif kind is DispositionKind.CALL_BACK:
            due = ended + timedelta(hours=2)
            done = ended + timedelta(minutes=self.dice.uniform(20, 140))
            self.made.promises.append(
                CallBack(
                    interaction=row, phone=row.address or self.number, language=row.language,
                    promised_by_id=row.agent_id, promised_at=ended, due_at=due, tries=1,
                    done_at=done if done < self.now else None,
                    breached_at=due if due < min(done, self.now) else None,
                )
            )  # fmt: skip

    def _tie(self, row: Interaction, case: Case, tie: CaseTie) -> None:
        self.made.ties.append(
            InteractionCase(interaction=row, case=case, tie=tie, at=row.ended_at or row.offered_at)
        )

    def _surge(self, begins: datetime, ends: datetime) -> Surge | None:
        text = SurgeText.objects.filter(is_active=True).first()
        if text is None:
            return None
        return Surge.objects.create(
            message=text.message, topic_article=text.article, started_at=begins,
            ends_at=ends, ended_at=ends,
        )  # fmt: skip

    def _hears(self, wish: Wish) -> bool:
        """On the line the message is heard first; some need nobody after it."""
        is_helped = self.dice.random() < _DEFLECTED
        ended = wish.at + timedelta(seconds=self.dice.uniform(15, 45))
        row = None
        if is_helped:
            row = Interaction(
                channel=Channel.PHONE, language=self._language(), address=self._caller(),
                offered_at=wish.at, ended_at=ended, end=InteractionEnd.DEFLECTED,
            )  # fmt: skip
            self.made.calls.append(row)
        self.made.heard.append(
            Call(
                provider_id=f"demo-{len(self.made.heard)}", step=CallStep.ENDED, began_at=wish.at,
                ended_at=ended, heard_surge=True, interaction=row,
            )
        )  # fmt: skip
        return is_helped

    def _language(self) -> str:
        return self.dice.choices(list(self.languages), weights=list(self.languages.values()))[0]

    def _caller(self) -> str:
        """A number out of use whose last four digits vary; some call again, some hide it."""
        luck = self.dice.random()
        if luck < 0.1:
            return ""
        if luck < 0.1 + _SAME_CALLER and self.callers:
            return self.dice.choice(self.callers[-400:])
        self.callers.append(f"{self.number[:-4]}{self.dice.randrange(10_000):04}")
        return self.callers[-1]


def _phone_way(profile: Profile) -> Way:
    return max(profile.ways.values(), key=lambda way: way.channels.get(Channel.PHONE, 0.0))


def _is_surge_day(today: date, day: date) -> bool:
    """The first working day at least so many days ago."""
    ago = today - timedelta(days=_SURGE_AGO)
    return day == ago - timedelta(days=max(0, ago.weekday() - 4))


def _end(past: PastCall) -> InteractionEnd:
    if past.answered is not None:
        return InteractionEnd.ANSWERED
    is_short = past.ended - past.wish.at < SHORT_ABANDON
    return InteractionEnd.SHORT if is_short else InteractionEnd.ABANDONED


def _agents() -> list[int]:
    """The demo's call-taker and colleagues nobody can sign in as."""
    password = make_password(None)
    for number, name in enumerate(_COLLEAGUES, start=2):
        user, _made = User.objects.get_or_create(
            email=f"agent-{number}@demo.example", defaults={"name": name, "password": password}
        )
        Membership.objects.get_or_create(user=user, defaults={"role": Role.AGENT})
    members = Membership.objects.filter(role=Role.AGENT, is_active=True).order_by("user_id")
    return list(members.values_list("user_id", flat=True))


def _write(made: _Made) -> None:
    """Write everything in a handful of statements; the others point at calls written first."""
    Interaction.objects.bulk_create(made.calls, batch_size=1000)
    pointing: tuple[Any, ...] = (
        (InteractionCase, made.ties),
        (InteractionAnswer, made.answers),
        (Handover, made.handovers),
        (CallBack, made.promises),
        (Call, [one for one in made.heard if one.interaction is not None]),
    )
    for model, rows in pointing:
        for row in rows:
            row.interaction_id = row.interaction.pk
        model.objects.bulk_create(rows, batch_size=1000)
    Call.objects.bulk_create(one for one in made.heard if one.interaction is None)
    AgentState.objects.bulk_create(made.states, batch_size=1000)


def _costs(city: City, now: datetime, calls: int) -> None:
    """A cost for the month before and this one, near the published cost of a call."""
    month = now.astimezone(city.zone).date().replace(day=1)
    before = (month - timedelta(days=1)).replace(day=1)
    amount = (_PER_CALL * calls / 2).quantize(Decimal("0.01"))
    ChannelCost.objects.bulk_create(
        ChannelCost(month=one, channel=Channel.PHONE, amount=amount, entered_at=now)
        for one in (before, month)
    )
