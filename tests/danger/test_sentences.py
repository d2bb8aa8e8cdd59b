"""The table of sentences: floors the words must not fall under, and rules of the lists."""

from __future__ import annotations

import pytest
from bench.danger import milliseconds, scores

from lamppost.catalog.danger import Danger, LocalWords, look, shipped_languages
from lamppost.catalog.danger.spelling import is_one_apart
from lamppost.catalog.danger.words import BadWords, line_of

ALL = tuple(sorted(shipped_languages()))


def in_all(text: str) -> Danger | None:
    return look(text, ALL)


# Half, language, least share of danger found, greatest share of ordinary sentences stopped.
FLOORS = [
    ("tune", "all", 0.98, 0.05),
    ("tune", "en", 0.98, 0.12),
    ("tune", "es", 0.98, 0.10),
    ("tune", "ar", 0.98, 0.10),
    ("held_out", "all", 0.90, 0.15),
    ("held_out", "en", 0.84, 0.20),
    ("held_out", "es", 0.91, 0.17),
    ("held_out", "ar", 0.91, 0.14),
]


@pytest.mark.parametrize(("split", "language", "found", "stopped"), FLOORS)
def test_the_floor_of(split: str, language: str, found: float, stopped: float) -> None:
    score = scores()[split, language]
    assert score.recall >= found
    assert score.false_alarms <= stopped


SAYINGS = [
    ("smell gas", "the smell of gas in the cellar", "gas"),
    ("a typing error is forgiven", "there was an explosoin next door", "explosion"),
    ("a letter held down", "the house is on fireeeee", "fire"),
    ("capitals", "HOUSE ON FIRE", "fire"),
    ("Spanish without accents", "se cayo un cable y echa chispas", "wires"),
    ("Spanish as it sounds", "uele a gaz", "gas"),
    ("Arabic with vowel marks", "حَرِيق في البَيْت", "fire"),
    ("Arabic in Latin letters", "fi 7aree2a fel beit", "fire"),
    ("Vietnamese without accents", "nha dang chay to", "fire"),
    ("Korean without spaces", "옆집에불났어요", "fire"),
    ("Hindi in Latin letters", "ghar me aag lag gayi", "fire"),
    ("a resident wants to die", "i dont want to live anymore", "suicide"),
]


@pytest.mark.parametrize(("why", "text", "what"), SAYINGS, ids=[one[0] for one in SAYINGS])
def test_danger_is_found(why: str, text: str, what: str) -> None:
    found = in_all(text)
    assert found is not None
    assert found.what == what
    assert text[found.start : found.end]


ORDINARY = [
    ("hydrant", "the fire hydrant on Main Street leaks a little"),
    ("fire lane", "cars park in the fire lane every night"),
    ("last year", "last year there was a fire and I need the report for my insurance"),
    ("dead tree", "please remove the dead tree in front of number 12"),
    ("could get hurt", "fix the sidewalk before somebody gets hurt"),
    ("asphalt is no assault", "el asfalto de la calle está roto"),
    ("nothing", ""),
    ("only signs", "!!! ... ???"),
]


@pytest.mark.parametrize(("why", "text"), ORDINARY, ids=[one[0] for one in ORDINARY])
def test_an_ordinary_report_is_not_stopped(why: str, text: str) -> None:
    assert in_all(text) is None


def test_a_city_may_name_what_is_never_danger() -> None:
    text = "The sign of House on Fire Lane is bent"
    assert look(text, ["en"]) is not None
    assert look(text, ["en"], LocalWords(names=frozenset({"House on Fire Lane"}))) is None


def test_a_city_may_add_a_line_and_silence_one() -> None:
    line = line_of("the pit + overflow*", kind="emergency", what="flood", groups={})
    assert look("the pit is overflowing", ["en"]) is None
    found = look("the pit is overflowing", ["en"], LocalWords(lines=(("en", line),)))
    assert found is not None
    assert found.what == "flood"
    silent = LocalWords(lines=(("en", line),), silent=frozenset({("en", line.written)}))
    assert look("the pit is overflowing", ["en"], silent) is None


@pytest.mark.parametrize("text", ["<nobody> + gas", "gas + - smoke", "/ 5"])
def test_a_line_that_says_nothing_is_refused(text: str) -> None:
    with pytest.raises(BadWords):
        line_of(text, kind="emergency", what="gas", groups={})


@pytest.mark.parametrize(
    ("one", "other", "near"),
    [
        ("bleeding", "bleding", True),
        ("bleeding", "bleediing", True),
        ("bleeding", "bleedign", True),
        ("bleeding", "bleesing", True),
        ("bleeding", "blessing", False),
        ("gas", "gasoline", False),
    ],
)
def test_one_typing_error(one: str, other: str, near: bool) -> None:
    assert is_one_apart(one, other) is near


def test_every_language_of_the_list_has_words() -> None:
    first = {"en", "es", "zh-hans", "vi", "ru", "ar", "fr", "ht", "pt-br"}
    second = {"km", "ko", "bn", "hi", "ur", "id", "my", "sw"}
    assert first | second <= set(ALL)


def test_an_ordinary_report_is_read_quickly() -> None:
    # Ten times the goal that `make bench` prints: a test may run on a busy machine.
    assert min(milliseconds(("en", "es", "ar"), 50) for _each in range(3)) < 3
