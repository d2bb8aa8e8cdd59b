"""Talks by SMS with a real city behind them: what is written, and what is not."""

from __future__ import annotations

from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from django.db import IntegrityError
from django.utils import timezone

from lamppost.cases.models import Attachment, Case, Diversion, Draft
from lamppost.catalog.choices import Channel
from lamppost.cities.models import City
from lamppost.contacts.choices import InteractionEnd
from lamppost.contacts.models import (
    Conversation,
    Disposition,
    IncomingText,
    Interaction,
    InteractionCase,
    Keyword,
    Surge,
)
from lamppost.contacts.services import conversation
from lamppost.contacts.services.conversation import Heard, Incoming, end_finished, hear
from lamppost.faces.portal.tests.conftest import picture
from lamppost.kernel.images import reencode
from lamppost.kernel.segments import size_of

PHONE = "+12155550101"


class Texting:
    """One phone."""

    numbers = count(1)

    def __init__(self, phone: str = PHONE) -> None:
        self.phone = phone

    def hear(self, text: str, **more: Any) -> Heard:
        incoming = Incoming(
            provider_id=more.pop("sid", f"SM{next(self.numbers):032d}"),
            phone=self.phone,
            text=text,
            base_url="https://springfield.example",
            photos=more.pop("photos", ()),
        )
        return hear(incoming, **more)

    def say(self, *texts: str) -> str:
        answer = ""
        for text in texts:
            answer = self.hear(text).answer
            assert size_of(answer).segments <= 4
        return answer


@pytest.fixture
def phone(city: City) -> Texting:
    for order, kind in enumerate(("request", "status", "information", "emergency", "nobody")):
        Disposition.objects.create(code=kind, kind=kind, name={"en": kind}, order=order)
    return Texting()


def last() -> Interaction:
    return Interaction.objects.latest("id")


def test_a_report_by_texts_alone(phone: Texting) -> None:
    assert "1: Pothole" in phone.say("There is a deep pothole here")
    assert "Where on the street" in phone.say("1")
    assert "How wide" in phone.say("1")
    assert "Where is it?" in phone.say("20")
    confirm = phone.say("39.9526,-75.1636")
    assert "1: send it" in confirm
    assert "There is a deep pothole here" in confirm
    assert Case.objects.count() == 0
    answer = phone.say("1")
    case = Case.objects.get()
    assert case.number in answer
    assert (case.channel, case.contact.phone) == (Channel.SMS, PHONE)
    assert case.contact.may_notify
    assert case.description == "There is a deep pothole here"
    assert {one.question.code for one in case.answers.all()} == {"WHERE", "SIZE"}
    row = last()
    assert (row.channel, row.end, row.disposition.code) == ("sms", "deflected", "request")
    assert InteractionCase.objects.get().tie == "filed"
    assert row.contact_id == case.contact_id
    assert case.number in phone.say(case.number)
    assert Interaction.objects.count() == 1


def test_the_same_text_again_is_answered_the_same_and_does_nothing(phone: Texting) -> None:
    phone.say("pothole", "1", "1", "0", "39.9526,-75.1636")
    first = phone.hear("1", sid="SMsame")
    again = phone.hear("1", sid="SMsame")
    assert again.is_repeat
    assert again.answer == first.answer
    assert Case.objects.count() == 1
    assert IncomingText.objects.filter(provider_id="SMsame").count() == 1


def test_gas_is_not_filed_but_sent_to_911(phone: Texting) -> None:
    phone.say("pothole", "1")
    answer = phone.say("I smell gas")
    assert "911" in answer
    assert Case.objects.count() == 0
    assert Diversion.objects.get().channel == Channel.SMS
    assert last().disposition.code == "emergency"
    assert Conversation.objects.get().memory["step"] == "idle"


def test_a_place_outside_the_city_is_asked_again(phone: Texting) -> None:
    phone.say("pothole", "1", "1", "0")
    assert "outside" in phone.say("10.0000,10.0000")
    assert "1: send it" in phone.say("39.9526,-75.1636")


def test_who_reported_the_same_nearby_can_be_followed(phone: Texting, file_case: Any) -> None:
    case = file_case()
    answer = phone.say("pothole", "1", "1", "0", "39.9526,-75.1636")
    assert case.number in answer
    assert "follow" in phone.say("1")
    case.refresh_from_db()
    assert case.follower_count == 1
    assert InteractionCase.objects.get().tie == "followed"


