"""Macros: all steps or none, each with its own permission; replies in the reporter's language."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from lamppost.cases.choices import EventKind
from lamppost.cases.models import BulkRun, Case, CaseEvent
from lamppost.catalog.models import Outcome, Service, Status
from lamppost.cities.models import City
from lamppost.cities.selectors import forget_cities
from lamppost.kernel.refusals import Conflict, Forbidden, Invalid, NotFound
from lamppost.people.actors import Actor
from lamppost.people.choices import Role
from lamppost.people.models import AuditEntry, Denial, Department, Team
from lamppost.work.models import Macro, MacroStep, ReplyTemplate, WorkItem
from lamppost.work.selectors.replies import replies_for, words_for
from lamppost.work.services.macros import preview_macro, run_macro, run_macro_on

pytestmark = pytest.mark.django_db
FileCase = Callable[..., Case]
Make = Callable[..., Any]


@pytest.fixture
def changed(city: City) -> Callable[[], None]:
    """Have every process read again what the city has prepared."""

    def forget() -> None:
        City.objects.filter(pk=city.pk).update(catalog_changed_at=timezone.now())
        forget_cities()

    return forget


@pytest.fixture
def reply(changed: Callable[[], None]) -> Make:
    """Prepare a reply: ``reply("filled", "Filled.", es="Tapado.")``."""

    def make(code: str, text: str, *, es: str = "", **more: Any) -> ReplyTemplate:
        texts = {"en": text} | ({"es": es} if es else {})
        made = ReplyTemplate.objects.create(
            code=code, title={"en": code.title()}, text=texts, **more
        )
        changed()
        return made

    return make


@pytest.fixture
def macro(changed: Callable[[], None]) -> Make:
    """Prepare a macro: ``macro("fill", {"kind": "take"}, {"kind": "close", …})``."""

    def make(code: str, *steps: dict[str, Any], **more: Any) -> Macro:
        made = Macro.objects.create(code=code, title={"en": code.title()}, **more)
        for order, step in enumerate(steps, start=1):
            MacroStep.objects.create(macro=made, order=order, **step)
        changed()
        return made

    return make


def _status(code: str) -> Status:
    return Status.objects.get(code=code)


def _outcome(code: str) -> Outcome:
    return Outcome.objects.get(code=code)


# -- all or nothing


def test_a_refused_step_takes_back_the_steps_before_it(
    macro: Make, file_case: FileCase, worker: Actor
) -> None:
    """Moved, assigned and noted, then refused: nothing of it has happened."""
    made = macro(
        "tree",
        {"kind": "take"},
        {"kind": "move", "status": _status("in-progress")},
        {"kind": "note", "text": {"en": "On it"}},
        {"kind": "close", "outcome": _outcome("done")},
    )
    case = file_case()
    events = CaseEvent.objects.count()
    with pytest.raises(Invalid, match="Step 4, Close the case"):
        run_macro(case_id=case.pk, macro_id=made.pk, actor=worker)
    case.refresh_from_db()
    assert (case.state, case.assignee_id, CaseEvent.objects.count()) == ("received", None, events)


def test_a_step_beyond_one_s_right_takes_back_all_and_the_denial_stays(
    macro: Make, file_case: FileCase, worker: Actor
) -> None:
    """A worker may move, not set priorities."""
    made = macro(
        "urgent",
        {"kind": "move", "status": _status("in-progress")},
        {"kind": "priority", "priority": "urgent", "text": {"en": "Dangerous"}},
    )
    case = file_case()
    with pytest.raises(Forbidden, match="Step 2"):
        run_macro(case_id=case.pk, macro_id=made.pk, actor=worker)
    case.refresh_from_db()
    assert (case.state, case.priority) == ("received", "normal")
    assert Denial.objects.filter(user_id=worker.user_id, permission="case.priority").count() == 1


def test_every_kind_of_step_is_done_by_its_own_service(
    macro: Make, reply: Make, template: Make, file_case: FileCase, actor: Make, changed: Any
) -> None:
    boss = actor(Role.MANAGER, "streets")
    crew = Team.objects.create(department_id=boss.department_id, code="crew", name={"en": "Crew"})
    prepared = template("signs", "streets", begins="by_hand", is_required=False)
    said = reply("filled", "{department} filled it. {number}", es="{department} lo tapó. {number}")
    made = macro(
        "all",
        {"kind": "team", "team": crew},
        {"kind": "take"},
        {"kind": "priority", "priority": "high"},
        {"kind": "move", "status": _status("in-progress")},
        {"kind": "note", "text": {"en": "By phone"}},
        {"kind": "item", "template": prepared},
        {"kind": "close", "outcome": _outcome("done"), "reply": said},
    )
    case = file_case(language="es")
    # Who takes it must be of the team it was given to: the service says so, not the macro.
    crew.members.create(user_id=boss.user_id)
    run_macro(case_id=case.pk, macro_id=made.pk, actor=boss)
    case.refresh_from_db()
    assert (case.state, case.priority, case.assignee_id, case.team_id) == (
        "closed", "high", boss.user_id, crew.pk,
    )  # fmt: skip
    assert case.status_note == f"Streets lo tapó. {case.number}"
    kinds = list(CaseEvent.objects.filter(case=case).order_by("seq").values_list("kind", flat=True))
    for kind in ("assigned", "priority", "moved", "note", "work", "closed"):
        assert kind in kinds
    assert WorkItem.objects.get(case=case).state == "dropped"


def test_a_macro_of_another_service_or_desk_is_not_for_this_case(
    macro: Make, file_case: FileCase, worker: Actor
) -> None:
    tree = macro("tree", {"kind": "take"}, service=Service.objects.get(code="TREE"))
    parks = macro("parks", {"kind": "take"}, department=Department.objects.get(code="parks"))
    empty = macro("empty")
    retired = macro("retired", {"kind": "take"}, is_active=False)
    case = file_case()
    for one in (tree, parks, retired):
        with pytest.raises(NotFound):
            run_macro(case_id=case.pk, macro_id=one.pk, actor=worker)
    with pytest.raises(Conflict):
        run_macro(case_id=case.pk, macro_id=empty.pk, actor=worker)
    with pytest.raises(NotFound):
        run_macro(case_id=10**9, macro_id=tree.pk, actor=worker)


def test_a_closed_case_takes_no_macro(
    macro: Make, file_case: FileCase, worker: Actor, reply: Make
) -> None:
    said = reply("done", "Done.")
    made = macro("close", {"kind": "close", "outcome": _outcome("done"), "reply": said})
    case = file_case()
    run_macro(case_id=case.pk, macro_id=made.pk, actor=worker)
    with pytest.raises(Conflict):
        run_macro(case_id=case.pk, macro_id=made.pk, actor=worker)
    assert CaseEvent.objects.filter(case=case, kind=EventKind.CLOSED).count() == 1


# -- many at once


def test_many_at_once_need_the_right_and_a_reason(
    macro: Make, file_case: FileCase, worker: Actor, agent: Actor
) -> None:
    made = macro("take", {"kind": "take"})
    case = file_case()
    with pytest.raises(Forbidden):
        run_macro_on(case_ids=[case.pk], macro_id=made.pk, reason="x", actor=agent)
    for ids, reason in (([case.pk], " "), ([], "x"), ([case.pk] * 501, "x")):
        with pytest.raises(Invalid):
            run_macro_on(case_ids=ids, macro_id=made.pk, reason=reason, actor=worker)
    case.refresh_from_db()
    assert case.assignee_id is None


def test_each_case_of_many_is_judged_by_itself_and_bears_the_reason(
    macro: Make, reply: Make, file_case: FileCase, worker: Actor, cave_in: None
) -> None:
    said = reply("done", "Done.")
    made = macro(
        "close", {"kind": "take"}, {"kind": "close", "outcome": _outcome("done"), "reply": said}
    )
    free, held = file_case(), file_case(answers={"WHERE": ("cave-in",)})
    ids = [free.pk, held.pk]
    expected = preview_macro(case_ids=ids, macro_id=made.pk, reason="Night crew", actor=worker)
    assert expected[free.pk] == ""
    assert "still open" in expected[held.pk]
    free.refresh_from_db()
    assert free.state == "received"
    result = run_macro_on(case_ids=ids, macro_id=made.pk, reason="Night crew", actor=worker)
    assert result.done == (free.pk,)
    assert "Step 2" in result.refused[held.pk]
    held.refresh_from_db()
    assert (held.state, held.assignee_id) == ("received", None)
    notes = CaseEvent.objects.filter(kind=EventKind.NOTE)
    assert [(note.case_id, note.audience, note.words.text) for note in notes] == [
        (free.pk, "staff", "Night crew")
    ]
    run = BulkRun.objects.get()
    assert (run.step, run.chosen_count, run.reason) == ("close", 2, "Night crew")
    assert [one.event.case_id for one in run.cases.all()] == [free.pk]
    assert AuditEntry.objects.get(what="bulk").detail == "macro: 1 done, 1 refused"


# -- replies


def test_a_reply_speaks_the_reporter_s_language_and_names_the_local_day(
    reply: Make, file_case: FileCase
) -> None:
    made = reply("due", "{service}: by {due}.", es="{service}: hasta el {due}.")
    spanish, german = file_case(language="es"), file_case(language="de")
    timeless = file_case(service_code="TREE", answers={})
    entry = next(one for one in replies_for(spanish) if one.id == made.pk)
    assert words_for(entry, spanish).startswith("Bache: hasta el ")
    assert " de " in words_for(entry, spanish)
    assert words_for(entry, german).startswith("Pothole: by ")
    assert made.pk not in {one.id for one in replies_for(timeless)}


def test_a_reply_is_offered_for_its_service_and_desk_only(reply: Make, file_case: FileCase) -> None:
    everywhere = reply("all", "x")
    tree = reply("tree", "x", service=Service.objects.get(code="TREE"))
    parks = reply("parks", "x", department=Department.objects.get(code="parks"))
    reply("gone", "x", is_active=False)
    assert {one.id for one in replies_for(file_case())} == {everywhere.pk}
    case = file_case(service_code="TREE", answers={})
    assert {one.id for one in replies_for(case)} == {everywhere.pk, tree.pk, parks.pk}
