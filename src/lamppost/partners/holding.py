"""Text of partner systems in which somebody may have written a resident's number or address."""

from __future__ import annotations

from lamppost.people.holders import Holder, register

_TEXTS = {
    "partners.Delivery": ("settled_reason",),
    "partners.Attempt": ("reason",),
    "partners.InboundUpdate": (
        "word",
        "reason",
    ),
    "partners.Reconciliation": ("reason",),
    "partners.Finding": (
        "ours",
        "theirs",
    ),
}


def hold() -> None:
    """Tell people which texts are looked through when somebody is erased."""
    register(Holder(name="partners", texts=_TEXTS))
