"""Work items at the desk: the list, one item's page, the panel of the case."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from lamppost.cases.models import Case
from lamppost.cases.services.locking import version_of
from lamppost.people.actors import Actor
from lamppost.people.choices import Role
from lamppost.people.models import Department, Team, TeamMember
from lamppost.work.choices import ItemState
from lamppost.work.models import ChecklistItem, WorkItem
from lamppost.work.services.adding import NewItem, add_item

pytestmark = pytest.mark.django_db
FileCase = Callable[..., Case]
Desk = Callable[..., Client]


def _text(response: Any) -> str:
    return re.sub(r"\s+", " ", response.content.decode())


@pytest.fixture
def task(file_case: FileCase, worker: Actor) -> WorkItem:
    """Something Parks has to do in a case of Streets."""
    parks = Department.objects.get(code="parks")
    new = NewItem(
        department_id=parks.pk, title="Cut the roots", checklist=("Mark the tree", "Call"),
        amount=2, unit="business_days", note="Mind the pipe",
    )  # fmt: skip
    return add_item(case_id=file_case(address="12 Elm").pk, new=new, actor=worker)


def _post(client: Client, item: WorkItem, step: str, **data: Any) -> Any:
    return client.post(f"/desk/work/{item.pk}/{step}/", data)


def test_strangers_are_sent_away(task: WorkItem, visitor: Client, signed_in: Desk) -> None:
    """Who has not signed in, who works elsewhere, who is no staff at all."""
    for path in ("/desk/work/", f"/desk/work/{task.pk}/"):
        assert visitor.get(path).status_code == 302
        assert signed_in(Role.RESIDENT, name=path[-3]).get(path).status_code == 403
    center = signed_in(Role.WORKER, "center")
    assert center.get(f"/desk/work/{task.pk}/").status_code == 403
    assert "Cut the roots" not in _text(center.get("/desk/work/"))
    assert center.get(f"/desk/work/for/{task.case.number}/").status_code == 403
    assert center.get("/desk/work/999999/").status_code == 404
    assert _post(center, task, "finish").status_code == 403
    task.refresh_from_db()
    assert task.state == ItemState.OPEN


def test_who_only_reads_the_case_changes_nothing(task: WorkItem, worker_client: Client) -> None:
    """The owner's worker sees Parks' item and may drop it, but not do it."""
    page = _text(worker_client.get(f"/desk/work/{task.pk}/"))
    assert "Mark the tree" in page
    assert "/finish/" not in page
    assert "/tick/" not in page
    assert _post(worker_client, task, "finish").status_code == 403
    assert _post(worker_client, task, "drop", reason="").status_code == 400
    assert _post(worker_client, task, "drop", reason="Not needed").status_code == 302


@pytest.mark.parametrize(
    "path",
    [
        "/desk/work/?part=theirs",
        "/desk/work/?after=x",
        "/desk/work/?before=1-2-3",
        "/desk/work/?after=99999999999999999999-1",
    ],
)
def test_a_spoiled_address_is_told_so(path: str, worker_client: Client) -> None:
    assert worker_client.get(path).status_code == 400


def test_unknown_steps_and_methods_are_refused(task: WorkItem, worker_client: Client) -> None:
    assert _post(worker_client, task, "explode").status_code == 404
    assert worker_client.get(f"/desk/work/{task.pk}/finish/").status_code == 405
    assert worker_client.post("/desk/work/").status_code == 405


def test_an_item_is_worked_through(task: WorkItem, signed_in: Desk) -> None:
    parks = signed_in(Role.WORKER, "parks", "Pia")
    listed = _text(parks.get("/desk/work/"))
    for words in ("Cut the roots", "12 Elm", task.case.number, "0 of 2"):
        assert words in listed
    page = _text(parks.get(f"/desk/work/{task.pk}/"))
    for words in ("Mind the pipe", "Mark the tree", "2 business days from", "Required"):
        assert words in page, words
    refused = _post(parks, task, "finish")
    assert refused.status_code == 409
    assert "Still to be checked off: Mark the tree; Call" in _text(refused)
    for check in ChecklistItem.objects.filter(item=task):
        assert _post(parks, task, "tick", check=check.pk, done="yes").status_code == 302
    assert _post(parks, task, "take").status_code == 302
    assert _post(parks, task, "finish").status_code == 302
    assert _post(parks, task, "finish").status_code == 409
    task.refresh_from_db()
    assert (task.state, task.assignee_id) == (ItemState.DONE, parks.user.pk)
    assert "Cut the roots" not in _text(parks.get("/desk/work/"))
    assert _post(parks, task, "reopen", reason="More roots").status_code == 302


def test_the_last_item_dropped_leads_back_to_the_list(task: WorkItem, signed_in: Desk) -> None:
    parks = signed_in(Role.WORKER, "parks")
    answer = _post(parks, task, "drop", reason="No tree here")
    assert answer.headers["Location"] == "/desk/work/"
    assert parks.get(f"/desk/work/{task.pk}/").status_code == 403


def test_the_parts_of_the_list(task: WorkItem, signed_in: Desk) -> None:
    parks = signed_in(Role.WORKER, "parks", "Pia")
    crew = Team.objects.create(department_id=task.department_id, code="crew", name={"en": "Crew"})

    def listed(part: str) -> bool:
        return "Cut the roots" in _text(parks.get(f"/desk/work/?part={part}"))

    assert [listed(part) for part in ("", "mine", "team", "overdue")] == [True, False, False, False]
    TeamMember.objects.create(team=crew, user=parks.user)
    WorkItem.objects.update(
        team=crew, assignee=parks.user, due_at=timezone.now() - timedelta(hours=1)
    )
    assert [listed(part) for part in ("", "mine", "team", "overdue")] == [True] * 4


def test_the_list_leads_on_and_back_by_keyset(
    task: WorkItem, signed_in: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Items with and without a due time, three to a page: each is met once, both ways."""
    _many(task, 8)
    monkeypatch.setattr("lamppost.work.selectors.items.PAGE_SIZE", 3)
    monkeypatch.setattr("lamppost.work.selectors.items.work_page.__kwdefaults__", {
        "after": None, "before": None, "now": None, "size": 3,
    })  # fmt: skip
    parks = signed_in(Role.WORKER, "parks")
    seen: list[str] = []
    address, way = "/desk/work/", []
    while address:
        page = parks.get(address)
        way.append(address)
        seen += [row.url for row in page.context["rows"]]
        address = page.context["older_url"]
    assert len(seen) == len(set(seen)) == 9
    back: list[str] = []
    address = page.context["newer_url"]
    while address:
        page = parks.get(address)
        back = [row.url for row in page.context["rows"]] + back
        address = page.context["newer_url"]
    assert back == seen[: len(back)]
    assert len(back) == 6


