"""Mail pushed by a provider, and mail fetched by IMAP from a server on a real socket."""

from __future__ import annotations

import re
import socketserver
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from lamppost.kernel.vault import locked_away
from lamppost.mailbox.models import Fetching, Mail
from lamppost.mailbox.services.fetching import fetch_all
from lamppost.mailbox.services.receiving import receive
from lamppost.mailbox.tests.conftest import box as box
from lamppost.mailbox.tests.conftest import home as home
from lamppost.mailbox.tests.scene import BOX, mail
from lamppost.notify.models import Gateway
from lamppost.partners.signing import new_secret, signed

pytestmark = pytest.mark.django_db
SECRET = new_secret()


@pytest.fixture
def pushed(box: Gateway) -> Callable[..., int]:
    """Push a mail, signed with ``secret``; return the status."""
    box.provider, box.secret = "webhook", locked_away(SECRET)
    box.save()
    client = Client(headers={"host": "springfield.example"})

    def push(raw: bytes, *, secret: str = SECRET, changed: bytes = b"", **headers: str) -> int:
        head = signed(secret, message_id="m1", at=timezone.now(), body=raw.decode())
        answer = client.post(
            "/hooks/email", raw + changed, content_type="message/rfc822", headers=head | headers
        )
        return answer.status_code

    return push


def test_a_push_that_is_not_signed_right_is_refused(pushed: Callable[..., int]) -> None:
    raw = mail().as_bytes()
    assert pushed(raw, secret=new_secret()) == 401
    assert pushed(raw, changed=b"more") == 401
    assert Client(headers={"host": "springfield.example"}).post("/hooks/email").status_code == 401
    assert not Mail.objects.exists()


def test_a_push_is_stored_once(pushed: Callable[..., int]) -> None:
    raw = mail().as_bytes()
    assert [pushed(raw), pushed(raw)] == [200, 200]
    assert Mail.objects.get().recipient == BOX
    assert pushed(mail(to="x@elsewhere.example", message_id="two@x").as_bytes()) == 404
    to = {"X-Envelope-To": "311+abc@city.example"}
    assert pushed(mail(to="x@y.example", message_id="3@x").as_bytes(), **to) == 200


@dataclass
class Imap:
    """A server that knows what is needed to fetch mail: RFC 9051, a few words of it."""

    mails: dict[int, bytes] = field(default_factory=dict)
    seen: set[int] = field(default_factory=set)
    validity: int = 7
    fetched: list[int] = field(default_factory=list)
    refused: set[int] = field(default_factory=set)

    def answer(self, words: str) -> bytes:
        name = words.split()[0].upper()
        if name == "SELECT":
            return b"* %d EXISTS\r\n* OK [UIDVALIDITY %d] x\r\n" % (len(self.mails), self.validity)
        if name != "UID":
            return {"CAPABILITY": b"* CAPABILITY IMAP4rev1\r\n", "LOGOUT": b"* BYE x\r\n"}.get(
                name, b""
            )
        step = words.split()[1].upper()
        if step == "SEARCH":
            first = int(re.search(r"(\d+):\*", words)[1])  # type: ignore[index]
            found = [uid for uid in self.mails if uid >= first] or list(self.mails)[-1:]
            return f"* SEARCH {' '.join(map(str, found))}\r\n".encode()
        uid = int(words.split()[2])
        if step == "STORE":
            self.seen.add(uid)
            return b""
        raw = self.mails[uid]
        if "SIZE" in words:
            return b"* 1 FETCH (UID %d RFC822.SIZE %d)\r\n" % (uid, len(raw))
        self.fetched.append(uid)
        return b"* 1 FETCH (UID %d BODY[] {%d}\r\n%b)\r\n" % (uid, len(raw), raw)


