"""Notices: unread first, marked by their own reader only, mailed once over real SMTP."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from email import message_from_bytes
from email.message import Message
from email.policy import default
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from django.utils import timezone
from tests.support.installation import free_port

from lamppost.cities.models import City, CityHost
from lamppost.kernel.refusals import Forbidden, NotFound
from lamppost.people.actors import ANONYMOUS, actor_of
from lamppost.people.choices import NoticeKind, Role
from lamppost.people.inbox import (
    Place,
    choose_mail,
    mark_case_read,
    mark_read,
    notice_page,
    wants_mail,
)
from lamppost.people.mailing import OLDEST, PATIENCE, mail_unread_notices
from lamppost.people.models import Membership, StaffNotice, User

pytestmark = pytest.mark.django_db
Person = Callable[..., User]


def _notice(user: User, number: int = 1, *, read: bool = False, **changes: Any) -> StaffNotice:
    at = timezone.now() - PATIENCE - timedelta(minutes=number)
    fields: dict[str, Any] = {
        "user": user, "kind": NoticeKind.MENTION, "subject": f"Notice {number}",
        "path": f"/desk/cases/{number}/", "case_number": str(number), "once_key": f"k{number}",
        "created_at": at, "read_at": timezone.now() if read else None,
    }  # fmt: skip
    return StaffNotice.objects.create(**(fields | changes))


def test_unread_ones_first_then_the_newest_page_by_page(person: Person) -> None:
    wanda, walt = (person(Role.WORKER, "streets", name) for name in ("Wanda", "Walt"))
    for number in range(7):
        _notice(wanda, number, read=number in {0, 2, 4})
    _notice(walt, 9)
    seen, after = [], None
    while True:
        page = notice_page(wanda.pk, after=after, size=2)
        seen += [one.subject.removeprefix("Notice ") for one in page.notices]
        if page.after is None:
            break
        after = Place.parse(str(page.after))
    assert seen == ["1", "3", "5", "6", "0", "2", "4"]


@pytest.mark.parametrize(
    "text",
    ["", "1", "1-2", "a-1-1", "1-1-" + "9" * 20, "1-" + "9" * 18 + "-1", "-1-1-1", "1-1-1-1"],
)
def test_a_place_that_is_none(text: str) -> None:
    with pytest.raises(ValueError, match="place"):
        Place.parse(text)


def test_only_its_reader_marks_a_notice(person: Person) -> None:
    wanda, walt = (person(Role.WORKER, "streets", name) for name in ("Wanda", "Walt"))
    first, second = _notice(wanda, 1), _notice(wanda, 2)
    with pytest.raises(NotFound):
        mark_read(actor=actor_of(walt), notice_id=first.pk)
    with pytest.raises(Forbidden):
        mark_read(actor=ANONYMOUS)
    assert mark_read(actor=actor_of(walt)) == 0
    assert mark_read(actor=actor_of(wanda), notice_id=first.pk) == 1
    assert mark_read(actor=actor_of(wanda), notice_id=first.pk) == 0
    assert mark_case_read(actor=actor_of(wanda), case_number="2") == 1
    second.refresh_from_db()
    assert second.read_at is not None


# -- by mail


class Mailbox:
    """A mail server that keeps what it is handed, or refuses it."""

    def __init__(self) -> None:
        self.mails: list[Message] = []
        self.refuses = False

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        if self.refuses:
            return "451 try again later"
        self.mails.append(message_from_bytes(envelope.content, policy=default))
        return "250 taken"


@pytest.fixture
def mailbox(settings: Any, city: City) -> Iterator[Mailbox]:
    """A real mail server, known to the settings."""
    box = Mailbox()
    controller = Controller(box, hostname="127.0.0.1", port=free_port())
    controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", controller.port
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    settings.DEFAULT_FROM_EMAIL = "desk@springfield.example"
    settings.MAIL_IS_ON = True
    yield box
    controller.stop()


def _text(mail: Message) -> str:
    return str(mail.get_content())  # type: ignore[attr-defined]


def test_one_mail_for_all_that_waits_and_never_twice(mailbox: Mailbox, person: Person) -> None:
    wanda = person(Role.WORKER, "streets", "Wanda")
    for number in (1, 2):
        _notice(wanda, number)
    assert mail_unread_notices() == 1
    assert mail_unread_notices() == 0
    (mail,) = mailbox.mails
    assert mail["To"] == wanda.email
    assert mail["Subject"] == "Springfield: 2 notices"
    host = CityHost.objects.order_by("id")[0].host
    text = _text(mail)
    assert f"https://{host}/desk/cases/1/" in text
    assert f"https://{host}/desk/notices/" in text
    _notice(wanda, 3)
    assert mail_unread_notices() == 1


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"created_at": timezone.now() + timedelta(hours=1)}, "it has not waited long enough"),
        ({"created_at": timezone.now() - OLDEST - timedelta(hours=1)}, "it is no news any more"),
        ({"read_at": timezone.now()}, "it was read at the desk"),
        ({"mailed_at": timezone.now()}, "it was mailed before"),
    ],
)
def test_what_is_not_mailed(
    changes: dict[str, Any], why: str, mailbox: Mailbox, person: Person
) -> None:
    _notice(person(Role.WORKER, "streets", "Wanda"), **changes)
    assert mail_unread_notices() == 0, why
    assert mailbox.mails == []


def test_who_is_not_mailed(mailbox: Mailbox, person: Person) -> None:
    unwilling, gone, locked = (person(Role.WORKER, "streets", name) for name in "ABC")
    choose_mail(actor=actor_of(unwilling), wanted=False)
    assert not wants_mail(actor_of(unwilling))
    Membership.objects.filter(user=gone).update(is_active=False)
    User.objects.filter(pk=locked.pk).update(is_active=False)
    for user in (unwilling, gone, locked):
        _notice(user)
    assert mail_unread_notices() == 0
    choose_mail(actor=actor_of(unwilling), wanted=True)
    assert mail_unread_notices() == 1


def test_without_a_mail_server_nothing_is_marked(
    mailbox: Mailbox, person: Person, settings: Any
) -> None:
    settings.MAIL_IS_ON = False
    notice = _notice(person(Role.WORKER, "streets", "Wanda"))
    assert mail_unread_notices() == 0
    notice.refresh_from_db()
    assert notice.mailed_at is None


def test_refused_by_the_server_it_is_tried_again(mailbox: Mailbox, person: Person) -> None:
    notice = _notice(person(Role.WORKER, "streets", "Wanda"))
    mailbox.refuses = True
    assert mail_unread_notices() == 0
    notice.refresh_from_db()
    assert notice.mailed_at is None
    mailbox.refuses = False
    assert mail_unread_notices() == 1


def test_the_mark_is_made_before_the_mail_goes_out(
    mailbox: Mailbox, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker killed while it sends leaves them marked: at the desk, but never mailed twice."""
    notice = _notice(person(Role.WORKER, "streets", "Wanda"))

    class Killed(BaseException):
        pass

    def killed(_message: Any) -> None:
        raise Killed

    monkeypatch.setattr("lamppost.people.mailing.EmailMessage.send", killed)
    with pytest.raises(Killed):
        mail_unread_notices()
    notice.refresh_from_db()
    assert notice.mailed_at is not None
    assert notice.read_at is None


def test_in_the_readers_own_language(mailbox: Mailbox, person: Person) -> None:
    wanda = person(Role.WORKER, "streets", "Wanda")
    User.objects.filter(pk=wanda.pk).update(language="es")
    _notice(wanda)
    mail_unread_notices()
    assert str(mailbox.mails[0]["Subject"]).startswith("Ciudad Springfield: ")
