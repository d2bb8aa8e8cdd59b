"""Calls of programs take a way of their own: no session, nothing for a browser to run."""

from __future__ import annotations

import pytest
from django.test import Client

from lamppost.cities.models import City

_CALLS = [
    ("/open311/v2/services.json", 200),
    ("/es/open311/v2/services.xml", 200),
    ("/open311/nothing-here", 404),
    ("/api/v1/services", 200),
    ("/api/v1/nothing-here", 404),
]


@pytest.mark.parametrize(("address", "status"), _CALLS)
def test_a_programs_answer_is_data_whoever_the_browser_says_it_is(
    city: City, address: str, status: int
) -> None:
    web = Client()
    web.cookies["sessionid"] = "of somebody"
    answer = web.get(address)
    assert answer.status_code == status
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert int(answer.headers["Content-Length"]) == len(answer.content)
    assert not hasattr(answer.wsgi_request, "session")
    assert not answer.cookies


def test_a_page_keeps_the_policy_and_the_token_of_pages(city: City) -> None:
    page = Client().get("/")
    assert "script-src 'self'" in page.headers["Content-Security-Policy"]
    assert hasattr(page.wsgi_request, "session")
    assert Client(enforce_csrf_checks=True).post("/desk/sign-in/", {}).status_code == 403
    # The address of a page that only sounds like one for programs.
    assert hasattr(Client().get("/open311-help/").wsgi_request, "session")


def test_a_program_is_answered_in_the_citys_language_unless_the_path_names_another(
    city: City,
) -> None:
    plain = Client().get("/open311/v2/services.json", headers={"accept-language": "es"})
    assert plain.headers["Content-Language"] == city.default_language
    assert Client().get("/es/open311/v2/services.json").headers["Content-Language"] == "es"
