"""One step for many cases: choose, look at what will happen, do it, see what was refused."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from lamppost.cases.models import Case
from lamppost.cases.selectors.desk import cases_by_id
from lamppost.cases.selectors.queue import matching_ids
from lamppost.cases.services.bulk import (
    MAX_BULK,
    BulkResult,
    bulk_assign,
    bulk_close,
    bulk_move,
    bulk_team,
    preview,
    preview_assignment,
)
from lamppost.catalog.book import book
from lamppost.catalog.choices import OutcomeKind, State
from lamppost.faces.desk.access import actor_at, at_desk, status_of
from lamppost.faces.desk.bulk_macro import chosen_macro, expected_of_macro, macro_choice
from lamppost.faces.desk.fields import Fields, Typed
from lamppost.faces.desk.filters import Asked, asked
from lamppost.faces.desk.frame import frame, localized
from lamppost.faces.desk.queue_form import team_name, with_absence
from lamppost.faces.desk.rows import rows_of
from lamppost.kernel.refusals import Invalid, Refusal
from lamppost.people.absences import away_now
from lamppost.people.actors import Actor
from lamppost.people.models import Team, User
from lamppost.people.permissions import Permission, require
from lamppost.people.teams import department_people, teams_of
from lamppost.work.services.macros import run_macro_on

_ID = re.compile(r"[0-9]{1,18}")
_STEPS = ("move", "close", "assign", "macro")


@dataclass(frozen=True)
class _Order:
    """What is asked for: a step, its target, the reason, the cases."""

    step: str
    target: str
    reason: str
    case_ids: tuple[int, ...]
    stage: str
    is_all: bool = False

    @property
    def holder(self) -> tuple[str, int | None]:
        """Who gets the cases: "user" or "team" and an id, None for nobody's.

        Raises ``Invalid`` for anything else.
        """
        kind, _sep, text = self.target.partition("-")
        if kind not in {"user", "team"} or not (text == "none" or _ID.fullmatch(text)):
            raise Invalid(_("Choose who gets the cases."), field="target")
        return kind, None if text == "none" else int(text)


@at_desk("POST")
def bulk(request: HttpRequest) -> HttpResponse:
    """Lead through one step for the selected cases."""
    actor = actor_at(request)
    require(actor, Permission.CASE_BULK)
    place = asked(request.GET, actor)
    order = _order(request.POST, place)
    cases = cases_by_id(order.case_ids, actor=actor)
    if not cases:
        raise Invalid(_("Choose at least one case."), field="case")
    page = {
        **frame(actor),
        "order": order,
        "case_ids": [case.pk for case in cases],
        "rows": rows_of(cases),
        "query": place.query(),
        "queue_url": reverse("desk:queue") + (place.query() or "?show=all"),
    }
    if order.stage == "choose":
        return render(request, "desk/bulk.html", page | _choosing(order, Typed(), actor))
    try:
        if order.stage == "confirm":
            return render(
                request, "desk/bulk_confirm.html", page | _confirming(order, cases, actor)
            )
        result = _do(order, actor)
    except Refusal as refusal:
        typed = Typed.of(request.POST, refusal)
        return render(
            request,
            "desk/bulk.html",
            page | _choosing(order, typed, actor),
            status=status_of(refusal),
        )
    return render(request, "desk/bulk_done.html", page | _done(result, actor))


def _order(data: QueryDict, place: Asked) -> _Order:
    step, stage = data.get("step", ""), data.get("stage", "choose")
    if step not in _STEPS or stage not in {"choose", "confirm", "do"}:
        raise Invalid(_("There is no such step."), field="step")
    is_all = data.get("scope") == "matching"
    if is_all and stage == "choose":
        ids = matching_ids(place.wanted, limit=MAX_BULK + 1)
    else:
        ids = [int(text) for text in data.getlist("case") if _ID.fullmatch(text)]
    if len(ids) > MAX_BULK:
        message = _("Choose at most %(limit)d cases at a time: narrow the queue first.")
        raise Invalid(message % {"limit": MAX_BULK}, field="case")
    return _Order(
        step=step,
        target=data.get("target", ""),
        reason=data.get("reason", ""),
        case_ids=tuple(dict.fromkeys(ids)),
        stage=stage,
        is_all=is_all,
    )


def _choosing(order: _Order, typed: Typed, actor: Actor) -> dict[str, Any]:
    fields = Fields("bulk", _renamed(typed))
    if order.step == "assign":
        return _choosing_holder(fields, typed, actor, needs_reason=order.is_all)
    if order.step == "macro":
        return {"fields": macro_choice(fields, actor), "errors": typed.other_errors(_NAMED)}
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


def _choosing_holder(
    fields: Fields, typed: Typed, actor: Actor, *, needs_reason: bool
) -> dict[str, Any]:
    people = department_people(actor.department_id) if actor.department_id is not None else []
    away = away_now([user.pk for user in people])
    choices = [
        ("", _("Choose")),
        *((f"user-{user.pk}", with_absence(user, away)) for user in people),
        ("user-none", _("Nobody (back to the queue)")),
    ]
    for team in teams_of(actor.department_id):
        choices.append((f"team-{team.pk}", _("Team: %(name)s") % {"name": team_name(team)}))
    choices.append(("team-none", _("No team")))
    hint = _("For colleagues, in the history of every one of these cases.")
    shown = [
        fields.select("target", _("Who gets them"), choices),
        fields.area("reason", _("Reason"), required=needs_reason, hint=hint, attrs={"rows": 2}),
    ]
    return {"fields": shown, "errors": typed.other_errors(_NAMED)}


_NAMED = ("target", "reason", "status", "outcome", "text", "note")


def _renamed(typed: Typed) -> Typed:
    """Give the services' names of fields those of this form."""
    names = {
        "status": "target", "outcome": "target", "user": "target", "team": "target",
        "text": "reason", "note": "reason",
    }  # fmt: skip
    problems = tuple(
        type(one)(names.get(one.field, one.field), one.message, one.code) for one in typed.problems
    )
    return Typed(typed.data, problems)


