"""The daily comparison: what got lost, what differs, what was never handed over."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from lamppost.cases.models import Case
from lamppost.cases.services.lifecycle import close
from lamppost.partners.models import Connection, Delivery, Finding, OutboxEntry
from lamppost.partners.services.decisions import send_again
from lamppost.partners.services.reconciling import reconcile
from lamppost.partners.tests.conftest import round_
from lamppost.partners.tests.standins import Georeport, Mailbox, Server, Works
from lamppost.people.actors import SYSTEM, Actor
from lamppost.people.choices import Role
from lamppost.people.models import StaffNotice

pytestmark = pytest.mark.django_db
FileCase = Callable[..., Case]


def compared(connection: Connection) -> tuple[str, list[tuple[str, str]]]:
    """Compare as if it were an hour later; what is fresh is not judged."""
    run = reconcile(connection, now=timezone.now() + timedelta(minutes=70))
    found = Finding.objects.filter(run=run).order_by("id")
    return run.result, [(row.kind, row.case.number) for row in found.select_related("case")]


def test_open311(
    connect: Any,
    file_case: FileCase,
    upstream: tuple[Georeport, Server],
    worker: Actor,
    person: Any,
) -> None:
    system, server = upstream
    admin = person(Role.ADMIN)
    connection = connect("open311", server.url + "/v2", secret=system.key, takes_updates=False)
    kept, lost, differs = file_case(), file_case(), file_case()
    round_(connection)
    del system.requests["9001"]
    close(case_id=differs.pk, outcome_code="done", text="Done", actor=worker)
    forgotten = file_case()
    OutboxEntry.objects.all().delete()
    result, found = compared(connection)
    assert result == "compared"
    assert sorted(found) == sorted(
        [("lost", lost.number), ("mismatch", differs.number), ("never_sent", forgotten.number)]
    )
    assert Delivery.objects.get(handoff__case=lost).state == "lost"
    assert Delivery.objects.get(handoff__case=kept).state == "acknowledged"
    assert StaffNotice.objects.filter(user=admin, kind="partner").count() == 1

    for finding in Finding.objects.exclude(kind="mismatch"):
        send_again(finding_id=finding.pk, actor=SYSTEM)
    round_(connection)
    round_(connection)
    assert len(system.requests) == 4
    result, found = compared(connection)
    assert [row for row in found if row[0] == "mismatch"] == [("mismatch", differs.number)]
    open_ones = Finding.objects.filter(sent_again_at=None).exclude(kind="mismatch")
    assert open_ones.count() == 0
    new, old = Delivery.objects.filter(handoff__case=lost).order_by("-id")
    assert (new.state, old.state) == ("acknowledged", "given_up")
    assert new.key != old.key, "a message they lost goes out under a new key"


def test_webhook_with_a_list(
    connect: Any, file_case: FileCase, works: tuple[Works, Server]
) -> None:
    system, server = works
    connection = connect("webhook", server.url, list_url=server.url + "/list")
    case = file_case()
    round_(connection)
    assert compared(connection) == ("compared", [])
    assert "webhook-signature" in server.seen[-1].headers
    system.orders["WO-1"]["status"] = "closed"
    assert compared(connection) == ("compared", [("mismatch", case.number)])
    server.kill()
    assert compared(connection)[0] == "failed"


def test_files(connect: Any, file_case: FileCase, tmp_path: Path) -> None:
    connection = connect("csv", str(tmp_path / "yard"))
    there, lost = file_case(), file_case()
    round_(connection)
    assert compared(connection)[0] == "unverifiable"
    path = tmp_path / "yard" / "in" / "list-today.csv"
    path.write_text(f"number,status\n{there.number},open\n", "utf-8")
    assert compared(connection) == ("compared", [("lost", lost.number)])
    old = (timezone.now() - timedelta(days=3)).timestamp()
    os.utime(path, (old, old))
    assert compared(connection)[0] == "unverifiable"
    round_(connection)
    assert path.exists(), "a list is no file of updates"


def test_email_says_that_it_cannot_be_verified(
    connect: Any, file_case: FileCase, mailbox: Mailbox
) -> None:
    connection = connect("email", "roads@works.example", acknowledge_within_min=30)
    case = file_case()
    round_(connection)
    assert compared(connection) == ("unverifiable", [("unanswered", case.number)])


def test_only_the_connections_own_services_count(
    connect: Any, file_case: FileCase, works: tuple[Works, Server]
) -> None:
    _system, server = works
    connection = connect("webhook", server.url, service_codes=("TREE",))
    file_case()
    assert not Delivery.objects.exists()
    assert compared(connection) == ("unverifiable", [])
