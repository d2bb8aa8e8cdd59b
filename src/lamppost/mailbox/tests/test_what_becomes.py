"""What becomes of a mail: an agent's, a case's, a partner's, or nobody's."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from email.message import EmailMessage

import pytest
from django.utils import timezone

from lamppost.cases.choices import EventKind
from lamppost.cases.models import Attachment, Case, CaseEvent
from lamppost.cases.reports import Report, Reporter
from lamppost.cases.services.intake import submit
from lamppost.cases.services.lifecycle import close
from lamppost.catalog.choices import Channel
from lamppost.catalog.models import Outcome
from lamppost.cities.models import City
from lamppost.contacts.models import Interaction, InteractionCase
from lamppost.database.fields import Point
from lamppost.database.scope import city_scope
from lamppost.kernel.refusals import Forbidden
from lamppost.mailbox.addresses import About, address_for
from lamppost.mailbox.choices import Fate, Way
from lamppost.mailbox.models import Answer, Mail, Thread
from lamppost.mailbox.selectors import threads
from lamppost.mailbox.selectors.threads import thread_by_reference
from lamppost.mailbox.services import processing
from lamppost.mailbox.services.agents import mark_of
from lamppost.mailbox.services.receiving import receive
from lamppost.mailbox.services.telling import MOST_A_DAY
from lamppost.mailbox.tests.scene import BOX, WRITER, bring, mail, photo
from lamppost.mailbox.tests.test_reading import bounce
from lamppost.notify.addresses import reply_address, return_address
from lamppost.notify.choices import MessageChannel, MessageState
from lamppost.notify.composing import composed
from lamppost.notify.models import Gateway, Message, Stop
from lamppost.notify.services.outbox import queue
from lamppost.notify.services.resending import resend
from lamppost.people.actors import ANONYMOUS, SYSTEM, Actor
from lamppost.people.models import StaffNotice

pytestmark = pytest.mark.django_db


@pytest.fixture
def reported(box: Gateway) -> Case:
    """A case of Ana's."""
    filed = submit(
        Report(
            service_code="POTHOLE",
            channel=Channel.WEB,
            description="A hole",
            answers={"WHERE": ("roadway",)},
            point=Point(-75.1636, 39.9526),
            reporter=Reporter(name="Ana", email=WRITER, may_notify=True),
        ),
        actor=ANONYMOUS,
    )
    return Case.objects.get(pk=filed.case_id)


def comments(case: Case) -> list[str]:
    rows = CaseEvent.objects.filter(case=case, kind=EventKind.RESIDENT_COMMENT)
    return [row.words.text for row in rows.select_related("words").order_by("id")]


def acknowledged() -> int:
    return Message.objects.filter(template="mail_received").count()


def close_as(case: Case, code: str) -> None:
    close(case_id=case.pk, outcome_code=code, text="We looked.", actor=SYSTEM)


def test_a_question_waits_for_an_agent_and_is_acknowledged_once(box: Gateway) -> None:
    row = bring(mail())
    thread = Thread.objects.get()
    assert row.fate == Fate.THREAD
    assert (thread.state, thread.address, thread.subject) == ("open", WRITER, "A question")
    interaction = Interaction.objects.get()
    assert (interaction.channel, interaction.ended_at) == ("email", None)
    message = Message.objects.get()
    assert thread.reference in message.subject
    assert "911" in message.text
    sent = composed(message)
    assert sent.headers["In-Reply-To"] == "<one@people.example>"
    assert sent.headers["Auto-Submitted"] == "auto-replied"
    assert sent.reply_to.startswith("311+t-")
    assert sent.return_path.startswith("311+b-")
    again = bring(mail())
    assert (again.pk, Thread.objects.count(), Message.objects.count()) == (row.pk, 1, 1)


def test_the_answer_to_the_acknowledgment_goes_on_with_the_same_thread(box: Gateway) -> None:
    bring(mail())
    to = composed(Message.objects.get()).reply_to
    more = bring(mail("It is account 12", message_id="two@x"), to=to.upper())
    assert more.thread == Thread.objects.get()
    assert Interaction.objects.count() == 2
    assert acknowledged() == 1


def test_what_came_after_the_page_was_read_is_not_seen(box: Gateway, agent: Actor) -> None:
    thread = bring(mail()).thread
    assert thread is not None
    shown = thread_by_reference(thread.reference, actor=agent)
    assert shown.mark == mark_of(thread)
    to = composed(Message.objects.get()).reply_to
    bring(mail("And this", message_id="two@x"), to=to)
    assert shown.mark != mark_of(thread)
    assert thread_by_reference(thread.reference, actor=agent).mark == mark_of(thread)


