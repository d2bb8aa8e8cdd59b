"""Departments reached five ways: one case each, closed there, seen closed by the resident."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from standardwebhooks import Webhook

from lamppost.cases.models import Case, CaseEvent
from lamppost.kernel.vault import opened
from lamppost.partners.models import Connection, Delivery, HandOff, OutboxEntry
from lamppost.partners.services.inbound import Told, take
from lamppost.partners.services.outbox import relay
from lamppost.partners.tests.conftest import round_
from lamppost.partners.tests.standins import Georeport, Mailbox, Server, Works
from lamppost.people.actors import Actor

FileCase = Callable[..., Case]
pytestmark = pytest.mark.django_db


def seen_by_resident(case: Case) -> str:
    response = Client(HTTP_HOST="springfield.example").get(f"/requests/{case.number}/")
    assert response.status_code == 200
    return response.content.decode()


def state_of(case: Case) -> tuple[str, str, str]:
    case = Case.objects.select_related("outcome").get(pk=case.pk)
    return case.state, case.outcome.code if case.outcome else "", case.status_note


def test_built_in_queue(file_case: FileCase) -> None:
    """A department without a connection: nothing to deliver, nothing in the outbox."""
    file_case()
    assert OutboxEntry.objects.count() == 0
    assert relay() == 0
    assert Delivery.objects.count() == 0


def test_webhook_there_and_back(
    connect: Any, file_case: FileCase, works: tuple[Works, Server]
) -> None:
    system, server = works
    connection = connect("webhook", server.url + "/hook", is_number_public=True)
    case = file_case()
    round_(connection)
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.purpose) == ("acknowledged", "new")
    assert delivery.handoff.external_number == "WO-1"
    [sent] = server.seen
    body = Webhook(opened(connection.secret)).verify(sent.body, sent.headers)
    assert (body["type"], body["data"]["number"]) == ("case.new", case.number)
    assert sent.headers["webhook-id"] == delivery.key

    told = json.dumps(
        {
            "type": "case.status",
            "data": {
                "number": case.number,
                "status": "FIXED",
                "text": "Filled with asphalt",
                "at": timezone.now().isoformat(),
            },
        }
    )
    at = timezone.now()
    secret = Webhook(opened(connection.secret))
    response = Client(HTTP_HOST="springfield.example").post(
        f"/hooks/partner/{connection.code}",
        told,
        content_type="application/json",
        headers={
            "webhook-id": "msg_1",
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": secret.sign("msg_1", at, told),
        },
    )
    assert response.status_code == 200, response.content
    assert state_of(case) == ("closed", "done", "Filled with asphalt")
    page = seen_by_resident(case)
    assert "Filled with asphalt" in page
    assert "WO-1" in page
    round_(connection)
    assert system.received == [delivery.key], "what they told us is not told back"


def test_email_out_and_closed_at_the_desk(
    connect: Any, file_case: FileCase, mailbox: Mailbox, worker: Actor
) -> None:
    from lamppost.cases.services.lifecycle import close

    connection = connect("email", "roads@works.example", acknowledge_within_min=None)
    case = file_case(description="=Löcher, überall")
    round_(connection)
    [mail] = mailbox.mails
    assert case.number in str(mail["Subject"])
    assert mail["To"] == "roads@works.example"
    text = mail.get_payload(decode=True).decode()  # type: ignore[union-attr]
    assert "=Löcher, überall" in text
    delivery = Delivery.objects.get()
    assert delivery.state == "sent"
    assert mail["Message-ID"].startswith(f"<{delivery.key}@")
    close(case_id=case.pk, outcome_code="done", text="Filled", actor=worker)
    round_(connection)
    assert [delivery.state for delivery in Delivery.objects.order_by("id")] == ["sent", "sent"]
    assert "Filled" in mailbox.mails[1].get_payload(decode=True).decode()  # type: ignore[union-attr]
    assert "Filled" in seen_by_resident(case)


def test_open311_upstream_there_and_back(
    connect: Any, file_case: FileCase, upstream: tuple[Georeport, Server]
) -> None:
    system, server = upstream
    connection = connect("open311", server.url + "/v2", secret=system.key)
    case = file_case()
    round_(connection)
    [(number, remote)] = system.requests.items()
    assert remote["service_code"] == "POTHOLE"
    assert HandOff.objects.get().external_number == number
    sent = next(one for one in server.seen if one.method == "POST").form
    assert sent["attribute[WHERE]"] == "roadway"
    assert (float(sent["lat"]), float(sent["long"])) == (39.9526, -75.1636)
    system.close(number, "Paved over")
    round_(connection)
    assert state_of(case) == ("closed", "done", "Paved over")
    assert "Paved over" in seen_by_resident(case)
    before = CaseEvent.objects.count()
    round_(connection)
    assert CaseEvent.objects.count() == before, "looking again is no news"


def test_open311_with_a_token_first(
    connect: Any, file_case: FileCase, upstream: tuple[Georeport, Server], worker: Actor
) -> None:
    """No number yet: what follows waits for it, and goes out once it is known."""
    from lamppost.cases.services.lifecycle import move

    system, server = upstream
    system.gives_tokens, system.tokens_ready = True, False
    connection = connect("open311", server.url + "/v2", secret=system.key)
    case = file_case()
    round_(connection)
    assert Delivery.objects.get().state == "sent"
    move(case_id=case.pk, status_code="in-progress", actor=worker)
    round_(connection)
    assert Delivery.objects.order_by("id").last().state == "queued"  # type: ignore[union-attr]
    assert Connection.objects.get().failures == 0
    system.tokens_ready = True
    round_(connection)
    assert HandOff.objects.get().external_number == "9000"
    round_(connection)
    assert [one.state for one in Delivery.objects.order_by("id")] == ["acknowledged"] * 2
    assert [(one["service_request_id"], one["status"]) for one in system.updates] == [
        ("9000", "OPEN")
    ]


def test_files_there_and_back(connect: Any, file_case: FileCase, tmp_path: Path) -> None:
    connection = connect("csv", str(tmp_path / "streets"), interval_min=15)
    case = file_case(description="=cmd|'/c calc'!A1")
    round_(connection)
    [path] = (tmp_path / "streets" / "out").glob("*.csv")
    [row] = csv.DictReader(path.open(encoding="utf-8"))
    assert (row["number"], row["purpose"]) == (case.number, "new")
    assert row["description"].startswith("'="), "no formula reaches a spreadsheet"
    assert Delivery.objects.get().state == "sent"
    file_case()
    round_(connection)
    assert len(list((tmp_path / "streets" / "out").glob("*.csv"))) == 1, "one file per interval"

    returned = tmp_path / "streets" / "in" / "back.csv"
    returned.write_text(
        f"number;external_number;status;text\n{case.number};A-77;closed;Gemacht\n", "utf-8"
    )
    an_hour_ago = (timezone.now() - timedelta(hours=1)).timestamp()
    os.utime(returned, (an_hour_ago, an_hour_ago))
    round_(connection)
    handoff = HandOff.objects.get(case=case)
    assert handoff.external_number == "A-77"
    assert Delivery.objects.get(handoff=handoff).state == "acknowledged"
    assert state_of(case) == ("closed", "done", "Gemacht")
    assert not returned.exists()
    assert (returned.parent / "done" / "back.csv").exists()


def test_the_number_alone_acknowledges(
    connect: Any, file_case: FileCase, serve: Callable[..., Server]
) -> None:
    """A webhook that only says 'taken' first, and gives its number later."""
    server = serve(lambda _seen: (202, {}, b""))
    connection = connect("webhook", server.url)
    case = file_case()
    round_(connection)
    assert Delivery.objects.get().state == "sent"
    take(connection, Told("a", timezone.now(), number=case.number, external_number="X9"))
    assert Delivery.objects.get().state == "acknowledged"
    kinds = CaseEvent.objects.filter(case=case, kind="delivery").order_by("seq")
    assert [event.data["state"] for event in kinds] == ["sent", "acknowledged"]
    assert kinds.last().data["external_number"] == "X9"  # type: ignore[union-attr]
