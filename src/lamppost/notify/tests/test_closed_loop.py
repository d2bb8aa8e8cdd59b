"""What people are told of a case: in their language, once, and never of what they may not see."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from lamppost.cases.choices import EventAudience
from lamppost.cases.models import Case
from lamppost.cases.reports import Reporter
from lamppost.cases.selectors.public_case import case_for_public, page_of
from lamppost.cases.services.answering import answer
from lamppost.cases.services.corrections import set_visibility
from lamppost.cases.services.lifecycle import close, move, reopen
from lamppost.cases.services.links import mark_duplicate, unmark_duplicate
from lamppost.cases.services.notes import add_note
from lamppost.cases.services.redress import dispute, refuse, uphold
from lamppost.catalog.choices import Channel, Visibility
from lamppost.cities.models import City
from lamppost.database.scope import city_scope
from lamppost.notify.choices import (
    HeldCause,
    MessageChannel,
    MessageState,
    Pace,
    StopSource,
    SubscriptionKind,
)
from lamppost.notify.models import DigestItem, Message, NoticeText, Recipient, Subscription
from lamppost.notify.services.delivering import deliver
from lamppost.notify.services.stops import stop
from lamppost.notify.services.subscribing import Target, confirm, subscribe
from lamppost.notify.tests.mailserver import MailServer
from lamppost.people.actors import ANONYMOUS, SYSTEM, Actor
from lamppost.people.choices import Role
from lamppost.people.models import ContactPoint

pytestmark = pytest.mark.django_db
EMAIL = MessageChannel.EMAIL
FileCase = Callable[..., Case]
MAI = Reporter(name="Mai", email="mai@home.example", may_notify=True)


@pytest.fixture
def words(city: City) -> None:
    """The city has worded its notices in Vietnamese, which the software does not speak."""
    for code, text in (
        ("case_received", "Chúng tôi đã nhận được: {number}"),
        ("case_changed", "Đang xử lý: {number}"),
        ("case_closed", "Đã xong: {number}. {note}"),
        ("case_survey", "Cảm ơn. Đã sửa chưa? {number}"),
    ):
        NoticeText.objects.create(code=code, subject={"vi": text}, text={"vi": text})


@pytest.fixture
def mais(words: None, file_case: FileCase) -> Case:
    """A case of Mai's, who speaks Vietnamese and wants to hear of it."""
    return file_case(reporter=MAI, language="vi")


def followed(case: Case, address: str = "fan@home.example", **target: Any) -> Subscription:
    target = target or {"kind": SubscriptionKind.CASE, "case_id": case.pk}
    found = subscribe(target=Target(**target), channel=EMAIL, address=address, language="en")
    confirmed = confirm(subscription=found)
    Message.objects.filter(template="confirm").delete()
    return confirmed


def templates(address: str = "mai@home.example") -> list[str]:
    return list(
        Message.objects.filter(address=address).order_by("id").values_list("template", flat=True)
    )


def in_the_days_after() -> Any:
    moment = timezone.now() + timedelta(days=2, hours=12)
    return lambda: moment


def test_one_plain_case_is_four_messages_in_the_persons_language(
    mais: Case, worker: Actor, mail: MailServer
) -> None:
    move(case_id=mais.pk, status_code="in-progress", actor=worker)
    move(case_id=mais.pk, status_code="scheduled", actor=worker)
    add_note(case_id=mais.pk, text="Crew 4", audience=EventAudience.STAFF, actor=worker)
    assert deliver(EMAIL) == 2
    close(case_id=mais.pk, outcome_code="done", text="Paved", actor=worker)
    assert deliver(EMAIL) == 1, "the question comes the next day"
    assert deliver(EMAIL, clock=in_the_days_after()) == 1
    assert mail.subjects() == [
        f"Chúng tôi đã nhận được: {mais.number}",
        f"Đang xử lý: {mais.number}",
        f"Đã xong: {mais.number}. Paved",
        f"Cảm ơn. Đã sửa chưa? {mais.number}",
    ]
    assert {str(one["To"]) for one in mail.mails} == {"mai@home.example"}
    html = mail.mails[0].get_body(("html",))
    assert html is not None
    assert '<html lang="vi" dir="ltr">' in html.get_content()


