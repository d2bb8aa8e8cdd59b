"""Free text of work items in which somebody may have written a resident's number or address."""

from __future__ import annotations

from lamppost.people.holders import Holder, register

_TEXTS = {
    "work.WorkItem": (
        "title",
        "note",
        "public_label",
        "drop_reason",
    ),
    "work.ChecklistItem": ("text",),
}


def hold() -> None:
    """Tell people which texts are looked through when somebody is erased."""
    register(Holder(name="work", texts=_TEXTS))
