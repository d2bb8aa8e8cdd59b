"""Free text of routing in which somebody may have written a resident's number or address."""

from __future__ import annotations

from lamppost.people.holders import Holder, register

_TEXTS = {
    "routing.RoutingAlarm": (
        "subject",
        "detail",
    ),
}


def hold() -> None:
    """Tell people which texts are looked through when somebody is erased."""
    register(Holder(name="routing", texts=_TEXTS))
