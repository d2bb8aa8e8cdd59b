"""Addresses of the desk for work items, checklists, macros."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path, re_path

from lamppost.faces.desk.views import wording, work

_ITEM = r"^work/(?P<item_id>[0-9]{1,18})/"

urlpatterns: list[URLPattern | URLResolver] = [
    path("work/", work.items, name="work"),
    re_path(rf"{_ITEM}$", work.show, name="work_item"),
    re_path(rf"{_ITEM}(?P<step>[a-z]{{1,20}})/$", work.act, name="work_act"),
    path("work/for/<str:number>/", work.new, name="work_new"),
    path("work/for/<str:number>/prepared/", work.prepared, name="work_prepared"),
    path("work/for/<str:number>/macro/", work.macro, name="work_macro"),
    path("wording/", wording.prepared, name="wording"),
    re_path(r"^wording/(?P<slug>replies|macros|items)/new/$", wording.new, name="wording_new"),
    re_path(
        r"^wording/(?P<slug>replies|macros|items)/(?P<row_id>[0-9]{1,18})/$",
        wording.edit,
        name="wording_edit",
    ),
]
