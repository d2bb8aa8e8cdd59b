"""Addresses of the desk for agreements, proposals, waivers."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path, re_path

from lamppost.faces.desk.views import agreements, proposals, waivers

_PROPOSAL = r"^agreements/proposals/(?P<proposal_id>[0-9]{1,18})/"
urlpatterns: list[URLPattern | URLResolver] = [
    path("agreements/", agreements.listed, name="agreements"),
    re_path(_PROPOSAL + r"$", proposals.show, name="proposal"),
    re_path(_PROPOSAL + r"edit/$", proposals.edit, name="proposal_edit"),
    re_path(_PROPOSAL + r"(?P<step>propose|withdraw|decide)/$", proposals.act, name="proposal_act"),
    path("agreements/<str:service>/<str:department>/", agreements.show, name="agreement"),
    path("agreements/<str:service>/<str:department>/propose/", proposals.new, name="proposal_new"),
    path("waivers/", waivers.listed, name="waivers"),
]