def test_stop_halts_them_and_the_portal_still_shows_all(
    mais: Case, worker: Actor, mail: MailServer
) -> None:
    deliver(EMAIL)
    stop(channel=EMAIL, address="mai@home.example", source=StopSource.LINK)
    move(case_id=mais.pk, status_code="in-progress", actor=worker)
    close(case_id=mais.pk, outcome_code="done", text="Paved", actor=worker)
    assert deliver(EMAIL, clock=in_the_days_after()) == 0
    assert len(mail.mails) == 1
    causes = set(Message.objects.filter(state="held").values_list("held_cause", flat=True))
    assert causes == {HeldCause.STOPPED}
    shown = case_for_public(mais.number)
    assert shown is not None
    assert len(page_of(shown).entries) >= 3


# Who filed, and what they hear.
REPORTERS = [
    (Reporter(), [], "an anonymous report has nobody to write to"),
    (Reporter(email="x@home.example"), [], "an address without consent is not written to"),
    (Reporter(email="x@home.example", may_notify=True), ["email"], "consent, by mail"),
    (Reporter(phone="215-555-0123", may_notify=True), ["sms"], "only a number: by SMS"),
    (
        Reporter(email="x@home.example", phone="215-555-0123", may_notify=True),
        ["email"],
        "both: mail costs nothing",
    ),
]


@pytest.mark.parametrize(("reporter", "channels", "why"), REPORTERS)
def test_who_hears_of_their_report(
    file_case: FileCase, reporter: Reporter, channels: list[str], why: str
) -> None:
    file_case(reporter=reporter)
    assert list(Message.objects.values_list("channel", flat=True)) == channels, why


def test_consent_taken_back_is_not_given_again_by_whoever_files_under_the_address(
    file_case: FileCase,
) -> None:
    reporter = Reporter(email="x@home.example", may_notify=True)
    file_case(reporter=reporter)
    ContactPoint.objects.update(withdrawn_at=timezone.now())
    file_case(reporter=reporter)
    assert Message.objects.count() == 1


def test_who_wrote_by_sms_is_answered_by_sms(file_case: FileCase) -> None:
    both = Reporter(email="x@home.example", phone="+12155550123", may_notify=True)
    file_case(reporter=both, channel=Channel.SMS)
    assert Message.objects.get().address == "+12155550123"


def test_nobodys_mailbox_is_flooded_with_receipts(file_case: FileCase) -> None:
    for _number in range(22):
        file_case(reporter=MAI)
    assert len(templates()) == 20


def test_a_message_and_what_caused_it_are_one_transaction(mais: Case, worker: Actor) -> None:
    with suppress(ZeroDivisionError), transaction.atomic():
        move(case_id=mais.pk, status_code="in-progress", actor=worker)
        assert templates() == ["case_received", "case_changed"]
        raise ZeroDivisionError
    assert templates() == ["case_received"]


def test_one_message_per_person_whatever_they_subscribed_to(
    file_case: FileCase, worker: Actor
) -> None:
    case = file_case()
    followed(case)
    followed(case, kind=SubscriptionKind.SERVICE, service_id=case.service_id)
    close(case_id=case.pk, outcome_code="done", text="Paved", actor=worker)
    assert templates("fan@home.example") == ["case_closed"]


def test_who_watches_a_kind_hears_of_public_ones_only(file_case: FileCase) -> None:
    public = file_case()
    hidden = Case.objects.get(pk=public.pk)
    followed(public, kind=SubscriptionKind.SERVICE, service_id=public.service_id)
    file_case(description="Another")
    assert templates("fan@home.example") == ["wide_new"]
    police = file_case(service_code="POLICE", answers={})
    followed(hidden, kind=SubscriptionKind.SERVICE, service_id=police.service_id)
    file_case(service_code="POLICE", answers={})
    assert templates("fan@home.example") == ["wide_new"]


