"""Reading mails: text, names, attachments, who wrote, what came back. No database."""

from __future__ import annotations

import base64
import random
import time

import pytest

from lamppost.mailbox.reading.message import parsed, read
from lamppost.mailbox.reading.reports import report_of
from lamppost.mailbox.services.receiving import content_of
from lamppost.mailbox.tests.raws import HEAD, PNG, SAYS, parts, raw


@pytest.mark.parametrize("name", SAYS)
def test_what_a_person_reads(name: str) -> None:
    mail, says = SAYS[name]
    found = read(mail)
    assert found.is_readable
    assert found.said == says


@pytest.mark.parametrize(
    ("header", "subject"),
    [
        ("=?utf-8?B?SG95bw==?=", "Hoyo"),
        ("=?iso-8859-1?Q?Ca=F1er=EDa_rota?=", "Cañería rota"),
        ("=?koi8-r?B?8dPB?=", "Яса"),
        ("=?utf-8?Q?a=C3?= =?utf-8?Q?=B1o?=", "año"),
        ("=?utf-8?Q?uno?= =?utf-8?Q?dos?=", "unodos"),
        ("Re: =?utf-8?Q?a=C3=B1o?= 2026", "Re: año 2026"),
        ("=?x-martian?Q?hola?=", "hola"),
        ("=?utf-8?B?%%%?=", ""),
        ("plain", "plain"),
    ],
)
def test_subjects_however_they_are_encoded(header: str, subject: str) -> None:
    assert read(raw(b"x", head=f"Subject: {header}\n".encode())).subject == subject


def test_bare_bytes_in_a_subject() -> None:
    assert read(raw(b"x", head="Subject: Señal caída\n".encode())).subject == "Señal caída"
    latin = read(raw(b"x", head="Subject: Señal caída en la plaza\n".encode("latin-1")))
    assert "al ca" in latin.subject
    assert "�" not in latin.subject


@pytest.mark.parametrize(
    ("header", "sender", "name"),
    [
        ('"Pérez, Ana" <Ana@People.Example>', "ana@people.example", "Pérez, Ana"),
        ("=?utf-8?B?QW5hIFDDqXJleg==?= <ana@people.example>", "ana@people.example", "Ana Pérez"),
        ("ana@people.example (Ana)", "ana@people.example", "Ana"),
        ("Ana ana@people.example", "ana@people.example", ""),
        ("undisclosed", "", ""),
        ("<>", "", ""),
    ],
)
def test_who_wrote(header: str, sender: str, name: str) -> None:
    mail = f"From: {header}\nSubject: x\n\nx".encode()
    found = read(mail)
    assert found.sender == sender
    assert not name or found.sender_name == name


@pytest.mark.parametrize(
    ("disposition", "name"),
    [
        ('attachment; filename="hole.png"', "hole.png"),
        ("attachment; filename*=utf-8''ca%C3%B1o.png", "caño.png"),
        ("attachment; filename*0*=utf-8''ca%C3%B1; filename*1=o.png", "caño.png"),
        ('attachment; filename="=?utf-8?B?Y2HDsW8ucG5n?="', "caño.png"),
        ('attachment; filename="..\\\\..\\\\evil.png"', "evil.png"),
        ('attachment; filename="../../etc/passwd"', "passwd"),
        ("attachment; filename*=x-martian''hole.png", "hole.png"),
    ],
)
def test_names_of_attachments(disposition: str, name: str) -> None:
    head = (
        f"Content-Type: image/png\nContent-Transfer-Encoding: base64\n"
        f"Content-Disposition: {disposition}"
    )
    found = read(parts(("Content-Type: text/plain", b"x"), (head, base64.b64encode(PNG))))
    assert [(one.name, one.content) for one in found.attached] == [(name, PNG)]


def test_a_text_file_is_attached_and_not_said() -> None:
    found = read(
        parts(
            ("Content-Type: text/plain", b"See the file"),
            ('Content-Type: text/plain; name="log.txt"', b"secret"),
        )
    )
    assert (found.said, [one.name for one in found.attached]) == ("See the file", ["log.txt"])


def test_outlooks_own_wrapping_is_named() -> None:
    head = 'Content-Type: application/ms-tnef; name="winmail.dat"\nContent-Disposition: attachment'
    found = read(parts(("Content-Type: text/plain", b"x"), (head, b"\x78\x9f")))
    assert [one.name for one in found.attached] == ["winmail.dat"]


