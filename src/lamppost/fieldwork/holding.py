"""Free text of work outside in which somebody may have written a resident's number or address."""

from __future__ import annotations

from lamppost.people.holders import Holder, register

_TEXTS = {
    "fieldwork.InspectionRecord": ("note",),
    "fieldwork.CompletionReport": (
        "text",
        "answer",
    ),
    "fieldwork.PartnerLink": ("instruction",),
}


def hold() -> None:
    """Tell people which texts are looked through when somebody is erased."""
    register(Holder(name="fieldwork", texts=_TEXTS))
