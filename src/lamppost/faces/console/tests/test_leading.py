"""The pages of who leads the center: who gets in, what they say, how many queries they cost."""

from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from lamppost.catalog.choices import Channel
from lamppost.cities.models import City
from lamppost.contacts.choices import AgentStateKind
from lamppost.contacts.models import Shift, Surge, SurgeText
from lamppost.contacts.selectors.line import surge_words
from lamppost.contacts.services import calls, line
from lamppost.contacts.services.agent_states import set_state
from lamppost.contacts.tests.scene import make_dispositions
from lamppost.insight.services.center_counts import refresh_center
from lamppost.insight.tests.center_scene import play
from lamppost.people.actors import Actor
from lamppost.people.choices import Role

pytestmark = pytest.mark.django_db
Console = Callable[..., Client]
MakeActor = Callable[..., Actor]
DAY = "?day=2026-03-10&days=1"


@pytest.fixture
def lead(signed_in: Console) -> Client:
    """A supervisor in a center that codes its contacts."""
    make_dispositions()
    return signed_in(Role.SUPERVISOR, "center", "Lea")


@pytest.fixture
def played(lead: Client, actor: MakeActor) -> Client:
    """The same, with the morning of twelve contacts counted."""
    play(actor(Role.AGENT, "center", "Ana"), actor(Role.AGENT, "center", "Olga"))
    refresh_center()
    return lead


def text_of(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, answer.content[:300]
    return answer.content.decode()


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01", "2026-02-30"])
def test_a_day_nobody_reaches_is_no_day(lead: Client, day: str) -> None:
    for page in ("staffing/", "figures/", "interactions/"):
        text_of(lead, f"/console/{page}?day={day}")


# -- the board


def test_the_board_says_who_waits_who_is_there_and_what_is_late(
    lead: Client, actor: MakeActor
) -> None:
    now = timezone.now()
    ana = actor(Role.AGENT, "center", "Ana Ng")
    set_state(kind=AgentStateKind.READY, actor=ana, at=now - timedelta(minutes=5))
    calls.begin(actor=actor(Role.AGENT, "center", "Olga"), at=now - timedelta(seconds=90))
    line.offer(channel=Channel.PHONE, at=now - timedelta(seconds=75))
    page = text_of(lead, "/console/board/")
    for words in ("Ana Ng", "Olga", "longest 1:1", "too long", "of 2 signed on"):
        assert words in page, words
    # Without a script the page asks anew by itself.
    assert '<noscript><meta http-equiv="refresh"' in page
    part = lead.get("/console/board/", headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    assert "Ana Ng" in part


def test_the_board_costs_the_same_whoever_is_there(lead: Client, actor: MakeActor) -> None:
    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as caught:
            lead.get("/console/board/", headers={"HX-Request": "true"})
        return len(caught)

    lead.get("/console/board/")
    before = queries()
    for number in range(4):
        set_state(kind=AgentStateKind.READY, actor=actor(Role.AGENT, "center", f"A{number}"))
        line.offer(channel=Channel.PHONE)
    assert queries() == before <= 16


# -- figures


def test_the_figures_page_says_what_was_worked_out_by_hand(played: Client) -> None:
    page = text_of(played, f"/console/figures/{DAY}")
    for words in ("57.1%", "15.3 s", "2:59", "29.0%", "40.0%", "10 a.m.", "10:30 a.m."):
        assert words in page, words


@pytest.mark.parametrize(
    "query", ["?day=never", "?day=2999-01-01&days=7", "?days=x", "?day=0001-01-01&days=365"]
)
def test_a_span_that_cannot_be_is_another_one(lead: Client, query: str) -> None:
    assert lead.get(f"/console/figures/{query}").status_code == 200


def test_the_downloads_give_the_same_to_the_second(played: Client) -> None:
    def rows(kind: str) -> list[dict[str, str]]:
        answer = played.get(f"/console/figures/{kind}.csv{DAY}")
        return list(csv.DictReader(StringIO(answer.getvalue().decode())))

    contacts, halves = rows("interactions"), rows("intervals")
    answered = [row for row in contacts if row["channel"] == "phone" and row["answered_at"]]
    parts = ("talk_seconds", "hold_seconds", "wrap_seconds")
    total = sum(int(row[part]) for row in answered for part in parts)
    assert (
        total
        == 1255
        == sum(int(row[part]) for row in halves for part in parts if row["channel"] == "phone")
    )
    waits = [int(row["wait_seconds"]) for row in answered if row["by_hand"] == "0"]
    assert sorted(waits) == sorted(
        int(wait) for row in halves for wait in row["waits"].split() if row["channel"] == "phone"
    )
    assert played.get(f"/console/figures/people.csv{DAY}").status_code == 404
    assert "+1215" not in str(contacts)


# -- staffing


def test_the_calculator_gives_the_published_examples(lead: Client) -> None:
    # E1 of the table, and the record surge of a snow day (E7).
    ask = "/console/staffing/?calls={}&minutes={}&handle={}&within=20&percent=80&occupancy={}"
    page = text_of(lead, ask.format(100, 30, 180, 85))
    for words in ("<strong>14</strong>", "<strong>20</strong>", "88.8%", "7.8 s", "71.4%", "17.4%"):
        assert words in page, words
    page = text_of(lead, ask.format(7100, 300, 204, 100) + "&agents=41")
    for words in ("<strong>87</strong>", "without end", "49.0%", "wait then 58.9 s"):
        assert words in page, words


@pytest.mark.parametrize("query", ["?calls=-1", "?calls=x", "?percent=100", "?handle=0"])
def test_numbers_that_cannot_be_are_named_and_not_worked_out(lead: Client, query: str) -> None:
    page = text_of(lead, f"/console/staffing/{query}")
    assert "Enter a number from" in page
    assert "For these calls" not in page


def test_a_day_is_planned_from_the_same_weekdays(played: Client) -> None:
    page = text_of(played, "/console/staffing/?day=2026-03-17")
    assert "No calls of this weekday" in page  # that Tuesday is long over; today is not
    Shift.objects.all().delete()


def test_a_shift_is_planned_once_and_taken_out(lead: Client, actor: MakeActor) -> None:
    ana = actor(Role.AGENT, "center", "Ana Ng")
    day = (timezone.now() + timedelta(days=3)).date().isoformat()
    sent = {"agent": ana.user_id, "starts_at": f"{day}T09:00", "ends_at": f"{day}T17:00"}
    address = f"/console/staffing/?day={day}"
    assert lead.post(address, sent).status_code == 302
    assert "Ana Ng" in text_of(lead, address)
    assert lead.post(address, sent).status_code == 409
    shift = Shift.objects.get()
    assert lead.post(address, {"drop": shift.pk}).status_code == 302
    assert not Shift.objects.exists()


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"starts_at": "2020-01-01T09:00"}, 400),  # a plan is not written afterwards
        ({"ends_at": "2020-01-01T09:00"}, 400),
        ({"starts_at": "soon"}, 400),
        ({"agent": "0"}, 400),
        ({"agent": "99999999999999999999"}, 400),
    ],
)
def test_a_shift_that_cannot_be_is_refused(
    lead: Client, actor: MakeActor, changes: dict[str, str], status: int
) -> None:
    day = (timezone.now() + timedelta(days=3)).date().isoformat()
    agent = actor(Role.AGENT, "center", "Ana").user_id
    sent: dict[str, Any] = {
        "agent": agent, "starts_at": f"{day}T09:00", "ends_at": f"{day}T17:00", **changes,
    }  # fmt: skip
    assert lead.post("/console/staffing/", sent).status_code == status
    assert not Shift.objects.exists()


