"""The provider calling us, signed by its own library."""

from __future__ import annotations

from itertools import count
from typing import Any
from xml.etree import ElementTree

import pytest
from django.test import Client
from twilio.request_validator import RequestValidator

from lamppost.cities.models import City
from lamppost.kernel.vault import locked_away
from lamppost.notify.choices import GatewayKind
from lamppost.notify.models import Gateway

HOST = "springfield.example"
TOKEN = "a-token-of-the-account"
NUMBER = "+12155550311"
CALLER = "+12155550101"
_numbers = count(1)


def gateway(kind: GatewayKind, token: str = TOKEN, **more: Any) -> Gateway:
    return Gateway.objects.create(
        kind=kind, address=NUMBER, account="AC123", secret=locked_away(token), **more
    )


class Provider:
    """Calls our hooks as the provider does. ``token`` is what it signs with."""

    def __init__(self, host: str = HOST, token: str = TOKEN) -> None:
        self.host = host
        self.token = token
        self.client = Client(HTTP_HOST=host, enforce_csrf_checks=True)

    def post(self, path: str, fields: dict[str, Any], **headers: Any) -> Any:
        signature = RequestValidator(self.token).compute_signature(
            f"https://{self.host}{path}", fields
        )
        return self.client.post(path, fields, headers={"X-Twilio-Signature": signature} | headers)

    def sms(self, text: str, *, sender: str = CALLER, **more: Any) -> Any:
        fields = {
            "MessageSid": f"SM{next(_numbers):032d}",
            "AccountSid": "AC123",
            "From": sender,
            "To": NUMBER,
            "Body": text,
            "NumMedia": "0",
        }
        return self.post("/hooks/sms", fields | more)

    def say(self, *texts: str, sender: str = CALLER) -> str:
        answer = ""
        for text in texts:
            answer = message_of(self.sms(text, sender=sender))
        return answer


def message_of(response: Any) -> str:
    """Return the SMS an answer holds."""
    assert response.status_code == 200, response.content
    assert response["Content-Type"].startswith("application/xml")
    return ElementTree.fromstring(response.content).findtext("Message") or ""


@pytest.fixture
def provider(city: City) -> Provider:
    gateway(GatewayKind.SMS)
    gateway(GatewayKind.VOICE)
    return Provider()
