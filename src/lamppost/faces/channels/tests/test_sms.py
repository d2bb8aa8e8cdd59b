"""``/hooks/sms``: refusals first, then a report from the first text to its number."""

from __future__ import annotations

import logging

import pytest
from django.test import Client
from twilio.request_validator import RequestValidator

from lamppost.cases.models import Case
from lamppost.cities.models import City
from lamppost.contacts.models import Conversation, IncomingText
from lamppost.database.scope import city_scope
from lamppost.faces.channels.tests.conftest import (
    CALLER,
    HOST,
    TOKEN,
    Provider,
    gateway,
    message_of,
)
from lamppost.notify.choices import GatewayKind, MessageChannel, MessageState
from lamppost.notify.models import Gateway, Message, Stop
from lamppost.notify.services.outbox import queue


def test_without_signature_nothing_is_read(
    provider: Provider, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    answer = Client(HTTP_HOST=HOST).post("/hooks/sms", {"From": CALLER, "Body": "my secret"})
    assert answer.status_code == 403
    assert "signature is missing" in caplog.text
    assert "secret" not in caplog.text
    assert CALLER not in caplog.text
    assert not IncomingText.objects.exists()


@pytest.mark.parametrize(
    "signed",
    [
        RequestValidator("wrong").compute_signature(f"https://{HOST}/hooks/sms", {"Body": "x"}),
        RequestValidator(TOKEN).compute_signature(f"https://{HOST}/hooks/sms", {"Body": "y"}),
        RequestValidator(TOKEN).compute_signature("https://evil.example/hooks/sms", {"Body": "x"}),
        "é",
    ],
)
def test_a_wrong_signature_is_refused(provider: Provider, signed: str) -> None:
    answer = Client(HTTP_HOST=HOST).post(
        "/hooks/sms", {"Body": "x"}, headers={"X-Twilio-Signature": signed}
    )
    assert answer.status_code == 403


def test_another_citys_secret_opens_nothing_here(provider: Provider, other_city: City) -> None:
    with city_scope(other_city.pk):
        gateway(GatewayKind.SMS, token="theirs")
    assert Provider(token="theirs").sms("help").status_code == 403
    theirs = Provider("shelbyville.example", token="theirs")
    assert "Shelbyville" in message_of(theirs.sms("help"))
    assert Conversation.objects.count() == 0


def test_a_gateway_switched_off_or_of_another_kind_is_none(city: City) -> None:
    gateway(GatewayKind.VOICE)
    assert Provider().sms("help").status_code == 403
    Gateway.objects.update(kind=GatewayKind.SMS, is_active=False)
    assert Provider().sms("help").status_code == 403


def test_only_posts_of_a_bearable_size(provider: Provider) -> None:
    assert Client(HTTP_HOST=HOST).get("/hooks/sms").status_code == 405
    assert provider.sms("x" * 200_000).status_code == 413


def test_no_sender_or_no_id_is_answered_with_nothing(provider: Provider) -> None:
    assert message_of(provider.sms("help", sender="")) == ""
    assert message_of(provider.sms("help", MessageSid="")) == ""


def test_a_report_from_the_first_text_to_its_number(provider: Provider) -> None:
    assert "1: Pothole" in provider.say("a pothole")
    answer = provider.say("1", "1", "12", "39.9526,-75.1636", "1")
    case = Case.objects.get()
    assert case.number in answer
    assert case.channel == "sms"
    shown = Message.objects.filter(channel="sms").order_by("id")
    assert shown.count() == 6
    assert {one.state for one in shown} == {MessageState.SENT}
    last = shown.get(text=answer)
    assert (last.address, last.text, last.case_id) == (CALLER, answer, case.pk)
    assert last.segments


def test_the_same_sid_again_is_answered_the_same(provider: Provider) -> None:
    provider.say("a pothole", "1", "1", "12", "39.9526,-75.1636")
    first, again = (provider.sms("1", MessageSid="SMtwice") for _time in range(2))
    assert first.content == again.content
    assert Case.objects.count() == 1
    assert Message.objects.count() == 6


def test_stop_is_honored_and_start_takes_it_back(provider: Provider) -> None:
    assert "START" in provider.say("STOP")
    assert Stop.objects.filter(channel="sms").count() == 1
    held = queue(channel=MessageChannel.SMS, address=CALLER, text="News", once_key="a")
    assert held.state == MessageState.HELD
    assert "STOP" in provider.say("start")
    assert not Stop.objects.exists()
    sent = queue(channel=MessageChannel.SMS, address=CALLER, text="News", once_key="b")
    assert sent.state == MessageState.QUEUED


def test_who_texts_without_end_is_not_heard(provider: Provider) -> None:
    answers = [message_of(provider.sms("help")) for _time in range(14)]
    assert all(answers[:12])
    assert answers[12:] == ["", ""]
    assert message_of(provider.sms("help", sender="+12155550102"))


def test_what_is_said_is_escaped(provider: Provider) -> None:
    assert "<b>" not in provider.sms("<b>pothole</b> & more").content.decode()
    assert "pothole" in provider.say("pothole <script>", "1", "1", "0", "39.9526,-75.1636")


def test_the_provider_tells_what_became_of_a_message(provider: Provider) -> None:
    row = queue(channel=MessageChannel.SMS, address=CALLER, text="News", once_key="n")
    Message.objects.update(state=MessageState.SENT)
    path = f"/hooks/sms/status?key={row.key}"
    fields = {"MessageSid": "SM9", "MessageStatus": "delivered"}
    assert Client(HTTP_HOST=HOST).post(path, fields).status_code == 403
    assert provider.post(path, fields).status_code == 200
    row.refresh_from_db()
    assert (row.state, row.provider_id) == (MessageState.DELIVERED, "SM9")
    assert (
        provider.post("/hooks/sms/status?key=none", fields | {"MessageSid": "x"}).status_code == 200
    )
