from __future__ import annotations

from pathlib import Path

import pytest

from lamppost.cities.models import City
from lamppost.contacts.tests.scene import make_dispositions
from lamppost.mailbox.tests.scene import BOX
from lamppost.notify.choices import GatewayKind
from lamppost.notify.models import Gateway


@pytest.fixture
def home(settings: object, tmp_path: Path) -> Path:
    """A data folder of its own for the originals."""
    settings.HOME = tmp_path  # type: ignore[attr-defined]
    return tmp_path


@pytest.fixture
def box(city: City, home: Path) -> Gateway:
    """The city reads a mailbox and codes its contacts."""
    make_dispositions()
    return Gateway.objects.create(kind=GatewayKind.EMAIL, provider="lmtp", address=BOX)
