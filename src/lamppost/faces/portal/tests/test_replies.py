"""What everybody reads about a result, and what the reporter and followers may say to it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from lamppost.cases.choices import RedressSource
from lamppost.cases.models import Attachment, Case, CaseEvent, Redress
from lamppost.cases.reports import Report
from lamppost.cases.services import lifecycle, redress
from lamppost.cases.services.intake import submit
from lamppost.catalog.choices import Channel
from lamppost.database.fields import Point
from lamppost.faces.portal.tests.conftest import picture
from lamppost.people.actors import ANONYMOUS, Actor
from lamppost.people.choices import Role
from lamppost.people.models import StaffNotice

MakeActor = Callable[..., Actor]
SECRET = "The house of my mother, call 215 555 0142"


@pytest.fixture
def held(city: object) -> tuple[Case, str]:
    """A case and the address of its private page."""
    filed = submit(
        Report(
            service_code="POTHOLE",
            channel=Channel.WEB,
            description="A deep hole",
            answers={"WHERE": ("roadway",)},
            point=Point(-75.1636, 39.9526),
        ),
        actor=ANONYMOUS,
    )
    case = Case.objects.get(pk=filed.case_id)
    return case, f"/follow/{case.number}/{filed.tracking_token}/"


def closed(case: Case, worker: Actor, outcome: str, text: str = "Nobody was there") -> None:
    lifecycle.close(case_id=case.pk, outcome_code=outcome, text=text, actor=worker)


# -- refusals


@pytest.mark.parametrize(
    ("why", "outcome", "fields", "status"),
    [
        ("an answer to a finished case is a dispute", "done", {"text": "x"}, 422),
        ("an empty answer", "not-found", {}, 422),
        ("a place beyond the pole", "not-found", {"lat": "95", "long": "10"}, 422),
        ("a place that is none", "not-found", {"lat": "a", "long": "b"}, 422),
        ("too many words", "not-done", {"text": "x" * 4001}, 422),
    ],
)
def test_what_is_no_answer(
    why: str, outcome: str, fields: dict[str, str], status: int, held: tuple[Case, str],
    worker: Actor, web: Client,
) -> None:  # fmt: skip
    case, link = held
    closed(case, worker, outcome)
    assert web.post(link, {"action": "answer", **fields}).status_code == status, why
    case.refresh_from_db()
    assert case.state == "closed"


def test_after_the_days_nothing_is_invited(
    held: tuple[Case, str], worker: Actor, web: Client
) -> None:
    case, link = held
    closed(case, worker, "not-found")
    long_ago = timezone.now() - timedelta(days=400)
    Case.objects.filter(pk=case.pk).update(closed_at=long_ago)
    body = web.get(link).content.decode()
    assert 'value="answer"' not in body
    assert 'value="dispute"' not in body
    assert web.post(link, {"action": "answer", "text": "x"}).status_code == 422
    assert web.post(link, {"action": "dispute", "text": "x"}).status_code == 422


def test_a_follower_neither_answers_nor_settles(
    held: tuple[Case, str], worker: Actor, web: Client
) -> None:
    case, _link = held
    link = web.post(f"/requests/{case.number}/follow/")["Location"].partition("?")[0]
    closed(case, worker, "not-found")
    body = web.get(link).content.decode()
    assert 'value="answer"' not in body
    for action in ("answer", "settled", "withdraw"):
        assert web.post(link, {"action": action, "text": "x"}).status_code == 422
    case.refresh_from_db()
    assert case.state == "closed"


# -- what is told and done


@pytest.mark.parametrize(
    ("outcome", "title"),
    [
        ("not-done", "Why it was not done"),
        ("not-found", "nobody could find it"),
    ],
)
def test_the_public_page_says_why_and_how_to_reply(
    outcome: str, title: str, held: tuple[Case, str], worker: Actor, web: Client
) -> None:
    case, _link = held
    closed(case, worker, outcome, "The house number does not exist")
    body = web.get(f"/requests/{case.number}/").content.decode()
    assert title in body
    assert "The house number does not exist" in body
    assert "open your private link and answer" in body
    assert 'href="/report/POTHOLE/"' in body


def test_an_answer_opens_the_case_and_reaches_the_department(
    held: tuple[Case, str], worker: Actor, actor: MakeActor, web: Client
) -> None:
    case, link = held
    manager = actor(Role.MANAGER, "streets")
    closed(case, worker, "not-found")
    assert "can you help?" in web.get(link).content.decode()
    sent = {
        "action": "answer", "text": SECRET, "lat": "39.9530", "long": "-75.1640",
        "photos": [picture("blue")],
    }  # fmt: skip
    assert web.post(link, sent).status_code == 302
    case.refresh_from_db()
    assert (case.state, case.reopen_count) == ("open", 1)
    assert case.location == Point(-75.1640, 39.9530)
    assert Attachment.objects.filter(case=case, by_staff=False).count() == 1
    assert Redress.objects.count() == 0
    notice = StaffNotice.objects.get(user_id=manager.user_id)
    assert SECRET not in notice.subject + notice.text
    event = CaseEvent.objects.get(case=case, kind="reopened")
    assert event.data["answer"] is True
    assert SECRET in web.get(link).content.decode()
    for path in (f"/requests/{case.number}/", f"/api/v1/cases/{case.number}"):
        assert SECRET not in web.get(path).content.decode()


def test_a_place_in_words_is_read_by_somebody(
    held: tuple[Case, str], worker: Actor, web: Client
) -> None:
    case, link = held
    closed(case, worker, "not-found")
    assert web.post(link, {"action": "answer", "place": "Behind the mill"}).status_code == 302
    event = CaseEvent.objects.select_related("words").get(case=case, kind="resident_comment")
    assert event.words.text == "Behind the mill"


def test_not_fixed_is_looked_at_and_the_page_says_so(
    held: tuple[Case, str], worker: Actor, actor: MakeActor, web: Client
) -> None:
    case, link = held
    closed(case, worker, "done", "Filled")
    assert "Is it not fixed?" in web.get(link).content.decode()
    assert web.post(link, {"action": "dispute", "text": SECRET}).status_code == 302
    found = Redress.objects.get(case=case)
    assert found.source == RedressSource.REPORTER
    own, public = (web.get(path).content.decode() for path in (link, f"/requests/{case.number}/"))
    assert SECRET in own
    assert "You said that it is not fixed" in own
    assert SECRET not in public
    assert "somebody said that it is not fixed" in public
    redress.refuse(redress_id=found.pk, text="We measured it: level", actor=actor(Role.DIRECTOR))
    public = web.get(f"/requests/{case.number}/").content.decode()
    assert "Looked at: the result stands" in public
    assert "We measured it: level" in public
    own = web.get(link).content.decode()
    assert 'value="dispute"' not in own
    assert "has looked at this result and decided" in own


def test_nothing_private_leaves_by_the_interfaces(
    held: tuple[Case, str], worker: Actor, web: Client
) -> None:
    case, link = held
    closed(case, worker, "done", "Filled")
    web.post(link, {"action": "dispute", "text": SECRET})
    for path in (
        f"/open311/v2/requests/{case.number}.json?extensions=true",
        f"/open311/v2/requests/{case.number}.xml",
        f"/api/v1/cases/{case.number}",
        f"/requests/{case.number}.atom",
        f"/requests/{case.number}/",
    ):
        response = web.get(path)
        assert response.status_code == 200, path
        assert SECRET not in response.content.decode(), path


def test_a_follower_may_say_that_it_is_not_fixed(
    held: tuple[Case, str], worker: Actor, web: Client
) -> None:
    case, _link = held
    link = web.post(f"/requests/{case.number}/follow/")["Location"].partition("?")[0]
    closed(case, worker, "done", "Filled")
    assert web.post(link, {"action": "dispute", "text": "Still there"}).status_code == 302
    assert Redress.objects.get(case=case).source == RedressSource.FOLLOWER


def test_the_reporter_settles_it(held: tuple[Case, str], worker: Actor, web: Client) -> None:
    case, link = held
    closed(case, worker, "done", "Filled")
    web.post(link, {"action": "dispute", "text": "Still there"})
    assert "It is settled" in web.get(link).content.decode()
    assert web.post(link, {"action": "settled"}).status_code == 302
    case.refresh_from_db()
    assert case.state == "closed"