def test_a_follower_hears_nothing_of_a_case_that_was_hidden_and_the_reporter_does(
    mais: Case, worker: Actor, actor: Callable[..., Actor], mail: MailServer
) -> None:
    followed(mais)
    move(case_id=mais.pk, status_code="in-progress", actor=worker)
    set_visibility(
        case_id=mais.pk, visibility=Visibility.PRIVATE, reason="A name in it",
        actor=actor(Role.MANAGER, "streets"),
    )  # fmt: skip
    deliver(EMAIL)
    assert [str(one["To"]) for one in mail.mails] == ["mai@home.example"] * 2
    held = Message.objects.get(address="fan@home.example")
    assert (held.state, held.held_cause) == (MessageState.HELD, HeldCause.HIDDEN)
    close(case_id=mais.pk, outcome_code="done", text="Paved", actor=worker)
    assert templates("fan@home.example") == ["case_changed"]
    assert "case_closed" in templates()
    closing = Message.objects.get(template="case_closed")
    assert mais.address not in closing.text or not mais.address


def test_another_citys_subscribers_hear_nothing(
    other_city: City, mais: Case, worker: Actor
) -> None:
    with city_scope(other_city.pk):
        assert not Subscription.objects.exists()
        assert not Message.objects.exists()


def test_waiting_and_public_words_are_told_and_staff_notes_are_not(
    mais: Case, worker: Actor
) -> None:
    move(case_id=mais.pk, status_code="in-progress", actor=worker)
    move(case_id=mais.pk, status_code="waiting-weather", note="Frost", actor=worker)
    move(case_id=mais.pk, status_code="in-progress", actor=worker)
    add_note(case_id=mais.pk, text="Monday", audience=EventAudience.PUBLIC, actor=worker)
    add_note(case_id=mais.pk, text="Secret", audience=EventAudience.STAFF, actor=worker)
    assert templates() == ["case_received", "case_changed", "case_waiting", "case_news"]
    assert not Message.objects.filter(text__contains="Secret").exists()
    assert "Frost" in Message.objects.get(template="case_waiting").text


def test_a_dispute_tells_others_and_its_end_is_told_once(
    mais: Case, worker: Actor, actor: Callable[..., Actor]
) -> None:
    followed(mais)
    close(case_id=mais.pk, outcome_code="done", text="Paved", actor=worker)
    doubt = dispute(case_id=mais.pk, text="Still there", actor=ANONYMOUS)
    assert templates("fan@home.example")[-1] == "case_reopened"
    assert "case_reopened" not in templates(), "who said it knows it"
    uphold(redress_id=doubt.pk, text="Indeed", actor=actor(Role.SUPERVISOR, "center"))
    assert templates()[-1] == "case_decided"
    close(case_id=mais.pk, outcome_code="done", text="Paved again", actor=worker)
    again = dispute(case_id=mais.pk, text="No", actor=ANONYMOUS)
    before = len(templates())
    refuse(redress_id=again.pk, text="It is paved", actor=actor(Role.SUPERVISOR, "center", "2"))
    said = templates()[before:]
    assert said.count("case_closed") == 1
    assert "case_decided" not in said


def test_the_question_is_not_asked_of_a_case_that_is_open_again(
    mais: Case, worker: Actor, agent: Actor, mail: MailServer
) -> None:
    close(case_id=mais.pk, outcome_code="done", text="Paved", actor=worker)
    reopen(case_id=mais.pk, reason="Not yet", actor=agent)
    deliver(EMAIL, clock=in_the_days_after())
    survey = Message.objects.get(template="case_survey")
    assert (survey.state, survey.held_cause) == (MessageState.HELD, HeldCause.SUPERSEDED)
    close(case_id=mais.pk, outcome_code="done", text="Paved", actor=worker)
    assert deliver(EMAIL, clock=in_the_days_after()) == 2


