"""A person with data everywhere is erased: then nothing in the whole database names them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from lamppost.cases.models import Case, Follower
from lamppost.cases.reports import Report, Reporter
from lamppost.cases.services import notes, reporter
from lamppost.cases.services.drafts import Content, start_draft
from lamppost.cases.services.intake import submit
from lamppost.cases.services.lifecycle import close
from lamppost.cases.services.verify import verify
from lamppost.catalog.choices import Channel
from lamppost.contacts.models import Call, CallBack, Conversation, IncomingText, Interaction
from lamppost.database.fields import Point
from lamppost.knowledge.models import KnowledgeSearch
from lamppost.notify.models import Message, Recipient, Subscription
from lamppost.people import erasing
from lamppost.people.actors import ANONYMOUS, SYSTEM, Actor
from lamppost.people.choices import NoticeKind, Role
from lamppost.people.models import Contact, Household, StaffNotice, User

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
    notes.add_note(case_id=case.pk, text=f"{said}. Quintanilla was angry", actor=worker)
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
    assert done.row_count > 15
    case.refresh_from_db()
    assert case.state == "closed"
    assert case.description == "My name is ▇▇▇. Deep hole, call ▇▇▇ or ▇▇▇"
    assert Case.objects.get(pk=neighbor.pk).description == "▇▇▇ of ▇▇▇ already told you"
    assert list(verify()) == []
    assert Subscription.objects.filter(ended_at=None).count() == 0
    assert Message.objects.exclude(state="failed").count() == 0


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
