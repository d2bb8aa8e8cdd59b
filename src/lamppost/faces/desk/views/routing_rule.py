"""Editing one rule of a draft, and its place among the others."""

from __future__ import annotations

import re
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from lamppost.faces.desk.access import actor_at, at_desk, status_of
from lamppost.faces.desk.actions import id_in
from lamppost.faces.desk.fields import Typed
from lamppost.faces.desk.frame import frame
from lamppost.faces.desk.routing_form import Choosing, rule_fields
from lamppost.faces.desk.views.routing import language
from lamppost.kernel.refusals import Conflict, Forbidden, Invalid, NotFound, Problem, Refusal
from lamppost.routing.models import RoutingRule, RuleSet
from lamppost.routing.selectors import set_for_desk
from lamppost.routing.services.drafts import (
    RuleWish,
    delete_rule,
    move_rule,
    save_rule,
    version_of,
)
from lamppost.routing.values import rows_of
from lamppost.routing.wording import sentence

_TIME = re.compile(r"([01]?[0-9]|2[0-4]):([0-5][0-9])")


@at_desk("GET", "HEAD", "POST")
def new(request: HttpRequest, number: str) -> HttpResponse:
    """Add a rule to the draft."""
    rule_set = set_for_desk(int(number), actor=actor_at(request))
    return _edit(request, rule_set, None)


@at_desk("GET", "HEAD", "POST")
def edit(request: HttpRequest, number: str, rule_id: str) -> HttpResponse:
    """Change a rule of the draft."""
    rule_set = set_for_desk(int(number), actor=actor_at(request))
    rule = next((each for each in rows_of(rule_set) if each.pk == int(rule_id)), None)
    if rule is None:
        raise NotFound(_("There is no such rule in this draft."))
    return _edit(request, rule_set, rule)


@at_desk("POST")
def step(request: HttpRequest, number: str, rule_id: str, step: str) -> HttpResponse:
    """Move a rule up or down, or take it out."""
    actor = actor_at(request)
    rule_set = set_for_desk(int(number), actor=actor)
    seen = request.POST.get("seen", "")
    if step == "delete":
        delete_rule(rule_set_id=rule_set.pk, rule_id=int(rule_id), seen=seen, actor=actor)
        messages.success(request, _("Rule taken out of the draft."))
    else:
        steps = -1 if step == "up" else 1
        move_rule(
            rule_set_id=rule_set.pk, rule_id=int(rule_id), steps=steps, seen=seen, actor=actor
        )
    page = reverse("desk:routing_set", args=[number])
    return HttpResponseRedirect(page + ("" if step == "delete" else f"#rule-{rule_id}"))


def _edit(request: HttpRequest, rule_set: RuleSet, rule: RoutingRule | None) -> HttpResponse:
    actor = actor_at(request)
    typed, status = Typed(), 200
    if request.POST.get("then") == "answers":
        # The questions of the services ticked just now; nothing is saved yet.
        page = _page(request, rule_set, rule, Typed(request.POST))
        page["seen"] = request.POST.get("seen", "")
        return render(request, "desk/routing/rule.html", page)
    if request.method == "POST":
        try:
            saved = save_rule(
                rule_set_id=rule_set.pk,
                seen=request.POST.get("seen", ""),
                wish=wish_in(request.POST),
                rule_id=rule.pk if rule else None,
                before_id=id_in(request.POST, "before") or None,
                actor=actor,
            )
        except (Forbidden, NotFound):
            raise
        except Refusal as refusal:
            typed, status = Typed.of(request.POST, refusal), status_of(refusal)
            if isinstance(refusal, Conflict):
                rule_set.refresh_from_db()
        else:
            return _saved(request, rule_set, saved)
    page = _page(request, rule_set, rule, typed)
    return render(request, "desk/routing/rule.html", page, status=status)


def _saved(request: HttpRequest, rule_set: RuleSet, saved: RoutingRule) -> HttpResponse:
    messages.success(request, _("Rule saved in the draft."))
    page = reverse("desk:routing_set", args=[rule_set.number])
    return HttpResponseRedirect(f"{page}#rule-{saved.pk}")


def _page(
    request: HttpRequest, rule_set: RuleSet, rule: RoutingRule | None, typed: Typed
) -> dict[str, Any]:
    others = [each for each in rows_of(rule_set) if rule is None or each.pk != rule.pk]
    choosing = Choosing(rule=rule, typed=typed, others=others, language=language())
    form = rule_fields(choosing)
    return {
        **frame(actor_at(request), here="tools"),
        "set": rule_set,
        "rule": rule,
        "sentence": sentence(rule, language()) if rule else "",
        "seen": version_of(rule_set),
        "form": form,
        "errors": typed.other_errors(form.names),
        "fields": form.shown,
    }


def wish_in(data: QueryDict) -> RuleWish:
    """Return the rule as a form says it. Raises ``Invalid`` for what cannot be read."""
    department, _dot, team = data.get("owner", "").partition(":")
    return RuleWish(
        department_id=_number(department),
        team_id=_number(team) or None,
        services=_ids(data, "services"),
        areas=_ids(data, "areas"),
        values=_ids(data, "values"),
        weekdays=_ids(data, "weekdays"),
        window=_window(data),
        hazard_only=bool(data.get("hazard")),
        note=data.get("note", ""),
    )


def _ids(data: QueryDict, name: str) -> frozenset[int]:
    return frozenset(_number(text) for text in data.getlist(name))


def _number(text: str) -> int:
    # Anything else is 0 less one, which no row and no weekday has.
    return int(text) if re.fullmatch(r"[0-9]{1,18}", text) else (-1 if text else 0)


def _window(data: QueryDict) -> tuple[int, int] | None:
    texts = [data.get(name, "").strip() for name in ("from", "to")]
    if not any(texts):
        return None
    found = [_TIME.fullmatch(text) for text in texts]
    problems = [
        Problem(name, _("Write a time as in 08:00 or 17:30, or leave both empty."))
        for name, one in zip(("from", "to"), found, strict=True)
        if one is None
    ]
    if problems:
        raise Invalid(problems)
    start, end = (int(one[1]) * 60 + int(one[2]) for one in found if one is not None)
    return start, end
