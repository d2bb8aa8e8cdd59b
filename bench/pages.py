"""How long people wait for a page: the portal's and the desk's, a few asking at once."""

from __future__ import annotations

from functools import partial

from django.conf import settings
from django.test import Client

from bench.figures import Figure
from bench.http_load import load
from lamppost.cases.models import Case
from lamppost.cities.models import City
from lamppost.database.scope import city_scope
from lamppost.people.models import User

_AT_ONCE = 4
_GOAL_MS = 150


def page_figures(city: City, port: int, *, seconds: int) -> list[Figure]:
    """Return the 95th percentile of each page in milliseconds; ``ratio`` is its share of 150."""
    figures = []
    for name, path, cookie in page_paths(city):
        ask = partial(asked_for, path, cookie)
        load(port, ask, connections=_AT_ONCE, seconds=1)
        done = load(port, ask, connections=_AT_ONCE, seconds=seconds)
        if done.failures:
            raise RuntimeError(f"{path}: {done.failures} of {done.answers} were refusals")
        figures.append(
            Figure(name, f"ms at p95, {_AT_ONCE} at once", round(done.p95_ms, 1), _GOAL_MS,
                   round(done.p95_ms / _GOAL_MS, 3), 1.0, round(done.p99_ms, 1))
        )  # fmt: skip
    return figures


def page_paths(city: City) -> list[tuple[str, str, str]]:
    """Return the name of each page's figure, its path, and the cookie of who may see it."""
    with city_scope(city.pk):
        newest = Case.objects.filter(visibility="public").order_by("-requested_at", "-id")
        number = newest.values_list("number", flat=True)[0]
    return [
        ("page_list", "/requests/", ""),
        ("page_map", "/map/", ""),
        ("page_request", f"/requests/{number}/", ""),
        ("page_queue", "/desk/", _session("streets@demo.example")),
        ("page_overdue", "/desk/overdue/", _session("supervisor@demo.example")),
    ]


def asked_for(path: str, cookie: str) -> bytes:
    """Return the request for a path, by the owner of a session's cookie or '' for nobody."""
    line = f"Cookie: {settings.SESSION_COOKIE_NAME}={cookie}\r\n" if cookie else ""
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{line}\r\n".encode()


def _session(email: str) -> str:
    client = Client(headers={"host": "127.0.0.1"})
    client.force_login(User.objects.get(email=email))
    return client.cookies[settings.SESSION_COOKIE_NAME].value
