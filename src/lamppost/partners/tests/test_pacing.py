"""When to try again: times in, times out; and the mail server's address; and the vault."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lamppost.kernel.mail_settings import mail_server
from lamppost.kernel.vault import SecretLost, locked_away, opened
from lamppost.partners.pacing import (
    LONGEST_DELAY,
    MOST_TRIES,
    break_after,
    delay_after,
    is_permanent,
    retry_after,
)
from lamppost.partners.signing import is_secret, new_secret

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)

DELAYS = [(1, 30), (2, 60), (3, 120), (4, 240), (10, 15360), (11, 21600), (18, 21600)]


@pytest.mark.parametrize(("tries", "seconds"), DELAYS)
def test_delays_double_up_to_six_hours(tries: int, seconds: int) -> None:
    assert delay_after(tries, lambda: 1.0) == timedelta(seconds=seconds)
    assert delay_after(tries, lambda: 0.0) == timedelta(seconds=seconds) / 2


@given(st.integers(1, 10_000), st.floats(0, 1))
def test_a_delay_is_never_longer_than_the_longest(tries: int, chance: float) -> None:
    assert timedelta() < delay_after(tries, lambda: chance) <= LONGEST_DELAY


def test_all_tries_take_two_days_or_three() -> None:
    whole = sum((delay_after(n, lambda: 1.0) for n in range(1, MOST_TRIES)), timedelta())
    assert timedelta(days=1.5) < whole < timedelta(days=3)


@pytest.mark.parametrize(
    ("failures", "seconds"), [(0, None), (2, None), (3, 30), (4, 60), (7, 480), (8, 600), (99, 600)]
)
def test_the_circuit(failures: int, seconds: int | None) -> None:
    expected = None if seconds is None else timedelta(seconds=seconds)
    assert break_after(failures, lambda: 1.0) == expected


WAITS = [
    ("120", timedelta(seconds=120), "seconds"),
    ("0", timedelta(), "now"),
    ("Mon, 02 Mar 2026 12:10:00 GMT", timedelta(minutes=10), "a date"),
    ("Mon, 02 Mar 2026 11:00:00 GMT", timedelta(), "a date that has passed"),
    ("99999999999", timedelta(hours=24), "years: at most a day"),
    ("-5", None, "less than nothing"),
    ("soon", None, "no time"),
    ("", None, "empty"),
    (None, None, "missing"),
]


@pytest.mark.parametrize(("header", "wait", "why"), WAITS)
def test_retry_after(header: str | None, wait: timedelta | None, why: str) -> None:
    assert retry_after(header, NOW) == wait, why


@given(st.integers(200, 599))
def test_only_four_hundreds_and_redirects_are_final(code: int) -> None:
    assert is_permanent(code) == (300 <= code < 500 and code not in {408, 409, 425, 429})


SERVERS = [
    ("smtp://mail.example", ("mail.example", 587, "", "starttls")),
    ("smtp://u:p%40ss@mail.example:2525?tls=none", ("mail.example", 2525, "p@ss", "none")),
    ("smtps://u:p@mail.example", ("mail.example", 465, "p", "implicit")),
    ("smtp://mail.example?tls=implicit", ("mail.example", 465, "", "implicit")),
]


@pytest.mark.parametrize(("url", "parts"), SERVERS)
def test_a_mail_server_by_one_address(url: str, parts: Any) -> None:
    server = mail_server(url)
    assert server is not None
    assert (server.host, server.port, server.password, server.tls) == parts
    assert server.sender == "no-reply@mail.example"


def test_without_an_address_mail_is_off() -> None:
    assert mail_server(" ") is None


@pytest.mark.parametrize("url", ["mail.example", "http://mail.example", "smtp://m?tls=yes"])
def test_a_wrong_mail_address_stops_the_start(url: str) -> None:
    with pytest.raises(ValueError, match="LAMPPOST_SMTP_URL"):
        mail_server(url)


def test_a_secret_at_rest_says_nothing() -> None:
    secret = new_secret()
    kept = locked_away(secret)
    assert secret not in kept
    assert opened(kept) == secret
    assert locked_away(secret) != kept, "the same secret twice looks different"
    with pytest.raises(SecretLost):
        opened(kept[:-4] + "AAA=")


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("whsec_NCrbqsUxFKTBTdEeX5jY+eW1tFvHYx8dJ1qZeIB+POk=", True),
        ("whsec_c2hvcnQ=", False),
        ("whsec_@@", False),
        ("", False),
    ],
)
def test_what_is_a_secret(text: str, is_one: bool) -> None:
    assert is_secret(text) is is_one


def test_a_secret_we_make_is_one() -> None:
    assert is_secret(new_secret())