def test_an_answer_by_the_reporter_is_no_news_to_them(mais: Case, worker: Actor) -> None:
    close(case_id=mais.pk, outcome_code="not-found", text="Where?", actor=worker)
    answer(case_id=mais.pk, text="At the corner", actor=ANONYMOUS)
    assert "case_reopened" not in templates()


def test_who_reported_a_repeat_hears_of_the_case_it_repeats_until_it_is_undone(
    mais: Case, file_case: FileCase, worker: Actor
) -> None:
    first = file_case()
    mark_duplicate(case_id=mais.pk, of_number=first.number, actor=worker)
    assert templates() == ["case_received", "case_closed"], "and no question if it is fixed"
    move(case_id=first.pk, status_code="in-progress", actor=worker)
    assert templates()[-1] == "case_changed"
    unmark_duplicate(case_id=mais.pk, reason="Another hole", actor=worker)
    close(case_id=first.pk, outcome_code="done", text="Paved", actor=worker)
    assert templates()[-1] == "case_reopened"


def test_links_and_marks_of_a_mail(mais: Case, city: City, mail: MailServer) -> None:
    deliver(EMAIL)
    sent = mail.mails[0]
    body = sent.get_body(("plain",))
    assert body is not None
    text = body.get_content()
    case_link, manage = re.findall(r"http://springfield\.example\S+", text)
    assert re.fullmatch(r"http://springfield.example:\d+/c/\d+-[0-9a-f]{20}/", case_link)
    assert sent["List-Unsubscribe"].strip() == f"<{manage}stop/>"
    assert sent["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert sent["In-Reply-To"] == f"<case-{mais.pk}@city.example>"
    row = Message.objects.get()
    assert "/c/" not in row.text, "what opens a report is kept nowhere"


def test_words_of_people_are_escaped_in_the_html(
    mais: Case, worker: Actor, mail: MailServer
) -> None:
    add_note(
        case_id=mais.pk, text="<script>alert(1)</script> & more", audience=EventAudience.PUBLIC,
        actor=worker,
    )  # fmt: skip
    deliver(EMAIL)
    html = mail.mails[-1].get_body(("html",))
    assert html is not None
    assert "&lt;script&gt;" in html.get_content()
    assert "<script>" not in html.get_content()


def test_a_subscription_in_daily_pace_collects_and_says_nothing_at_once(
    file_case: FileCase, worker: Actor
) -> None:
    case = file_case()
    fan = followed(case, kind=SubscriptionKind.SERVICE, service_id=case.service_id)
    Recipient.objects.filter(pk=fan.recipient_id).update(pace=Pace.DAILY)
    close(case_id=case.pk, outcome_code="done", text="Paved", actor=SYSTEM)
    assert templates("fan@home.example") == []
    assert DigestItem.objects.get().template == "wide_closed"


def test_it_costs_the_same_however_many_follow_a_case(file_case: FileCase, worker: Actor) -> None:
    # The first one of a process reads the city's words and names.
    cost_of_closing(file_case(reporter=MAI), 1, worker)
    few, many = (cost_of_closing(file_case(reporter=MAI), n, worker) for n in (2, 12))
    assert few == many
    told = Message.objects.filter(template="case_closed").count()
    assert (told, DigestItem.objects.count()) == (2 + 3 + 13, 2 + 12 + 1)


def cost_of_closing(case: Case, followers: int, worker: Actor) -> int:
    """How many statements it takes when so many follow by mail and so many by digest."""
    for number in range(followers):
        followed(case, f"fan{number}@home.example")
        daily = followed(case, f"daily{number}@home.example")
        Recipient.objects.filter(pk=daily.recipient_id).update(pace=Pace.DAILY)
    with CaptureQueriesContext(connection) as queries:
        close(case_id=case.pk, outcome_code="done", text="Paved", actor=worker)
    return len(queries)
