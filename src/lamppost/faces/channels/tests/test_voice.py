"""``/hooks/voice``: refusals first, then calls as people make them, key by key."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import urljoin
from xml.etree import ElementTree

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.formats import date_format

from lamppost.cases.models import Case
from lamppost.cities.models import City
from lamppost.contacts.models import (
    AgentPhone,
    AgentState,
    Call,
    CallBack,
    Disposition,
    Interaction,
    PhoneLine,
    SpokenLanguage,
    Surge,
)
from lamppost.contacts.selectors.calls import waiting
from lamppost.contacts.services.calls import take_next
from lamppost.contacts.services.untold import end_untold
from lamppost.faces.channels.tests.conftest import CALLER, HOST, NUMBER, Provider
from lamppost.people.actors import Actor
from lamppost.people.choices import Role
from lamppost.sla.models import BusinessCalendar

_sids = itertools.count(1)


class Calling:
    """One call: presses keys and follows the answers as the provider does."""

    def __init__(self, provider: Provider, caller: str = CALLER) -> None:
        self.provider = provider
        self.sid = f"CA{next(_sids):032d}"
        self.caller = caller
        self.at = "/hooks/voice"
        self.root = ElementTree.Element("Response")
        self.said: list[tuple[str, str]] = []

    def post(self, path: str, **fields: str) -> Any:
        known = {
            "CallSid": self.sid,
            "From": self.caller,
            "To": NUMBER,
            "CallStatus": "in-progress",
        }
        return self.provider.post(path, known | fields)

    def go(self, path: str, **fields: str) -> Calling:
        """Ask ``path`` and follow redirects until keys are wanted or the call ends."""
        self.at = path
        response = self.post(path, **fields)
        assert response.status_code == 200, response.content
        self.root = ElementTree.fromstring(response.content)
        for verb in self.root:
            if verb.tag == "Say":
                self.said.append((verb.get("language", ""), verb.text or ""))
            if verb.tag == "Gather":
                self.said += [(one.get("language", ""), one.text or "") for one in verb.iter("Say")]
                return self
            if verb.tag == "Redirect":
                return self.go(urljoin(path, verb.text or ""))
        return self

    def call(self) -> Calling:
        return self.go("/hooks/voice")

    def press(self, digits: str) -> Calling:
        gather = self.root.find("Gather")
        assert gather is not None, ElementTree.tostring(self.root)
        self.said = []
        return self.go(urljoin(self.at, gather.get("action", "")), Digits=digits)

    def silence(self) -> Calling:
        redirect = self.root.find("Redirect")
        assert redirect is not None
        self.said = []
        return self.go(urljoin(self.at, redirect.text or ""))

    def hang_up(self) -> None:
        assert self.post("/hooks/voice/ended", CallStatus="completed").status_code == 200

    @property
    def text(self) -> str:
        return " ".join(text for _language, text in self.said)

    @property
    def interaction(self) -> Interaction:
        return Interaction.objects.get(provider_id=self.sid)


@pytest.fixture
def calling(provider: Provider) -> Calling:
    for order, (code, tag) in enumerate((("en", "en-US"), ("es", "es-MX"), ("ar", "arb"))):
        SpokenLanguage.objects.create(code=code, tag=tag, order=order + 1)
    for order, kind in enumerate(("information", "status", "call_back", "nobody")):
        Disposition.objects.create(code=kind, kind=kind, name={"en": kind}, order=order)
    return Calling(provider)


@pytest.mark.parametrize("path", ["", "/menu", "/number", "/agent", "/wait", "/ended", "/menu?n=1"])
def test_without_the_right_signature_nothing_happens(provider: Provider, path: str) -> None:
    fields = {"CallSid": "CA1", "From": CALLER, "CallStatus": "completed"}
    assert Client(HTTP_HOST=HOST).post(f"/hooks/voice{path}", fields).status_code == 403
    assert Provider(token="wrong").post(f"/hooks/voice{path}", fields).status_code == 403
    assert Client(HTTP_HOST=HOST).get(f"/hooks/voice{path}").status_code == 405
    assert not Call.objects.exists()


def test_the_emergency_number_is_the_first_thing_said_in_every_language(calling: Calling) -> None:
    calling.call()
    assert [language for language, _text in calling.said[:3]] == ["en-US", "es-MX", "arb"]
    assert all("9 1 1" in text for _language, text in calling.said[:3])
    assert "press 1" in calling.said[3][1]


def test_a_city_with_one_language_does_not_ask_for_it(provider: Provider) -> None:
    said = Calling(provider).call().said
    assert "9 1 1" in said[0][1]
    assert "press 2" in said[-1][1]


def test_the_chosen_language_lasts(calling: Calling) -> None:
    calling.call().press("2")
    assert {language for language, _text in calling.said} == {"es-MX"}
    calling.press("2")
    assert {language for language, _text in calling.said} == {"es-MX"}


def test_a_request_is_looked_up_by_its_number(calling: Calling, file_case: Any) -> None:
    case: Case = file_case()
    calling.call().press("1").press("2").press(case.number)
    assert " ".join(case.number[:3]) in calling.text
    assert "Received" in calling.text
    assert case.number not in calling.text
    calling.hang_up()
    row = calling.interaction
    assert (row.end, row.disposition.code, row.agent) == ("deflected", "status", None)
    assert row.cases.get().case == case


def test_a_private_case_is_not_read_to_a_stranger(calling: Calling, file_case: Any) -> None:
    case = file_case()
    Case.objects.update(visibility="private")
    calling.call().press("1").press("2").press(case.number)
    assert "no request" in calling.text


@pytest.mark.parametrize("keys", ["7", "#", "*1", "99"])
def test_wrong_keys_are_borne_three_times_then_an_agent_is_called(
    calling: Calling, keys: str
) -> None:
    calling.call().press("1").press(keys).press(keys).press(keys)
    assert calling.root.find("Enqueue") is not None
    assert calling.interaction.answered_at is None


def test_silence_is_borne_three_times_then_an_agent_is_called(calling: Calling) -> None:
    calling.call().silence().silence().silence()
    calling.silence().silence().silence()
    assert calling.root.find("Enqueue") is not None


def test_the_queue_says_place_and_wait_as_far_as_it_knows(calling: Calling) -> None:
    now = timezone.now()
    for ago in (3, 2):
        Interaction.objects.create(channel="phone", offered_at=now - timedelta(minutes=ago))
    calling.call().press("1").press("1").go("/hooks/voice/wait")
    assert "number 3 in line" in calling.text
    assert "minute" not in calling.text
    for _answer in range(10):
        Interaction.objects.create(
            channel="phone",
            offered_at=now - timedelta(minutes=20),
            answered_at=now - timedelta(minutes=19),
            ended_at=now - timedelta(minutes=15),
        )
    calling.go("/hooks/voice/wait?n=4")
    assert "about 9 minutes" in calling.text


def test_who_hangs_up_waiting_is_abandoned_and_at_once_is_short(calling: Calling) -> None:
    calling.call().press("1").press("1")
    assert (calling.interaction.end, calling.interaction.ended_at) == ("", None)
    Interaction.objects.update(offered_at=timezone.now() - timedelta(seconds=30))
    calling.hang_up()
    assert calling.interaction.end == "abandoned"
    brief = Calling(calling.provider).call().press("1").press("1")
    brief.hang_up()
    assert brief.interaction.end == "short"


def test_who_hangs_up_in_the_menu_was_never_offered(calling: Calling) -> None:
    calling.call().press("1")
    Call.objects.update(began_at=timezone.now() - timedelta(seconds=30))
    calling.hang_up()
    assert calling.interaction.end == "left"


def test_a_surge_is_said_and_who_hangs_up_then_was_helped(calling: Calling) -> None:
    Surge.objects.create(message={"en": "Snow."}, started_at=timezone.now())
    calling.call().press("1")
    assert "Snow." in calling.text
    Call.objects.update(began_at=timezone.now() - timedelta(seconds=30))
    calling.hang_up()
    assert (calling.interaction.end, Call.objects.get().heard_surge) == ("deflected", True)


def test_a_call_back_keeps_the_place(calling: Calling, city: City) -> None:
    calling.call().press("1").press("1").go("/hooks/voice/wait").press("1")
    assert calling.root.find("Leave") is not None
    calling.go("/hooks/voice/left", QueueResult="leave")
    promise = CallBack.objects.get()
    assert (promise.phone, promise.language) == (CALLER, "en")
    assert "call you back" in calling.text
    # Said by the city's clock, whatever zone the database answers in.
    due = timezone.localtime(promise.due_at, city.zone)
    assert due.utcoffset()
    assert date_format(due, "DATETIME_FORMAT") in calling.text
    assert calling.interaction.end == "call_back"
    assert calling.interaction.disposition.code == "call_back"
    calling.hang_up()
    assert calling.interaction.end == "call_back"


def test_a_caller_without_a_number_keys_one_in(calling: Calling) -> None:
    calling.caller = "anonymous"
    calling.call().press("1").press("1").go("/hooks/voice/wait").press("1")
    calling.go("/hooks/voice/left", QueueResult="leave").press("2155550142")
    assert CallBack.objects.get().phone == "+12155550142"


def test_the_agent_who_answers_is_dialed(calling: Calling, actor: Callable[..., Actor]) -> None:
    agent = actor(Role.AGENT, "center")
    AgentPhone.objects.create(agent_id=agent.user_id, phone="+12155550177")
    calling.call().press("1").press("0")
    take_next(actor=agent)
    calling.go("/hooks/voice/wait")
    assert calling.root.find("Leave") is not None
    calling.go("/hooks/voice/left", QueueResult="leave")
    assert calling.root.findtext("Dial/Number") == "+12155550177"
    calling.hang_up()
    assert calling.interaction.end == "answered"


def test_who_waits_and_is_not_heard_of_any_more_is_taken_off_the_board(calling: Calling) -> None:
    calling.call().press("1").press("1").go("/hooks/voice/wait")
    now = timezone.now()
    # Heard of again and again for an hour, then for twenty minutes not.
    Call.objects.update(began_at=now - timedelta(hours=1), heard_at=now - timedelta(minutes=20))
    Interaction.objects.update(offered_at=now - timedelta(hours=1))
    assert (end_untold(now=now), waiting().count) == (0, 1)
    heard = now - timedelta(minutes=31)
    Call.objects.update(heard_at=heard)
    assert (end_untold(now=now), end_untold(now=now), waiting().count) == (1, 0, 0)
    row = calling.interaction
    assert (row.end, row.ended_at, row.disposition.code) == ("untold", heard, "nobody")
    assert (row.call.step, row.call.ended_at) == ("ended", heard)


def test_who_is_heard_of_after_all_waits_on_in_their_old_place(calling: Calling) -> None:
    calling.call().press("1").press("1").go("/hooks/voice/wait")
    offered = calling.interaction.offered_at
    end_untold(now=timezone.now() + timedelta(minutes=31))
    calling.go("/hooks/voice/wait?n=4")
    assert "number 1 in line" in calling.text
    row = calling.interaction
    assert (row.end, row.ended_at, row.offered_at, row.disposition) == ("", None, offered, None)
    calling.hang_up()
    assert calling.interaction.end in {"short", "abandoned"}


def test_who_was_lost_in_the_menu_left_when_last_heard_of(calling: Calling) -> None:
    calling.call().press("1")
    now = timezone.now()
    Call.objects.update(began_at=now - timedelta(minutes=40), heard_at=now - timedelta(minutes=39))
    assert end_untold(now=now) == 1
    assert (calling.interaction.end, calling.interaction.ended_at) == (
        "left",
        now - timedelta(minutes=39),
    )


def test_a_talk_without_end_ends_when_no_call_lasts_so_long(
    calling: Calling, actor: Callable[..., Actor]
) -> None:
    calling.call().press("1").press("0")
    take_next(actor=actor(Role.AGENT, "center"))
    now = timezone.now()
    for hours, ended in ((4, 0), (5, 1)):
        began = now - timedelta(hours=hours)
        Call.objects.update(began_at=began)
        Interaction.objects.update(offered_at=began, answered_at=began)
        assert end_untold(now=now) == ended
    assert (calling.interaction.end, calling.interaction.ended_at) == ("untold", now)
    assert AgentState.objects.get(until=None).kind == "wrapping"


def test_outside_hours_nobody_is_queued(calling: Calling, city: City) -> None:
    never = BusinessCalendar.objects.create(code="never", name={"en": "Never"})
    PhoneLine.objects.create(calendar=never, closed={"en": "We are closed."})
    calling.call().press("1").press("1")
    assert "We are closed." in calling.text
    assert not Interaction.objects.exists()
    calling.press("1")
    assert CallBack.objects.get().phone == CALLER
    assert calling.interaction.end == "call_back"


def test_the_same_call_told_twice_is_one_call(calling: Calling) -> None:
    first, again = (calling.post("/hooks/voice").content for _time in range(2))
    assert first == again
    calling.call().press("1").press("1")
    calling.go("/hooks/voice/agent").go("/hooks/voice/agent")
    assert Call.objects.count() == Interaction.objects.count() == 1
    calling.hang_up()
    ended = calling.interaction.ended_at
    calling.hang_up()
    assert calling.interaction.ended_at == ended
    assert b"Hangup" in calling.post("/hooks/voice/menu").content
