"""Whatever is sent: a clear answer, never a fault of ours, nothing half written."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from lamppost.cases.models import Case, CaseEvent, Follower
from lamppost.faces.portal.tests.conftest import Reporting

NASTY = {
    "NUL": "a\x00b",
    "controls": "\x01\x08\x1b[31m\x7f\x9f",
    "four bytes": "🕳👩🏽‍🚒" * 50,
    "right to left": "\u202etxt.exe\u2066\u200f",
    "SQL": "'; DROP TABLE cases_case; --",
    "HTML": "</textarea><script>alert(1)</script>\"'>",
    "template": "{{ 7|add:7 }}{% debug %}%(x)s%s{0}",
    "long": "x" * 60_000,
    "list": "[]",
    "huge number": "9" * 400,
    "unassigned": "\ufffe\uffff\U0010ffff",
    "combining": "e" + "\u0301" * 3000,
}
GET_FIELDS = {
    "/": ("q",),
    "/report/": ("q",),
    "/requests/": ("q", "service", "state", "status", "area", "from", "to", "older", "newer"),
    "/requests.geojson": ("q", "bbox", "service", "from"),
    "/requests.atom": ("q", "state", "area"),
    "/requests/find/": ("number",),
    "/map/": ("q", "state"),
    "/near/": ("address", "lat", "long"),
    "/language/": ("language", "next"),
}


@pytest.mark.parametrize("name", NASTY)
def test_nasty_queries(web: Client, file_case: Callable[..., Case], name: str) -> None:
    file_case()
    for path, fields in GET_FIELDS.items():
        for field in fields:
            response = web.get(path, {field: NASTY[name]})
            assert response.status_code in {200, 302, 400, 404}, (path, field)
            if "html" in response.get("Content-Type", ""):
                assert "<script>alert" not in response.content.decode(), (path, field)


@pytest.mark.parametrize("name", NASTY)
def test_nasty_words_in_every_step(reporting: Reporting, name: str) -> None:
    words = NASTY[name]
    steps: dict[str, tuple[str, ...]] = {
        "details": ("shown", "attribute[WHERE]", "attribute[SIZE]", "description"),
        "photos": ("photos", "next", "editing"),
        "where": ("address", "lat", "long", "photo_place"),
        "similar": ("follow",),
        "contact": ("first_name", "email", "phone", "language", "may_notify"),
        "photos/remove": ("photo",),
    }
    reporting.to_review()
    for step, fields in steps.items():
        for field in fields:
            status = reporting.post(step, **{field: words}).status_code
            assert status in {200, 302, 400, 404, 413, 422}, (step, field)
    assert reporting.get("review").status_code in {200, 302}
    assert not Case.objects.exists()


@pytest.mark.parametrize("name", NASTY)
def test_nasty_words_at_a_case(web: Client, file_case: Callable[..., Case], name: str) -> None:
    case = file_case()
    before = CaseEvent.objects.count()
    response = web.post(f"/requests/{case.number}/follow/", {"email": NASTY[name]})
    assert response.status_code in {302, 400, 422}
    if response.status_code != 302:
        assert not Follower.objects.exists()
        assert CaseEvent.objects.count() == before
        return
    link = response["Location"].partition("?")[0]
    assert web.post(link, {"action": NASTY[name]}).status_code in {400, 403, 422}


@pytest.mark.parametrize("kind", ["application/json", "text/xml", "multipart/form-data", "x/y"])
def test_a_body_of_another_kind(reporting: Reporting, kind: str) -> None:
    reporting.details()
    for step in ("details", "photos", "where", "contact", "review"):
        response: Any = reporting.client.post(
            f"/report/POTHOLE/{step}/", data=b'{"a": [1, \xff', content_type=kind
        )
        assert response.status_code < 500, step
    assert not Case.objects.exists()
