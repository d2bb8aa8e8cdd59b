"""A real server for the tests of this face."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from tests.support.installation import Installation


@pytest.fixture(scope="session")
def server(make_installation: Callable[..., Installation]) -> Installation:
    """A running installation whose first city has services of every type."""
    return make_installation(
        "open311",
        setup="from lamppost.faces.open311.tests.seeding import seed_for_strangers\n"
        "seed_for_strangers()",
    )
