"""Addresses of the open311 face: one, for everything below it."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, re_path

from lamppost.faces.open311.views import open311

app_name = "open311"
# [\s\S], because a line break in a path must not lead to another face's 404 page.
urlpatterns: list[URLPattern | URLResolver] = [
    re_path(r"^(?P<rest>[\s\S]*)\Z", open311, name="open311"),
]