def test_who_writes_without_end_is_read_a_page_at_a_time(
    box: Gateway, agent: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(threads, "PAGE", 2)
    first = bring(mail("First"))
    to = composed(Message.objects.get()).reply_to
    for number in range(4):
        bring(mail(f"More {number}", message_id=f"{number}@x"), to=to)
    reference = Thread.objects.get().reference
    texts, place = [], None
    for _page in range(3):
        whole = threads.thread_by_reference(reference, actor=agent, before=place)
        texts.append([one.text for one in whole.mails])
        place = whole.older
    assert texts == [["More 2", "More 3"], ["More 0", "More 1"], ["First"]]
    assert place is None
    begun = threads.beginning_of(reference, actor=agent)
    assert [one.text for one in begun.mails] == ["First", "More 0"]
    assert begun.mails[0].pk == first.pk


def test_an_answer_stands_on_the_page_of_the_mails_around_it(
    box: Gateway, agent: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(threads, "PAGE", 1)
    thread = bring(mail()).thread
    assert thread is not None
    to = composed(Message.objects.get()).reply_to
    Answer.objects.create(thread=thread, text="At the counter.", at=timezone.now())
    bring(mail("Thanks", message_id="two@x"), to=to)
    newest = thread_by_reference(thread.reference, actor=agent)
    assert newest.answers == []
    before = thread_by_reference(thread.reference, actor=agent, before=newest.older)
    assert [one.text for one in before.answers] == ["At the counter."]


def test_only_who_answers_reads_mail(box: Gateway, worker: Actor) -> None:
    row = bring(mail())
    assert row.thread is not None
    reference = row.thread.reference
    for read in (
        lambda: threads.threads(threads.Part.WAITING, actor=worker),
        lambda: threads.counts(actor=worker, now=timezone.now()),
        lambda: threads.thread_by_reference(reference, actor=worker),
        lambda: threads.beginning_of(reference, actor=worker),
        lambda: threads.log(actor=worker),
        lambda: threads.mail_by_id(row.pk, actor=worker),
    ):
        with pytest.raises(Forbidden):
            read()


def test_another_citys_token_opens_nothing(reported: Case, other_city: City) -> None:
    to = reply_address(reported)
    with city_scope(other_city.pk):
        Gateway.objects.create(kind="email", provider="lmtp", address=BOX)
        twin = submit(
            Report(
                service_code="POTHOLE",
                channel=Channel.WEB,
                description="Another",
                answers={"WHERE": ("roadway",)},
                point=Point(-75.1636, 39.9526),
            ),
            actor=ANONYMOUS,
        )
        assert twin.number == reported.number
        row = bring(mail("Mine?"), to=to)
        assert (row.fate, row.case) == (Fate.THREAD, None)


@pytest.mark.parametrize("token", ["000000000000", "", "zzz", "0" * 200])
def test_a_guessed_address_is_a_mail_for_an_agent(reported: Case, token: str) -> None:
    row = bring(mail("Close it!"), to=f"311+{reported.number}.{token}@city.example")
    assert (row.fate, row.case, comments(reported)) == (Fate.THREAD, None, [])


def test_an_answer_is_added_to_its_case_with_its_photos(reported: Case) -> None:
    made = mail("Still there.\n\nOn Monday City wrote:\n> We look into it")
    made.add_attachment(photo(), maintype="image", subtype="jpeg", filename="hole.jpg")
    made.add_attachment(b"%PDF-1.4", maintype="application", subtype="pdf", filename="plan.pdf")
    made.add_attachment(b"not a picture", maintype="image", subtype="png", filename="bad.png")
    row = bring(made, to=reply_address(reported))
    assert (row.fate, row.case) == (Fate.COMMENT, reported)
    assert comments(reported) == ["Still there."]
    event = CaseEvent.objects.get(case=reported, kind=EventKind.RESIDENT_COMMENT)
    assert event.channel == Channel.EMAIL
    assert Attachment.objects.filter(case=reported).count() == 1
    assert {part.name: part.use for part in row.parts.all()} == {
        "hole.jpg": "photo", "plan.pdf": "kept", "bad.png": "unreadable",
    }  # fmt: skip
    told = Message.objects.get(template="mail_added")
    assert "plan.pdf" in told.text
    assert "hole.jpg" not in told.text
    assert InteractionCase.objects.get().case == reported
    assert Interaction.objects.get().disposition is not None
    assert not Thread.objects.exists()


def test_an_answer_with_nothing_to_say_back_is_not_answered(reported: Case) -> None:
    bring(mail("Thank you"), to=reply_address(reported))
    assert not Message.objects.filter(template__startswith="mail_").exists()


def test_by_the_id_of_our_mail_when_the_address_was_lost(reported: Case) -> None:
    message = queue(
        channel=MessageChannel.EMAIL, address=WRITER, text="x", once_key="n", case_id=reported.pk
    )
    bring(mail("Still there", In_Reply_To=f"<{message.key}@city.example>"))
    assert comments(reported) == ["Still there"]


def outcome(kind: str) -> str:
    return Outcome.objects.filter(kind=kind).values_list("code", flat=True)[0]


def test_what_was_not_done_is_open_again_when_its_reporter_answers(reported: Case) -> None:
    close_as(reported, outcome("not_done"))
    row = bring(mail("It is at number 14"), to=reply_address(reported))
    reported.refresh_from_db()
    assert (row.fate, reported.state) == (Fate.ANSWER, "open")
    assert comments(reported) == ["It is at number 14"]


def test_a_strangers_answer_opens_nothing(reported: Case) -> None:
    close_as(reported, outcome("not_done"))
    row = bring(mail("me too", sender="bob@people.example"), to=reply_address(reported))
    reported.refresh_from_db()
    assert (row.fate, reported.state) == (Fate.COMMENT, "closed")


def test_about_a_finished_case_an_agent_reads_too(reported: Case) -> None:
    close_as(reported, outcome("done"))
    row = bring(mail("It is not fixed at all"), to=reply_address(reported))
    reported.refresh_from_db()
    assert (row.fate, reported.state) == (Fate.COMMENT, "closed")
    assert Thread.objects.get().case == reported
    assert Interaction.objects.get().ended_at is None


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto_Submitted": "auto-replied"},
        {"Auto_Submitted": "auto-generated"},
        {"subject": "Out of office: your case"},
        {"X_Autoreply": "yes"},
    ],
)
def test_answering_machines_add_nothing(reported: Case, headers: dict[str, str]) -> None:
    row = bring(mail("I am away", **headers), to=reply_address(reported))
    assert (row.fate, comments(reported), acknowledged()) == (Fate.AUTOMATIC, [], 0)
    assert not Interaction.objects.exists()


