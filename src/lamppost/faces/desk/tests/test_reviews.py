"""Reviews, measures and stat meetings at the desk: pages, forms, figures, what they cost."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from lamppost.cases.models import Case
from lamppost.cases.services.lifecycle import close
from lamppost.cities.models import City
from lamppost.database.scope import city_scope
from lamppost.faces.desk import review_forms
from lamppost.insight.choices import SubjectKind
from lamppost.insight.models import Review, ReviewAction, ReviewSubject, StatFigure
from lamppost.insight.selectors.calendar import today
from lamppost.insight.services.daily import refresh
from lamppost.insight.services.reviews import open_due_reviews, version_of
from lamppost.people.actors import SYSTEM
from lamppost.people.choices import Role
from lamppost.people.models import Department, Membership, User

pytestmark = pytest.mark.django_db
Desk = Callable[..., Client]
FileCase = Callable[..., Case]


@pytest.fixture
def review(file_case: FileCase) -> Review:
    """The review of the pothole agreement: one request closed on time, one late."""
    for days_open in (1, 20):
        at = timezone.now() - timedelta(days=60)
        case = file_case(requested_at=at)
        close(
            case_id=case.pk, outcome_code="done", text="Filled.", actor=SYSTEM,
            at=at + timedelta(days=days_open),
        )  # fmt: skip
    refresh()
    open_due_reviews()
    return Review.objects.get(subject__kind=SubjectKind.AGREEMENT)


@pytest.fixture
def stat(review: Review) -> Review:
    """The stat meeting of the last quarter."""
    return Review.objects.get(subject__kind=SubjectKind.STAT)


def step(client: Client, review: Review, slug: str, **data: Any) -> Any:
    review.refresh_from_db()
    return client.post(
        f"/desk/reviews/{review.pk}/{slug}/", {"seen": version_of(review)} | data, follow=True
    )


def words(response: Any) -> str:
    """The text of a page as somebody reads it."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


# -- refusals


@pytest.mark.parametrize(
    "path",
    [
        "/desk/measures/", "/desk/reviews/", "/desk/reviews/held/", "/desk/reviews/calendar/",
        "/desk/reviews/participation/", "/desk/stat/", "/desk/stat/2026/1/",
        "/desk/stat/2026/1/stat.pdf",
    ],
)  # fmt: skip
def test_only_who_reads_measures(path: str, signed_in: Desk, visitor: Client) -> None:
    assert visitor.get(path)["Location"].startswith("/desk/sign-in/")
    assert signed_in(Role.WORKER, "streets").get(path).status_code == 403
    assert signed_in(Role.MANAGER, "streets").get(path).status_code == 200


