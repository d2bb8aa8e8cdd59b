"""The agents' mailbox at the desk: who sees it, taking, answering once, filing, putting aside."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from lamppost.cases.models import Attachment, Case
from lamppost.cities.models import City
from lamppost.contacts.models import Interaction, InteractionCase
from lamppost.database.scope import city_scope
from lamppost.mailbox.choices import Fate
from lamppost.mailbox.models import Answer, Mail, Thread
from lamppost.mailbox.services import agents
from lamppost.mailbox.tests.conftest import box as box
from lamppost.mailbox.tests.conftest import home as home
from lamppost.mailbox.tests.scene import BOX, WRITER, bring, mail, photo
from lamppost.notify.composing import composed
from lamppost.notify.models import Gateway, Message
from lamppost.people.choices import Role
from lamppost.people.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture
def thread(box: Gateway) -> Thread:
    made = mail("Where do I pay my water bill?")
    made.add_attachment(photo(), maintype="image", subtype="jpeg", filename="hole.jpg")
    made.add_attachment(b"<script>", maintype="text", subtype="html", filename="x.html")
    bring(made)
    return Thread.objects.get()


@pytest.fixture
def sign_in(person: Callable[..., User]) -> Callable[..., Client]:
    def make(role: Role, department: str | None = None, name: str = "") -> Client:
        client = Client(headers={"host": "springfield.example"})
        client.force_login(person(role, department, name))
        return client

    return make


@pytest.fixture
def client(sign_in: Callable[..., Client]) -> Client:
    """An agent of the center."""
    return sign_in(Role.AGENT, "center")


def page(thread: Thread) -> str:
    return reverse("desk:mail_one", args=[thread.reference])


def answered(client: Client, thread: Thread, **changed: str) -> int:
    sent = {
        "text": "At the Water Department.",
        "disposition": "information",
        "seen": agents.mark_of(thread),
        **changed,
    }
    return client.post(reverse("desk:mail_answer", args=[thread.reference]), sent).status_code


@pytest.mark.parametrize("role", [Role.WORKER, Role.MANAGER, Role.DIRECTOR])
def test_who_answers_no_mail_sees_none(
    thread: Thread, sign_in: Callable[..., Client], role: Role
) -> None:
    client = sign_in(role, None if role is Role.DIRECTOR else "streets")
    row = Mail.objects.get()
    for address in (
        reverse("desk:mail"),
        reverse("desk:mail_log"),
        page(thread),
        reverse("desk:mail_original", args=[row.pk]),
        reverse("desk:mail_part", args=[row.pk, 1]),
    ):
        assert client.get(address).status_code == 403
    assert answered(client, thread) == 403
    assert not Answer.objects.exists()


def test_another_citys_mail_is_not_there(thread: Thread, client: Client, other_city: City) -> None:
    row = Mail.objects.get()
    with city_scope(other_city.pk):
        assert not Thread.objects.exists()
    client = Client(headers={"host": "shelbyville.example"})
    client.force_login(User.objects.get(email="agent-center@staff.example"))
    assert client.get(page(thread)).status_code in {403, 404}
    assert client.get(reverse("desk:mail_original", args=[row.pk])).status_code in {403, 404}


def test_an_answer_goes_out_once_below_what_it_answers(thread: Thread, client: Client) -> None:
    assert client.get(page(thread)).status_code == 200
    seen = agents.mark_of(thread)
    assert answered(client, thread, seen=seen) == 302
    assert answered(client, thread, seen=seen) == 409
    thread.refresh_from_db()
    interaction = Interaction.objects.get()
    assert (thread.state, Answer.objects.count()) == ("answered", 1)
    assert interaction.disposition.code == "information"
    assert interaction.ended_at is not None
    sent = composed(Message.objects.get(template="mail_answer"))
    assert sent.subject == "Re: A question"
    assert sent.headers["In-Reply-To"] == "<one@people.example>"
    assert sent.headers["Auto-Submitted"] == "no"
    assert sent.reply_to.startswith("311+t-")


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"text": " "}, 400),
        ({"text": "x" * 10_001}, 400),
        ({"disposition": ""}, 400),
        ({"disposition": "nothing"}, 400),
        ({"seen": "0-0"}, 409),
        ({"article": "no-such-article"}, 404),
    ],
)
def test_answers_that_are_refused(
    thread: Thread, client: Client, changed: dict[str, str], status: int
) -> None:
    assert answered(client, thread, **changed) == status
    assert not Answer.objects.exists()
    assert not Message.objects.filter(template="mail_answer").exists()


def test_a_mail_that_came_meanwhile_is_read_first(thread: Thread, client: Client) -> None:
    seen = agents.mark_of(thread)
    to = composed(Message.objects.get()).reply_to
    bring(mail("And my gas bill?", message_id="two@x"), to=to)
    assert answered(client, thread, seen=seen) == 409


def test_a_colleague_has_it(thread: Thread, client: Client, sign_in: Callable[..., Client]) -> None:
    other = sign_in(Role.AGENT, "center", "Olga")
    take = reverse("desk:mail_act", args=[thread.reference, "take"])
    assert client.post(take).status_code == 302
    assert answered(other, thread) == 409
    assert other.post(take).status_code == 302
    assert answered(other, thread) == 302


def test_unwanted_mail_stays_so(thread: Thread, client: Client) -> None:
    step = reverse("desk:mail_act", args=[thread.reference, "unwanted"])
    assert client.post(step).status_code == 302
    row = bring(mail("Buy!", message_id="two@x"))
    assert (row.fate, Message.objects.count()) == (Fate.SPAM, 1)
    assert answered(client, thread) == 409
    assert "A question" in client.get(reverse("desk:mail") + "?show=unwanted").content.decode()
    assert (
        client.post(reverse("desk:mail_act", args=[thread.reference, "wanted"])).status_code == 302
    )


def test_a_case_filed_from_a_mail_takes_its_words_and_photos(
    thread: Thread, client: Client
) -> None:
    address = f"{reverse('desk:new')}?mail={thread.reference}&service=POTHOLE"
    shown = client.get(address).content.decode()
    assert "Where do I pay my water bill?" in shown
    assert WRITER in shown
    sent = {
        "mail": thread.reference, "service": "POTHOLE", "key": "k1", "channel": "email",
        "description": "A hole", "attribute[WHERE]": "roadway", "lat": "39.9526",
        "long": "-75.1636", "mail_photos": "1", "checked": "1",
    }  # fmt: skip
    answer = client.post(reverse("desk:new"), sent)
    assert answer.status_code == 302, answer.content.decode()[:3000]
    case = Case.objects.get()
    thread.refresh_from_db()
    assert (thread.case, thread.state, case.channel) == (case, "open", "email")
    assert InteractionCase.objects.get().tie == "filed"
    assert Attachment.objects.filter(case=case).count() == 1


def test_attachments_are_never_pages(thread: Thread, client: Client) -> None:
    row = Mail.objects.get()
    places = dict(row.parts.values_list("name", "place"))
    picture = client.get(reverse("desk:mail_part", args=[row.pk, places["hole.jpg"]]))
    assert picture.headers["Content-Type"] == "image/jpeg"
    page = client.get(reverse("desk:mail_part", args=[row.pk, places["x.html"]]))
    assert page.headers["Content-Type"] == "application/octet-stream"
    assert page.headers["Content-Disposition"].startswith("attachment")
    original = client.get(reverse("desk:mail_original", args=[row.pk]))
    assert original.headers["Content-Type"] == "message/rfc822"
    assert client.get(reverse("desk:mail_part", args=[row.pk, 99])).status_code == 404


def test_lists_cost_the_same_for_few_and_many(thread: Thread, client: Client) -> None:
    def cost() -> list[int]:
        counts = []
        for address in (reverse("desk:mail"), reverse("desk:mail_log")):
            with CaptureQueriesContext(connection) as context:
                assert client.get(address).status_code == 200
            counts.append(len(context))
        return counts

    cost()
    few = cost()
    for number in range(6):
        sender = f"p{number}@x.example"
        bring(mail(message_id=f"{number}@x", subject=f"Mail {number}", sender=sender))
    assert cost() == few


def test_an_erased_person_is_in_no_mail(thread: Thread, home: Path) -> None:
    from lamppost.kernel.removal import Words
    from lamppost.mailbox.holding import erase, export
    from lamppost.people.choices import PointKind
    from lamppost.people.models import Contact, ContactPoint

    contact = Contact.objects.create(email=WRITER, created_at=thread.opened_at)
    ContactPoint.objects.create(
        contact=contact, kind=PointKind.EMAIL, value=WRITER, created_at=thread.opened_at
    )
    ids = frozenset({contact.pk})
    assert export(ids)["mails"][0]["from"] == WRITER
    assert erase(ids, Words(emails=(WRITER,))) > 0
    row, thread = Mail.objects.get(), Thread.objects.get()
    assert {row.sender, row.text, row.subject, row.path, thread.address, thread.name} == {""}
    assert BOX not in row.recipient
