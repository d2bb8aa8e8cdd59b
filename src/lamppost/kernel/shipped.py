"""Data files that come with the software: city packs and import formats."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parents[1]


def shipped(name: str) -> Path:
    """Return the path of the shipped folder or file ``name``, such as ``cities`` or ``formats``.

    In an installed package these lie inside it, in a checkout at its top.
    """
    inside = _PACKAGE / "shipped" / name
    return inside if inside.exists() else _PACKAGE.parents[1] / name
