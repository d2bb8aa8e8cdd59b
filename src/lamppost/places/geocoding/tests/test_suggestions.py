"""What somebody still typing is offered."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lamppost.places.geocoding.suggestions import Suggestions
from lamppost.places.geocoding.tests.town import town

SUGGESTIONS = Suggestions(town())


@pytest.mark.parametrize(
    ("typed", "label"),
    [
        ("asp", "Aspen St"),
        ("aspen s", "Aspen St"),
        ("aspen street", "Aspen St"),
        ("ASPEN", "Aspen St"),
        ("312 asp", "312 Aspen St"),
        ("312 aspen str", "312 Aspen St"),
        ("3rd", "N 3rd St"),
        ("n 3", "N 3rd St"),
        ("north 3rd", "N 3rd St"),
        ("312 s 3rd", "312 S 3rd St"),
        ("third", "N 3rd St"),
        ("luther k", "Martin Luther King Jr Dr"),
        ("st alb", "Saint Albans St"),
        ("aspen & 3", "Aspen St & N 3rd St"),
        ("aspen and ", "Aspen St & N 1st St"),
        ("star", "Starling Library"),
        ("lib sta", "Starling Library"),
        ("312 apsen st", "312 Aspen St"),
    ],
)
def test_the_first_offer_or_one_beside_it(typed: str, label: str) -> None:
    labels = [match.label for match in SUGGESTIONS.suggest(typed, 8)]
    assert label in labels[:3], labels


@pytest.mark.parametrize("typed", ["", " ", "a", ",", "&", "3"])
def test_too_little_offers_nothing(typed: str) -> None:
    assert SUGGESTIONS.suggest(typed, 8) == ()


def test_streets_that_have_the_number_come_first() -> None:
    matches = SUGGESTIONS.suggest("912 3rd", 8)
    assert not matches[0].label.startswith("912 ") or matches[0].kind == "range"
    assert SUGGESTIONS.suggest("512 3rd", 8)[0].label == "512 N 3rd St"


def test_no_offer_twice_and_never_more_than_asked() -> None:
    for typed in ("st", "312 ", "n ", "aspen &", "a s"):
        labels = [match.label for match in SUGGESTIONS.suggest(typed, 5)]
        assert len(labels) == len(set(labels)) <= 5


@settings(deadline=None)  # the machine is shared
@given(st.text(max_size=250))
def test_any_text_can_be_typed(text: str) -> None:
    for match in SUGGESTIONS.suggest(text, 5):
        assert match.label
