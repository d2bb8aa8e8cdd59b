"""A person with data everywhere is erased: then nothing in the whole database names them."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from lamppost.cases.choices import EventAudience
from lamppost.cases.models import Case, Follower
from lamppost.cases.reports import Report, Reporter
from lamppost.cases.services import notes, reporter
from lamppost.cases.services.drafts import Content, start_draft
from lamppost.cases.services.intake import submit
from lamppost.cases.services.lifecycle import close
from lamppost.cases.services.verify import verify
from lamppost.catalog.choices import Channel
from lamppost.catalog.models import Outcome
from lamppost.contacts.models import (
    Call,
    CallBack,
    Conversation,
    Handover,
    IncomingText,
    Interaction,
)
from lamppost.database.fields import Point
from lamppost.database.scope import city_scope
from lamppost.kernel.refusals import Conflict, Forbidden, Invalid, NotFound
from lamppost.knowledge.models import KnowledgeSearch
from lamppost.notify.choices import UNSENT
from lamppost.notify.models import Message, Recipient, Subscription
from lamppost.people import cards, erasing, erasures, retention
from lamppost.people.actors import ANONYMOUS, SYSTEM, Actor
from lamppost.people.choices import NoticeKind, Role
from lamppost.people.models import (
    AuditEntry,
    Contact,
    Household,
    RetentionRule,
    StaffNotice,
    User,
)
from tests.support.cities import make_city

NAME, PHONE, MAIL = "Rosa Quintanilla-Vega", "+12155550142", "rosa.qv@example.org"
SPELLED = ("215-555-0142", "(215) 555-0142", "215.555.0142", "+1 215 555 0142", "2155550142")
WORDS = (NAME, "Quintanilla", MAIL, *SPELLED, PHONE)

pytestmark = pytest.mark.usefixtures("city")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, settings: Any) -> None:
    settings.HOME = tmp_path


def rosa_reports(description: str = "Hole", name: str = NAME, **more: Any) -> Case:
    filed = submit(
        Report(
            service_code="POTHOLE",
            channel=Channel.WEB,
            description=description,
            answers={"WHERE": ("roadway",)},
            point=Point(-75.1636, 39.9526),
            reporter=Reporter(name=name, phone="215 555 0142", email=MAIL.upper(), **more),
        ),
        actor=ANONYMOUS,
    )
    return Case.objects.get(pk=filed.case_id)


def rosa_everywhere(case: Case, worker: Actor) -> None:
    """Name, number and address of the reporter of ``case`` in every table that may hold them."""
    now, contact = timezone.now(), case.contact
    assert contact is not None
    said = f"{NAME} ({SPELLED[0]}, {SPELLED[1]}, {SPELLED[2]}, {SPELLED[3]}, {MAIL.title()}) said"
    home = Household.objects.create(name=f"The {NAME} family", created_at=now)
    Contact.objects.filter(pk=contact.pk).update(
        note=said, household=home, device_id="device-of-rosa-1", user=User.objects.create(
            email="rosa.account@example.org", name=NAME
        )
    )  # fmt: skip
    reporter.comment(case_id=case.pk, text=said, photos=[], actor=SYSTEM)
    notes.add_note(case_id=case.pk, text=f"{said}. Quintanilla was angry", actor=worker,
                   audience=EventAudience.STAFF)  # fmt: skip
    Follower.objects.create(case=case, contact=contact, token_digest="x", created_at=now)
    start_draft(
        content=Content(service_code="POTHOLE", name=NAME, phone="215.555.0142", email=MAIL)
    )
    StaffNotice.objects.create(
        user_id=worker.user_id, kind=NoticeKind.MENTION, subject=said, text=said, path="/desk/",
        once_key="k", created_at=now,
    )  # fmt: skip
    spoke = Interaction.objects.create(
        channel="phone", contact=contact, address=PHONE, offered_at=now, note=said
    )
    CallBack.objects.create(
        interaction=spoke, contact=contact, phone=PHONE, about=said, promised_at=now,
        due_at=now + timedelta(hours=2),
    )  # fmt: skip
    Handover.objects.create(
        interaction=spoke, kind="emergency", to_name="911", place=f"9 Elm St, {NAME}", at=now
    )
    texted = Interaction.objects.create(channel="sms", address=PHONE, offered_at=now)
    talk = Conversation.objects.create(
        interaction=texted, phone=PHONE, memory={"description": said, "texts": [said]},
        started_at=now, last_at=now,
    )  # fmt: skip
    IncomingText.objects.create(
        conversation=talk, provider_id="p1", at=now, text=said, answer=f"Hello {NAME}"
    )
    Call.objects.create(provider_id="c1", phone=PHONE, began_at=now)
    Message.objects.create(
        channel="sms", address=PHONE, contact=contact, text=said, subject=NAME, once_key="m1",
        created_at=now, not_before=now, due_at=now,
    )  # fmt: skip
    told = Recipient.objects.create(channel="email", address=MAIL, contact=contact, created_at=now)
    Subscription.objects.create(
        recipient=told, kind="case", case=case, created_at=now, confirmed_at=now
    )
    KnowledgeSearch.objects.create(
        at=now, query=f"where is {NAME.lower()}"[:200], language="en", channel="web",
        asked_at="search", hits=0,
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, args, status)"
            " VALUES ('default', 'x', %s, 'todo')",
            [json.dumps({"to": MAIL, "text": said})],
        )


def whole_database() -> list[tuple[str, str]]:
    """Every place, in every table, where a word of Rosa's stands."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.table_name, c.column_name FROM information_schema.columns c"
            " JOIN information_schema.tables t USING (table_schema, table_name)"
            " WHERE c.table_schema = 'public' AND t.table_type = 'BASE TABLE'"
            " AND (c.data_type IN ('text', 'character varying', 'json', 'jsonb', 'ARRAY'))"
        )
        columns = cursor.fetchall()
        found = []
        pattern = "|".join(word.replace("+", r"\+").replace("(", r"\(").replace(")", r"\)")
                           .replace(".", r"\.") for word in WORDS)  # fmt: skip
        for table, column in columns:
            cursor.execute(
                f'SELECT count(*) FROM "{table}" WHERE "{column}"::text ~* %s', [pattern]
            )
            if cursor.fetchone()[0]:  # type: ignore[index]
                found.append((table, column))
    return found


