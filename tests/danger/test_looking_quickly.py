"""Nobody can keep the city busy with one long text, and ordinary words are no danger."""

from __future__ import annotations

import time

import pytest

from lamppost.catalog.danger import look
from lamppost.catalog.danger.looking import shipped_languages

LONG = [
    ("letters of two scripts without a space", "ü漢é" * 1300),
    ("one letter held down", "a" * 4000),
    ("words of danger over and over", "fire " * 800),
    ("two parts that never stand together", "gas " * 500 + "x " * 80 + "smell " * 300),
    ("two parts far apart in a mail", "gas " * 6000 + "x " * 80 + "smell " * 4000),
    ("danger and its excuse over and over", "gas smell hydrant " * 220),
]


@pytest.mark.parametrize(("what", "text"), LONG, ids=[row[0] for row in LONG])
def test_a_long_text_is_looked_through_in_no_time(what: str, text: str) -> None:
    languages = tuple(shipped_languages())
    look("warm up", languages)
    before = time.process_time()
    look(text, languages)
    assert time.process_time() - before < 0.5, what


@pytest.mark.parametrize("text", ["an odd number of lamps", "the odd side of the street"])
def test_an_odd_number_is_no_overdose(text: str) -> None:
    assert look(text, ("en", "es", "ar")) is None


@pytest.mark.parametrize("text", ["my friend od'd on the porch", "he OD'd, come quick"])
def test_an_overdose_in_short_is(text: str) -> None:
    found = look(text, ("en",))
    assert found is not None
    assert found.what == "overdose"