def test_what_is_half_done_goes_on_in_the_form_on_the_web(phone: Texting) -> None:
    phone.say("pothole", "1", "1", "0")
    answer = phone.say("web")
    token = answer.partition("/report/continue/")[2].partition("/")[0]
    draft = Draft.objects.get()
    assert draft.channel == Channel.SMS
    assert draft.fields["answers"] == {"WHERE": ["roadway"]}
    assert draft.fields["phone"] == PHONE
    assert len(token) > 20
    assert token not in str(Conversation.objects.values())


def test_photos_go_with_the_report(phone: Texting) -> None:
    answer = phone.hear("", photos=[reencode(picture())]).answer
    assert "Photo received" in answer
    phone.say("pothole", "1", "1", "0", "39.9526,-75.1636", "1")
    assert Attachment.objects.get().case == Case.objects.get()


def test_a_private_case_is_told_to_its_own_phone_only(phone: Texting) -> None:
    phone.say("complaint", "1")
    phone.say("0", "1")
    case = Case.objects.get()
    assert case.visibility == "private"
    assert case.number in phone.say(f"status {case.number}")
    assert "no report" in Texting("+12155550199").say(f"status {case.number}").lower()
    assert "no report" in Texting("+12155550199").say(f"not fixed {case.number}").lower()


def test_the_person_says_it_is_settled(phone: Texting) -> None:
    phone.say("pothole", "1", "1", "0", "39.9526,-75.1636", "1")
    number = Case.objects.get().number
    Texting("+12155550199").say(f"done {number}")
    assert Case.objects.get().state == "received"
    assert "closed" in phone.say(f"done {number}")
    assert Case.objects.get().state == "closed"


def test_stop_and_start_are_passed_on(phone: Texting) -> None:
    assert phone.hear("STOP").consent == "stop"
    assert phone.hear("Unstop").consent == "start"
    assert phone.hear("stop sign is missing").consent == ""


def test_arabic_is_answered_in_arabic_script_and_lang_changes_it(phone: Texting) -> None:
    assert phone.hear("حفرة في الشارع").language == "ar"
    assert phone.hear("English").language == "en"
    assert phone.hear("ES").language == "es"
    assert Conversation.objects.get().interaction.language == "es"


def test_a_surge_is_said_first_and_once(phone: Texting) -> None:
    Surge.objects.create(message={"en": "Snow day.", "es": "Nieve."}, started_at=timezone.now())
    assert phone.say("help").startswith("Snow day.")
    assert "Snow day" not in phone.say("help")
    assert Texting("+12155550102").say("ES").startswith("Nieve.")


def test_a_keyword_of_the_city(phone: Texting) -> None:
    Keyword.objects.create(code="wifi", words={"en": "WIFI, wi-fi"}, text={"en": "At libraries."})
    assert "At libraries." in phone.say("Wifi 41st & Lancaster")
    assert last().disposition.code == "information"


def test_silence_ends_a_talk(phone: Texting) -> None:
    start = timezone.now()
    phone.hear("pothole", now=start)
    assert end_finished(now=start + timedelta(hours=23)) == 0
    assert end_finished(now=start + timedelta(hours=25)) == 1
    row = last()
    assert (row.end, row.disposition.code) == (InteractionEnd.ABANDONED, "nobody")
    assert Conversation.objects.get().memory == {}
    phone.hear("help", now=start + timedelta(hours=26))
    assert Interaction.objects.count() == 2


def test_another_city_knows_nothing_of_it(phone: Texting, other_city: City) -> None:
    from lamppost.database.scope import city_scope

    phone.say("pothole", "1", "1", "0", "39.9526,-75.1636", "1")
    number = Case.objects.get().number
    with city_scope(other_city.pk):
        assert "no report" in Texting().say(f"status {number}").lower()
        assert Conversation.objects.count() == 1


def test_two_first_texts_at_once_are_one_talk(
    phone: Texting, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, calls = conversation._conversation, []

    def beaten(*args: Any) -> Any:
        calls.append(args)
        if len(calls) == 1:
            raise IntegrityError("another text has begun the talk")
        return real(*args)

    monkeypatch.setattr(conversation, "_conversation", beaten)
    assert "1: Pothole" in phone.say("There is a deep pothole here")
    assert IncomingText.objects.count() == 1
