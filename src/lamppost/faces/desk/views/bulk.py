"""One step for many cases: choose, look at what will happen, do it, see what was refused."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from lamppost.cases.models import Case
from lamppost.cases.selectors.desk import cases_by_id
from lamppost.cases.services.bulk import MAX_BULK, BulkResult, bulk_close, bulk_move, preview
from lamppost.catalog.book import book
from lamppost.catalog.choices import OutcomeKind, State
from lamppost.faces.desk.access import actor_at, at_desk, status_of
from lamppost.faces.desk.fields import Fields, Typed
from lamppost.faces.desk.filters import asked
from lamppost.faces.desk.frame import frame, localized
from lamppost.faces.desk.rows import rows_of
from lamppost.kernel.refusals import Invalid, Refusal
from lamppost.people.actors import Actor
from lamppost.people.permissions import Permission, require

_STEPS = ("move", "close")


@dataclass(frozen=True)
class _Order:
    """What is asked for: a step, its target, the reason, the cases."""

    step: str
    target: str
    reason: str
    case_ids: tuple[int, ...]
    stage: str


@at_desk("POST")
def bulk(request: HttpRequest) -> HttpResponse:
    """Lead through one step for the selected cases."""
    actor = actor_at(request)
    require(actor, Permission.CASE_BULK)
    order = _order(request.POST)
    cases = cases_by_id(order.case_ids, actor=actor)
    if not cases:
        raise Invalid(_("Choose at least one case."), field="case")
    page = {
        **frame(actor),
        "order": order,
        "case_ids": [case.pk for case in cases],
        "rows": rows_of(cases),
        "query": asked(request.GET, actor).query(after="", before=""),
        "queue_url": reverse("desk:queue") + asked(request.GET, actor).query(after="", before=""),
    }
    if order.stage == "choose":
        return render(request, "desk/bulk.html", page | _choosing(order, Typed()))
    try:
        if order.stage == "confirm":
            return render(
                request, "desk/bulk_confirm.html", page | _confirming(order, cases, actor)
            )
        result = _do(order, actor)
    except Refusal as refusal:
        typed = Typed.of(request.POST, refusal)
        return render(
            request, "desk/bulk.html", page | _choosing(order, typed), status=status_of(refusal)
        )
    return render(request, "desk/bulk_done.html", page | _done(result, actor))


def _order(data: QueryDict) -> _Order:
    step, stage = data.get("step", ""), data.get("stage", "choose")
    if step not in _STEPS or stage not in {"choose", "confirm", "do"}:
        raise Invalid(_("There is no such step."), field="step")
    ids = [text for text in data.getlist("case") if text.isdecimal() and len(text) < 19]
    if len(ids) > MAX_BULK:
        message = _("Choose at most %(limit)d cases at a time.") % {"limit": MAX_BULK}
        raise Invalid(message, field="case")
    return _Order(
        step=step,
        target=data.get("target", ""),
        reason=data.get("reason", ""),
        case_ids=tuple(dict.fromkeys(int(text) for text in ids)),
        stage=stage,
    )


def _choosing(order: _Order, typed: Typed) -> dict[str, Any]:
    fields = Fields("bulk", _renamed(typed))
    if order.step == "move":
        choices = [
            (one.code, localized(one.name))
            for one in book().statuses.values()
            if one.state is not State.CLOSED
        ]
        target = fields.select("target", _("Next status"), [("", _("Choose")), *choices])
    else:
        choices = [
            (one.code, localized(one.name))
            for one in book().outcomes.values()
            if one.kind is not OutcomeKind.DUPLICATE
        ]
        target = fields.select("target", _("Outcome"), [("", _("Choose")), *choices])
    hint = _("It stands in the history of every one of these cases, for the resident to read.")
    shown = [target, fields.area("reason", _("Reason"), required=True, hint=hint)]
    return {"fields": shown, "errors": typed.other_errors(_NAMED)}


_NAMED = ("target", "reason", "status", "outcome", "text", "note")


def _renamed(typed: Typed) -> Typed:
    """Give the services' names of fields those of this form."""
    names = {"status": "target", "outcome": "target", "text": "reason", "note": "reason"}
    problems = tuple(
        type(one)(names.get(one.field, one.field), one.message, one.code) for one in typed.problems
    )
    return Typed(typed.data, problems)


def _confirming(order: _Order, cases: list[Case], actor: Actor) -> dict[str, Any]:
    closes = order.step == "close"
    expected = preview(
        cases,
        status_code="" if closes else order.target,
        outcome_code=order.target if closes else "",
        reason=order.reason,
        actor=actor,
    )
    pages = book()
    entry = pages.outcome(order.target) if closes else pages.status(order.target)
    rows = [{"row": row, "refusal": expected[row.id]} for row in rows_of(cases)]
    return {
        "rows": rows,
        "target_name": localized(entry.name) if entry else "",
        "ready_count": sum(not one["refusal"] for one in rows),
        "refused_count": sum(bool(one["refusal"]) for one in rows),
    }


def _do(order: _Order, actor: Actor) -> BulkResult:
    if order.step == "move":
        return bulk_move(
            case_ids=order.case_ids, status_code=order.target, reason=order.reason, actor=actor
        )
    return bulk_close(
        case_ids=order.case_ids, outcome_code=order.target, reason=order.reason, actor=actor
    )


def _done(result: BulkResult, actor: Actor) -> dict[str, Any]:
    cases = cases_by_id([*result.done, *result.refused], actor=actor)
    rows = {row.id: row for row in rows_of(cases)}
    return {
        "done": [rows[pk] for pk in result.done if pk in rows],
        "refused": [
            {"row": rows.get(pk), "refusal": refusal} for pk, refusal in result.refused.items()
        ],
    }
