"""Addresses of the desk for the rules of routing."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path, re_path

from lamppost.faces.desk.views import routing, routing_rule, routing_trial, routing_watch

_SET = r"^routing/(?P<number>[0-9]{1,9})/"
_RULE = _SET + r"rules/(?P<rule_id>[0-9]{1,18})/"

urlpatterns: list[URLPattern | URLResolver] = [
    path("routing/", routing.overview, name="routing"),
    path("routing/begin/", routing.begin, name="routing_begin"),
    path("routing/trial/", routing_trial.bench, name="routing_bench"),
    path("routing/alarms/", routing_watch.alarms, name="routing_alarms"),
    re_path(
        r"^routing/alarms/(?P<alarm_id>[0-9]{1,18})/acknowledge/$",
        routing_watch.acknowledge_alarm,
        name="routing_acknowledge",
    ),
    path("routing/suggestions/", routing_watch.suggestions, name="routing_suggestions"),
    path(
        "routing/suggestions/<str:number>/",
        routing_watch.answer_suggestion_of,
        name="routing_suggestion",
    ),
    re_path(_SET + "$", routing.show, name="routing_set"),
    re_path(_SET + "discard/$", routing.discard, name="routing_discard"),
    re_path(_SET + "trial/$", routing_trial.trial, name="routing_trial"),
    re_path(_SET + "activate/$", routing_trial.put_in_force, name="routing_activate"),
    re_path(_SET + "rules/new/$", routing_rule.new, name="routing_new"),
    re_path(_RULE + "$", routing_rule.edit, name="routing_rule"),
    re_path(_RULE + r"(?P<step>up|down|delete)/$", routing_rule.step, name="routing_step"),
]
