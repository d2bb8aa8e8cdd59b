"""A real server for the tests of this face."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.support.installation import Installation, make_installation, static_files

__all__ = ["make_installation", "static_files"]


@pytest.fixture(scope="session")
def server(make_installation: Callable[..., Installation]) -> Installation:  # noqa: F811
    """A running installation whose first city has services of every type."""
    return make_installation(
        "open311",
        setup="from lamppost.faces.open311.tests.seeding import seed_for_strangers\n"
        "seed_for_strangers()",
    )
