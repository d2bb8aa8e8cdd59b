"""The rules of routing: what is in force, the draft, and the sets there were."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from lamppost.faces.desk.access import actor_at, at_desk
from lamppost.faces.desk.actions import id_in
from lamppost.faces.desk.frame import frame
from lamppost.people.permissions import Permission, may
from lamppost.routing.choices import SetState
from lamppost.routing.models import RuleSet
from lamppost.routing.selectors import (
    Change,
    ShownRule,
    changes,
    set_for_desk,
    sets_for_desk,
    shown_rules,
)
from lamppost.routing.services.drafts import begin_draft, discard_draft, version_of
from lamppost.routing.values import active_set


@at_desk("GET", "HEAD")
def overview(request: HttpRequest) -> HttpResponse:
    """Show the rules in force, and whether there is a draft."""
    actor = actor_at(request)
    sets = sets_for_desk(actor=actor)
    active = next((one for one in sets if one.state == SetState.ACTIVE), None)
    page = {
        **frame(actor, here="tools"),
        "active": active,
        "rules": shown_rules(active, language()) if active else [],
        "draft": next((one for one in sets if one.state == SetState.DRAFT), None),
        "past": [one for one in sets if one.state == SetState.RETIRED],
    }
    return render(request, "desk/routing/overview.html", page)


@at_desk("GET", "HEAD")
def show(request: HttpRequest, number: str) -> HttpResponse:
    """Show one set: a draft to be edited, another to be read."""
    actor = actor_at(request)
    rule_set = set_for_desk(int(number), actor=actor)
    return render(request, "desk/routing/set.html", set_page(request, rule_set))


def set_page(request: HttpRequest, rule_set: RuleSet) -> dict[str, Any]:
    """Return the variables of a set's page."""
    actor = actor_at(request)
    rules = shown_rules(rule_set, language())
    is_draft = rule_set.state == SetState.DRAFT
    active = active_set() if is_draft else None
    return {
        **frame(actor, here="tools"),
        "set": rule_set,
        "rules": rules,
        "is_draft": is_draft,
        "is_retired": rule_set.state == SetState.RETIRED,
        "seen": version_of(rule_set),
        "changes": _changes(active, rules) if is_draft else [],
        "is_outdated": active is not None and rule_set.based_on_id != active.pk,
        "may_activate": may(actor, Permission.ROUTING_ACTIVATE),
    }


def _changes(active: RuleSet | None, rules: list[ShownRule]) -> list[Change]:
    return changes(shown_rules(active, language()) if active else [], rules, language())


@at_desk("POST")
def begin(request: HttpRequest) -> HttpResponse:
    """Begin a draft from what is in force, or from an earlier set."""
    begun = begin_draft(actor=actor_at(request), from_set_id=id_in(request.POST, "from") or None)
    if begun.left_out:
        count = len(begun.left_out)
        messages.warning(
            request,
            ngettext(
                "%(count)d rule was left out, since what it asks for does not exist any more: "
                "%(codes)s.",
                "%(count)d rules were left out, since what they ask for does not exist any more: "
                "%(codes)s.",
                count,
            )
            % {"count": count, "codes": ", ".join(begun.left_out)},
        )
    messages.success(request, _("Draft begun. Nothing changes until it is put into force."))
    return HttpResponseRedirect(reverse("desk:routing_set", args=[begun.rule_set.number]))


@at_desk("POST")
def discard(request: HttpRequest, number: str) -> HttpResponse:
    """Throw the draft away."""
    actor = actor_at(request)
    rule_set = set_for_desk(int(number), actor=actor)
    discard_draft(rule_set_id=rule_set.pk, seen=request.POST.get("seen", ""), actor=actor)
    messages.success(request, _("Draft thrown away."))
    return HttpResponseRedirect(reverse("desk:routing"))


def language() -> str:
    """Return the language of the page."""
    return get_language() or "en"
