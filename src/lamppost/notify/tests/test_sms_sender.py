"""SMS by the provider's interface over real HTTP: what is sent, and what the answers mean."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Callable, Iterator
from ipaddress import ip_network
from typing import Any

import pytest
from django.utils import timezone

from lamppost.cities.models import City
from lamppost.kernel.vault import locked_away
from lamppost.notify.choices import (
    GatewayKind,
    GatewayProvider,
    MessageChannel,
    MessageState,
)
from lamppost.notify.models import Gateway, Message, Stop
from lamppost.notify.services.delivering import deliver
from lamppost.notify.services.outbox import queue
from lamppost.notify.services.sms_states import told_state
from lamppost.partners.tests.standins import Reply, Seen, Server

SMS = MessageChannel.SMS
PHONE = "+12155550101"


class Provider:
    """Takes messages as Twilio does; ``answers`` are (code, body) for the next calls."""

    def __init__(self) -> None:
        self.answers: list[tuple[int, dict[str, Any]]] = []
        self.calls: list[tuple[str, dict[str, str], str]] = []

    def answer(self, seen: Seen) -> Reply:
        name = b64decode(seen.headers["authorization"].removeprefix("Basic ")).decode()
        self.calls.append((f"{seen.method} {seen.path}", seen.form, name))
        code, told = self.answers.pop(0) if self.answers else (201, {"sid": "SM1"})
        return code, {"Content-Type": "application/json"}, json.dumps(told).encode()


@pytest.fixture
def provider(city: City, settings: Any) -> Iterator[Provider]:
    settings.PARTNER_NETWORKS = [ip_network("127.0.0.0/8")]
    made = Provider()
    server = Server(made.answer).start()
    Gateway.objects.create(
        kind=GatewayKind.SMS, address="+12155550311", account="AC1",
        secret=locked_away("token"), endpoint=server.url,
    )  # fmt: skip
    yield made
    server.kill()


def waiting(number: int = 1, **changes: Any) -> Message:
    fields = {"channel": SMS, "address": PHONE, "text": f"News {number}", "once_key": f"{number}"}
    return queue(**(fields | changes))


def again(row: Message) -> Message:
    return Message.objects.get(pk=row.pk)


def test_a_message_is_handed_over_with_everything_the_provider_needs(provider: Provider) -> None:
    row = waiting(text="It’s “done” – thanks")
    assert deliver(SMS) == 1
    (path, fields, name) = provider.calls[0]
    assert path == "POST /2010-04-01/Accounts/AC1/Messages.json"
    assert name == "AC1:token"
    assert (fields["To"], fields["From"]) == (PHONE, "+12155550311")
    assert fields["Body"] == 'It\'s "done" - thanks'
    assert fields["StatusCallback"].endswith(f"/hooks/sms/status?key={row.key}")
    assert (again(row).state, again(row).provider_id) == (MessageState.SENT, "SM1")


# What the provider answers, what becomes of the message, whether the number is left alone.
ANSWERS = [
    (400, 21610, MessageState.BOUNCED, True, "the person texted STOP to the provider"),
    (400, 21211, MessageState.BOUNCED, True, "no such number"),
    (400, 21602, MessageState.FAILED, False, "our mistake does not pass by itself"),
    (429, 20429, MessageState.AGAIN, False, "too many calls"),
    (500, 20500, MessageState.AGAIN, False, "the provider is down"),
    (401, 20003, MessageState.AGAIN, False, "a wrong token is ours to mend"),
]


@pytest.mark.parametrize(("code", "error", "state", "is_stopped", "why"), ANSWERS)
def test_what_the_provider_answers(
    provider: Provider, code: int, error: int, state: str, is_stopped: bool, why: str
) -> None:
    provider.answers = [(code, {"code": error, "message": f"To {PHONE} failed"})]
    row = waiting()
    assert deliver(SMS) == 0
    assert again(row).state == state, why
    assert str(error) in again(row).error
    assert PHONE not in again(row).error
    assert Stop.objects.exists() is is_stopped


def test_without_a_real_gateway_nothing_leaves(provider: Provider) -> None:
    row = waiting()
    Gateway.objects.update(provider=GatewayProvider.STAND_IN)
    assert deliver(SMS) == 0
    Gateway.objects.update(provider=GatewayProvider.TWILIO, is_active=False)
    assert deliver(SMS) == 0
    assert provider.calls == []
    assert again(row).state == MessageState.QUEUED


# What the status calls say one after the other, and what stands at the end.
STATES = [
    (("sent", "delivered"), MessageState.DELIVERED, "the usual way"),
    (("delivered", "sent"), MessageState.DELIVERED, "calls overtake each other"),
    (("delivered", "undelivered"), MessageState.DELIVERED, "what arrived stays arrived"),
    (("undelivered",), MessageState.FAILED, "a phone that is off for days"),
    (("undelivered", "delivered"), MessageState.DELIVERED, "it got there after all"),
    (("sending", "queued"), MessageState.SENT, "on the way is no news"),
]


@pytest.mark.parametrize(("said", "state", "why"), STATES)
def test_what_became_of_it(provider: Provider, said: tuple[str, ...], state: str, why: str) -> None:
    row = waiting()
    deliver(SMS)
    for one in said:
        told_state(key=row.key, provider_id="", state=one, error="", now=timezone.now())
    assert again(row).state == state, why


def test_a_stop_told_later_stops_the_number(provider: Provider) -> None:
    row = waiting()
    deliver(SMS)
    state: Callable[..., Any] = told_state
    state(key="", provider_id="SM1", state="failed", error="21610", now=timezone.now())
    assert again(row).state == MessageState.BOUNCED
    assert waiting(2).state == MessageState.HELD
    assert told_state(
        key="nothing", provider_id="nothing", state="delivered", error="", now=timezone.now()
    ) is None  # fmt: skip
