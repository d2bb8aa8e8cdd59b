"""Trying a draft on past cases, and putting it into force."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from lamppost.cases.services.routing_trial import MOST_CASES, USUAL_CASES, run_trial
from lamppost.catalog.book import book
from lamppost.faces.desk.access import actor_at, at_desk, status_of
from lamppost.faces.desk.actions import id_in
from lamppost.faces.desk.fields import Fields, Typed
from lamppost.faces.desk.frame import localized
from lamppost.faces.desk.views.routing import language, set_page
from lamppost.kernel.refusals import Conflict, Invalid, NotFound
from lamppost.people.actors import Actor
from lamppost.people.permissions import Permission, require
from lamppost.routing.choices import SetState
from lamppost.routing.models import RoutingTrial, RuleSet, TrialSample
from lamppost.routing.selectors import set_for_desk, sets_for_desk
from lamppost.routing.services.activation import activate, newest_trial
from lamppost.routing.values import content_digest, rules_of
from lamppost.routing.wording import owner_name


@at_desk("GET", "HEAD")
def bench(request: HttpRequest) -> HttpResponse:
    """Lead to the test bench of the draft; without one to where a draft is begun."""
    sets = sets_for_desk(actor=actor_at(request))
    draft = next((one for one in sets if one.state == SetState.DRAFT), None)
    if draft is None:
        messages.info(request, _("There is no draft to try. Begin one here."))
        return HttpResponseRedirect(reverse("desk:routing"))
    return HttpResponseRedirect(reverse("desk:routing_trial", args=[draft.number]))


@at_desk("GET", "HEAD", "POST")
def trial(request: HttpRequest, number: str) -> HttpResponse:
    """Show what the draft would change; on request try it again."""
    actor = actor_at(request)
    rule_set = _draft(int(number), actor)
    typed, status = Typed(), 200
    if request.method == "POST":
        try:
            run_trial(
                rule_set_id=rule_set.pk,
                seen=request.POST.get("seen", ""),
                last=id_in(request.POST, "last"),
                actor=actor,
            )
        except (Invalid, Conflict) as refusal:
            typed, status = Typed.of(request.POST, refusal), status_of(refusal)
        else:
            return HttpResponseRedirect(reverse("desk:routing_trial", args=[number]) + "#result")
    return render(
        request, "desk/routing/trial.html", _page(request, rule_set, typed), status=status
    )


@at_desk("GET", "HEAD", "POST")
def put_in_force(request: HttpRequest, number: str) -> HttpResponse:
    """Show once more what would change, and put the draft into force."""
    actor = actor_at(request)
    require(actor, Permission.ROUTING_ACTIVATE)
    rule_set = _draft(int(number), actor)
    typed, status = Typed(), 200
    if request.method == "POST":
        try:
            activate(
                rule_set_id=rule_set.pk,
                seen=request.POST.get("seen", ""),
                title=request.POST.get("title", ""),
                actor=actor,
            )
        except (Invalid, Conflict) as refusal:
            typed, status = Typed.of(request.POST, refusal), status_of(refusal)
            rule_set = _draft(int(number), actor)
        else:
            messages.success(request, _("In force from the next case on."))
            return HttpResponseRedirect(reverse("desk:routing"))
    page = _page(request, rule_set, typed)
    title = Fields("activate", typed).text(
        "title", _("What this change is about"), required=True, attrs={"maxlength": 200}
    )
    page |= {"title_field": title, "other_errors": typed.other_errors(["title"])}
    return render(request, "desk/routing/activate.html", page, status=status)


def _draft(number: int, actor: Actor) -> RuleSet:
    rule_set = set_for_desk(number, actor=actor)
    if rule_set.state != SetState.DRAFT:
        raise NotFound(_("These rules are no draft any more."))
    return rule_set


def _page(request: HttpRequest, rule_set: RuleSet, typed: Typed) -> dict[str, Any]:
    page = set_page(request, rule_set)
    tried = newest_trial(rule_set, digest=content_digest(rules_of(rule_set)))
    field = Fields("trial", typed).text(
        "last", _("How many of the last cases"), default=str(USUAL_CASES), kind="number",
        attrs={"min": 1, "max": MOST_CASES},
    )  # fmt: skip
    page |= {
        "last_field": field,
        "errors": typed.other_errors(["last"]),
        "tried": tried,
        "has_old_trial": tried is None and RoutingTrial.objects.filter(rule_set=rule_set).exists(),
        "dead": [one for one in page["rules"] if one.shadowed_by or one.is_never],
        "faulty": [one for one in page["rules"] if one.faults],
    }
    return page | (_result(tried, page["rules"]) if tried else {})


def _result(tried: RoutingTrial, rules: list[Any]) -> dict[str, Any]:
    samples: dict[int | None, list[dict[str, Any]]] = defaultdict(list)
    for sample in TrialSample.objects.filter(trial=tried):
        samples[sample.flow_id].append(_sample(sample))
    flows = tried.flows.select_related("from_department", "from_team", "to_department", "to_team")
    matched = dict(tried.rules.values_list("rule", "matched"))
    return {
        "flows": [
            {
                "source": owner_name(flow.from_department, flow.from_team, language()),
                "target": owner_name(flow.to_department, flow.to_team, language()),
                "count": flow.count,
                "settled": flow.settled,
                "samples": samples[flow.pk],
            }
            for flow in flows
        ],
        "stranded": samples[None],
        "counts": [{"rule": one, "matched": matched.get(one.row.pk, 0)} for one in rules],
        "idle": [one for one in rules if not matched.get(one.row.pk)],
        "unchanged": tried.cases - tried.changed,
    }


def _sample(sample: TrialSample) -> dict[str, Any]:
    service = book().services_by_id.get(sample.service_id)
    return {
        "number": sample.case_number,
        "url": reverse("desk:case", args=[sample.case_number]),
        "service": localized(service.name) if service else "",
        "before": reason_text(sample.before),
        "after": reason_text(sample.after),
    }


def reason_text(reason: str) -> str:
    """Return why a case goes where it goes, in words."""
    kind, _colon, code = reason.partition(":")
    if kind == "rule":
        return _("rule %(code)s") % {"code": code}
    if kind == "service":
        return _("the service’s own department")
    return _("the catch-all")
