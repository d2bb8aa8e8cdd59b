"""Reading ahead: nothing lost, nothing left running, errors where they belong."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from lamppost.cases.importing.ahead import read_ahead


def running() -> int:
    return sum(thread.name == "read-ahead" for thread in threading.enumerate())


def test_everything_comes_in_order() -> None:
    with read_ahead(iter(range(1000))) as taken:
        assert list(taken) == list(range(1000))
    assert running() == 0


def test_what_goes_wrong_there_is_raised_here_after_what_went_well() -> None:
    def items() -> Iterator[int]:
        yield 1
        raise ValueError("line 2")

    with read_ahead(items()) as taken:
        assert next(taken) == 1
        with pytest.raises(ValueError, match="line 2"):
            next(taken)
    assert running() == 0


def test_who_stops_taking_ends_the_reading() -> None:
    made = []

    def items() -> Iterator[int]:
        for number in range(1_000_000):
            made.append(number)
            yield number

    with read_ahead(items()) as taken:
        assert next(taken) == 0
    assert running() == 0
    # Bounded: one taken, one waiting, one in hand.
    assert len(made) <= 4