def test_attendance_offers_the_center_and_who_is_ticked_however_many_work_there(
    signed_in: Desk, review: Review, stat: Review, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(review_forms, "_MOST_PEOPLE", 3)
    director = signed_in(Role.DIRECTOR, None, "Dana")
    signed_in(Role.MANAGER, "streets", "Max")
    workers = [signed_in(Role.WORKER, "streets", f"Worker {n}").user for n in range(8)]
    for each in (review, stat):
        step(director, each, "attendance", attendance=[workers[-1].pk])
        page = director.get(f"/desk/reviews/{each.pk}/").content.decode()
        boxes = re.findall(r'name="attendance" value="(\d+)"( checked)?', page)
        assert str(director.user.pk) in dict(boxes)
        assert dict(boxes)[str(workers[-1].pk)] == " checked"


def test_another_department_s_review_is_not_shown(signed_in: Desk, review: Review) -> None:
    parks = signed_in(Role.MANAGER, "parks")
    for path in (f"/desk/reviews/{review.pk}/", f"/desk/reviews/calendar/{review.subject_id}/"):
        assert parks.get(path).status_code == 403
    assert step(parks, review, "minutes", minutes="Mine").status_code == 403
    review.refresh_from_db()
    assert review.minutes == ""


def test_what_is_not_there(signed_in: Desk, review: Review, other_city: City) -> None:
    with city_scope(other_city.pk):
        subject = ReviewSubject.objects.create(
            kind=SubjectKind.KNOWLEDGE, department=Department.objects.all()[0], every_months=1,
            created_at=timezone.now(),
        )  # fmt: skip
        foreign = Review.objects.create(
            subject=subject, due_on=today(), period_from=today(), period_to=today(),
            opened_at=timezone.now(), updated_at=timezone.now(),
        )  # fmt: skip
    client = signed_in(Role.DIRECTOR)
    for path in (
        f"/desk/reviews/{foreign.pk}/", f"/desk/reviews/calendar/{subject.pk}/",
        "/desk/reviews/999999999999999999/", "/desk/stat/0000/1/", "/desk/stat/9999/1/",
        "/desk/stat/2026/5/",
    ):  # fmt: skip
        assert client.get(path).status_code == 404, path
    assert client.post(f"/desk/reviews/{review.pk}/nonsense/").status_code == 404


@pytest.mark.parametrize(
    "query",
    ["amount=0&unit=hours", "amount=x&unit=hours", "amount=5&unit=years", "amount=1001", "amount="],
)
def test_a_what_if_that_makes_no_sense(query: str, signed_in: Desk, review: Review) -> None:
    page = signed_in(Role.DIRECTOR).get(f"/desk/reviews/{review.pk}/?{query}")
    assert page.status_code == 200
    assert "Enter a number from 1 to 1000" in words(page)


# -- a review from beginning to end


def test_a_review_is_held(signed_in: Desk, review: Review) -> None:
    client = signed_in(Role.DIRECTOR, None, "Dana")
    page = words(client.get(f"/desk/reviews/{review.pk}/?amount=30&unit=calendar_days"))
    assert "On time 50.0% of 2" in page
    assert "At 30 calendar days, 100.0% would have been on time." in page
    assert "The promise as it is now, 3 business days: 50.0% on time." in page

    step(client, review, "schedule", at="2026-12-01T10:30", place="Room 167")
    step(client, review, "attendance", attendance=[client.user.pk])
    step(client, review, "minutes", minutes="We looked at the backlog.")
    step(
        client, review, "action", text="Second crew", owner=client.user.pk,
        due_on=today().isoformat(),
    )  # fmt: skip
    missing = step(client, review, "hold", decision="")
    assert missing.status_code == 400
    assert "Choose whether the agreement stays as it is." in words(missing)
    done = words(step(client, review, "hold", decision="change", decision_text="Five days."))
    assert "The review is on record." in done
    assert "Propose the change" in done
    for text in ("Room 167", "Dana", "We looked at the backlog.", "Second crew", "Five days."):
        assert text in done
    review.refresh_from_db()
    assert review.held_at is not None
    assert step(client, review, "minutes", minutes="Other").status_code == 409
    assert "Pothole" in words(client.get("/desk/reviews/held/"))


def test_what_was_typed_comes_back_when_somebody_was_faster(
    signed_in: Desk, review: Review
) -> None:
    client = signed_in(Role.DIRECTOR)
    stale = version_of(review)
    step(client, review, "minutes", minutes="First")
    late = client.post(f"/desk/reviews/{review.pk}/minutes/", {"seen": stale, "minutes": "Second"})
    assert late.status_code == 409
    assert "Second" in late.content.decode()
    review.refresh_from_db()
    assert review.minutes == "First"


def test_an_action_is_done_from_the_agenda(signed_in: Desk, review: Review) -> None:
    client = signed_in(Role.SUPERVISOR, "center")
    step(client, review, "action", text="Call", owner=client.user.pk, due_on=today().isoformat())
    action = ReviewAction.objects.get()
    response = client.post(
        f"/desk/reviews/actions/{action.pk}/done/", {"review": review.pk, "note": "Called"}
    )
    assert response["Location"].endswith(f"/desk/reviews/{review.pk}/#agenda")
    again = client.post(f"/desk/reviews/actions/{action.pk}/done/", {"note": "Twice"})
    assert again.status_code == 409
    action.refresh_from_db()
    assert action.done_note == "Called"


def test_the_calendar_is_changed(signed_in: Desk, review: Review) -> None:
    client = signed_in(Role.MANAGER, "streets")
    path = f"/desk/reviews/calendar/{review.subject_id}/"
    assert client.post(path, {"every_months": "0", "first_due_on": ""}).status_code == 400
    assert client.post(path, {"every_months": "6", "first_due_on": "soon"}).status_code == 400
    assert client.post(path, {"every_months": "6", "first_due_on": ""}).status_code == 302
    review.subject.refresh_from_db()
    assert review.subject.every_months == 6
    streets = Department.objects.get(code="streets")
    data = {"name": "Snow", "department": streets.pk, "every_months": "12"}
    assert client.post("/desk/reviews/calendar/", data | {"name": ""}).status_code == 400
    assert client.post("/desk/reviews/calendar/", data).status_code == 302
    assert "Snow" in words(client.get("/desk/reviews/calendar/"))


# -- measures


def test_measures_say_what_they_mean(signed_in: Desk, review: Review) -> None:
    client = signed_in(Role.DIRECTOR)
    page = words(client.get("/desk/measures/"))
    assert "Streets 2 50.0% of 2" in page
    assert "Closed on time ÷ (closed on time + closed late + open and overdue)" in page
    one = words(client.get("/desk/measures/?department=streets"))
    assert "Pothole 2 50.0% of 2" in one


def test_measures_as_a_table(signed_in: Desk, review: Review) -> None:
    response = signed_in(Role.DIRECTOR).get("/desk/measures/?format=csv&days=365")
    assert response["Content-Type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(response.content.decode())))
    streets = next(row for row in rows if row["name"] == "Streets")
    assert (streets["received"], streets["on_time"], streets["on_time_n"]) == ("2", "0.5000", "2")
    assert (streets["median"], streets["p90"]) == ("1.0000", "20.0000")


# -- stat meetings


def test_a_figure_is_entered_by_hand(signed_in: Desk, stat: Review) -> None:
    client = signed_in(Role.DIRECTOR, None, "Dana")
    quarter = (stat.period_from.month - 1) // 3 + 1
    path = f"/desk/stat/{stat.period_from.year}/{quarter}/"
    data = {"section": "budget", "name": "Cost per contact", "unit": "USD", "target": "2.20"}
    wrong = client.post(path, data | {"actual": "cheap"})
    assert wrong.status_code == 400
    assert "Enter a number." in words(wrong)
    assert client.post(path, data | {"actual": "3,39"}).status_code == 302
    assert StatFigure.objects.get().actual == Decimal("3.39")
    page = words(client.get(path))
    assert "Cost per contact 2.2 USD 3.39 USD" in page
    assert "Dana" in page
    assert "Uptime is not measured here" in page
    assert client.post(path, {"step": "open"})["Location"].endswith(f"/desk/reviews/{stat.pk}/")


def test_a_decision_is_in_the_next_pack(signed_in: Desk, stat: Review) -> None:
    client = signed_in(Role.DIRECTOR)
    step(
        client, stat, "action", text="Spanish line", owner=client.user.pk,
        due_on=(today() + timedelta(days=9)).isoformat(),
    )  # fmt: skip
    year, month = today().year, today().month
    now = f"/desk/stat/{year}/{(month - 1) // 3 + 1}/"  # the quarter under way
    assert "Open from earlier meetings Spanish line" in words(client.get(now))
    action = ReviewAction.objects.get()
    client.post(f"/desk/reviews/actions/{action.pk}/done/", {"note": ""})
    assert "Spanish line" not in words(client.get(now))


@pytest.mark.parametrize("language", ["en", "es", "ar"])
def test_the_pack_as_a_pdf(language: str, signed_in: Desk, stat: Review) -> None:
    client = signed_in(Role.DIRECTOR, None, "#set page(fill: red)")
    step(
        client, stat, "action", text="*bold* #pagebreak() $x$ مدرسة",
        owner=client.user.pk, due_on=today().isoformat(),
    )  # fmt: skip
    quarter = (stat.period_from.month - 1) // 3 + 1
    response = client.get(f"/{language}/desk/stat/{stat.period_from.year}/{quarter}/stat.pdf")
    assert response["Content-Type"] == "application/pdf"
    body = response.content
    assert body.startswith(b"%PDF-")
    assert f"/Lang({language})".encode() in body
    assert b"/MarkInfo" in body
    assert b"/StructTreeRoot" in body
    assert b"pdfuaid:part" in body  # meets PDF/UA, or it would have been made without


# -- what a page costs


def test_pages_cost_the_same_for_many(
    signed_in: Desk, review: Review, stat: Review, django_assert_max_num_queries: Any
) -> None:
    client = signed_in(Role.DIRECTOR)
    _crowd(review)
    quarter = (stat.period_from.month - 1) // 3 + 1
    budget = {
        "/desk/measures/": 12,
        "/desk/reviews/": 8,
        "/desk/reviews/held/": 8,
        "/desk/reviews/calendar/": 10,
        "/desk/reviews/participation/": 12,
        f"/desk/reviews/{review.pk}/?amount=5&unit=business_days": 32,
        f"/desk/reviews/{stat.pk}/": 45,
        "/desk/stat/": 8,
        f"/desk/stat/{stat.period_from.year}/{quarter}/": 45,
    }
    for path, limit in budget.items():
        client.get(path)
        with django_assert_max_num_queries(limit):
            assert client.get(path).status_code == 200, path


def _crowd(review: Review) -> None:
    """Thirty subjects with a review each, thirty people, thirty actions."""
    streets, now = Department.objects.get(code="streets"), timezone.now()
    for number in range(30):
        user = User.objects.create(email=f"{number}@staff.example", name=str(number))
        Membership.objects.create(user=user, role=Role.MANAGER, department=streets)
        subject = ReviewSubject.objects.create(
            kind=SubjectKind.KNOWLEDGE, department=streets, name={"en": f"Area {number}"},
            every_months=12, created_at=now,
        )  # fmt: skip
        Review.objects.create(
            subject=subject, due_on=today(), period_from=today(), period_to=today(),
            opened_at=now, updated_at=now, held_at=now if number % 2 else None,
        )  # fmt: skip
        ReviewAction.objects.create(
            subject=review.subject, review=review, text="x", owner=user, due_on=today(),
            created_at=now,
        )  # fmt: skip
