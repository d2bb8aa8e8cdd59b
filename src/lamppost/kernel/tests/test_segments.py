"""Segments of SMS: the limits of the standard, and cutting that loses nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lamppost.kernel.segments import first_part, plain_for_sms, size_of


@pytest.mark.parametrize(
    ("text", "is_gsm7", "units", "segments"),
    [
        ("", True, 0, 1),  # nothing still takes one
        ("a" * 160, True, 160, 1),  # the most one segment holds
        ("a" * 161, True, 161, 2),  # joined segments hold 153 each
        ("a" * 306, True, 306, 2),
        ("a" * 307, True, 307, 3),
        ("€" * 80, True, 160, 1),  # the extension table costs two
        ("a" * 152 + "€" + "a" * 152, True, 306, 3),  # two septets are not torn apart
        ("¿Dónde?", False, 7, 1),  # ó is not in the alphabet
        ("ñandú", False, 5, 1),  # ú neither
        ("señal à Ä", True, 9, 1),  # ñ, à and Ä are
        ("م" * 70, False, 70, 1),
        ("م" * 71, False, 71, 2),
        ("م" * 134, False, 134, 2),
        ("م" * 135, False, 135, 3),
        ("👍" * 35, False, 70, 1),  # a pair of units each
    ],
)
def test_size(text: str, is_gsm7: bool, units: int, segments: int) -> None:
    size = size_of(text)
    assert (size.is_gsm7, size.units, size.segments) == (is_gsm7, units, segments)


def test_typography_is_made_plain_and_other_scripts_are_left() -> None:
    assert plain_for_sms("It’s “done” – thanks…") == 'It\'s "done" - thanks...'
    assert plain_for_sms("¿Dónde está el bache?") == "¿Donde esta el bache?"
    assert plain_for_sms("señor, más niños") == "señor, mas niños"
    assert plain_for_sms("شكرًا لك") == "شكرًا لك"


def test_a_long_text_is_cut_where_a_reader_would_pause() -> None:
    text = "First sentence. " * 30
    part, rest = first_part(text.strip(), 2)
    assert part.endswith("sentence.")
    assert rest.startswith("First")
    assert size_of(part).segments == 2


@given(st.text(min_size=1, max_size=600), st.integers(1, 3))
def test_no_part_is_too_long_and_no_letter_is_lost(text: str, segments: int) -> None:
    parts, rest = [], text
    while rest:
        part, rest = first_part(rest, segments)
        assert size_of(part).segments <= segments
        parts.append(part)
    assert "".join("".join(parts).split()) == "".join(text.split())