def _confirming(order: _Order, cases: list[Case], actor: Actor) -> dict[str, Any]:
    if order.step == "assign":
        return _confirming_holder(order, cases, actor)
    if order.step == "macro":
        tried, name = expected_of_macro(
            cases, target=order.target, reason=order.reason, actor=actor
        )
        return _expecting(cases, tried, name)
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
    return _expecting(cases, expected, localized(entry.name) if entry else "")


def _confirming_holder(order: _Order, cases: list[Case], actor: Actor) -> dict[str, Any]:
    kind, holder_id = order.holder
    if order.is_all and not order.reason.strip():
        raise Invalid(_("Giving away all that match needs a reason."), field="reason")
    expected = preview_assignment(
        cases,
        actor=actor,
        user_id=holder_id if kind == "user" else None,
        team_id=holder_id if kind == "team" else None,
        to_team=kind == "team",
    )
    return _expecting(cases, expected, _holder_name(kind, holder_id))


def _holder_name(kind: str, holder_id: int | None) -> str:
    if holder_id is None:
        return _("No team") if kind == "team" else _("Nobody")
    if kind == "team":
        team = Team.objects.filter(pk=holder_id).first()
        return team_name(team) if team else ""
    return str(User.objects.filter(pk=holder_id).first() or "")


def _expecting(cases: list[Case], expected: dict[int, str], name: str) -> dict[str, Any]:
    rows = [{"row": row, "refusal": expected[row.id]} for row in rows_of(cases)]
    return {
        "rows": rows,
        "target_name": name,
        "ready_count": sum(not one["refusal"] for one in rows),
        "refused_count": sum(bool(one["refusal"]) for one in rows),
    }


def _do(order: _Order, actor: Actor) -> BulkResult:
    if order.step == "macro":
        macro_id = chosen_macro(order.target).id
        return run_macro_on(
            case_ids=order.case_ids, macro_id=macro_id, reason=order.reason, actor=actor
        )
    if order.step == "assign":
        kind, holder_id = order.holder
        if kind == "team":
            return bulk_team(
                case_ids=order.case_ids, team_id=holder_id, reason=order.reason, actor=actor
            )
        return bulk_assign(
            case_ids=order.case_ids, user_id=holder_id, reason=order.reason, actor=actor
        )
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
