"""Addresses of the desk for inspections and signed links."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path, re_path

from lamppost.faces.desk.views import completions, fieldwork, partner_links

urlpatterns: list[URLPattern | URLResolver] = [
    path("inspections/", fieldwork.inspections, name="inspections"),
    path("inspections/round/", fieldwork.one_round, name="inspection_round"),
    path("inspections/plan/", fieldwork.plan, name="plan_inspections"),
    re_path(
        r"^inspections/(?P<inspection_id>[0-9]{1,18})/cancel/$",
        fieldwork.cancel,
        name="cancel_inspection",
    ),
    path("partner-links/<str:number>/", partner_links.links, name="partner_links"),
    re_path(
        r"^partner-links/(?P<link_id>[0-9]{1,18})/(?P<step>renew|end)/$",
        partner_links.change,
        name="change_partner_link",
    ),
    path("completions/", completions.completions, name="completions"),
    re_path(
        r"^completions/(?P<report_id>[0-9]{1,18})/(?P<answer>confirm|send-back)/$",
        completions.decide_on,
        name="decide_completion",
    ),
]
