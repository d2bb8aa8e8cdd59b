"""What changed between two wordings, and that no wording takes long to compare."""

from __future__ import annotations

import time

import pytest

from lamppost.knowledge.differences import pieces


def test_a_changed_word_stands_beside_what_it_was() -> None:
    found = [
        (one.kind, one.text) for one in pieces("Call us at noon.", "Write us at noon, please.")
    ]
    assert found == [
        ("gone", "Call"),
        ("new", "Write"),
        ("same", " us at noon"),
        ("new", ", please"),
        ("same", "."),
    ]


@pytest.mark.parametrize(("old", "new"), [("a " * 4000, "b a " * 2000), ("- " * 4000, "- " * 3999)])
def test_one_word_over_and_over_is_compared_in_no_time(old: str, new: str) -> None:
    before = time.process_time()
    found = pieces(old, new)
    assert time.process_time() - before < 1
    assert "".join(one.text for one in found if one.kind != "gone") == new
