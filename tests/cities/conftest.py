"""Every pack that comes with Lamppost, put into force."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from lamppost.cities.models import City
from lamppost.cities.selectors import forget_cities
from lamppost.database.scope import city_scope
from lamppost.kernel.shipped import shipped
from lamppost.packs.apply import apply_pack
from lamppost.packs.check import check_pack
from lamppost.packs.content import Pack

FOLDERS = sorted(path.parent for path in shipped("cities").glob("*/city.yaml"))


def read(folder: Path) -> Pack:
    """Return the pack in a folder, which must have no error."""
    reading = check_pack(folder)
    assert reading.pack is not None, [str(finding) for finding in reading.findings.errors]
    return reading.pack


def put_into_force(pack: Pack) -> City:
    """Apply a pack and return its city."""
    city = apply_pack(pack=pack).city
    forget_cities()
    return City.objects.get(pk=city.pk)


@pytest.fixture(scope="module", params=FOLDERS, ids=[folder.name for folder in FOLDERS])
def folder(request: pytest.FixtureRequest) -> Path:
    """The folder of one pack after the other."""
    path: Path = request.param
    return path


@pytest.fixture(scope="module")
def pack(folder: Path) -> Pack:
    """One pack after the other."""
    return read(folder)


@pytest.fixture(scope="module")
def applied(pack: Pack, django_db_setup: None, django_db_blocker: Any) -> Iterator[City]:
    """The city of the pack, put into force once for the module and undone after it."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield put_into_force(pack)
        transaction.set_rollback(True)
    forget_cities()


@pytest.fixture
def town(applied: City, db: None) -> Iterator[City]:
    """The city of the pack, in scope; what a test does is undone after it."""
    with city_scope(applied.pk):
        yield applied


@pytest.fixture
def apply() -> Callable[[str], Any]:
    """Apply a pack by its name and return pack and city."""

    def make(name: str) -> tuple[Pack, City]:
        found = read(shipped("cities") / name)
        return found, put_into_force(found)

    return make
