"""Which rule sent a case where it is."""

from __future__ import annotations

from django.urls import reverse

from lamppost.cases.models import Case
from lamppost.faces.desk.panels import Panel
from lamppost.people.actors import Actor
from lamppost.people.permissions import Permission, may
from lamppost.routing.models import RoutingRule


def routed_panel(case: Case, actor: Actor, query: str) -> Panel | None:
    """Return the rule that routed the case, or None without one; one query."""
    del query
    if case.routed_by_id is None:
        return None
    rule = RoutingRule.objects.select_related("rule_set").get(pk=case.routed_by_id)
    page = reverse("desk:routing_set", args=[rule.rule_set.number])
    context = {
        "rule": rule,
        "url": f"{page}#rule-{rule.pk}" if may(actor, Permission.ROUTING_EDIT) else "",
    }
    return Panel("desk/panels/routed.html", context)
