"""The center's figures against a morning worked out by hand, and counts against counting anew."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from lamppost.catalog.choices import Channel
from lamppost.cities.models import City
from lamppost.contacts.models import Interaction, Shift
from lamppost.contacts.services.coding import code
from lamppost.contacts.tests.scene import later as T
from lamppost.contacts.tests.scene import make_dispositions
from lamppost.database.scope import city_scope
from lamppost.insight.center import mean
from lamppost.insight.models import AgentHalfHour, CenterCoding, CenterHalfHour
from lamppost.insight.period import Period
from lamppost.insight.selectors import center_export
from lamppost.insight.selectors.center import (
    agent_totals,
    agents_by,
    center_figures,
    codings,
    contact_totals,
    contacts_by,
    first_contact,
)
from lamppost.insight.selectors.center_costs import channel_costs, channel_months
from lamppost.insight.services.center_costs import enter_cost
from lamppost.insight.services.center_counts import rebuild_center, refresh_center
from lamppost.insight.tests.center_scene import play
from lamppost.kernel.refusals import Forbidden, Invalid
from lamppost.people.actors import Actor
from lamppost.people.choices import Role

pytestmark = pytest.mark.django_db
DAY = date(2026, 3, 10)
MORNING = Period(DAY, DAY)
MakeActor = Callable[..., Actor]


@pytest.fixture
def ana(actor: MakeActor) -> Actor:
    return actor(Role.AGENT, "center", "Ana")


@pytest.fixture
def morning(city: City, ana: Actor, actor: MakeActor) -> None:
    """The twelve contacts, counted."""
    make_dispositions()
    play(ana, actor(Role.AGENT, "center", "Olga"))
    refresh_center()


def stored() -> list[list[Any]]:
    """Everything the tables of counts hold, without row ids."""
    found = []
    for table in (CenterHalfHour, CenterCoding, AgentHalfHour):
        names = [one.name for one in table._meta.fields if one.name not in {"id", "city"}]
        found.append(sorted(table.objects.values_list(*names), key=str))
    return found


# What the twelve contacts come to, worked out by hand from the comments of the scene.
KEY: dict[str, tuple[str | None, int | None]] = {
    "offered": ("8", None),  # 1 3 5 6 7 8 12 answered, 4 abandoned
    "answered": ("7", None),
    "abandoned": ("1", None),
    "abandon_rate": ("0.1250", 8),
    "short_abandoned": ("1", None),
    "service_level": ("0.5714", 7),  # 8 20 5 8 in time; 21 and 30 not, and one gave up
    "speed_of_answer": ("15.33", 6),  # 92 seconds; 12 was begun by hand
    "abandon_wait": ("45.00", 1),
    "handle_time": ("179.29", 7),  # (1080 + 30 + 145) / 7
    "talk_time": ("154.29", 7),
    "hold_time": ("4.29", 7),
    "wrap_time": ("20.71", 7),
    "coded": ("0.8571", 7),  # all but 6
    "passed_on": ("0.1429", 7),
    "emergencies": ("1", None),
    "interpreted": ("0", None),
    "deflected": ("1", None),
    "occupancy": ("0.2898", 5400),  # (1410 + 155) / 5400
    "adherence": (None, 0),  # no shifts are planned
    "agents_on": ("0.06", None),  # 5400 of 86400 seconds
    "first_contact": ("0.4000", 5),  # 3 and 8 of 1 3 5 7 8: 1 called again
    "information_contacts": ("4", None),  # 1 3 8 11
    "request_contacts": ("1", None),
    "call_backs_kept": (None, 0),
    "surge_deflection": (None, 0),
    "diversions": ("1", None),
    "spared_reports": ("0", None),
}


def test_the_morning_comes_to_what_was_worked_out_by_hand(morning: None) -> None:
    found = {one.measure: one for one in center_figures(MORNING)}
    assert {code: (one.value, one.n) for code, one in found.items() if code != "diversions"} == {
        code: (None if value is None else Decimal(value), n)
        for code, (value, n) in KEY.items()
        if code != "diversions"
    }


def test_a_contact_whose_end_was_not_told_is_answered_and_took_nobody_knows_how_long(
    morning: None,
) -> None:
    before = contact_totals(MORNING, channel=Channel.PHONE)
    first, fourth = Interaction.objects.order_by("offered_at", "id")[0:4:3]
    assert (first.end, fourth.end) == ("answered", "abandoned")
    for row in (first, fourth):
        Interaction.objects.filter(pk=row.pk).update(end="untold")
    rebuild_center()
    after = contact_totals(MORNING, channel=Channel.PHONE)
    assert (after.offered, after.answered, after.wait_seconds) == (
        before.offered,
        before.answered,
        before.wait_seconds,
    )
    assert after.abandon_seconds == before.abandon_seconds
    # The first: talked for 120 seconds, worked for 30 after.
    assert (before.handled - after.handled, before.handle_seconds - after.handle_seconds) == (
        1,
        150,
    )
    told = {one.code: one.contacts for one in codings(MORNING)}
    assert sum(told.values()) == contact_totals(MORNING).coded


def test_half_hours_are_those_the_contacts_were_offered_in(morning: None) -> None:
    halves = contacts_by(MORNING, "starts_at", channel=Channel.PHONE)
    first, second = halves[T(0)], halves[T(1800)]
    assert len(halves) == 2
    assert (first.answered, first.abandoned, first.short, first.wait_seconds) == (6, 1, 1, 92)
    assert (first.talk_seconds, first.hold_seconds, first.wrap_seconds) == (1020, 30, 135)
    assert (second.answered, second.by_hand, second.deflected) == (1, 1, 1)
    assert (second.asked_call_back, second.emergencies) == (1, 1)
    # Never an average of averages: the sum of both is what the day is worked out from.
    assert first + second == contact_totals(MORNING, channel=Channel.PHONE)


def test_agents_time_is_cut_at_the_half_hour(morning: None, ana: Actor) -> None:
    halves = agents_by(MORNING, "starts_at")
    assert halves[T(0)].on_line == 2 * 1800
    assert halves[T(1800)].on_line == 2 * 900
    hers = agents_by(MORNING, "agent")[ana.user_id]
    assert (hers.ready, hers.talking, hers.wrapping) == (2115, 510, 75)


def test_channels_languages_and_codings_are_apart(morning: None) -> None:
    by_channel = contacts_by(MORNING, "channel")
    assert {key: one.answered for key, one in by_channel.items()} == {"phone": 7, "walk_in": 1}
    by_language = contacts_by(MORNING, "language")
    assert by_language["es"].answered == 1
    told = {one.code: (one.contacts, one.handle_seconds) for one in codings(MORNING)}
    assert told == {
        "information": (3, 150 + 70 + 310),
        "status": (1, 230),
        "request": (1, 360),
        "transfer": (1, 310),
        "emergency": (1, 70),
    }


def test_counting_again_or_all_anew_changes_nothing(morning: None) -> None:
    before = stored()
    # Within the ten minutes that are read twice, the day is counted once more.
    assert refresh_center() >= 1
    assert stored() == before
    rebuild_center()
    assert stored() == before


def test_what_changes_later_is_counted_again(morning: None, actor: MakeActor) -> None:
    uncoded = Interaction.objects.get(disposition=None, end="answered")
    lead = actor(Role.SUPERVISOR, "center")
    code(interaction_id=uncoded.pk, disposition_code="status", actor=lead)
    refresh_center()
    counts = contact_totals(MORNING, channel=Channel.PHONE)
    assert (counts.coded, counts.handled) == (7, 7)
    # However it was written: the database itself notes the moment.
    Interaction.objects.filter(pk=uncoded.pk).update(needs_interpreter=True)
    refresh_center()
    assert contact_totals(MORNING).interpreted == 1


def test_a_second_contact_days_later_takes_the_resolution_back(morning: None) -> None:
    third = Interaction.objects.get(address="+12155550101")
    week = timedelta(days=7)
    for after, resolved in ((week, 2), (week - timedelta(seconds=1), 1)):
        Interaction.objects.create(
            channel="phone", address=third.address, disposition_id=third.disposition_id,
            offered_at=third.offered_at + after, answered_at=third.offered_at + after,
        )  # fmt: skip
        refresh_center()
        counts = contact_totals(MORNING)
        assert (counts.known, counts.resolved) == (5, resolved), after


def test_nothing_is_resolved_before_a_second_contact_could_have_come(morning: None) -> None:
    assert first_contact(MORNING, today=DAY + timedelta(days=7)).value is None
    assert first_contact(MORNING, today=DAY + timedelta(days=8)).value == Decimal("0.4000")


def test_adherence_is_the_planned_time_somebody_was_there(
    city: City, ana: Actor, actor: MakeActor
) -> None:
    make_dispositions()
    Shift.objects.create(agent_id=ana.user_id, starts_at=T(-300), ends_at=T(3000))
    play(ana, actor(Role.AGENT, "center", "Olga"))
    refresh_center()
    seconds = agent_totals(MORNING)
    assert (seconds.planned, seconds.kept) == (3300, 2700)
    assert seconds.adherence == Decimal("0.8182")


def test_the_rows_to_download_add_up_to_the_figures(morning: None) -> None:
    columns = center_export.INTERACTION_COLUMNS
    rows = [dict(zip(columns, row, strict=True)) for row in center_export.interactions(MORNING)]
    assert len(rows) == 12
    answered = [
        row for row in rows
        if row["channel"] == "phone" and row["direction"] == "in" and row["answered_at"]
    ]  # fmt: skip
    handle = sum(row[f"{part}_seconds"] for row in answered for part in ("talk", "hold", "wrap"))
    figures = {one.measure: one.value for one in center_figures(MORNING)}
    assert mean(handle, len(answered)) == figures["handle_time"]
    waits = [row["wait_seconds"] for row in answered if not row["by_hand"]]
    assert mean(sum(waits), len(waits)) == figures["speed_of_answer"]
    halves = list(center_export.half_hours(MORNING))
    at = center_export.HALF_HOUR_COLUMNS.index
    assert sum(row[at("answered")] for row in halves) == 8
    assert sum(row[at("talk_seconds")] for row in halves) == 1080 + 300
    # Nobody's number or name leaves with them.
    assert not any("+1215" in str(cell) for row in rows for cell in row.values())


def test_another_city_counts_its_own(morning: None, other_city: City) -> None:
    with city_scope(other_city.pk):
        refresh_center()
        assert contact_totals(MORNING).offered == 0
        assert not AgentHalfHour.objects.exists()


# -- money


@pytest.mark.parametrize("role", [Role.RESIDENT, Role.AGENT, Role.SUPERVISOR, Role.MANAGER])
def test_costs_are_the_directors_to_enter(city: City, actor: MakeActor, role: Role) -> None:
    department = "streets" if role is Role.MANAGER else None
    with pytest.raises(Forbidden):
        enter_cost(
            month=DAY, channel="phone", amount=Decimal(1), note="", actor=actor(role, department)
        )


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"channel": "pigeon"}, "channel"),
        ({"amount": Decimal("-1")}, "amount"),
        ({"amount": Decimal("1.005")}, "amount"),
        ({"amount": Decimal("NaN")}, "amount"),
        ({"amount": Decimal("1e10")}, "amount"),
        ({"month": date(2999, 1, 1)}, "month"),
    ],
)
def test_a_cost_that_cannot_be_is_refused(
    city: City, actor: MakeActor, changes: dict[str, Any], field: str
) -> None:
    whole = {"month": DAY, "channel": "phone", "amount": Decimal(1), "note": ""}
    with pytest.raises(Invalid) as refused:
        enter_cost(**(whole | changes), actor=actor(Role.DIRECTOR))
    assert [one.field for one in refused.value.problems] == [field]


def test_cost_per_contact_is_right_to_the_cent(morning: None, actor: MakeActor) -> None:
    director = actor(Role.DIRECTOR)
    for amount in (Decimal("999.99"), Decimal("26.40")):  # the last entry counts
        enter_cost(month=DAY, channel="phone", amount=amount, note="", actor=director)
    # Seven answered and one helped without an agent; the counter has no cost entered.
    costs = {one.channel: one for one in channel_costs(channel_months(date(2026, 2, 1), 3))}
    assert costs[Channel.PHONE].contacts == 8
    assert costs[Channel.PHONE].per_contact == Decimal("3.30")
    assert (costs[Channel.WALK_IN].contacts, costs[Channel.WALK_IN].per_contact) == (1, None)


def test_a_span_nobody_called_in_has_no_shares(city: City) -> None:
    make_dispositions()
    figures = {one.measure: one.value for one in center_figures(MORNING, now=timezone.now())}
    assert figures["offered"] == 0
    assert figures["service_level"] is figures["handle_time"] is figures["occupancy"] is None
