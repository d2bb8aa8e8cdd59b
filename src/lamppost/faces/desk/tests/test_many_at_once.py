"""Changing several cases: chosen, looked at, done, and what was refused with its reason."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from lamppost.cases.models import Case, CaseEvent
from lamppost.cases.services.lifecycle import close
from lamppost.people.actors import Actor

pytestmark = pytest.mark.django_db
FileCase = Callable[..., Case]


def _bulk(client: Client, cases: list[Case], **data: Any) -> Any:
    return client.post("/desk/bulk/", {"case": [str(case.pk) for case in cases], **data})


def _page(response: Any) -> str:
    return " ".join(response.content.decode().split())


def test_nothing_is_written_until_it_is_confirmed(
    worker_client: Client, file_case: FileCase
) -> None:
    cases = [file_case(), file_case()]
    events = CaseEvent.objects.count()
    chosen = _bulk(worker_client, cases, step="move", stage="choose")
    assert "2 cases chosen" in _page(chosen)
    order = {"step": "move", "target": "in-progress", "reason": "Crew"}
    shown = _bulk(worker_client, cases, stage="confirm", **order)
    assert "2 cases will go to “In progress”" in _page(shown)
    assert CaseEvent.objects.count() == events

    done = _bulk(worker_client, cases, stage="do", **order)

    assert "2 cases changed" in _page(done)
    assert {case.state for case in Case.objects.all()} == {"open"}


def test_the_confirmation_foretells_what_the_step_then_refuses(
    worker_client: Client, file_case: FileCase, worker: Actor
) -> None:
    good, closed = file_case(), file_case()
    close(case_id=closed.pk, outcome_code="done", text="Filled", actor=worker)
    order = {"step": "move", "target": "in-progress", "reason": "Crew"}
    foretold = _page(_bulk(worker_client, [good, closed], stage="confirm", **order))
    done = _page(_bulk(worker_client, [good, closed], stage="do", **order))
    for page in (foretold, done):
        assert "This case is closed: reopen it first." in page
    assert "1 case changed" in done
    assert "1 case stayed as it was" in done


def test_close_several_with_one_sentence(worker_client: Client, file_case: FileCase) -> None:
    cases = [file_case(), file_case()]
    order = {"step": "close", "target": "not-found", "reason": "The block was repaved."}
    assert "will be closed as “Could not find it”" in _page(
        _bulk(worker_client, cases, stage="confirm", **order)
    )
    _bulk(worker_client, cases, stage="do", **order)
    assert {case.status_note for case in Case.objects.all()} == {"The block was repaved."}


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"step": "move", "stage": "do", "target": "in-progress"}, "needs a reason"),
        ({"step": "move", "stage": "confirm", "target": "nope", "reason": "x"}, "does not exist"),
        ({"step": "close", "stage": "confirm", "target": "", "reason": "x"}, "status does not"),
        ({"step": "close", "stage": "confirm", "target": "no", "reason": "x"}, "how the case"),
        ({"step": "burn", "stage": "do"}, "There is no such step."),
        ({"step": "move", "stage": "later"}, "There is no such step."),
        ({"step": "move", "stage": "do", "target": "in-progress", "reason": "x" * 4001}, "4000"),
    ],
)
def test_a_step_that_cannot_be_is_refused(
    data: dict[str, str], words: str, worker_client: Client, file_case: FileCase
) -> None:
    cases = [file_case()]
    response = _bulk(worker_client, cases, **data)
    assert response.status_code == 400
    if words != "status does not":
        assert words in _page(response)
    assert Case.objects.get().state == "received"


@pytest.mark.parametrize("ids", [[], ["x"], ["-1"], ["9" * 40], ["\x00"], ["999999999"]])
def test_cases_that_do_not_exist_are_none(ids: list[str], worker_client: Client) -> None:
    response = worker_client.post("/desk/bulk/", {"case": ids, "step": "move"})
    assert response.status_code == 400
    assert "Choose at least one case." in _page(response)


def test_more_than_may_be_changed_at_once(worker_client: Client) -> None:
    ids = [str(number) for number in range(1, 502)]
    response = worker_client.post("/desk/bulk/", {"case": ids, "step": "move"})
    assert response.status_code == 400
    assert "at most 500" in _page(response)
