"""Pictures of an SMS: fetched from the provider with the account's name, and from nobody else."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterator
from ipaddress import ip_network
from typing import Any

import pytest

from lamppost.cases.models import DraftPhoto
from lamppost.cities.models import City
from lamppost.contacts.models import IncomingText
from lamppost.faces.channels.sms.media import is_the_providers
from lamppost.faces.channels.tests.conftest import Provider, gateway, message_of
from lamppost.faces.portal.tests.conftest import picture
from lamppost.notify.choices import GatewayKind
from lamppost.notify.models import Gateway
from lamppost.partners.tests.standins import Reply, Seen, Server


@pytest.mark.parametrize(
    ("url", "is_theirs"),
    [
        ("https://api.twilio.com/2010-04-01/Accounts/AC1/Messages/MM1/Media/ME1", True),
        ("https://media.twiliocdn.com/AC1/x", True),
        ("http://api.twilio.com/x", False),  # in the clear
        ("https://twilio.com.evil.example/x", False),
        ("https://eviltwilio.com/x", False),
        ("https://127.0.0.1/x", False),
        ("file:///etc/passwd", False),
        ("", False),
        ("https://sms.example:8443/media/1", True),  # under the gateway's own endpoint
        ("https://sms.example/media/1", False),  # another port
    ],
)
def test_whose_address_it_is(url: str, is_theirs: bool) -> None:
    row = Gateway(endpoint="https://sms.example:8443")
    assert is_the_providers(url, row) is is_theirs


class Store:
    """Keeps pictures as the provider does: behind a redirect that needs the account's name."""

    def __init__(self) -> None:
        self.server = Server(self.answer).start()
        self.names: list[str] = []

    def answer(self, seen: Seen) -> Reply:
        header = seen.headers.get("authorization", "").removeprefix("Basic ")
        self.names.append(b64decode(header).decode())
        if seen.path == "/media/1":
            return 307, {"Location": "/files/1"}, b""
        if seen.path == "/media/away":
            return 302, {"Location": "http://127.0.0.1:1/secret"}, b""
        return 200, {"Content-Type": "image/jpeg"}, picture().getvalue()


@pytest.fixture
def store(city: City, settings: Any) -> Iterator[Store]:
    settings.PARTNER_NETWORKS = [ip_network("127.0.0.0/8")]
    made = Store()
    gateway(GatewayKind.SMS, endpoint=made.server.url)
    yield made
    made.server.kill()


def test_a_picture_is_fetched_re_encoded_and_kept_with_the_report(store: Store) -> None:
    provider = Provider()
    fields = {"NumMedia": "1", "MediaUrl0": f"{store.server.url}/media/1"}
    assert "Photo received" in message_of(provider.sms("a pothole", **fields))
    assert DraftPhoto.objects.count() == 1
    # The name goes to the provider's interface, not to where it sends us.
    assert store.names == ["AC123:a-token-of-the-account", ""]


@pytest.mark.parametrize("path", ["/media/away", "http://127.0.0.1:1/x", "https://evil.example/x"])
def test_what_is_not_the_providers_is_left_and_said(store: Store, path: str) -> None:
    url = path if path.startswith("http") else store.server.url + path
    answer = message_of(Provider().sms("a pothole", NumMedia="1", MediaUrl0=url))
    assert "could not take every photo" in answer
    assert not DraftPhoto.objects.exists()
    text = IncomingText.objects.get()
    assert (text.photos, text.photos_kept) == (1, 0)
