"""Filing over Open311: what comes back, and what was written."""

from __future__ import annotations

import errno
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from django.core.files.storage import FileSystemStorage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from PIL import Image
from tests.support.cities import make_city
from tests.support.fixtures import API_KEY

from lamppost.cases.models import Attachment, Case, CaseAnswer, Diversion, IdempotencyKey
from lamppost.cities.models import City
from lamppost.cities.selectors import forget_cities
from lamppost.database.scope import city_scope
from lamppost.faces.open311.tests.conftest import BASE, HERE
from lamppost.faces.open311.tests.seeding import add_services
from lamppost.kernel.ids import digest
from lamppost.people.models import ApiKey

ANY: Any = Callable


def picture(color: str = "red") -> SimpleUploadedFile:
    """A small photo."""
    data = BytesIO()
    Image.new("RGB", (8, 8), color).save(data, "PNG")
    return SimpleUploadedFile("a.png", data.getvalue(), "image/png")


def test_a_full_disk_is_a_time_to_try_again_and_files_nothing(
    post: ANY, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_args: object, **_kwargs: object) -> str:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(FileSystemStorage, "save", full)
    response = post(media=picture())
    assert (response.status_code, response.headers["Retry-After"]) == (503, "5")
    assert response.json()[0]["code"] == 503
    assert not Case.objects.exists()


def test_a_request_is_filed_with_everything_sent(post: ANY, get: ANY, key: ApiKey) -> None:
    response = post(
        description="Dark\r\nsince Monday", address_string="5 Elm St", address_id="77",
        email="ada@example.org", phone="(215) 686-8686", first_name="Ada", last_name="Lovelace",
        device_id="dev-1", account_id="acc-1", media_url="https://example.org/a%20b.jpg?x=1&y=2",
    )  # fmt: skip
    assert response.status_code == 201
    (row,) = response.json()
    assert set(row) == {"service_request_id", "service_notice", "account_id"}
    case = Case.objects.select_related("contact").get(number=row["service_request_id"])
    assert case.contact is not None
    assert (case.contact.name, case.contact.email) == ("Ada Lovelace", "ada@example.org")
    assert (case.contact.phone, case.contact.external_account) == ("+12156868686", "acc-1")
    assert (case.channel, case.api_key_id) == ("api", key.pk)
    shown = get(f"requests/{case.number}.json")[0]
    assert shown["description"] == "Dark\nsince Monday"
    assert (shown["address"], shown["address_id"]) == ("5 Elm St", "77")
    assert shown["media_url"] == "https://example.org/a%20b.jpg?x=1&y=2"


@pytest.mark.parametrize("names", [["attribute[Q2][]"], ["attribute[Q2]"]])
def test_several_values_however_they_are_sent(post: ANY, names: list[str]) -> None:
    """The standard says brackets, FixMyStreet repeats the name; both mean the same."""
    sent = {name: ["red", "blue"] for name in names}
    response = post(service_code="WRECK", **{"attribute[Q1]": "red", **sent})
    assert response.status_code == 201, response.content
    keys = CaseAnswer.objects.filter(question__code="Q2").values_list("value__key", flat=True)
    assert set(keys) == {"red", "blue"}


def test_key_and_city_may_stand_in_the_address(client: Client, key: ApiKey, city: City) -> None:
    """node-open311 sends jurisdiction_id there even for a POST; others send a header."""
    fields = {name: value for name, value in HERE.items() if name != "api_key"}
    query = f"?api_key={API_KEY}&jurisdiction_id={city.jurisdiction_id}"
    assert client.post(f"{BASE}/requests.json{query}", fields).status_code == 201
    bearer = {"Authorization": f"Bearer {API_KEY}"}
    assert client.post(f"{BASE}/requests.json", fields, headers=bearer).status_code == 201


def test_a_batch_service_gives_a_token(post: ANY, get: ANY) -> None:
    (row,) = post(service_code="SURVEY").json()
    assert "service_request_id" not in row
    (found,) = get(f"tokens/{row['token']}.json")
    assert found == {"service_request_id": Case.objects.get().number, "token": row["token"]}


def test_a_service_the_public_cannot_read_gives_nothing(post: ANY, get: ANY) -> None:
    """A number that answers 404 would be worse than none."""
    (row,) = post(service_code="POLICE").json()
    assert row == {"service_notice": None, "account_id": None}
    assert Case.objects.get().visibility == "private"
    kinds = {entry["service_code"]: entry["type"] for entry in get("services.json")}
    assert kinds["POLICE"] == "blackbox"
    assert kinds["SURVEY"] == "batch"


@pytest.mark.parametrize(
    ("answer", "told"), [("gas", "call 911"), ("private", "owner is responsible")]
)
def test_triage_stops_a_report_with_what_to_do(post: ANY, answer: str, told: str) -> None:
    response = post(service_code="POTHOLE", **{"attribute[WHERE]": answer})
    assert response.status_code == 400
    assert told in response.json()[0]["description"]
    assert Case.objects.count() == 0
    assert Diversion.objects.count() == 1


