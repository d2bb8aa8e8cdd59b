"""Web Push over real HTTP: what the push service sees, and what the browser reads."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import http_ece
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from py_vapid import Vapid02

from lamppost.cases.models import Case
from lamppost.cases.services.lifecycle import close
from lamppost.kernel.refusals import Invalid
from lamppost.notify.choices import MessageChannel, MessageState, SubscriptionKind
from lamppost.notify.models import Message, PushDevice, Recipient
from lamppost.notify.senders.push import public_key
from lamppost.notify.services.delivering import deliver
from lamppost.notify.services.devices import register_device
from lamppost.notify.services.subscribing import Target, subscribe
from lamppost.partners.tests.standins import Seen, Server
from lamppost.people.actors import SYSTEM

pytestmark = pytest.mark.django_db
PUSH = MessageChannel.PUSH
FileCase = Callable[..., Case]


def plain(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


@dataclass
class Browser:
    """A browser that subscribed at a push service: only it can read what comes."""

    service: Server
    key: ec.EllipticCurvePrivateKey
    auth: bytes
    answer: int = 201

    @property
    def point(self) -> bytes:
        return self.key.public_key().public_bytes(
            serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
        )

    def read(self, seen: Seen) -> dict[str, Any]:
        opened = http_ece.decrypt(
            seen.body, private_key=self.key, auth_secret=self.auth, version="aes128gcm"
        )
        return dict(json.loads(opened))


@pytest.fixture
def browser(settings: Any, home: Path) -> Iterator[Browser]:
    # A push service stands on the public internet; this one stands here.
    settings.PARTNER_NETWORKS = [ip_network("127.0.0.0/8")]
    found = Browser(Server(lambda _seen: (found.answer, {}, b"")).start(),
                    ec.generate_private_key(ec.SECP256R1()), b"0123456789abcdef")  # fmt: skip
    yield found
    found.service.kill()


@pytest.fixture
def case(browser: Browser, file_case: FileCase) -> Case:
    """A case the browser follows, that has just been closed in the middle of the day."""
    made = file_case()
    device = register_device(
        endpoint="https://push.example/1", public_key=plain(browser.point),
        auth=plain(browser.auth),
    )  # fmt: skip
    PushDevice.objects.filter(pk=device.pk).update(endpoint=f"{browser.service.url}/1")
    target = Target(kind=SubscriptionKind.CASE, case_id=made.pk)
    subscribe(target=target, channel=PUSH, device=device, language="en")
    Recipient.objects.update(quiet_from=None, quiet_to=None)
    close(case_id=made.pk, outcome_code="done", text="Paved", actor=SYSTEM)
    return made


def test_only_the_browser_reads_it_and_the_service_knows_who_sends(
    case: Case, browser: Browser
) -> None:
    assert deliver(PUSH) == 1
    (seen,) = browser.service.seen
    said = browser.read(seen)
    assert case.number in said["title"]
    assert "/c/" in said["url"]
    assert case.number.encode() not in seen.body
    headers = {name.lower(): value for name, value in seen.headers.items()}
    assert headers["content-encoding"] == "aes128gcm"
    assert int(headers["ttl"]) > 0
    assert len(headers["topic"]) <= 32
    assert Vapid02.verify(headers["authorization"])
    assert f"k={public_key()}" in headers["authorization"]


# What the push service says, and what becomes of message and browser.
ANSWERS = [
    (410, MessageState.BOUNCED, True, "the browser took it back"),
    (404, MessageState.BOUNCED, True, "it was never there"),
    (413, MessageState.FAILED, False, "too large will always be too large"),
    (429, MessageState.AGAIN, False, "too many: later"),
    (503, MessageState.AGAIN, False, "away: later"),
]


@pytest.mark.parametrize(("code", "state", "is_gone", "why"), ANSWERS)
def test_what_the_push_service_says(
    case: Case, browser: Browser, code: int, state: str, is_gone: bool, why: str
) -> None:
    browser.answer = code
    assert deliver(PUSH) == 0
    assert Message.objects.get(channel=PUSH).state == state, why
    assert (PushDevice.objects.get().gone_at is not None) == is_gone, why


def test_a_push_address_inside_the_house_is_not_called(
    case: Case, browser: Browser, settings: Any
) -> None:
    settings.PARTNER_NETWORKS = []
    assert deliver(PUSH) == 0
    assert (browser.service.seen, Message.objects.get(channel=PUSH).state) == ([], "failed")


GOOD = {"endpoint": "https://push.example/1", "public_key": plain(b"4" * 65), "auth": "a" * 22}
DEVICES = [
    ({"endpoint": "http://push.example/1"}, "no TLS"),
    ({"endpoint": "javascript:alert(1)"}, "no address"),
    ({"public_key": "short"}, "no key"),
    ({"auth": "§"}, "no secret"),
]


@pytest.mark.parametrize(("changes", "why"), DEVICES)
def test_what_no_browser_sends(city: Any, changes: dict[str, str], why: str) -> None:
    with pytest.raises(Invalid):
        register_device(**(GOOD | changes))
    assert not PushDevice.objects.exists(), why


def test_the_same_browser_is_one_device(city: Any) -> None:
    assert register_device(**GOOD) == register_device(**GOOD)
