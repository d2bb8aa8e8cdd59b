"""The public list and one request: what is hidden first, then what is shown."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from lxml import etree

from lamppost.cases.choices import EventAudience
from lamppost.cases.models import Attachment, Case
from lamppost.cases.services import lifecycle, photos
from lamppost.cases.services.notes import add_note
from lamppost.catalog.choices import Visibility
from lamppost.faces.portal.tests.conftest import HOST, Reporting, picture
from lamppost.people.actors import ANONYMOUS, Actor

BAD_QUERIES = [
    ("service=NOTHING", "service"),
    ("service=%00", ""),
    ("state=everything", "state"),
    ("status=lost", "status"),
    ("area=x", "area"),
    ("area=99999999999999999999", "area"),
    ("from=yesterday", "from"),
    ("from=2026-13-45", "from"),
    ("from=0001-01-01", "from"),
    ("to=9999-12-31", "to"),
    ("from=2026-05-02&to=2026-05-01", "to"),
    ("older=x", "older"),
    ("older=-99999999999999999.1", "older"),
    ("newer=1.99999999999999999999", "newer"),
    ("older=1.9223372036854775808", "older"),
]


@pytest.mark.parametrize(("query", "field"), BAD_QUERIES)
def test_a_filter_that_makes_no_sense_is_named(web: Client, query: str, field: str) -> None:
    response = web.get(f"/requests/?{query}")
    assert response.status_code == (400 if field else 200)
    if field:
        assert f'href="#id_{field}"' in response.content.decode()


@pytest.mark.parametrize(
    "words",
    ["%00", "%F0%9F%95%B3", "%25%5C_", "'%3BDROP+TABLE+x%3B--", "%E2%80%AEx", "%FF%FE", "x" * 3000],
)
@pytest.mark.parametrize("path", ["requests/", "map/", "requests.geojson", "requests.atom"])
def test_odd_words_find_nothing_and_break_nothing(web: Client, path: str, words: str) -> None:
    assert web.get(f"/{path}?q={words}").status_code == 200


def test_who_searches_for_two_letters_is_told_what_was_searched(
    web: Client, file_case: Callable[..., Case], monkeypatch: pytest.MonkeyPatch
) -> None:
    for _number in range(3):
        file_case(description="A pothole as deep as a well")
    told = "only the newest 2 requests are searched"
    assert told not in web.get("/requests/?q=zz").content.decode(), "all were searched"
    monkeypatch.setattr("lamppost.cases.selectors.words._WALK_FOR_LETTERS", 2)
    for path in ("requests/?q=zz", "map/?q=zz&state=", "requests/?q=po"):
        assert told in web.get(f"/{path}").content.decode(), path
    for path in ("requests/?q=zzz", "requests/"):
        assert told not in web.get(f"/{path}").content.decode(), path


@pytest.mark.parametrize("bbox", ["1,2,3", "a,b,c,d", "nan,nan,nan,nan", "0,9,0,-9", "1e999,0,0,0"])
def test_an_impossible_box_is_named(web: Client, bbox: str) -> None:
    response = web.get(f"/requests.geojson?bbox={bbox}")
    assert response.status_code == 400
    assert response.json()["errors"][0]["field"] == "bbox"


@pytest.mark.parametrize(
    "number", ["1", "0", "-5", "%00", "a%00b", "%F0%9F%95%B3", "x" * 300, "'--", "<b>"]
)
def test_an_unknown_number_is_a_friendly_404(web: Client, number: str) -> None:
    response = web.get(f"/requests/{number}/")
    assert response.status_code == 404
    assert 'name="number"' in response.content.decode()
    assert "<b>" not in response.content.decode()


@pytest.mark.parametrize("path", ["", "follow/"])
def test_a_private_case_does_not_exist(
    web: Client, file_case: Callable[..., Case], path: str
) -> None:
    case = file_case(service_code="POLICE", answers={}, description="Officer 12 was rude")
    assert web.get(f"/requests/{case.number}/{path}").status_code == 404
    assert web.get(f"/requests/{case.number}.atom").status_code == 404
    for page in ("requests/", "requests/?q=rude", "requests.geojson", "requests.atom", ""):
        body = web.get(f"/{page}").content.decode()
        assert "rude" not in body.replace("q=rude", "").replace('value="rude"', "")
        assert case.number not in body


def test_of_a_limited_case_only_status_and_dates_are_shown(
    web: Client, file_case: Callable[..., Case]
) -> None:
    case = file_case(description="Secret garden", address="12 Hidden Lane")
    photos.attach(case, picture(), actor=ANONYMOUS, by_staff=False, at=timezone.now())
    Case.objects.filter(pk=case.pk).update(visibility=Visibility.LIMITED)
    token = Attachment.objects.get().token
    pages = (
        f"requests/{case.number}/", f"requests/{case.number}.atom", "requests/", "requests.atom",
        "requests.geojson", "map/", "near/?lat=39.9526&long=-75.1636", "near/?address=Hidden",
    )  # fmt: skip
    for page in pages:
        body = web.get(f"/{page}").content.decode()
        assert "Secret garden" not in body
        assert "12 Hidden Lane" not in body
        assert token not in body
        assert "39.9526" not in body or "lat=" in page
    assert case.number in web.get("/requests/").content.decode()
    assert case.number not in web.get("/requests/?q=garden").content.decode()
    assert case.number not in web.get("/requests.geojson").content.decode()
    assert web.get(f"/photos/{token}.jpg").status_code == 404


def test_another_citys_case_is_not_here(
    web: Client, file_case: Callable[..., Case], other_city: Any
) -> None:
    case = file_case(description="Only in Springfield")
    other = Client(HTTP_HOST="shelbyville.example")
    assert other.get(f"/requests/{case.number}/").status_code == 404
    assert "Only in Springfield" not in other.get("/requests/").content.decode()
    assert other.get("/requests.geojson").json()["features"] == []


@pytest.mark.parametrize("typed", ["1001", " #1001 ", "10 01", "＃1001".replace("＃", "#"), "١٠٠١"])
def test_a_number_is_found_as_people_type_it(
    web: Client, file_case: Callable[..., Case], typed: str
) -> None:
    assert file_case().number == "1001"
    response = web.get("/requests/find/", {"number": typed})
    assert (response.status_code, response["Location"]) == (302, "/requests/1001/")


def test_one_request_tells_its_story(
    web: Client, file_case: Callable[..., Case], worker: Actor
) -> None:
    case = file_case(address="1 Main St")
    lifecycle.move(case_id=case.pk, status_code="in-progress", actor=worker)
    lifecycle.move(
        case_id=case.pk, status_code="waiting-weather", note="Snow until Friday", actor=worker
    )
    body = web.get(f"/requests/{case.number}/").content.decode()
    for words in (
        "Received", "Sent to Streets", "In progress", "Waiting: Weather", "Snow until Friday",
        "stands still", "1 Main St", "A deep hole", "Where on the street is it?", "In the roadway",
    ):  # fmt: skip
        assert words in body, words
    assert "Overdue" not in body
    lifecycle.move(case_id=case.pk, status_code="in-progress", actor=worker)
    lifecycle.close(case_id=case.pk, outcome_code="done", text="Filled with asphalt", actor=worker)
    body = web.get(f"/requests/{case.number}/").content.decode()
    assert "Closed: Done" in body
    assert "Filled with asphalt" in body
    assert "How the date is counted" in body
    assert "3 business days" in body


def test_staffs_notes_are_not_the_publics(
    web: Client, file_case: Callable[..., Case], worker: Actor
) -> None:
    case = file_case()
    add_note(
        case_id=case.pk, text="Call the owner first", actor=worker, audience=EventAudience.STAFF
    )
    assert "Call the owner" not in web.get(f"/requests/{case.number}/").content.decode()


def test_overdue_is_said_in_words(web: Client, file_case: Callable[..., Case]) -> None:
    case = file_case()
    Case.objects.filter(pk=case.pk).update(due_at=timezone.now() - timedelta(days=2, hours=1))
    body = web.get(f"/requests/{case.number}/").content.decode()
    assert "Overdue by 2 days" in body
    assert case.number in web.get("/requests/?state=overdue").content.decode()


@pytest.mark.parametrize("count", [3, 20])
def test_the_list_costs_the_same_however_long(
    web: Client,
    file_case: Callable[..., Case],
    django_assert_num_queries: Callable[[int], Any],
    count: int,
) -> None:
    for number in range(count):
        case = file_case(point=None, address=f"{number} Main St")
        if number % 2:
            photos.attach(case, picture(), actor=ANONYMOUS, by_staff=False, at=timezone.now())
    web.get("/requests/")
    with django_assert_num_queries(2):
        web.get("/requests/")
    with django_assert_num_queries(1):
        web.get("/requests.geojson")


def test_pages_meet_without_gap_or_repeat(web: Client, file_case: Callable[..., Case]) -> None:
    numbers = [file_case(point=None, address="1 Main St").number for _ in range(60)]
    moment = timezone.now()
    Case.objects.filter(number__in=numbers[10:40]).update(requested_at=moment)
    seen: list[str] = []
    address = "/requests/"
    forward = []
    while address:
        response = web.get(address)
        forward.append(address)
        seen += [view.row.number for view in response.context["rows"]]
        address = response.context["older_url"]
    assert len(seen) == len(set(seen)) == 60
    last = web.get(forward[-1])
    before = web.get(last.context["newer_url"])
    assert [view.row.number for view in before.context["rows"]] == seen[25:50]


def test_filters_narrow_the_list(
    web: Client, file_case: Callable[..., Case], worker: Actor
) -> None:
    hole, tree = file_case(), file_case(service_code="TREE", answers={}, description="Ivy on it")
    lifecycle.close(case_id=hole.pk, outcome_code="done", text="Filled", actor=worker)
    today = timezone.localdate().isoformat()

    def found(query: str) -> set[str]:
        return {view.row.number for view in web.get(f"/requests/?{query}").context["rows"]}

    assert found("service=TREE") == {tree.number}
    assert found("state=closed") == {hole.number}
    assert found("state=open") == {tree.number}
    assert found("status=closed") == {hole.number}
    assert found("q=ivy") == {tree.number}
    assert found("from=2099-01-01") == set()
    assert found(f"to={today}") | found("to=2020-01-01") == {hole.number, tree.number}


def test_points_and_feed_say_the_same_as_the_list(
    web: Client, file_case: Callable[..., Case]
) -> None:
    case = file_case()
    file_case(point=None, address="1 Main St")
    features = web.get("/requests.geojson?bbox=-75.17,39.95,-75.16,39.96").json()["features"]
    assert [one["properties"]["id"] for one in features] == [case.number]
    assert features[0]["geometry"]["coordinates"] == [-75.1636, 39.9526]
    assert web.get("/requests.geojson?bbox=10,10,11,11").json()["features"] == []
    atom = etree.fromstring(web.get("/requests.atom").content)
    assert len(atom.findall("{http://www.w3.org/2005/Atom}entry")) == 2
    one = etree.fromstring(web.get(f"/requests/{case.number}.atom").content)
    titles = [title.text for title in one.iter("{http://www.w3.org/2005/Atom}title")]
    assert "Received" in titles


def test_nearby_by_point_and_by_a_known_address(
    web: Client, file_case: Callable[..., Case]
) -> None:
    case = file_case(address="1400 John F Kennedy Blvd")
    by_point = web.get("/near/?lat=39.9527&long=-75.1636").content.decode()
    assert case.number in by_point
    assert "11 meters away" in by_point
    assert case.number in web.get("/near/?address=kennedy").content.decode()
    both = web.get("/near/?address=kennedy&lat=39.5&long=-75.9").content.decode()
    assert "Around 1400 John F Kennedy Blvd" in both
    assert web.get("/near/?address=nowhere").status_code == 400
    assert web.get("/near/?lat=x&long=1").status_code == 400
    assert "Nothing was reported" in web.get("/near/?lat=39.5&long=-75.9").content.decode()


def held(reporting: Reporting, *, is_ready: bool = False) -> tuple[Case, str]:
    """File the report; return the case and the token of its private link."""
    if not is_ready:
        reporting.to_review()
    reporting.post("review")
    case = Case.objects.latest("id")
    body = reporting.get("done").content.decode()
    return case, body.split(f"/follow/{case.number}/")[1].split("/")[0]


def test_a_wrong_link_opens_nothing(reporting: Reporting, file_case: Callable[..., Case]) -> None:
    other = file_case()
    case, token = held(reporting)
    for path in (
        f"{case.number}/{'x' * 24}",
        f"{other.number}/{token}",
        f"0/{token}",
        f"%00/{token}",
    ):
        assert reporting.client.get(f"/follow/{path}/").status_code == 404


def test_a_followers_link_is_not_the_reporters(web: Client, file_case: Callable[..., Case]) -> None:
    case = file_case()
    response = web.post(f"/requests/{case.number}/follow/")
    link = response["Location"].partition("?")[0]
    for action in ("withdraw", "comment", "dispute"):
        assert web.post(link, {"action": action, "text": "x"}).status_code == 422
    case.refresh_from_db()
    assert case.state == "received"
    assert web.post(link, {"action": "stop"}).status_code == 302
    case.refresh_from_db()
    assert case.follower_count == 0
    assert web.get(link).status_code == 404


def test_me_too_twice_from_one_browser_counts_once(
    web: Client, file_case: Callable[..., Case]
) -> None:
    case = file_case()
    first = web.post(f"/requests/{case.number}/follow/", {"email": "n@example.org"})
    again = web.post(f"/requests/{case.number}/follow/", {"email": "n@example.org"})
    assert first["Location"].partition("?")[0] == again["Location"].partition("?")[0]
    case.refresh_from_db()
    assert case.follower_count == 1
    assert web.post("/requests/999/follow/").status_code == 404


def test_me_too_with_a_bad_address_counts_nothing(
    web: Client, file_case: Callable[..., Case]
) -> None:
    case = file_case()
    assert web.post(f"/requests/{case.number}/follow/", {"email": "x\x00@"}).status_code == 422
    case.refresh_from_db()
    assert case.follower_count == 0


@pytest.mark.parametrize(
    "fields",
    [
        {"action": "comment", "text": ""},
        {"action": "comment", "text": "x" * 4001},
        {"action": "dispute", "text": "not closed"},
        {"action": "hack"},
        {},
    ],
)
def test_what_the_reporter_cannot_do_is_told(reporting: Reporting, fields: dict[str, str]) -> None:
    case, token = held(reporting)
    response = reporting.client.post(f"/follow/{case.number}/{token}/", fields)
    assert response.status_code == 422
    assert 'role="alert"' in response.content.decode()


def test_the_reporter_may_add_dispute_and_withdraw(reporting: Reporting, worker: Actor) -> None:
    case, token = held(reporting)
    link = f"/follow/{case.number}/{token}/"
    post = reporting.client.post
    post(link, {"action": "comment", "text": "It grew", "photos": [picture("blue")]})
    assert "It grew" in reporting.client.get(link).content.decode()
    public = reporting.client.get(f"/requests/{case.number}/").content.decode()
    assert "It grew" not in public
    assert "-small.jpg" in public
    lifecycle.close(case_id=case.pk, outcome_code="done", text="Filled", actor=worker)
    assert "Is it not fixed?" in reporting.client.get(link).content.decode()
    assert post(link, {"action": "dispute", "text": "Still there"}).status_code == 302
    case.refresh_from_db()
    assert (case.state, case.reopen_count) == ("open", 1)
    assert post(link, {"action": "withdraw"}).status_code == 302
    case.refresh_from_db()
    assert case.state == "closed"
    assert "Closed: Withdrawn" in reporting.client.get(link).content.decode()
    assert post(link, {"action": "withdraw"}).status_code == 422


def test_the_reporter_of_a_private_case_sees_it(web: Client) -> None:
    private = Reporting(web, "POLICE")
    private.post("details", description="Officer 12 was rude")
    private.post("photos")
    private.post("where")
    private.post("contact", language="en")
    case, token = held(private, is_ready=True)
    response = web.get(f"/follow/{case.number}/{token}/")
    assert "Officer 12 was rude" in response.content.decode()
    assert response["X-Robots-Tag"].startswith("noindex")
    assert web.get(f"/requests/{case.number}/").status_code == 404


def test_a_photo_may_be_kept_by_the_browser(web: Client, file_case: Callable[..., Case]) -> None:
    photos.attach(file_case(), picture(), actor=ANONYMOUS, by_staff=False, at=timezone.now())
    token = Attachment.objects.get().token
    for name in (f"{token}.jpg", f"{token}-small.jpg"):
        response = web.get(f"/photos/{name}")
        assert response["Content-Type"] == "image/jpeg"
        assert response["X-Content-Type-Options"] == "nosniff"
        assert response["Content-Disposition"].startswith("inline")
        assert "public" in response["Cache-Control"]
        again = web.get(f"/photos/{name}", headers={"If-None-Match": response["ETag"]})
        assert again.status_code == 304
    assert web.get(f"/photos/{'x' * 24}.jpg").status_code == 404


@pytest.mark.parametrize(
    ("to", "back"),
    [
        ("/requests/?q=1", "/requests/?q=1"),
        ("//evil.example/", "/"),
        ("https://evil.example/", "/"),
        ("/\\evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("/x\r\nSet-Cookie: a=b", "/"),
        ("", "/"),
    ],
)
def test_the_language_switch_stays_on_this_site(web: Client, to: str, back: str) -> None:
    response = web.post("/language/", {"language": "es", "next": to})
    assert (response.status_code, response["Location"]) == (302, back)
    assert web.cookies["language"].value == "es"
    assert 'lang="es"' in web.get("/").content.decode()


def test_an_unknown_language_is_refused(web: Client) -> None:
    response = web.post("/language/", {"language": "tlh\x00"})
    assert response.status_code == 400
    assert "language" not in web.cookies


def test_arabic_reads_from_right_to_left(web: Client) -> None:
    body = web.get("/ar/report/").content.decode()
    assert '<html lang="ar" dir="rtl"' in body
    assert "/ar/report/POTHOLE/" in body


@pytest.mark.parametrize(
    "path",
    ["", "report/", "report/POTHOLE/", "report/POTHOLE/details/", "requests/", "map/", "near/",
     "about/", "privacy/", "accessibility/", "robots.txt", "sitemap.xml"],
)  # fmt: skip
def test_every_page_answers_and_takes_no_post(web: Client, path: str) -> None:
    assert web.get(f"/{path}").status_code == 200
    if "details" not in path:
        assert web.post(f"/{path}", {"x": "y"}).status_code == 405


def test_the_city_words_its_own_pages_without_scripts(web: Client) -> None:
    from lamppost.cities.models import CityText

    CityText.objects.create(
        key="privacy", text={"en": "# Ours\n\n<script>x</script> [a](javascript:b) **bold**"}
    )
    body = web.get("/privacy/").content.decode()
    assert "<strong>bold</strong>" in body
    assert "<script>x" not in body
    assert 'href="javascript' not in body


@pytest.mark.parametrize(
    ("query", "first"),
    [("pothole", "POTHOLE"), ("potholes", "POTHOLE"), ("pothoel", "POTHOLE"), ("BACHE", "POTHOLE"),
     ("arbol", "TREE"), ("árbol", "TREE")],
)  # fmt: skip
def test_services_are_found_by_anybodys_words(web: Client, query: str, first: str) -> None:
    web.cookies["language"] = "es"
    found = web.get("/report/", {"q": query}).context["found"]
    assert [one.code for one in found][:1] == [first]


def test_the_host_of_no_city_gets_no_page(other_city: Any, web: Client) -> None:
    assert Client(HTTP_HOST="nowhere.example").get("/").status_code == 404
    assert Client(HTTP_HOST=HOST).get("/").status_code == 200