@pytest.fixture
def server(box: Gateway) -> Iterator[Imap]:
    state = Imap()

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.wfile.write(b"* OK ready\r\n")
            while line := self.rfile.readline().decode().strip():
                tag, _blank, words = line.partition(" ")
                if words.upper().startswith("LOGIN") and "right" not in words:
                    self.wfile.write(f"{tag} NO wrong\r\n".encode())
                    continue
                if any(f"FETCH {uid} (BODY" in words for uid in state.refused):
                    self.wfile.write(f"{tag} NO not now\r\n".encode())
                    continue
                self.wfile.write(state.answer(words) + f"{tag} OK done\r\n".encode())

    socketserver.ThreadingTCPServer.allow_reuse_address = True
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as tcp:
        tcp.daemon_threads = True
        threading.Thread(target=tcp.serve_forever, daemon=True).start()
        box.provider, box.account, box.secret = "imap", "311", locked_away("right")
        box.endpoint = f"imap://127.0.0.1:{tcp.server_address[1]}/INBOX"
        box.save()
        yield state
        tcp.shutdown()


def letters(*numbers: int) -> dict[int, bytes]:
    return {n: mail(f"Text {n}", message_id=f"{n}@x").as_bytes() for n in numbers}


def test_new_mail_is_fetched_once_and_marked_after_it_is_stored(server: Imap) -> None:
    server.mails = letters(3, 5)
    assert fetch_all() == 2
    assert server.seen == {3, 5}
    assert fetch_all() == 0
    server.mails |= letters(9)
    assert fetch_all() == 1
    assert server.fetched == [3, 5, 9]
    assert Mail.objects.count() == 3


def test_a_mailbox_made_anew_is_read_from_the_start(server: Imap) -> None:
    server.mails = letters(3, 5)
    fetch_all()
    server.mails, server.validity = {1: server.mails[5], 2: letters(8)[8]}, 8
    assert fetch_all() == 1
    assert Mail.objects.count() == 3


def test_what_cannot_be_stored_is_not_marked(server: Imap, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(raw: bytes, **more: Any) -> object:
        if b"Text 5" in raw:
            raise OSError("disk full")
        return receive(raw, **more)

    server.mails = letters(3, 5)
    monkeypatch.setattr("lamppost.mailbox.services.fetching.receive", full)
    fetch_all()
    assert server.seen == {3}
    assert Fetching.objects.get().failing_since is not None
    monkeypatch.undo()
    assert fetch_all() == 1
    assert Fetching.objects.get().failing_since is None


def test_a_mail_the_server_does_not_give_now_is_not_gone_past(server: Imap) -> None:
    server.mails, server.refused = letters(3, 5), {3}
    assert fetch_all() == 0
    assert Fetching.objects.get().failing_since is not None
    server.refused = set()
    assert fetch_all() == 2


def test_a_mail_nobody_can_read_stops_no_mailbox(server: Imap) -> None:
    nested = "".join(
        f"Content-Type: multipart/mixed; boundary=b{depth}\n\n--b{depth}\n" for depth in range(1500)
    )
    server.mails = {3: nested.encode()} | letters(5)
    assert fetch_all() == 2


def test_a_password_with_other_letters_is_said_to_be_wrong(server: Imap, box: Gateway) -> None:
    box.secret = locked_away("contraseña")
    box.save()
    assert fetch_all() == 0
    assert Fetching.objects.get().error == "UnicodeEncodeError"


def test_a_wrong_password_is_said(server: Imap, box: Gateway) -> None:
    box.secret = locked_away("wrong")
    box.save()
    server.mails = letters(3)
    assert fetch_all() == 0
    assert (Fetching.objects.get().error, server.fetched) == ("error", [])


@pytest.mark.parametrize("endpoint", ["imap://mail.city.example", "https://x", "", "imaps://"])
def test_no_password_crosses_a_network_in_clear(box: Gateway, endpoint: str) -> None:
    box.provider, box.endpoint, box.secret = "imap", endpoint, locked_away("right")
    box.save()
    assert fetch_all() == 0
    assert Fetching.objects.get().error == "Invalid"