def test_an_attached_mail_is_kept_whole() -> None:
    inner = raw(b"The old mail")
    found = read(
        parts(("Content-Type: text/plain", b"See below"), ("Content-Type: message/rfc822", inner))
    )
    assert found.said == "See below"
    assert found.attached[0].name == "Hole.eml"
    assert b"The old mail" in (found.attached[0].content or b"")


def test_what_is_forwarded_is_what_is_said() -> None:
    body = b"Please look\n\n-----Original Message-----\nFrom: Bob\nThe pole is down"
    said = read(raw(body, head=b"Subject: Fwd: pole\n")).said
    assert "The pole is down" in said
    assert "The pole is down" not in read(raw(body)).said


@pytest.mark.parametrize(
    ("headers", "is_machine", "takes_no_answer"),
    [
        ({}, False, False),
        ({"Auto-Submitted": "no"}, False, False),
        ({"Auto-Submitted": "auto-replied"}, True, True),
        ({"Auto-Submitted": "auto-generated"}, False, True),
        ({"X-Autoreply": "yes"}, True, True),
        ({"X-Autorespond": "away"}, True, True),
        ({"Precedence": "auto_reply"}, True, True),
        ({"Precedence": "bulk"}, False, True),
        ({"Precedence": "list"}, False, True),
        ({"List-Id": "<n.example>"}, False, True),
        ({"X-Auto-Response-Suppress": "All"}, False, True),
        ({"X-Auto-Response-Suppress": "DR, OOF, AutoReply"}, False, True),
        ({"Subject": "Automatic reply: case 12"}, True, True),
        ({"Subject": "Out of office"}, True, True),
        ({"Subject": "Respuesta automática: caso"}, True, True),
        ({"Subject": "=?utf-8?B?2LHYryDYqtmE2YLYp9im2Yo=?="}, True, True),
        ({"Subject": "Question about an automatic reply"}, False, False),
        ({"From": "noreply@shop.example"}, False, True),
        ({"From": "MAILER-DAEMON@mx.example"}, False, True),
    ],
)
def test_whether_a_person_wrote(
    headers: dict[str, str], is_machine: bool, takes_no_answer: bool
) -> None:
    head = {"From": "ana@people.example", "Subject": "Hole", **headers}
    mail = "".join(f"{name}: {value}\n" for name, value in head.items()) + "\nx"
    origin = read(mail.encode(), envelope_from="ana@people.example", is_known_envelope=True).origin
    assert (origin.is_machine, origin.takes_no_answer) == (is_machine, takes_no_answer)


def test_an_empty_return_path_takes_no_answer() -> None:
    origin = read(raw(b"x"), envelope_from="<>", is_known_envelope=True).origin
    assert (origin.is_machine, origin.takes_no_answer) == (False, True)


def bounce(status: str, *, action: str = "failed", diagnostic: str = "") -> bytes:
    more = f"Diagnostic-Code: smtp; {diagnostic}\n" if diagnostic else ""
    return parts(
        ("Content-Type: text/plain", b"Sorry"),
        (
            "Content-Type: message/delivery-status",
            f"Reporting-MTA: dns; mx.example\n\nFinal-Recipient: rfc822; gone@people.example\n"
            f"Action: {action}\nStatus: {status}\n{more}".encode(),
        ),
        ("Content-Type: text/rfc822-headers", b"Message-ID: <abcdefghijklmnop@city.example>\n"),
        kind="report",
        **{"report-type": "delivery-status"},
    )


@pytest.mark.parametrize(
    ("status", "action", "diagnostic", "is_failure", "is_dead"),
    [
        ("5.1.1", "failed", "", True, True),
        ("5.1.2", "failed", "", True, True),
        ("5.2.1", "failed", "", True, True),
        ("5.2.2", "failed", "552 mailbox full", True, False),
        ("5.7.1", "failed", "550 spam", True, False),
        ("5.0.0", "failed", "550 5.1.1 no such user", True, True),
        ("4.4.1", "delayed", "", False, False),
        ("4.4.7", "failed", "", False, False),
        ("2.0.0", "delivered", "", False, False),
    ],
)
def test_what_a_bounce_says(
    status: str, action: str, diagnostic: str, is_failure: bool, is_dead: bool
) -> None:
    mail = bounce(status, action=action, diagnostic=diagnostic)
    assert read(mail).origin.is_report
    report = report_of(parsed(mail))
    assert report.about == "abcdefghijklmnop@city.example"
    assert (report.is_failure, report.is_dead) == (is_failure, is_dead)