def _many(task: WorkItem, count: int) -> None:
    now = timezone.now()
    for number in range(count):
        made = WorkItem.objects.create(
            case=task.case, department_id=task.department_id, title={"en": f"Task {number}"},
            order=number + 2, added_at=now, updated_at=now,
            due_at=now + timedelta(hours=number) if number % 2 else None,
        )  # fmt: skip
        ChecklistItem.objects.create(item=made, order=1, text={"en": "x"})


def test_a_long_list_costs_no_more_queries_than_a_short_one(
    task: WorkItem, signed_in: Desk, worker_client: Client
) -> None:
    parks = signed_in(Role.WORKER, "parks")

    def cost(client: Client, path: str) -> int:
        client.get(path)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(path).status_code == 200
        return len(queries)

    case_path = f"/desk/cases/{task.case.number}/"
    before = (cost(parks, "/desk/work/"), cost(worker_client, case_path))
    _many(task, 30)
    assert (cost(parks, "/desk/work/"), cost(worker_client, case_path)) == before
    assert before[0] <= 12


def test_an_item_is_added_from_the_case_s_page(file_case: FileCase, worker_client: Client) -> None:
    case = file_case()
    parks = Department.objects.get(code="parks")
    assert f"/desk/work/for/{case.number}/" in _text(
        worker_client.get(f"/desk/cases/{case.number}/")
    )
    address = f"/desk/work/for/{case.number}/"
    assert worker_client.get(address).status_code == 200
    refused = worker_client.post(
        address, {"title": "", "department": parks.pk, "amount": "soon", "note": "Keep me"}
    )
    assert refused.status_code == 400
    assert "Keep me" in _text(refused)
    assert not WorkItem.objects.exists()
    done = worker_client.post(
        address,
        {
            "title": "Cut", "department": parks.pk, "amount": "3", "unit": "hours",
            "checklist": "One\n\n Two \n", "required": "on", "public_label": "The tree is cut",
        },
    )  # fmt: skip
    assert done.status_code == 302
    item = WorkItem.objects.get()
    assert [check.text["en"] for check in item.checklist.all()] == ["One", "Two"]
    assert (item.is_required, item.amount, item.public_label) == (
        True, 3, {"en": "The tree is cut"},
    )  # fmt: skip
    assert "Cut" in _text(worker_client.get(f"/desk/cases/{case.number}/"))


def test_a_case_with_open_work_says_why_it_is_not_closed(
    task: WorkItem, worker_client: Client
) -> None:
    task.case.refresh_from_db()
    refused = worker_client.post(
        f"/desk/cases/{task.case.number}/close/",
        {"outcome": "done", "text": "Filled", "seen": version_of(task.case)},
    )
    assert refused.status_code == 409
    assert "Required work is still open: Cut the roots (Parks)" in _text(refused)


def test_a_department_with_a_part_reads_the_case_without_its_contact(
    file_case: FileCase, worker: Actor, signed_in: Desk
) -> None:
    from lamppost.cases.reports import Reporter

    case = file_case(reporter=Reporter(name="Rosa Reporter", phone="+12155550100"))
    parks = Department.objects.get(code="parks")
    add_item(case_id=case.pk, new=NewItem(department_id=parks.pk, title="Cut"), actor=worker)
    page = signed_in(Role.WORKER, "parks").get(f"/desk/cases/{case.number}/")
    assert page.status_code == 200
    assert "Rosa" not in _text(page)
    assert "+12155550100" not in _text(page)