@pytest.mark.parametrize(
    ("headers", "envelope_from"),
    [
        ({"Precedence": "list"}, WRITER),
        ({"List_Id": "<news.example>"}, WRITER),
        ({"X_Auto_Response_Suppress": "All"}, WRITER),
        ({"Auto_Submitted": "auto-generated"}, WRITER),
        ({"sender": "noreply@shop.example"}, WRITER),
        ({"sender": f"311 <{BOX}>"}, WRITER),
        ({}, "<>"),
    ],
)
def test_no_machine_is_answered(box: Gateway, headers: dict[str, str], envelope_from: str) -> None:
    bring(mail(**headers), envelope_from=envelope_from)
    assert (Thread.objects.count(), Message.objects.count()) == (1, 0)


def test_two_machines_that_answer_each_other_stop(box: Gateway) -> None:
    for number in range(MOST_A_DAY + 3):
        bring(mail(message_id=f"{number}@x", subject=f"Ticket {number}"))
    assert (Thread.objects.count(), acknowledged()) == (MOST_A_DAY + 3, MOST_A_DAY)


def test_our_own_mail_come_back_is_known(box: Gateway) -> None:
    message = queue(channel=MessageChannel.EMAIL, address=WRITER, text="x", once_key="n")
    row = bring(mail(message_id=f"{message.key}@city.example"))
    assert row.fate == Fate.OWN
    assert not Thread.objects.exists()


def sent_message(case: Case | None = None) -> Message:
    message = queue(
        channel=MessageChannel.EMAIL, address=WRITER, text="x", once_key="n",
        case_id=case.pk if case else None,
    )  # fmt: skip
    Message.objects.filter(pk=message.pk).update(state=MessageState.SENT)
    return message


@pytest.mark.parametrize(
    ("status", "action", "state", "is_stopped"),
    [
        ("5.1.1", "failed", MessageState.BOUNCED, True),
        ("5.2.2", "failed", MessageState.BOUNCED, False),
        ("4.4.1", "delayed", MessageState.SENT, False),
    ],
)
def test_bounces_by_their_address(
    box: Gateway, status: str, action: str, state: str, is_stopped: bool
) -> None:
    message = sent_message()
    row = bring(bounce(status, action=action), to=return_address(message), envelope_from="<>")
    message.refresh_from_db()
    assert (row.fate, message.state, Stop.objects.exists()) == (Fate.BOUNCE, state, is_stopped)
    assert not Thread.objects.exists()