def test_after_erasing_nothing_in_the_whole_database_names_the_person(
    actor: Callable[..., Actor],
) -> None:
    worker = actor(Role.WORKER, "streets")
    case = rosa_reports(f"My name is {NAME}. Deep hole, call {SPELLED[0]} or {MAIL}")
    rosa_everywhere(case, worker)
    neighbor = rosa_reports_nothing(f"{NAME} of {SPELLED[2]} already told you")
    close(case_id=case.pk, outcome_code="done", text=f"Told {NAME} at {SPELLED[1]}", actor=SYSTEM)
    assert len(whole_database()) > 15

    done = erasing.erase(contact_id=case.contact_id, reason="asked", actor=SYSTEM, elsewhere=True)

    assert whole_database() == []
    assert Handover.objects.get().place == ""
    assert done.row_count > 15
    case.refresh_from_db()
    assert case.state == "closed"
    assert case.description == "My name is ▇▇▇. Deep hole, call ▇▇▇ or ▇▇▇"
    assert Case.objects.get(pk=neighbor.pk).description == "▇▇▇ of ▇▇▇ already told you"
    assert list(verify()) == []
    assert Subscription.objects.filter(ended_at=None).count() == 0
    assert Message.objects.filter(state__in=UNSENT).count() == 0


def rosa_reports_nothing(description: str) -> Case:
    filed = submit(
        Report(
            service_code="POTHOLE",
            channel=Channel.WEB,
            description=description,
            answers={"WHERE": ("roadway",)},
            point=Point(-75.1636, 39.9526),
        ),
        actor=ANONYMOUS,
    )
    return Case.objects.get(pk=filed.case_id)


# -- refusals


def test_who_may_not_erase_erases_and_exports_nothing(actor: Callable[..., Actor]) -> None:
    contact_id = rosa_reports().contact_id
    for who in (actor(Role.AGENT, "center"), actor(Role.WORKER, "streets")):
        with pytest.raises(Forbidden):
            erasing.erase(contact_id=contact_id, reason="x", actor=who, despite_open=True)
        with pytest.raises(Forbidden):
            erasing.export(contact_id=contact_id, actor=who)
    assert Contact.objects.get().name == NAME


def test_open_cases_are_asked_about_first_and_a_reason_is_needed() -> None:
    case = rosa_reports()
    with pytest.raises(Conflict, match=case.number):
        erasing.erase(contact_id=case.contact_id, reason="asked", actor=SYSTEM)
    for reason in ("", " ", "x" * 301):
        with pytest.raises(Invalid):
            erasing.erase(
                contact_id=case.contact_id, reason=reason, actor=SYSTEM, despite_open=True
            )
    with pytest.raises(NotFound):
        erasing.erase(contact_id=10**9, reason="x", actor=SYSTEM)
    erasing.erase(contact_id=case.contact_id, reason="asked", actor=SYSTEM, despite_open=True)
    with pytest.raises(Conflict):
        erasing.erase(contact_id=case.contact_id, reason="asked", actor=SYSTEM)


def test_nothing_is_erased_under_a_legal_hold(actor: Callable[..., Actor]) -> None:
    contact_id = rosa_reports().contact_id
    with pytest.raises(Forbidden):
        cards.hold(contact_id=contact_id, reason="court", actor=actor(Role.AGENT, "center"))
    cards.hold(contact_id=contact_id, reason="court", actor=SYSTEM)
    with pytest.raises(Conflict):
        erasing.erase(contact_id=contact_id, reason="asked", actor=SYSTEM, despite_open=True)
    cards.lift(contact_id=contact_id, actor=SYSTEM)
    erasing.erase(contact_id=contact_id, reason="asked", actor=SYSTEM, despite_open=True)


