"""The signature: the same as the provider's own library makes, whatever a proxy hid."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator

from lamppost.faces.channels.signature import is_signed, signature_of

TOKEN = "12345"
FIELDS = st.dictionaries(
    st.text(st.characters(codec="ascii", categories=("L", "N")), min_size=1, max_size=12),
    st.lists(st.text(max_size=20), min_size=1, max_size=3),
    max_size=8,
)


@given(FIELDS, st.sampled_from(["/hooks/sms", "/hooks/voice/menu?tries=2&x=%20", "/"]))
def test_our_signature_is_the_librarys(fields: dict[str, list[str]], path: str) -> None:
    url = f"https://city.example{path}"
    theirs = RequestValidator(TOKEN).compute_signature(url, _Multi(fields))
    assert signature_of(url, fields, TOKEN) == theirs
    assert is_signed(url, fields, theirs, [TOKEN])
    assert not is_signed(url, fields | {"Extra": ["1"]}, theirs, [TOKEN])
    assert not is_signed(url, fields, theirs, ["another"])
    assert not is_signed(url, fields, "", [TOKEN])


class _Multi(dict[str, list[str]]):
    """As the library knows parameters with several values."""

    def getlist(self, name: str) -> list[str]:
        return self[name]


@pytest.mark.parametrize(
    ("called", "seen", "is_ours"),
    [
        ("https://city.example/hooks/sms", "http://city.example/hooks/sms", True),  # TLS ended
        ("https://city.example:443/hooks/sms", "http://city.example/hooks/sms", True),
        ("https://city.example:8443/hooks/sms", "http://city.example:8443/hooks/sms", True),
        ("https://city.example:8443/hooks/sms", "http://city.example/hooks/sms", False),
        ("https://other.example/hooks/sms", "http://city.example/hooks/sms", False),
        ("https://city.example/hooks/voice", "http://city.example/hooks/sms", False),
        ("https://city.example/hooks/sms?a=1", "http://city.example/hooks/sms", False),
    ],
)
def test_only_how_a_proxy_shows_the_address_may_differ(
    called: str, seen: str, is_ours: bool
) -> None:
    signature = RequestValidator(TOKEN).compute_signature(called, {"a": "b"})
    assert is_signed(seen, {"a": ["b"]}, signature, [TOKEN]) is is_ours


def test_without_a_secret_nothing_is_signed() -> None:
    assert not is_signed("https://city.example/", {}, signature_of("", {}, ""), [])
