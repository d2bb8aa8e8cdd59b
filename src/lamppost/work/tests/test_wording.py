"""Placeholders: a closed set, nothing else is reached or read again."""

from __future__ import annotations

import pytest

from lamppost.work.wording import fill, unknown_placeholders

VALUES = {"number": "1001", "service": "Pothole", "due": "Jan 3", "department": "Streets"}


@pytest.mark.parametrize(
    ("text", "unknown"),
    [
        ("Case {number}: {service}, {department}, by {due}.", []),
        ("No placeholders at all", []),
        ("Ask {contact}", ["{contact}"]),
        ("{number.__class__}", ["{number.__class__}"]),
        ("{number[0]}", ["{number[0]}"]),
        ("{number!r}", ["{number!r}"]),
        ("{number:>100000000}", ["{number:>100000000}"]),
        ("{0}", ["{0}"]),
        ("{}", ["{}"]),
        ("{ number }", ["{ number }"]),
        ("{Number}", ["{Number}"]),
        ("a { b", ["{"]),
        ("a } b", ["}"]),
        ("{{number}}", ["{", "}"]),
        ("{actor} and {actor}", ["{actor}"]),
    ],
)
def test_what_is_no_placeholder_is_found(text: str, unknown: list[str]) -> None:
    assert unknown_placeholders(text) == unknown


def test_values_are_put_in_once_and_never_read_again() -> None:
    assert fill("{number} {service}", VALUES) == "1001 Pothole"
    assert fill("{service}", {"service": "{number}", "number": "1"}) == "{number}"
    assert fill("by {due}.", {}) == "by ."
    assert fill("{contact} %s %(number)s", VALUES) == "{contact} %s %(number)s"