def test_another_city_keeps_its_own_contact_of_the_same_person() -> None:
    case = rosa_reports()
    other = make_city("shelbyville")
    with city_scope(other.pk):
        there = rosa_reports()
        with pytest.raises(NotFound):
            erasing.erase(contact_id=case.contact_id, reason="x", actor=SYSTEM)
    erasing.erase(contact_id=case.contact_id, reason="x", actor=SYSTEM, despite_open=True)
    with city_scope(other.pk):
        assert Contact.objects.get(pk=there.contact_id).phone == PHONE


def test_a_number_somebody_else_has_given_too_stays_in_their_texts() -> None:
    mine = rosa_reports()
    theirs = rosa_reports("Call us both at 215-555-0142", name="Luis Vega")
    assert mine.contact_id != theirs.contact_id
    erasing.erase(contact_id=mine.contact_id, reason="x", actor=SYSTEM, despite_open=True)
    theirs.refresh_from_db()
    assert theirs.description == "Call us both at 215-555-0142"


def test_a_full_name_goes_from_other_texts_only_when_asked_for() -> None:
    mine, other = rosa_reports(), rosa_reports_nothing(f"Saw {NAME} fall")
    erasing.erase(contact_id=mine.contact_id, reason="x", actor=SYSTEM, despite_open=True)
    other.refresh_from_db()
    assert other.description == f"Saw {NAME} fall"


# -- what is given


def test_the_export_has_everything_and_is_plain_json(actor: Callable[..., Actor]) -> None:
    worker = actor(Role.WORKER, "streets")
    case = rosa_reports(f"Call {SPELLED[0]}")
    rosa_everywhere(case, worker)
    data = json.loads(json.dumps(erasing.export(contact_id=case.contact_id, actor=SYSTEM)))
    assert data["contacts"][0]["name"] == NAME
    assert {point["value"] for point in data["contacts"][0]["addresses"]} == {PHONE, MAIL}
    assert data["cases"][0]["number"] == case.number
    assert data["cases"][0]["description"] == f"Call {SPELLED[0]}"
    assert [event["kind"] for event in data["cases"][0]["events"]] == [
        "received", "resident_comment",
    ]  # fmt: skip
    for part in ("follows", "interactions", "call_backs", "messages", "subscriptions"):
        assert data[part], part
    assert "Quintanilla was angry" not in json.dumps(data)  # What staff noted among themselves.
    assert AuditEntry.objects.filter(what="export").count() == 1


# -- backups


def test_a_restored_backup_is_erased_again(django_capture_on_commit_callbacks: Any) -> None:
    case = rosa_reports()
    with django_capture_on_commit_callbacks(execute=True):
        erasing.erase(contact_id=case.contact_id, reason="x", actor=SYSTEM, despite_open=True)
    assert NAME not in erasures.list_path().read_text()
    # As an older backup has it.
    Contact.objects.filter(pk=case.contact_id).update(name=NAME, phone=PHONE, erased_at=None)
    (line,) = erasures.lines()
    assert erasures.forgotten(line) == [case.contact_id]
    erasing.erase_again(erasures.forgotten(line), elsewhere=False)
    assert Contact.objects.get(pk=case.contact_id).name == ""
    assert erasures.forgotten(line) == []
    # A contact of the same number in another database is another person.
    Contact.objects.update(erased_at=None, created_at=timezone.now(), name="Somebody")
    assert erasures.forgotten(line) == []


# -- retention


def test_old_data_goes_by_rule_and_only_by_rule(actor: Callable[..., Actor]) -> None:
    case = rosa_reports()
    rosa_everywhere(case, actor(Role.WORKER, "streets"))
    Contact.objects.update(user=None)
    later = timezone.now() + timedelta(days=800)
    assert retention.remove_old(now=later) == {}
    for what in retention.kinds():
        RetentionRule.objects.create(what=what, after_months=12)
    Interaction.objects.update(ended_at=timezone.now())
    Message.objects.update(state="sent")
    StaffNotice.objects.update(read_at=timezone.now())
    due = {one.rule.what: one.count for one in retention.dry_run(actor=SYSTEM, now=later)}
    assert due == {
        "contacts": 0, "interactions": 2, "messages": 1, "searches": 1, "drafts": 1, "notices": 1,
    }  # fmt: skip
    assert retention.remove_old(now=timezone.now()) == {}
    assert retention.remove_old(now=later) == {key: n for key, n in due.items() if n}
    assert Contact.objects.get().name == NAME  # The case is open.
    Case.objects.update(state="closed", outcome_id=outcome_id(), closed_at=timezone.now())
    assert retention.remove_old(now=later) == {"contacts": 1}
    assert (Contact.objects.get().name, Contact.objects.get().phone) == ("", "")
    assert retention.remove_old(now=later) == {}
    with pytest.raises(Forbidden):
        retention.dry_run(actor=actor(Role.AGENT, "center"))


def outcome_id() -> int:
    return Outcome.objects.get(code="done").pk
