"""Preparing replies, macros and work items at the desk: by whom, and what is refused."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from lamppost.cases.models import Case
from lamppost.catalog.models import Outcome, Service, Status
from lamppost.people.choices import Role
from lamppost.people.models import AuditEntry, Denial, Department
from lamppost.work.models import Macro, MacroStep, ReplyTemplate, TemplateCheck, WorkTemplate

pytestmark = pytest.mark.django_db
Desk = Callable[..., Client]


def _text(response: Any) -> str:
    return re.sub(r"\s+", " ", response.content.decode())


def _department(code: str) -> int:
    return Department.objects.get(code=code).pk


@pytest.fixture
def manager(signed_in: Desk) -> Client:
    """The manager of the streets department."""
    return signed_in(Role.MANAGER, "streets", "Mona")


@pytest.mark.parametrize("path", ["", "replies/new/", "macros/new/", "items/new/"])
def test_only_who_manages_wording_comes_in(path: str, signed_in: Desk, visitor: Client) -> None:
    address = f"/desk/wording/{path}"
    assert visitor.get(address).status_code == 302
    for role, department in (
        (Role.WORKER, "streets"), (Role.AGENT, "center"), (Role.DIRECTOR, None),
        (Role.RESIDENT, None),
    ):  # fmt: skip
        assert signed_in(role, department).get(address).status_code == 403, role
    for role, department in ((Role.MANAGER, "streets"), (Role.SUPERVISOR, "center")):
        assert signed_in(role, department).get(address).status_code == 200, role


def test_another_department_s_and_everybody_s_are_not_a_manager_s(
    manager: Client, signed_in: Desk
) -> None:
    parks = ReplyTemplate.objects.create(
        code="parks", title={"en": "Theirs"}, text={"en": "x"}, department_id=_department("parks")
    )
    everybody = ReplyTemplate.objects.create(code="all", title={"en": "All"}, text={"en": "x"})
    assert "Theirs" not in _text(manager.get("/desk/wording/"))
    for row in (parks, everybody):
        address = f"/desk/wording/replies/{row.pk}/"
        assert manager.get(address).status_code == 403
        sent = {"code": row.code, "title": "Mine", "text_en": "x"}
        for department in ("", _department("streets"), _department("parks")):
            assert manager.post(address, sent | {"department": department}).status_code == 403
    new = {"code": "new", "title": "New", "text_en": "x"}
    for department in ("", _department("parks")):
        answer = manager.post("/desk/wording/replies/new/", new | {"department": department})
        assert answer.status_code == 403
    assert Denial.objects.filter(permission="wording.manage").exists()
    assert ReplyTemplate.objects.count() == 2
    supervisor = signed_in(Role.SUPERVISOR, "center")
    answer = supervisor.post(f"/desk/wording/replies/{everybody.pk}/", new)
    assert answer.status_code == 302


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"text_en": "Ask {actor.email}"}, "means nothing here"),
        ({"text_es": "{0}"}, "means nothing here"),
        ({"text_en": "", "text_es": ""}, "Write the text first"),
        ({"text_en": "x" * 2001}, "at most 2000"),
        ({"code": "Not A Code"}, "Use small letters"),
        ({"title": " "}, "Give it a name"),
        ({"service": "999999"}, "service does not exist"),
        ({"outcome": "999999"}, "outcome does not exist"),
    ],
)
def test_a_reply_that_cannot_be_is_refused(
    changes: dict[str, str], words: str, manager: Client
) -> None:
    sent = {
        "code": "filled", "title": "Filled", "text_en": "It is filled.",
        "department": _department("streets"),
    }  # fmt: skip
    answer = manager.post("/desk/wording/replies/new/", sent | changes)
    assert answer.status_code == 400
    assert words in _text(answer)
    assert not ReplyTemplate.objects.exists()


def test_a_reply_is_made_changed_and_taken_out_of_use(
    manager: Client, file_case: Callable[..., Case]
) -> None:
    sent = {
        "code": "filled", "title": "Filled", "text_en": "{number} is filled.",
        "text_es": "{number} está tapado.", "department": _department("streets"),
    }  # fmt: skip
    assert manager.post("/desk/wording/replies/new/", sent).status_code == 302
    row = ReplyTemplate.objects.get()
    assert row.text == {"en": "{number} is filled.", "es": "{number} está tapado."}
    again = manager.post("/desk/wording/replies/new/", sent)
    assert again.status_code == 409
    assert AuditEntry.objects.filter(what="wording", label="filled").count() == 1
    case = file_case()
    assert "Filled" in _text(manager.get(f"/desk/cases/{case.number}/"))
    address = f"/desk/wording/replies/{row.pk}/"
    assert manager.get(address).status_code == 200
    assert manager.post(address, sent).status_code == 302
    row.refresh_from_db()
    assert not row.is_active


def test_a_macro_is_made_of_steps_in_order(manager: Client) -> None:
    sent = {
        "code": "fill", "title": "Fill", "department": _department("streets"),
        "step_1": "take:", "step_2": f"move:{Status.objects.get(code='in-progress').pk}",
        "step_4": f"close:{Outcome.objects.get(code='done').pk}", "text_4": "It is done.",
    }  # fmt: skip
    assert manager.post("/desk/wording/macros/new/", sent).status_code == 302
    macro = Macro.objects.get()
    assert [step.kind for step in macro.steps.all()] == ["take", "move", "close"]
    close = macro.steps.get(kind="close")
    close.text = {"en": "It is done.", "es": "Está hecho."}
    close.save()
    page = manager.get(f"/desk/wording/macros/{macro.pk}/")
    assert page.status_code == 200
    changed = sent | {"is_active": "on", "title": "Fill it"}
    assert manager.post(f"/desk/wording/macros/{macro.pk}/", changed).status_code == 302
    assert macro.steps.get(kind="close").text == {"en": "It is done.", "es": "Está hecho."}


@pytest.mark.parametrize(
    ("steps", "words"),
    [
        ({}, "from 1 to 10 steps"),
        ({"step_1": "dance:"}, "Choose what the step does"),
        ({"step_1": "move:{closed}"}, "status that is not closed"),
        ({"step_1": "move:x"}, "status that is not closed"),
        ({"step_1": "close:{duplicate}"}, "how the case ends"),
        ({"step_1": "close:{done}"}, "Say in a sentence"),
        ({"step_1": "close:{done}", "text_1": "x", "step_2": "take:"}, "last step"),
        ({"step_1": "note:"}, "Write the note"),
        ({"step_1": "note:", "reply_1": "999999"}, "does not exist here"),
        ({"step_1": "team:999999"}, "team of the macro"),
        ({"step_1": "item:999999"}, "own service"),
        ({"step_1": "priority:frantic"}, "Choose a priority"),
    ],
)
def test_a_macro_that_cannot_be_done_is_refused(
    steps: dict[str, str], words: str, manager: Client
) -> None:
    names = {
        "closed": Status.objects.get(code="closed").pk,
        "duplicate": Outcome.objects.get(code="duplicate").pk,
        "done": Outcome.objects.get(code="done").pk,
    }
    sent = {"code": "fill", "title": "Fill", "department": _department("streets")}
    sent |= {name: value.format(**names) for name, value in steps.items()}
    answer = manager.post("/desk/wording/macros/new/", sent)
    assert answer.status_code == 400
    assert words in _text(answer)
    assert not MacroStep.objects.exists()


def test_a_service_s_work_item_is_prepared_and_its_checklist_keeps_its_translations(
    manager: Client, file_case: Callable[..., Case]
) -> None:
    pothole = Service.objects.get(code="POTHOLE")
    sent = {
        "code": "look", "title": "Look at it", "department": _department("streets"),
        "service": pothole.pk, "begins": "intake", "amount": "2", "unit": "business_days",
        "checklist": "Barricades\n? Photo\n\n", "required": "on",
    }  # fmt: skip
    refused = manager.post("/desk/wording/items/new/", sent | {"unit": "", "begins": "soon"})
    assert refused.status_code == 400
    assert manager.post("/desk/wording/items/new/", sent).status_code == 302
    row = WorkTemplate.objects.get()
    assert [(check.text["en"], check.is_required) for check in row.checks.all()] == [
        ("Barricades", True), ("Photo", False),
    ]  # fmt: skip
    case = file_case()
    assert case.open_required == 1
    TemplateCheck.objects.filter(text__en="Photo").update(text={"en": "Photo", "es": "Foto"})
    changed = sent | {"checklist": "? Photo\nSwept", "is_active": "on"}
    assert manager.post(f"/desk/wording/items/{row.pk}/", changed).status_code == 302
    assert [check.text for check in row.checks.all()] == [
        {"en": "Photo", "es": "Foto"}, {"en": "Swept"},
    ]  # fmt: skip
    tree = Service.objects.get(code="TREE").pk
    assert (
        manager.post(f"/desk/wording/items/{row.pk}/", changed | {"service": tree}).status_code
        == 400
    )


def test_what_does_not_exist_is_told_so(manager: Client) -> None:
    assert manager.get("/desk/wording/replies/999999/").status_code == 404
    assert manager.get("/desk/wording/spells/new/").status_code == 404


def test_a_manager_prepares_no_work_for_another_department_s_service(
    manager: Client, signed_in: Desk, file_case: Callable[..., Case]
) -> None:
    """It would let the own department read every case of that service, and hold it open."""
    tree = Service.objects.get(code="TREE")
    sent = {
        "code": "look", "title": "Look at it", "department": _department("streets"),
        "service": tree.pk, "begins": "by_hand",
    }  # fmt: skip
    assert f'value="{tree.pk}"' not in manager.get("/desk/wording/items/new/").content.decode()
    assert manager.post("/desk/wording/items/new/", sent).status_code == 403
    assert not WorkTemplate.objects.exists()
    assert Denial.objects.filter(permission="wording.manage").exists()

    supervisor = signed_in(Role.SUPERVISOR, "center")
    assert supervisor.post("/desk/wording/items/new/", sent).status_code == 302
    address = f"/desk/wording/items/{WorkTemplate.objects.get().pk}/"
    same = sent | {"title": "Look", "is_active": "on"}
    assert manager.post(address, same).status_code == 302
    for more in ({"begins": "intake"}, {"required": "on"}):
        assert manager.post(address, same | more).status_code == 403
    assert manager.post(address, sent).status_code == 302
    assert manager.post(address, same).status_code == 403
    assert not WorkTemplate.objects.get().is_active


def test_what_a_macro_needs_stays_in_use(manager: Client) -> None:
    """Else the macro stops at that step, and an exported pack names what is not in it."""
    streets = _department("streets")
    reply = {"code": "filled", "title": "Filled", "text_en": "It is filled.", "department": streets}
    item = {
        "code": "look", "title": "Look at it", "department": streets, "begins": "by_hand",
        "service": Service.objects.get(code="POTHOLE").pk,
    }  # fmt: skip
    manager.post("/desk/wording/replies/new/", reply)
    manager.post("/desk/wording/items/new/", item)
    made, template = ReplyTemplate.objects.get(), WorkTemplate.objects.get()
    macro = {
        "code": "both", "title": "Both", "department": streets, "service": item["service"],
        "step_1": f"item:{template.pk}", "step_2": "note:", "reply_2": made.pk,
    }  # fmt: skip
    assert manager.post("/desk/wording/macros/new/", macro).status_code == 302
    for address, sent in (
        (f"/desk/wording/replies/{made.pk}/", reply),
        (f"/desk/wording/items/{template.pk}/", item),
    ):
        answer = manager.post(address, sent)
        assert answer.status_code == 409
        assert "A macro still uses it: both." in _text(answer)
    retired = manager.post(f"/desk/wording/macros/{Macro.objects.get().pk}/", macro)
    assert retired.status_code == 302
    assert manager.post(f"/desk/wording/replies/{made.pk}/", reply).status_code == 302
