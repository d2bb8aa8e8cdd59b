"""The update extension over the wire, both ways."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from xml.etree import ElementTree

import pytest
from django.test import Client
from tests.support.fixtures import API_KEY

from lamppost.cases.choices import EventAudience
from lamppost.cases.models import Case, CaseEvent
from lamppost.cases.services.lifecycle import close, move
from lamppost.cases.services.notes import add_note
from lamppost.faces.open311.tests.conftest import BASE, errors_of
from lamppost.people.actors import Actor
from lamppost.people.models import ApiKey

ANY: Any = Callable
PATH = "servicerequestupdates.json"


def news(case: Case, **changes: Any) -> dict[str, Any]:
    """An update of ``case``, as a partner sends it."""
    return {
        "service_code": None, "lat": None, "long": None,
        "service_request_id": case.number, "update_id": "77", "status": "CLOSED",
        "updated_datetime": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "description": "Repaired",
    } | changes  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"api_key": None}, 403),
        ({"api_key": "wrong"}, 403),
        ({"service_request_id": "nope"}, 404),
        ({"service_request_id": "\0"}, 404),
        ({"update_id": ""}, 400),
        ({"updated_datetime": "now"}, 400),
        ({"updated_datetime": ""}, 400),
        ({"updated_datetime": "2020-01-01T00:00:00Z"}, 400),
        ({"description": "x" * 4001}, 400),
    ],
)
def test_refused(post: ANY, file_case: ANY, changes: dict[str, Any], status: int) -> None:
    case = file_case()
    response = post(PATH, **news(case, **changes))
    assert response.status_code == status, response.content
    assert errors_of(response, "json")[0][0] == status
    assert Case.objects.get(pk=case.pk).state == "received"


def test_a_key_that_may_not_update(post: ANY, file_case: ANY) -> None:
    ApiKey.objects.update(may_update=False)
    assert post(PATH, **news(file_case())).status_code == 403


def test_an_update_comes_in_and_is_known_again(post: ANY, get: ANY, file_case: ANY) -> None:
    """The answer is our id of it: the one under which it would be read."""
    case = file_case()
    first, again = post(PATH, **news(case)), post(PATH, **news(case))
    assert first.status_code == 200
    assert first.json() == again.json()
    assert get(f"requests/{case.number}.json")[0]["status"] == "closed"
    (row,) = get(PATH)
    assert row["update_id"] == first.json()[0]["update_id"]
    assert (row["status"], row["description"]) == ("FIXED", "Repaired")
    # Who told us is not told again.
    assert get(PATH, api_key=API_KEY) == []


def test_the_history_of_many_oldest_first(
    get: ANY, client: Client, file_case: ANY, worker: Actor
) -> None:
    one, other, hidden = file_case(), file_case(), file_case()
    for case in (one, hidden):
        move(case_id=case.pk, status_code="in-progress", actor=worker, note="Begun")
    add_note(case_id=one.pk, text="For colleagues", actor=worker, audience=EventAudience.STAFF)
    close(case_id=other.pk, outcome_code="not-done", text="Not possible", actor=worker)
    Case.objects.filter(pk=hidden.pk).update(visibility="private")
    found = [(row["service_request_id"], row["status"], row["description"]) for row in get(PATH)]
    assert found == [
        (one.number, "IN_PROGRESS", "Begun"),
        (other.number, "NO_FURTHER_ACTION", "Not possible"),
    ]
    Case.objects.filter(pk=one.pk).update(visibility="limited")
    assert get(PATH)[0]["description"] == "In progress"
    root = ElementTree.fromstring(client.get(f"{BASE}/servicerequestupdates.xml").content)
    assert root.tag == "service_request_updates"
    assert {child.tag for child in root} == {"request_update"}


def test_the_span_is_kept(get: ANY, file_case: ANY, worker: Actor) -> None:
    case = file_case()
    move(case_id=case.pk, status_code="in-progress", actor=worker)
    now = CaseEvent.objects.latest("id").at
    text = "%Y-%m-%dT%H:%M:%SZ"
    before, after = now - timedelta(hours=1), now + timedelta(hours=1)
    assert len(get(PATH, start_date=before.strftime(text), end_date=after.strftime(text))) == 1
    assert get(PATH, end_date=before.strftime(text)) == []
    assert get(PATH, start_date=after.strftime(text)) == []
    assert get(PATH, page=2, page_size=1) == []