# -- prepared texts and macros on the case's page


@pytest.fixture
def prepared(city: Any) -> dict[str, int]:
    """A reply in two languages, and a macro that ends with it."""
    from lamppost.catalog.models import Outcome
    from lamppost.work.models import Macro, MacroStep, ReplyTemplate

    done = Outcome.objects.get(code="done")
    reply = ReplyTemplate.objects.create(
        code="filled",
        title={"en": "Hole filled"},
        text={"en": "{department} filled it. {number}", "es": "{department} lo tapó. {number}"},
        outcome=done,
    )
    macro = Macro.objects.create(code="fill", title={"en": "Fill and close"})
    MacroStep.objects.create(macro=macro, order=1, kind="take")
    MacroStep.objects.create(macro=macro, order=2, kind="close", outcome=done, reply=reply)
    return {"reply": reply.pk, "macro": macro.pk}


def test_a_prepared_text_is_put_into_the_form_without_a_script(
    prepared: dict[str, int], file_case: FileCase, worker_client: Client
) -> None:
    """The reporter's language first; nothing happens to the case until it is sent."""
    case = file_case(language="es")
    page = worker_client.get(f"/desk/cases/{case.number}/")
    assert "Hole filled (Done)" in _text(page)
    answer = worker_client.post(
        f"/desk/cases/{case.number}/close/",
        {"use": "reply", "reply": prepared["reply"], "outcome": "", "text": "", "seen": "x"},
    )
    assert answer.status_code == 200
    form = answer.context["main"]["close"]
    values = {field["name"]: field["value"] for field in form.fields}
    assert values["text"] == f"Streets lo tapó. {case.number}"
    assert values["outcome"] == "done"
    case.refresh_from_db()
    assert case.state == "received"


@pytest.mark.parametrize("chosen", ["", "x", "999999", "99999999999999999999999"])
def test_no_prepared_text_leaves_what_was_typed(
    chosen: str, prepared: dict[str, int], file_case: FileCase, worker_client: Client
) -> None:
    case = file_case()
    answer = worker_client.post(
        f"/desk/cases/{case.number}/close/",
        {"use": "reply", "reply": chosen, "text": "My own words", "seen": "x"},
    )
    assert answer.status_code == 200
    assert "My own words" in _text(answer)


def test_a_macro_is_done_to_the_case_as_it_was_seen(
    prepared: dict[str, int], file_case: FileCase, worker_client: Client, signed_in: Desk
) -> None:
    case = file_case()
    address = f"/desk/work/for/{case.number}/macro/"
    assert "Fill and close" in _text(worker_client.get(f"/desk/cases/{case.number}/"))
    stranger = signed_in(Role.WORKER, "center")
    seen = version_of(case)
    assert stranger.post(address, {"macro": prepared["macro"], "seen": seen}).status_code == 403
    stale = worker_client.post(address, {"macro": prepared["macro"], "seen": "2020"}, follow=True)
    assert "Nothing was done." in _text(stale)
    case.refresh_from_db()
    assert case.state == "received"
    worker_client.post(address, {"macro": prepared["macro"], "seen": seen})
    case.refresh_from_db()
    assert (case.state, case.assignee_id) == ("closed", worker_client.user.pk)
    again = worker_client.post(
        address, {"macro": prepared["macro"], "seen": version_of(case)}, follow=True
    )
    assert "Nothing was done. Step 1" in _text(again)


def test_a_macro_for_many_is_shown_before_it_is_done(
    prepared: dict[str, int], task: WorkItem, file_case: FileCase, worker_client: Client
) -> None:
    """Chosen, looked at, done: the case with open work is refused, the other closes."""
    free = file_case()
    order = {"step": "macro", "case": [task.case_id, free.pk]}
    assert "Macro…" in _text(worker_client.get("/desk/?show=all"))
    chosen = worker_client.post("/desk/bulk/", order | {"stage": "choose"})
    assert "Fill and close" in _text(chosen)
    order |= {"target": prepared["macro"], "reason": "Night crew"}
    for spoiled in ({"target": ""}, {"target": "999999"}, {"target": "x"}, {"reason": ""}):
        refused = worker_client.post("/desk/bulk/", order | {"stage": "confirm"} | spoiled)
        assert refused.status_code == 400, spoiled
    page = _text(worker_client.post("/desk/bulk/", order | {"stage": "confirm"}))
    assert "“Fill and close” will be done to 1 case" in page
    assert "Required work is still open: Cut the roots (Parks)" in page
    free.refresh_from_db()
    assert free.state == "received"
    assert worker_client.post("/desk/bulk/", order | {"stage": "do"}).status_code == 200
    free.refresh_from_db()
    task.case.refresh_from_db()
    assert (free.state, task.case.state) == ("closed", "received")
