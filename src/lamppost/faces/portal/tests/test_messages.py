"""Confirming, changing and stopping messages; and who a link lets do what."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone

from lamppost.cases.models import Case
from lamppost.cases.reports import Reporter
from lamppost.cases.services.lifecycle import close
from lamppost.catalog.choices import Visibility
from lamppost.cities.models import City
from lamppost.cities.selectors import forget_cities
from lamppost.database.scope import city_scope
from lamppost.notify.choices import MessageChannel, Pace, SubscriptionKind
from lamppost.notify.links import Purpose, token_of
from lamppost.notify.models import Message, Recipient, Stop, Subscription, SurveyAnswer
from lamppost.notify.services.delivering import deliver
from lamppost.people.actors import SYSTEM

pytestmark = pytest.mark.django_db
FileCase = Callable[..., Case]
MAI = Reporter(name="Mai", email="mai@home.example", may_notify=True)


@pytest.fixture
def client(city: City) -> Client:
    return Client(headers={"host": "springfield.example"})


@pytest.fixture
def mais(file_case: FileCase) -> Case:
    return file_case(reporter=MAI)


def of(case: Case) -> Subscription:
    return Subscription.objects.select_related("recipient").get(case=case)


def link(row: Subscription, purpose: Purpose, ending: str = "") -> str:
    return f"/{purpose}/{token_of(row, purpose)}/{ending}"


def test_following_by_mail_asks_first_and_the_link_needs_a_press(
    client: Client, file_case: FileCase
) -> None:
    case = file_case()
    answer = client.post(f"/requests/{case.number}/follow/", {"email": "Fan@Home.example"})
    assert answer.status_code == 302
    row = of(case)
    assert (row.confirmed_at, row.recipient.address) == (None, "fan@home.example")
    assert Message.objects.get().template == "confirm"
    page = client.get(link(row, Purpose.CONFIRM))
    assert page.status_code == 200
    assert "fan@home.example" not in page.content.decode()
    assert of(case).confirmed_at is None, "a mail server that opens links confirms nothing"
    client.post(link(row, Purpose.CONFIRM))
    assert of(case).confirmed_at is not None


# A link of one purpose, tried for another, and what is no link.
WRONG = [
    (Purpose.MANAGE, Purpose.CASE, "the link mail programs see does not open the report"),
    (Purpose.MANAGE, Purpose.CONFIRM, "nor confirm"),
    (Purpose.CONFIRM, Purpose.MANAGE, "nor the other way round"),
]


@pytest.mark.parametrize(("made_for", "tried_as", "why"), WRONG)
def test_a_link_is_worth_what_it_was_made_for(
    client: Client, mais: Case, made_for: Purpose, tried_as: Purpose, why: str
) -> None:
    answer = client.get(f"/{tried_as}/{token_of(of(mais), made_for)}/")
    assert answer.status_code == 404, why


@pytest.mark.parametrize(
    "token",
    ["1-00000000000000000000", "x-00000000000000000000", "99999999999999999999-0000", "-" * 20],
)
def test_a_made_up_link_leads_nowhere(client: Client, mais: Case, token: str) -> None:
    for start in ("c", "k", "m"):
        assert client.get(f"/{start}/{token}/").status_code == 404


def test_a_link_of_one_city_is_nothing_in_another(mais: Case, other_city: City) -> None:
    path = link(of(mais), Purpose.MANAGE)
    stranger = Client(headers={"host": "shelbyville.example"})
    assert stranger.get(path).status_code == 404


def test_the_reporters_link_opens_what_only_the_reporter_sees_and_a_followers_does_not(
    client: Client, mais: Case
) -> None:
    fan = Subscription.objects.create(
        recipient=Recipient.objects.create(
            channel=MessageChannel.EMAIL, address="fan@home.example", created_at=timezone.now()
        ),
        kind=SubscriptionKind.CASE, case=mais, created_at=timezone.now(),
        confirmed_at=timezone.now(),
    )  # fmt: skip
    mine = Subscription.objects.get(case=mais, is_reporter=True)
    Case.objects.filter(pk=mais.pk).update(visibility=Visibility.PRIVATE)
    opened = client.get(link(mine, Purpose.CASE), follow=True)
    assert (opened.status_code, "Take the report back" in opened.content.decode()) == (200, True)
    assert client.get(link(fan, Purpose.CASE), follow=True).status_code == 404


def test_a_followers_link_lets_them_stop_and_nothing_else(
    client: Client, file_case: FileCase
) -> None:
    case = file_case()
    client.post(f"/requests/{case.number}/follow/", {"email": "fan@home.example"})
    row = of(case)
    client.post(link(row, Purpose.CONFIRM))
    page = f"/follow/{case.number}/{token_of(row, Purpose.CASE)}/"
    assert client.post(page, {"action": "withdraw"}).status_code == 422
    assert Case.objects.get().state == "received"
    assert client.post(page, {"action": "stop"}).status_code == 302
    assert of(case).ended_at is not None


def test_one_click_needs_no_cookie_and_no_form_token(mais: Case) -> None:
    strict = Client(headers={"host": "springfield.example"}, enforce_csrf_checks=True)
    path = link(of(mais), Purpose.MANAGE, "stop/")
    shown = strict.get(path)
    assert (shown.status_code, of(mais).ended_at) == (302, None), "opening it ends nothing"
    for _time in range(2):
        answer = strict.post(path, {"List-Unsubscribe": "One-Click"})
        assert answer.status_code == 200
    assert of(mais).ended_at is not None


def test_stop_all_and_start_again(client: Client, mais: Case) -> None:
    path = link(of(mais), Purpose.MANAGE)
    client.post(path, {"action": "stop"})
    assert Stop.objects.count() == 1
    assert "You get no messages" in client.get(path).content.decode()
    client.post(path, {"action": "start"})
    assert Stop.objects.count() == 0


# What somebody may choose, and what is refused.
CHOICES = [
    ({}, 302, "as it is offered"),
    ({"pace": "hourly"}, 422, "no such pace"),
    ({"language": "xx"}, 422, "a language the city does not offer"),
    ({"quiet_from": "21:00"}, 422, "half a night"),
    ({"digest_at": "soon"}, 422, "no time"),
    ({"quiet_from": "22:00", "quiet_to": "06:30"}, 302, "a night"),
]


@pytest.mark.parametrize(("changes", "status", "why"), CHOICES)
def test_how_messages_come(
    client: Client, mais: Case, changes: dict[str, str], status: int, why: str
) -> None:
    sent = {"action": "choose", "language": "es", "pace": "daily", "digest_at": "08:00"} | changes
    answer = client.post(link(of(mais), Purpose.MANAGE), sent)
    assert answer.status_code == status, why
    kept = Recipient.objects.get()
    assert (kept.pace == Pace.DAILY) == (status == 302)
    assert (of(mais).language == "es") == (status == 302)


def test_nobody_ends_what_is_not_theirs(client: Client, mais: Case, file_case: FileCase) -> None:
    other = of(file_case(reporter=Reporter(email="x@home.example", may_notify=True)))
    sent = {"action": "end", "which": str(other.pk)}
    assert client.post(link(of(mais), Purpose.MANAGE), sent).status_code == 404
    other.refresh_from_db()
    assert other.ended_at is None


def test_subscribing_to_a_kind_of_request(client: Client, city: City) -> None:
    assert client.get("/subscribe/?service=POTHOLE").status_code == 200
    sent = {"service": "POTHOLE", "email": "fan@home.example"}
    assert client.post("/subscribe/", sent).status_code == 302
    assert client.post("/subscribe/", sent).status_code == 302
    assert Subscription.objects.count() == Message.objects.count() == 1, "asked once"


REFUSED = [
    ({"email": "fan@home.example"}, "nothing chosen"),
    ({"service": "POLICE", "email": "fan@home.example"}, "what is private is told to nobody"),
    ({"service": "NONE", "email": "fan@home.example"}, "no such kind"),
    ({"service": "POTHOLE"}, "nowhere to write to"),
    ({"service": "POTHOLE", "email": "nobody"}, "no address"),
    ({"area": "7777", "email": "fan@home.example"}, "no such place"),
]


@pytest.mark.parametrize(("sent", "why"), REFUSED)
def test_what_cannot_be_subscribed_to(
    client: Client, city: City, sent: dict[str, str], why: str
) -> None:
    assert client.post("/subscribe/", sent).status_code == 422, why
    assert not Subscription.objects.exists()


def test_an_address_is_not_asked_without_end(client: Client, file_case: FileCase) -> None:
    for _number in range(8):
        client.post(f"/requests/{file_case().number}/follow/", {"email": "victim@home.example"})
    assert Message.objects.filter(address="victim@home.example").count() == 5


def test_only_a_demo_city_shows_what_was_sent(client: Client, mais: Case, city: City) -> None:
    assert client.get("/demo/outbox/").status_code == 404
    City.objects.filter(pk=city.pk).update(is_demo=True)
    forget_cities()
    deliver(MessageChannel.EMAIL)
    shown = client.get("/demo/outbox/").content.decode()
    assert mais.number in shown
    assert "mai@home.example" in shown
    assert "/c/" in shown


def test_the_question_after_closing(client: Client, mais: Case, other_city: City) -> None:
    path = link(of(mais), Purpose.CASE, "survey/")
    assert client.post(path, {"is_fixed": "yes"}).status_code == 409, "it is open"
    close(case_id=mais.pk, outcome_code="done", text="Paved", actor=SYSTEM)
    assert client.get(path).status_code == 200
    assert client.post(path, {}).status_code == 422
    assert client.post(path, {"rating": "9"}).status_code == 422
    client.post(path, {"is_fixed": "yes", "rating": "5"})
    answer = client.post(path, {"is_fixed": "no", "rating": "1"})
    assert "/follow/" in answer.content.decode()
    kept = SurveyAnswer.objects.get()
    assert (kept.is_fixed, kept.rating) == (False, 1)
    with city_scope(other_city.pk):
        assert not SurveyAnswer.objects.exists()
