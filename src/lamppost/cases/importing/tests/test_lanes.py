"""Two parts at once, each in the caller's city; a failure of one ends nothing half way."""

from __future__ import annotations

import threading

import pytest
from django.db import transaction

from lamppost.cases.importing.lanes import two_lanes
from lamppost.database.scope import city_scope, require_city_id


def test_both_run_at_once_in_the_city_in_scope() -> None:
    together = threading.Barrier(2, timeout=20)

    def write(part: str) -> tuple[str, int, int]:
        together.wait()
        return part, require_city_id(), threading.get_ident()

    with city_scope(7), two_lanes() as lanes:
        first, second = lanes(write, ["a", "b"])
    assert (first[:2], second[:2]) == (("a", 7), ("b", 7))
    assert first[2] != second[2]


@pytest.mark.parametrize("failing", ["a", "b"])
def test_what_one_raises_comes_after_the_other_has_ended(failing: str) -> None:
    ended = []

    def write(part: str) -> None:
        if part == failing:
            raise OSError(part)
        ended.append(part)

    with two_lanes() as lanes, pytest.raises(OSError, match=failing):
        lanes(write, ["a", "b"])
    assert ended == ["b" if failing == "a" else "a"]


@pytest.mark.django_db
def test_within_a_larger_transaction_there_is_one_lane() -> None:
    with transaction.atomic(), two_lanes() as lanes:
        threads = lanes(lambda _part: threading.get_ident(), ["a", "b"])
    assert set(threads) == {threading.get_ident()}
