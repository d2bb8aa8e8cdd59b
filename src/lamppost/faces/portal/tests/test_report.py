"""Reporting without JavaScript: refusals first, then the way to a number."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from lamppost.cases.models import (
    Attachment,
    Case,
    CaseEvent,
    Diversion,
    Draft,
    DraftPhoto,
    Follower,
)
from lamppost.database.fields import Point
from lamppost.faces.portal.tests.conftest import HOST, Reporting, picture
from lamppost.people.models import Contact

RTL = "\u202eevil\u202c"


@pytest.mark.parametrize(
    "code", ["NOTHING", "pothole", "POTHOLE%00", "%F0%9F%95%B3", "'; DROP TABLE x;--", "a" * 500]
)
@pytest.mark.parametrize("step", ["", "details/", "photos/", "where/", "review/", "done/"])
def test_an_unknown_service_is_a_friendly_404(web: Client, code: str, step: str) -> None:
    assert web.get(f"/report/{code}/{step}").status_code == 404


def test_another_citys_draft_opens_nothing(
    web: Client, reporting: Reporting, other_city: Any
) -> None:
    reporting.details()
    cookie = next(iter(web.cookies.values()))
    stranger = Client(HTTP_HOST="shelbyville.example")
    stranger.cookies[cookie.key] = cookie.value
    response = stranger.get("/report/POTHOLE/photos/")
    assert response.status_code == 302
    assert response["Location"].endswith("/details/")


@pytest.mark.parametrize("step", ["photos", "where", "similar", "contact", "review", "done"])
def test_a_step_without_a_draft_leads_to_the_first(reporting: Reporting, step: str) -> None:
    response = reporting.get(step)
    assert (response.status_code, response["Location"]) == (302, "/report/POTHOLE/details/")


@pytest.mark.parametrize("value", ["", "x", "a" * 24, "\x7f" * 24, "é" * 24, "0" * 5000])
def test_a_made_up_cookie_is_no_draft(web: Client, value: str) -> None:
    from lamppost.catalog.book import book

    web.cookies[f"report-{book().services['POTHOLE'].id}"] = value
    assert web.get("/report/POTHOLE/review/").status_code == 302


@pytest.mark.parametrize("step", ["details", "photos", "where", "contact", "review"])
@pytest.mark.parametrize("method", ["put", "delete", "patch"])
def test_a_wrong_method_is_refused(web: Client, step: str, method: str) -> None:
    assert getattr(web, method)(f"/report/POTHOLE/{step}/").status_code == 405


def test_a_form_without_its_token_is_refused(city: Any, static_files: Any) -> None:
    strict = Client(HTTP_HOST=HOST, enforce_csrf_checks=True)
    response = strict.post("/report/POTHOLE/details/", {"description": "x"})
    assert response.status_code == 403
    assert not Draft.objects.exists()


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"attribute[WHERE]": ""}, "Please answer: Where on the street is it?"),
        ({"attribute[WHERE]": "nowhere"}, "Choose from the list for: Where on the street"),
        ({"attribute[WHERE]": "<script>alert(1)</script>"}, "Choose from the list"),
        ({"attribute[SIZE]": "wide"}, "Write a number for: How wide is it"),
        ({"attribute[SIZE]": "NaN"}, "Write a number for: How wide is it"),
        ({"description": "x" * 4001}, "Use at most 4000 characters."),
    ],
)
def test_a_wrong_answer_is_told_beside_its_question(
    reporting: Reporting, fields: dict[str, str], message: str
) -> None:
    response = reporting.details(**fields)
    assert response.status_code == 422
    assert message in response.content.decode()
    assert not Draft.objects.exists()


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({}, "Say where it is"),
        ({"lat": "north", "long": "-75"}, "Enter a number"),
        ({"lat": "39.95", "long": ""}, "Enter a number"),
        ({"lat": "95", "long": "-75"}, "Latitude must be between"),
        ({"lat": "0", "long": "0"}, "not a place"),
        ({"lat": "nan", "long": "inf"}, "Enter a number"),
        ({"address": "x" * 301}, "Use at most 300 characters."),
        ({"photo_place": "not-a-photo"}, "Say where it is"),
    ],
)
def test_an_impossible_place_is_told(
    reporting: Reporting, fields: dict[str, str], message: str
) -> None:
    reporting.details()
    response = reporting.post("where", **fields)
    assert response.status_code == 422
    assert message in response.content.decode()


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"email": "nobody", "language": "en"}, "Write an e-mail address like"),
        ({"phone": "call me", "language": "en"}, "Write a phone number"),
        ({"first_name": "x" * 201, "language": "en"}, "Use at most 200 characters."),
        ({"language": "tlh"}, "Choose one of the languages"),
        ({"may_notify": "on", "language": "en"}, "To get news, give an e-mail address"),
    ],
)
def test_a_wrong_contact_is_told(
    reporting: Reporting, fields: dict[str, str], message: str
) -> None:
    reporting.details()
    response = reporting.post("contact", **fields)
    assert response.status_code == 422
    assert message in response.content.decode()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "The photo is empty"),
        (b"GIF89a<script>", "not a photo we can read"),
        (b"\xff\xd8\xff\xe0" + b"\0" * 500, "photo"),
    ],
)
def test_what_is_no_photo_is_told(reporting: Reporting, content: bytes, message: str) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    reporting.details()
    upload = SimpleUploadedFile("x.jpg", content, content_type="image/jpeg")
    response = reporting.post("photos", photos=[upload])
    if content:
        assert response.status_code == 422
        assert message in response.content.decode()
    assert not DraftPhoto.objects.exists()


def test_a_sixth_photo_is_refused_and_five_stay(reporting: Reporting) -> None:
    reporting.details()
    colors = ["red", "green", "blue", "white", "black", "yellow"]
    response = reporting.post("photos", photos=[picture(color) for color in colors])
    assert response.status_code == 422
    assert "at most 5 photos" in response.content.decode()
    assert DraftPhoto.objects.count() == 5


def test_one_may_change_ones_mind_about_a_photo(reporting: Reporting) -> None:
    reporting.details()
    reporting.post("photos", photos=[picture()])
    reporting.client.post(
        "/report/POTHOLE/photos/remove/", {"photo": DraftPhoto.objects.get().token}
    )
    assert not DraftPhoto.objects.exists()


def test_gas_leads_to_the_emergency_number_and_nothing_is_filed(reporting: Reporting) -> None:
    response = reporting.details(where="gas")
    assert response["Location"].endswith("/stopped/")
    shown = reporting.get("stopped").content.decode()
    assert "Call 911 now" in shown
    assert 'href="tel:911"' in shown
    assert "Leave the place and call 911." in shown
    assert "has not been sent" in shown
    assert not Case.objects.exists()


def test_a_diversion_is_counted_once_however_often_it_is_sent(reporting: Reporting) -> None:
    reporting.details(where="gas")
    reporting.details(where="gas")
    reporting.get("stopped")
    assert [one.outcome for one in Diversion.objects.all()] == ["emergency"]


def test_somebody_elses_job_is_explained_with_a_name(reporting: Reporting) -> None:
    reporting.details(where="private")
    shown = reporting.get("stopped").content.decode()
    assert "The owner is responsible for it." in shown
    assert "Property owner" in shown


def test_forcing_the_last_step_does_not_get_past_triage(reporting: Reporting) -> None:
    reporting.to_review()
    draft = Draft.objects.get()
    draft.fields["answers"]["WHERE"] = ["gas"]
    draft.save()
    assert reporting.post("review")["Location"].endswith("/stopped/")
    assert not Case.objects.exists()


def test_changed_answers_open_the_way_again(reporting: Reporting) -> None:
    reporting.details(where="gas")
    assert reporting.details()["Location"].endswith("/photos/")
    assert reporting.get("stopped").status_code == 302


def test_a_report_gets_a_number_a_date_and_a_private_link(reporting: Reporting) -> None:
    response = reporting.file()
    assert response["Location"] == "/report/POTHOLE/done/"
    case = Case.objects.get()
    done = reporting.get("done")
    shown = done.content.decode()
    assert case.number in shown
    assert "Expected by" in shown
    assert f"/follow/{case.number}/" in shown
    assert "no-store" in done["Cache-Control"]


def test_sending_twice_gives_the_same_case_and_link(reporting: Reporting) -> None:
    reporting.file()
    first = reporting.get("done").content
    assert reporting.post("review")["Location"] == "/report/POTHOLE/done/"
    assert Case.objects.count() == 1
    assert reporting.get("done").content.count(b"/follow/") == first.count(b"/follow/")


def test_a_second_copy_of_the_last_step_files_nothing_more(reporting: Reporting) -> None:
    from lamppost.cases.services import drafts
    from lamppost.people.actors import ANONYMOUS

    reporting.to_review()
    token = next(
        cookie.value for cookie in reporting.client.cookies.values() if "report" in cookie.key
    )
    opened = drafts.open_draft(token)
    assert opened is not None
    first = drafts.file_draft(opened, actor=ANONYMOUS)
    second = drafts.file_draft(opened, actor=ANONYMOUS)
    assert (first.number, first.tracking_token) == (second.number, second.tracking_token)
    assert second.repeated


def test_after_sending_the_draft_holds_nothing_of_the_person(reporting: Reporting) -> None:
    reporting.to_review()
    reporting.post("contact", first_name="Ada Vale", email="ada@example.org", language="es")
    reporting.post("review")
    assert set(Draft.objects.get().fields) == {"service_code", "sealed"}
    assert Contact.objects.get().email == "ada@example.org"


def test_odd_words_are_kept_as_written_and_shown_as_text(reporting: Reporting) -> None:
    words = f"<img src=x onerror=alert(1)> '; DROP TABLE cases_case;-- 🕳 {RTL} \x00\x07 end"
    reporting.to_review()
    reporting.details(description=words)
    reporting.post("review")
    case = Case.objects.get()
    assert case.description == words.replace("\x00", "").replace("\x07", "")
    shown = reporting.client.get(f"/requests/{case.number}/").content.decode()
    assert "<img src=x" not in shown
    assert "&lt;img src=x" in shown
    assert "🕳" in shown


def test_a_photo_offers_its_place_and_keeps_none(reporting: Reporting) -> None:
    reporting.details()
    reporting.post("photos", photos=[picture(position=(-75.1636, 39.9526))])
    photo = DraftPhoto.objects.get()
    assert photo.token in reporting.get("where").content.decode()
    reporting.post("where", photo_place=photo.token)
    reporting.post("contact", language="en")
    reporting.post("review")
    case = Case.objects.get()
    assert case.location == pytest.approx((-75.1636, 39.9526), abs=1e-5)
    assert Attachment.objects.get().case_id == case.pk
    assert not DraftPhoto.objects.exists()
    body: Any = reporting.client.get(f"/photos/{Attachment.objects.get().token}.jpg")
    assert b"Exif" not in b"".join(body.streaming_content)


def test_a_neighbors_report_can_be_followed_instead(reporting: Reporting, file_case: Any) -> None:
    other = file_case(point=Point(-75.1636, 39.9527))
    reporting.details()
    reporting.post("photos")
    response = reporting.post("where", lat="39.9526", long="-75.1636")
    assert response["Location"].endswith("/similar/")
    shown = reporting.get("similar").content.decode()
    assert other.number in shown
    assert "11 meters away" in shown
    first = reporting.post("similar", follow=other.number)
    again = reporting.post("similar", follow=other.number)
    assert first["Location"] == again["Location"]
    assert Case.objects.count() == 1
    assert Follower.objects.count() == 1
    other.refresh_from_db()
    assert other.follower_count == 1
    assert reporting.client.get(first["Location"]).status_code == 200


def test_only_a_case_nearby_can_be_followed_instead(reporting: Reporting, file_case: Any) -> None:
    far = file_case(point=Point(-75.2, 39.9))
    reporting.details()
    reporting.post("where", lat="39.9526", long="-75.1636")
    assert reporting.post("similar", follow=far.number).status_code == 404
    assert not Follower.objects.exists()


def test_mine_is_different_goes_on(reporting: Reporting, file_case: Any) -> None:
    file_case()
    assert reporting.file()["Location"] == "/report/POTHOLE/done/"
    assert Case.objects.count() == 2


def test_a_service_without_a_place_asks_for_none(web: Client) -> None:
    question = Reporting(web, "QUESTION")
    question.post("details", description="When is the library open?")
    question.post("photos")
    assert question.get("where")["Location"].endswith("/details/")
    question.post("contact", language="en")
    assert question.post("review")["Location"].endswith("/done/")
    assert Case.objects.get().due_at is None


def test_a_follow_up_is_asked_on_a_screen_of_its_own(web: Client, city: Any) -> None:
    from django.utils import timezone

    from lamppost.catalog.models import Question, QuestionCondition, QuestionValue, Service
    from lamppost.cities.models import City

    service = Service.objects.get(code="POTHOLE")
    follow_up = Question.objects.create(
        service=service, code="LANE", order=9, text={"en": "Which lane?"}, datatype="string",
        is_required=True,
    )  # fmt: skip
    value = QuestionValue.objects.get(key="roadway")
    QuestionCondition.objects.create(question=follow_up, value=value)
    City.objects.filter(pk=city.pk).update(catalog_changed_at=timezone.now())
    reporting = Reporting(web)
    assert "Which lane?" not in reporting.get("details").content.decode()
    response = reporting.details()
    assert response["Location"].endswith("/details/?more=1")
    shown = web.get(response["Location"]).content.decode()
    assert "Which lane?" in shown
    assert "Where on the street is it?" not in shown
    response = reporting.post("details", shown="LANE", **{"attribute[LANE]": ""})
    assert response.status_code == 422
    response = reporting.post("details", shown="LANE", **{"attribute[LANE]": "left"})
    assert response["Location"].endswith("/photos/")
    assert Draft.objects.get().fields["answers"]["WHERE"] == ["roadway"]
    assert Draft.objects.get().fields["answers"]["LANE"] == ["left"]


def test_the_first_event_is_the_residents_own(reporting: Reporting) -> None:
    reporting.file()
    assert CaseEvent.objects.earliest("seq").actor == "resident"


def test_too_many_fields_are_refused_plainly(web: Client) -> None:
    fields = {f"f{number}": "x" for number in range(1200)}
    assert web.post("/report/POTHOLE/details/", fields).status_code == 400


def test_a_cut_off_upload_is_refused_plainly(reporting: Reporting) -> None:
    reporting.details()
    response = reporting.client.post(
        "/report/POTHOLE/photos/",
        data=b"--x\r\nContent",
        content_type="multipart/form-data; boundary=x",
    )
    assert response.status_code < 500
    assert not DraftPhoto.objects.exists()
