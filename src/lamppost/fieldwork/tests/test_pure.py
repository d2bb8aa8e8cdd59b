"""The order of a round and the time of a record: plain functions over plain values."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lamppost.fieldwork.route import Stop, nearest_first
from lamppost.fieldwork.times import SKEW, believed_time
from lamppost.kernel.geo import distance_m

A, B, C = (0.0, 10.0), (0.0, 10.01), (0.0, 10.03)
REQUESTED = datetime(2026, 3, 2, 9, tzinfo=UTC)
RECEIVED = datetime(2026, 3, 2, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    ("start", "places", "order"),
    [
        (None, [C, A, B], [0, 2, 1]),  # without a start: from the first stop with a place
        (A, [C, B, A], [2, 1, 0]),  # from where the inspector is
        (C, [A, B, C], [2, 1, 0]),  # from the other end
        (None, [None, B, None, A], [1, 3, 0, 2]),  # no place: at the end, in their order
        (A, [], []),  # nothing to do
        (A, [B, B, B], [0, 1, 2]),  # equally near: the plain order holds
    ],
)
def test_order_of_a_round(start: object, places: list[object], order: list[int]) -> None:
    stops = [Stop(index, place) for index, place in enumerate(places)]
    assert [stop.id for stop in nearest_first(stops, start)] == order


places = st.tuples(st.floats(-179, 179), st.floats(-89, 89))


# A busy machine is no fault of the order: time is not what is tested here.
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.one_of(st.none(), places), max_size=12), st.one_of(st.none(), places))
def test_every_stop_is_visited_once_and_each_is_the_nearest_left(
    found: list[object], start: object
) -> None:
    stops = [Stop(index, place) for index, place in enumerate(found)]
    order = nearest_first(stops, start)
    assert sorted(stop.id for stop in order) == list(range(len(stops)))
    here = start
    left = [stop for stop in order if stop.place is not None]
    for index, stop in enumerate(left):
        if here is not None:
            assert all(
                distance_m(here, stop.place) <= distance_m(here, other.place)
                for other in left[index:]
            )
        here = stop.place


@pytest.mark.parametrize(
    ("device", "believed"),
    [
        (None, RECEIVED),  # a page without a script sends no time
        (RECEIVED - timedelta(hours=2), RECEIVED - timedelta(hours=2)),  # written offline
        (REQUESTED, REQUESTED),  # in the very moment of the report
        (REQUESTED - timedelta(seconds=1), RECEIVED),  # before the case there was nothing to see
        (RECEIVED + SKEW, RECEIVED),  # a clock a little fast is brought back to ours
        (RECEIVED + SKEW + timedelta(seconds=1), RECEIVED),  # in the future: not believed
    ],
)
def test_time_of_a_record(device: datetime | None, believed: datetime) -> None:
    assert believed_time(device, received_at=RECEIVED, requested_at=REQUESTED) == believed