def test_the_same_filing_twice_is_one_case(post: ANY) -> None:
    headers = {"Idempotency-Key": "retry-1"}
    first, again = post(headers=headers), post(headers=headers)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()[0]["service_request_id"] == again.json()[0]["service_request_id"]
    assert post(headers=headers, description="Another").status_code == 400
    token, same = (
        post(headers={"Idempotency-Key": "retry-2"}, service_code="SURVEY").json()[0]["token"]
        for _time in range(2)
    )
    assert token == same
    assert Case.objects.count() == IdempotencyKey.objects.count() == 2


@pytest.mark.parametrize("names", [["media"], ["media[]"], ["photo1", "photo2"]])
def test_photos_are_kept_whatever_their_field_is_called(
    post: ANY, get: ANY, names: list[str]
) -> None:
    colors = ("red", "blue")
    files = {name: picture(color) for name, color in zip(names, colors, strict=False)}
    (row,) = post(media_url="https://example.org/a.jpg", **files).json()
    photos = list(Attachment.objects.order_by("id"))
    assert len(photos) == len(names)
    shown = get(f"requests/{row['service_request_id']}.json", extensions="true")[0]
    urls = [f"http://springfield.example/photos/{photo.token}.jpg" for photo in photos]
    assert shown["media_url"] == urls[0]
    assert shown["extended_attributes"]["media_urls"] == urls
    Attachment.objects.update(is_hidden=True)
    Case.objects.update(photo_count=0)
    hidden = get(f"requests/{row['service_request_id']}.json", extensions="true")[0]
    assert not any(photo.token in str(hidden) for photo in photos)


def test_what_is_no_photo(post: ANY) -> None:
    """A program in disguise is refused; a picture damaged on its way does not lose the report."""
    program = SimpleUploadedFile("x.png", b"MZ" + b"\0" * 100, "image/png")
    refused = post(media=program)
    assert refused.status_code == 400
    assert "media" in refused.json()[0]["description"]
    whole = picture().read()
    damaged = SimpleUploadedFile("a.png", whole[:45] + b"\0\0\0\0" + whole[49:], "image/png")
    (row,) = post(media=damaged).json()
    assert "left out" in row["service_notice"]
    assert Attachment.objects.count() == 0
    assert post(media=[picture(f"#0000{n:02x}") for n in range(6)]).status_code == 400


def test_several_links_to_photos_are_all_kept(post: ANY, get: ANY) -> None:
    links = [f"https://example.org/{number}.jpg" for number in range(3)]
    (row,) = post(media_url=links, description="Look").json()
    shown = get(f"requests/{row['service_request_id']}.json")[0]
    assert shown["media_url"] == links[0]
    assert shown["description"] == "\n".join(["Look", *links[1:]])


def test_without_a_sandbox_the_test_endpoint_rehearses(client: Client, key: ApiKey) -> None:
    """Everything is checked and answered as it would be, nothing is kept."""
    response = client.post("/open311/test/v2/requests.json", HERE)
    assert response.status_code == 201
    assert response.json()[0]["service_request_id"]
    assert "nothing was filed" in response.json()[0]["service_notice"]
    wrong = HERE | {"lat": "91"}
    assert client.post("/open311/test/v2/requests.json", wrong).status_code == 400
    assert Case.objects.count() == 0


def test_with_a_sandbox_the_test_endpoint_is_the_sandbox(client: Client, key: ApiKey) -> None:
    """What is tried out there is filed there, also under the real city's jurisdiction_id."""
    sandbox = make_city("sandbox")
    City.objects.filter(pk=sandbox.pk).update(is_sandbox=True)
    forget_cities()
    with city_scope(sandbox.pk):
        add_services()
        ApiKey.objects.create(name="Try", key_digest=digest("try"), created_at=timezone.now())
    fields = HERE | {"api_key": "try", "jurisdiction_id": "springfield.example"}
    number = client.post("/open311/test/v2/requests.json", fields).json()[0]["service_request_id"]
    assert client.get(f"/open311/test/v2/requests/{number}.json").status_code == 200
    assert Case.objects.count() == 0
    assert client.get(f"{BASE}/requests/{number}.json").status_code == 404
    named = client.get(f"{BASE}/requests.json?jurisdiction_id=sandbox.example")
    assert named.status_code == 404


def test_discovery_names_both_endpoints(client: Client, city: City) -> None:
    for path in ("/open311/discovery.json", f"{BASE}/discovery.json"):
        found = client.get(path).json()
        assert [(row["type"], row["url"]) for row in found["endpoints"]] == [
            ("production", "http://springfield.example/open311/v2"),
            ("test", "http://springfield.example/open311/test/v2"),
        ]
        assert {row["specification"] for row in found["endpoints"]} == {
            "http://wiki.open311.org/GeoReport_v2"
        }
