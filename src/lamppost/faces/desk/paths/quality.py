"""Addresses of the desk for redress, quality and the audit log."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path, re_path

from lamppost.faces.desk.views import audit, quality, redress

_REDRESS = r"^redress/(?P<redress_id>[0-9]{1,18})/"

urlpatterns: list[URLPattern | URLResolver] = [
    path("redress/", redress.queue, name="redress"),
    path("redress/for/<str:number>/", redress.take_down, name="redress_for"),
    re_path(rf"{_REDRESS}$", redress.show, name="redress_one"),
    re_path(rf"{_REDRESS}(?P<decision>uphold|refuse)/$", redress.decide, name="redress_decide"),
    path("quality/", quality.queue, name="quality"),
    path("quality/figures/", quality.figures, name="quality_figures"),
    re_path(r"^quality/(?P<sample_id>[0-9]{1,18})/$", quality.one, name="quality_one"),
    path("audit/", audit.log, name="audit"),
    path("roles/", audit.roles, name="roles"),
]
