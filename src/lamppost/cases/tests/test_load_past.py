"""Past cases written in bulk: state, ending, clocks and links as the services would leave them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from lamppost.cases.choices import ClockState, EventKind
from lamppost.cases.importing.load import load
from lamppost.cases.importing.past import PastCase
from lamppost.cases.models import Case, CaseEvent, CaseLink, Clock, EventText
from lamppost.cases.services.verify import verify
from lamppost.catalog.choices import OutcomeKind, State
from lamppost.cities.models import City
from lamppost.kernel.refusals import Invalid

DAY = timedelta(days=1)
ASKED = datetime(2026, 3, 2, 15, tzinfo=UTC)
UNTOUCHED = PastCase(
    number="7001", service_code="POTHOLE", requested_at=ASKED, updated_at=ASKED,
    due_at=ASKED + 3 * DAY,
)  # fmt: skip
CLOSED = replace(
    UNTOUCHED, number="7002", closed_at=ASKED + 2 * DAY, updated_at=ASKED + 2 * DAY,
    outcome=OutcomeKind.DONE, note="Filled.", note_language="en", language="es",
)  # fmt: skip
REPEAT = replace(CLOSED, number="7003", outcome=OutcomeKind.DUPLICATE, duplicate_of="7001")


def _case(number: str) -> Case:
    return Case.objects.get(number=number)


def test_words_arrive_as_they_were_written(city: City) -> None:
    odd = 'a \\N b\\t c\td\ne\rf \\. "g" \u00a0\u2028 ñ 街 🕳'
    load([replace(CLOSED, description=odd, note=odd, address="\\"), UNTOUCHED], source="old")
    case = _case("7002")
    assert (case.description, case.status_note, case.address) == (odd, odd, "\\")
    assert EventText.objects.get(event__case=case).text == odd
    assert list(verify()) == []


def test_an_outcome_the_city_has_not_refuses_the_batch(city: City) -> None:
    with pytest.raises(Invalid, match="no outcome 'vanished'"):
        load([UNTOUCHED, replace(CLOSED, outcome_code="vanished")], source="old")
    assert not Case.objects.exists()


@pytest.mark.parametrize(
    ("past", "state", "kinds"),
    [
        # Nobody has touched it: it waits as it came.
        (UNTOUCHED, State.RECEIVED, ["imported"]),
        # A note, or a later change, says that somebody did.
        (replace(UNTOUCHED, note="On the list."), State.OPEN, ["imported", "moved"]),
        (replace(UNTOUCHED, updated_at=ASKED + DAY), State.OPEN, ["imported", "moved"]),
        (CLOSED, State.CLOSED, ["imported", "closed"]),
    ],
)
def test_state(city: City, past: PastCase, state: State, kinds: list[str]) -> None:
    load([past], source="old")
    case = _case(past.number)
    assert case.state == state
    assert list(CaseEvent.objects.order_by("seq").values_list("kind", flat=True)) == kinds
    assert list(verify()) == []


def test_the_note_has_its_own_language(city: City) -> None:
    load([CLOSED], source="old")
    assert EventText.objects.get().language == "en"
    assert _case("7002").language == "es"


def test_the_citys_own_outcome_wins_over_its_kind(city: City) -> None:
    load([replace(CLOSED, outcome_code="not-found")], source="old")
    outcome = _case("7002").outcome
    assert outcome is not None
    assert outcome.code == "not-found"


def test_a_duplicate_is_linked_followed_and_has_no_verdict(city: City) -> None:
    load([UNTOUCHED, REPEAT], source="old")
    link = CaseLink.objects.get()
    assert (link.from_case.number, link.to_case.number) == ("7003", "7001")
    assert _case("7001").follower_count == 1
    clock = Clock.objects.get(case__number="7003")
    assert clock.state == ClockState.CANCELLED
    assert clock.breached_at is None


def test_a_duplicate_of_a_case_that_never_came_is_no_link(city: City) -> None:
    load([replace(REPEAT, duplicate_of="1")], source="old")
    assert not CaseLink.objects.exists()


def test_the_same_batch_again_changes_nothing(city: City) -> None:
    first = load([UNTOUCHED, CLOSED, REPEAT], source="old")
    again = load([UNTOUCHED, CLOSED, REPEAT], source="old")
    assert (first.new, first.changed) == (3, 0)
    assert (again.new, again.changed) == (0, 0)
    assert CaseEvent.objects.filter(kind=EventKind.IMPORTED).count() == 3
    assert _case("7001").follower_count == 1


@pytest.mark.parametrize(
    ("closed_after", "state", "is_breached"),
    [
        (2 * DAY, ClockState.MET, False),
        # Due exactly then is in time; late is strictly after.
        (3 * DAY, ClockState.MET, False),
        (3 * DAY + timedelta(seconds=1), ClockState.MISSED, True),
    ],
)
def test_clock(city: City, closed_after: timedelta, state: str, is_breached: bool) -> None:
    at = ASKED + closed_after
    load([replace(CLOSED, closed_at=at, updated_at=at)], source="old")
    clock = Clock.objects.get()
    assert clock.state == state
    assert (clock.breached_at == clock.due_at) is is_breached
    assert clock.next_check_at is None
