"""Anybody's words lead to the service."""

from __future__ import annotations

import pytest

from lamppost.catalog.service_search import Findable, one_slip, search_services

SERVICES = [
    Findable(
        "HOLE", {"en": "Street defect", "es": "Daño en la calle"},
        {"en": "Damage to the roadway"}, {"en": "pothole, sinkhole", "es": "bache, hoyo"},
    ),
    Findable(
        "LIGHT", {"en": "Street light outage", "es": "Farola apagada"},
        {"en": "A street light is dark"}, {"en": "lamp, bulb"},
    ),
    Findable("TRASH", {"en": "Rubbish not collected"}, {"en": ""}, {"en": "trash, garbage"}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("query", "language", "found"),
    [
        ("", "en", []),
        ("   ?!", "en", []),
        ("zebra", "en", []),
        ("pothole", "en", ["HOLE"]),
        ("POTHOLES", "en", ["HOLE"]),
        ("pothoel", "en", ["HOLE"]),
        ("street light", "en", ["LIGHT", "HOLE"]),
        ("bache", "es", ["HOLE"]),
        ("dano", "es", ["HOLE"]),
        ("trash", "es", ["TRASH"]),
        ("bache", "en", []),
        ("the lamp is out of order", "en", ["LIGHT"]),
        ("tra", "en", ["TRASH"]),
        ("tr", "en", []),
        ("x" * 5000, "en", []),
    ],
)
def test_words_lead_to_services(query: str, language: str, found: list[str]) -> None:
    assert search_services(query, SERVICES, language) == found


@pytest.mark.parametrize(
    ("one", "other", "is_slip"),
    [
        ("lamp", "lamp", False),
        ("lamp", "lampe", True),
        ("lamp", "lmp", True),
        ("lamp", "limp", True),
        ("lamp", "lapm", True),
        ("lamp", "plum", False),
        ("lamp", "la", False),
    ],
)
def test_one_slip_of_the_finger(one: str, other: str, is_slip: bool) -> None:
    assert one_slip(one, other) is is_slip
    assert one_slip(other, one) is is_slip
