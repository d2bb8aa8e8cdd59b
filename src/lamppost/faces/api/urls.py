"""Addresses of the api face."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, re_path
from django.views.decorators.csrf import csrf_exempt

from lamppost.faces.api.operations import api
from lamppost.faces.api.problems import in_our_form, nothing_here

app_name = "api"


def _ours() -> list[URLPattern | URLResolver]:
    patterns: list[URLPattern | URLResolver] = []
    for pattern in api.urls[0]:
        if not isinstance(pattern, URLPattern) or pattern.name == "api-root":
            continue
        if pattern.callback is not None:
            pattern.callback = csrf_exempt(in_our_form(pattern.callback))
            patterns.append(pattern)
    return patterns


urlpatterns: list[URLPattern | URLResolver] = [
    *_ours(),
    re_path(r"^[\s\S]*\Z", csrf_exempt(in_our_form(nothing_here)), name="nothing_here"),
]