def test_a_bounce_in_words() -> None:
    body = (
        b"Hi. This is the qmail-send program.\n<gone@people.example>:\n"
        b"Remote host said: 550 5.1.1 unknown user\n\n--- Below this line is a copy.\n\n"
        b"Message-ID: <abcdefghijklmnop@city.example>\n"
    )
    mail = b"From: MAILER-DAEMON@mx.example\nSubject: failure notice\n\n" + body
    origin = read(mail, envelope_from="", is_known_envelope=True).origin
    report = report_of(parsed(mail))
    assert origin.is_report
    assert (report.about, report.is_dead) == ("abcdefghijklmnop@city.example", True)


def test_only_the_first_verdict_counts() -> None:
    head = (
        b"Authentication-Results: mx.city.example; spf=fail smtp.mailfrom=x; dkim=none\n"
        b"Authentication-Results: mx.evil.example; spf=pass; dkim=pass; dmarc=pass\n"
    )
    assert read(raw(b"x", head=head)).verdicts == {"spf": "fail", "dkim": "none"}


def test_dates_nobody_can_read_are_none() -> None:
    for date in (
        "yesterday",
        "Tue, 99 Foo 2026 99:99:99 +9999",
        "",
        "Mon, 1 Jan 0001 00:00:00 +1400",
    ):
        read(raw(b"x", head=f"Subject: x\nDate: {date}\n".encode()))


def test_no_garbage_is_ever_an_exception() -> None:
    """Cut, flip and shuffle: whatever comes is read or said to be unreadable."""
    chance = random.Random(311)
    pool = [mail for mail, _says in SAYS.values()]
    for _round in range(400):
        mail = bytearray(chance.choice(pool))
        for _flip in range(chance.randint(1, 12)):
            mail[chance.randrange(len(mail))] = chance.randrange(256)
        found = read(bytes(mail[: chance.randint(1, len(mail))]))
        assert "\x00" not in found.said + found.subject + found.sender


def test_a_thousand_parts_within_each_other() -> None:
    mail = HEAD
    for depth in range(1000):
        mail += f"Content-Type: multipart/mixed; boundary=b{depth}\n\n--b{depth}\n".encode()
    found = read(mail + b"Content-Type: text/plain\n\ndeep")
    assert found.said in {"", "deep"}


_N = 200_000
_NESTED = b"".join(
    b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (depth, depth)
    for depth in range(600)
)
# What took minutes or hours in the sizes a mail may have, each by a reader of its own.
_ODD = {
    "blank lines above a signature": HEAD + b"\nhello" + b"\n" * _N + b"-- \nfoo\n",
    "soft breaks": HEAD + b"Content-Type: text/plain; format=flowed\n\n" + b"a \n" * _N,
    "a name without an address": b"From: " + b"a" * _N + b"\n\nx",
    "letters of host names": HEAD
    + b"Content-Type: text/plain; charset=punycode\n\nab-"
    + b"a" * _N * 4,
    "quoted parameters": HEAD + b'Content-Type: text/plain; a="' + b';\\"' * _N + b"\n\nx",
    "scripts": HEAD + b"Content-Type: text/html\n\n" + b"<script></script>x" * (_N // 2),
    "parts within parts": HEAD + _NESTED + b"x\n" * _N,
}


@pytest.mark.parametrize("name", _ODD)
def test_odd_mail_is_read_in_its_time(name: str) -> None:
    began = time.process_time()
    read(_ODD[name])
    assert time.process_time() - began < 4


def test_a_mail_is_known_again_in_its_time() -> None:
    began = time.process_time()
    content_of(b"x-" + b"spam" * _N + b"\n\nx")
    assert time.process_time() - began < 2


def test_an_id_with_bare_bytes_is_none() -> None:
    found = read(HEAD.replace(b"Message-ID: <", b"Message-ID: <\xe9\x00") + b"\nhola")
    assert (found.message_id, found.said) == ("", "hola")
