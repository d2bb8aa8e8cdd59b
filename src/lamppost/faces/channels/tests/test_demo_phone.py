"""The demo's telephone: not there in a real city, and answered by the very hooks in a demo."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from lamppost.cases.models import Case
from lamppost.cities.models import City
from lamppost.cities.selectors import forget_cities
from lamppost.contacts.models import Call, Interaction
from lamppost.faces.channels.tests.conftest import HOST
from lamppost.kernel.refusals import Forbidden
from lamppost.notify.models import Gateway
from lamppost.simulator.lines import make_demo_lines


@pytest.fixture
def demo(city: City, static_files: Path) -> Client:
    City.objects.filter(pk=city.pk).update(is_demo=True, contact_phone="215-555-0311")
    forget_cities()
    city.refresh_from_db()
    assert make_demo_lines(city) == 3
    assert make_demo_lines(city) == 0
    return Client(HTTP_HOST=HOST)


def html(response: Any) -> str:
    assert response.status_code == 200
    return str(response.content.decode())


def test_a_real_city_has_no_such_pages_and_no_stand_in(city: City, static_files: Path) -> None:
    client = Client(HTTP_HOST=HOST)
    for path in ("/demo/phone/", "/demo/phone/call/"):
        assert client.get(path).status_code == 404
        assert client.post(path, {"text": "x"}).status_code in {404, 405}
    assert client.post("/demo/phone/call/act/", {"do": "call"}).status_code == 404
    with pytest.raises(Forbidden):
        make_demo_lines(city)
    assert not Gateway.objects.exists()


def test_a_report_is_texted_and_the_chat_shows_both_sides(demo: Client) -> None:
    for text in ("a pothole", "1", "1", "0", "39.9526,-75.1636", "1"):
        assert demo.post("/demo/phone/", {"text": text}).status_code == 302
    page = html(demo.get("/demo/phone/"))
    assert Case.objects.get().number in page
    assert "a pothole" in page
    assert "+1215" not in demo.get("/demo/phone/").request["QUERY_STRING"]


def test_a_call_goes_through_menu_queue_and_hang_up(demo: Client) -> None:
    act = "/demo/phone/call/act/"
    demo.post(act, {"do": "call"})
    page = html(demo.get("/demo/phone/call/"))
    assert "dial 9 1 1" in page
    assert "press 2" in page
    demo.post(act, {"key": "2"})
    demo.post(act, {"digits": "999", "do": "press"})
    assert "no request with this number" in html(demo.get("/demo/phone/call/"))
    demo.post(act, {"digits": "1000#", "do": "press"})
    demo.post(act, {"do": "hang-up"})
    assert Call.objects.get().ended_at is not None
    demo.post(act, {"do": "call"})
    demo.post(act, {"key": "0"})
    assert "number 1 in line" in html(demo.get("/demo/phone/call/"))
    assert Interaction.objects.get(ended_at=None).channel == "phone"
    demo.post(act, {"key": "1"})
    assert "call you back" in html(demo.get("/demo/phone/call/"))
    assert Interaction.objects.latest("id").end == "call_back"


def test_silence_and_nonsense_do_no_harm(demo: Client) -> None:
    act = "/demo/phone/call/act/"
    for fields in ({"do": "wait"}, {"key": "x"}, {"do": "dance"}, {}):
        assert demo.post(act, fields).status_code == 302
    demo.post(act, {"do": "call"})
    for _time in range(5):
        demo.post(act, {"do": "wait"})
    assert "Waiting in the queue" in html(demo.get("/demo/phone/call/"))
