"""Free text of reviews in which somebody may have written a resident's number or address."""

from __future__ import annotations

from lamppost.people.holders import Holder, register

_TEXTS = {
    "insight.Review": (
        "place",
        "minutes",
        "decision_text",
    ),
    "insight.ReviewAction": (
        "text",
        "done_note",
    ),
}


def hold() -> None:
    """Tell people which texts are looked through when somebody is erased."""
    register(Holder(name="insight", texts=_TEXTS))