def test_a_bounce_of_no_mail_of_ours_stops_nobody(box: Gateway) -> None:
    message = sent_message()
    bring(bounce("5.1.1"), envelope_from="<>")
    bring(bounce("5.1.1"), to=f"311+b-{message.pk}.000000000000@city.example", envelope_from="<>")
    message.refresh_from_db()
    assert (message.state, Stop.objects.exists()) == (MessageState.SENT, False)


def test_a_copy_to_the_plain_mailbox_is_no_second_mail(reported: Case) -> None:
    made = mail("Still there").as_bytes()
    named, _new = receive(made, recipient=reply_address(reported), way=Way.LMTP)
    plain, _new = receive(made, recipient=BOX, way=Way.LMTP)
    processing.process()
    named.refresh_from_db()
    plain.refresh_from_db()
    assert (named.fate, plain.fate) == (Fate.COMMENT, Fate.COPY)
    assert (Thread.objects.count(), comments(reported)) == (0, ["Still there"])


def test_the_same_mail_with_other_trace_headers_is_the_same(box: Gateway) -> None:
    made = mail().as_bytes()
    first = bring(b"Received: from a by b; Mon\nReceived-SPF: pass\n" + made)
    assert bring(b"Received: from c by d;\n Tue\n" + made).pk == first.pk


def test_words_of_danger_are_on_top_and_told(box: Gateway, agent: object) -> None:
    bring(mail("I smell gas in the whole house"))
    thread = Thread.objects.get()
    assert thread.is_urgent
    message = Message.objects.get(template="mail_received")
    assert "911" in message.text.split("\n\n")[0]
    notice = StaffNotice.objects.get()
    assert thread.reference in notice.path
    assert WRITER not in notice.subject + notice.text


def test_words_of_danger_in_a_thread_that_goes_on_are_answered(box: Gateway) -> None:
    bring(mail())
    to = composed(Message.objects.get()).reply_to
    bring(mail("I smell gas in the whole house", message_id="two@x"), to=to)
    told = Message.objects.get(template="mail_added")
    assert "911" in told.text
    assert composed(told).reply_to == to
    bring(mail("Thank you", message_id="three@x"), to=to)
    assert Message.objects.filter(template="mail_added").count() == 1


def test_an_acknowledgment_sent_again_answers_the_same_mail(
    box: Gateway, actor: Callable[..., Actor]
) -> None:
    bring(mail())
    first = Message.objects.get()
    Message.objects.update(state=MessageState.FAILED)
    again = resend(message_id=first.pk, actor=actor("supervisor"))
    again.refresh_from_db()
    assert composed(again).headers["In-Reply-To"] == "<one@people.example>"


def test_the_language_of_the_words_is_answered_in(box: Gateway) -> None:
    row = bring(mail("أين أدفع فاتورة الماء؟"))
    assert row.language == "ar"
    assert Message.objects.get().language == "ar"


def test_a_word_of_another_script_is_no_language(box: Gateway) -> None:
    row = bring(mail("Where do I pay for a stand called الماء at the summer market on Main?"))
    assert row.language != "ar"


def test_an_envelope_with_bare_bytes_is_taken(box: Gateway) -> None:
    row = bring(mail(), to="311+\udce9@city.example", envelope_from="a\udce9@x.example")
    assert (row.fate, row.envelope_from) == (Fate.THREAD, "a@x.example")


def test_what_cannot_be_read_is_for_a_person(box: Gateway) -> None:
    row = bring(b"\xff\xfe\x00 no mail at all")
    assert row.fate == Fate.THREAD
    assert not Message.objects.exists()


def test_what_always_fails_is_for_a_person(box: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_args: object, **_kwargs: object) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr(processing, "begin_interaction", fails)
    row, _new = receive(mail().as_bytes(), recipient=BOX, way=Way.LMTP)
    for _try in range(7):
        Mail.objects.update(due_at=timezone.now() - timedelta(seconds=1))
        processing.process()
    row.refresh_from_db()
    assert (row.state, row.fate, row.text) == ("done", Fate.THREAD, "Where do I pay my water bill?")


def test_pictures_in_the_text_are_parts(box: Gateway) -> None:
    made = EmailMessage()
    made["From"], made["To"], made["Message-ID"] = WRITER, BOX, "<pic@x>"
    made.set_content("See")
    made.add_alternative("<p>See <img src='cid:a'></p>", subtype="html")
    html = made.get_payload()[1]
    html.add_related(photo(), "image", "jpeg", cid="<a>", filename="in.jpg")
    assert [part.name for part in bring(made).parts.all()] == ["in.jpg"]


def test_addresses_hold_nothing_that_letters_case_changes(box: Gateway) -> None:
    address = address_for(About.THREAD, "K7F2-M9QX")
    assert address == address.lower()
    assert len(address.partition("@")[0]) <= 64