# -- surge


def test_a_prepared_text_is_switched_on_and_heard_everywhere_at_once(
    lead: Client, city: City
) -> None:
    message = {"en": "Snow: plows are out.", "es": "Nieve: las palas.", "ar": "ثلج في المدينة"}
    SurgeText.objects.create(code="snow", name={"en": "Snow"}, message=message)
    # The home page as it is kept ready for residents, before.
    assert b"plows" not in lead.get("/").content
    page = text_of(lead, "/console/surge/?text=snow")
    assert all(text in page for text in message.values())
    sent = {f"message_{code}": text for code, text in message.items()}
    assert lead.post("/console/surge/", sent).status_code == 302
    assert b"plows are out" in Client(HTTP_HOST=f"{city.slug}.example").get("/").content
    for code, text in message.items():
        with translation.override(code):
            assert surge_words() == text
    assert lead.post("/console/surge/", sent).status_code == 409
    off = {"off": Surge.objects.get().pk}
    assert lead.post("/console/surge/", off).status_code == 302
    assert b"plows" not in Client(HTTP_HOST=f"{city.slug}.example").get("/").content
    assert surge_words() == ""
    cache.clear()


@pytest.mark.parametrize("changes", [{"message_es": ""}, {"ends_at": "soon"}, {"article": "no"}])
def test_a_surge_text_with_a_gap_is_refused(lead: Client, changes: dict[str, str]) -> None:
    sent = {"message_en": "Snow", "message_es": "Nieve", "message_ar": "ثلج", **changes}
    answer = lead.post("/console/surge/", sent)
    assert answer.status_code == 400
    assert not Surge.objects.exists()


def test_an_agent_reads_what_is_said_and_has_no_switch(signed_in: Console, lead: Client) -> None:
    agent = signed_in(Role.AGENT, "center", "Ada")
    assert "Switch it on" not in text_of(agent, "/console/surge/")
    assert agent.post("/console/surge/", {"message_en": "x"}).status_code == 403


# -- costs


def test_the_director_enters_a_cost_and_reads_it_per_contact(
    played: Client, signed_in: Console
) -> None:
    month = timezone.now().date().replace(day=1)
    sent = {"month": f"{month:%Y-%m}", "channel": "phone", "amount": "1234,50"}
    assert played.post("/console/costs/", sent).status_code == 403
    director = signed_in(Role.DIRECTOR, None, "Dee")
    assert director.post("/console/costs/", sent).status_code == 302
    assert str(Decimal("1,234.50".replace(",", ""))) in text_of(
        director, "/console/costs/"
    ).replace(",", "")
    for wrong in ({"month": "May"}, {"amount": "-1"}, {"channel": "pigeon"}):
        assert director.post("/console/costs/", {**sent, **wrong}).status_code == 400
