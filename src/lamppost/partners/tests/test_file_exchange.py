"""Files both ways when something is odd: strange ids, local times, what a person settled."""

from __future__ import annotations

import csv
import os
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from lamppost.cases.models import Case
from lamppost.cities.models import City
from lamppost.partners.choices import DeliveryState
from lamppost.partners.models import Delivery, InboundUpdate
from lamppost.partners.services.decisions import deliver_by_phone
from lamppost.partners.services.drops import read_returns, write_drop
from lamppost.partners.services.outbox import relay
from lamppost.partners.tests.conftest import round_
from lamppost.people.actors import SYSTEM

pytestmark = pytest.mark.django_db
FileCase = Callable[..., Case]


def put_back(folder: Path, text: str) -> Path:
    """Lay a file into ``in/`` as the partner would, long enough ago to be whole."""
    path = folder / "in" / "back.csv"
    path.write_text(text, "utf-8")
    a_minute_ago = (timezone.now() - timedelta(minutes=1)).timestamp()
    os.utime(path, (a_minute_ago, a_minute_ago))
    return path


@pytest.mark.parametrize("own_id", ["x" * 201, "a\x00b", "tab\tin it"])
def test_an_id_that_cannot_be_one_holds_up_nothing(
    connect: Any, file_case: FileCase, tmp_path: Path, own_id: str
) -> None:
    connection = connect("csv", str(tmp_path / "yard"))
    case = file_case()
    round_(connection)
    path = put_back(
        tmp_path / "yard", f"number,status,text,update_id\n{case.number},closed,Filled,{own_id}\n"
    )
    assert read_returns(connection) == 1
    assert not path.exists(), "the file is read once, not for ever"
    assert InboundUpdate.objects.get().result == "applied"
    case.refresh_from_db()
    assert case.state == "closed"


def test_a_time_without_a_zone_is_the_citys(
    connect: Any, file_case: FileCase, city: City, tmp_path: Path
) -> None:
    """Read as UTC, what happened two hours ago would lie before the report and be refused."""
    connection = connect("csv", str(tmp_path / "yard"))
    case = file_case(requested_at=timezone.now() - timedelta(hours=3))
    round_(connection)
    happened = (timezone.now() - timedelta(hours=2)).replace(microsecond=0)
    written = happened.astimezone(city.zone).replace(tzinfo=None).isoformat()
    put_back(
        tmp_path / "yard", f"number,status,text,updated_at\n{case.number},closed,Done,{written}\n"
    )
    read_returns(connection)
    update = InboundUpdate.objects.get()
    assert (update.at, update.result) == (happened, "applied")


def test_what_was_phoned_through_is_in_no_file(
    connect: Any, file_case: FileCase, tmp_path: Path
) -> None:
    """The folder was away, somebody phoned: when it is back, that case is not sent twice."""
    folder = tmp_path / "yard"
    folder.write_text("no folder")
    connection = connect("csv", str(folder))
    phoned, waiting = file_case(), file_case()
    relay()
    assert write_drop(connection) == 0
    delivery = Delivery.objects.get(handoff__case=phoned)
    assert delivery.drop is not None
    deliver_by_phone(delivery_id=delivery.pk, reason="Told Joe", actor=SYSTEM)

    folder.unlink()
    connection.refresh_from_db()
    assert write_drop(connection, now=later()) == 1
    [path] = (folder / "out").glob("*.csv")
    with path.open(encoding="utf-8") as file:
        assert [row["number"] for row in csv.DictReader(file)] == [waiting.number]
    delivery.refresh_from_db()
    assert delivery.state == DeliveryState.BY_PHONE


def later() -> datetime:
    return timezone.now() + timedelta(hours=1)
