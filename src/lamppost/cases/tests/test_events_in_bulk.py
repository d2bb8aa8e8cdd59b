"""Many events at once are chained as the trigger chains each, and nobody can forge one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from lamppost.cases.choices import EventAudience
from lamppost.cases.models import Case, CaseChain, CaseEvent
from lamppost.cases.services.notes import add_note
from lamppost.cases.services.verify import verify
from lamppost.cities.models import City
from lamppost.database.scope import city_scope
from lamppost.people.actors import SYSTEM


@pytest.fixture
def case(file_case: Callable[..., Case]) -> Case:
    return file_case()


_APPEND = """
SELECT lamppost_append_events(array_agg(ROW(
  c.id, 'moved', 'public', %(now)s, %(now)s, 'system', 'import', c.state, c.status_id,
  c.service_id, c.department_id, c.outcome_id, jsonb_build_object('nth', nth), ''
)::lamppost_new_event ORDER BY c.id, nth))
FROM cases_case c, generate_series(1, 3) nth WHERE c.id = ANY(%(ids)s)
"""


def _append(ids: list[int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_APPEND, {"now": timezone.now(), "ids": ids})


def test_they_follow_what_was_there_and_what_comes_later_follows_them(
    city: City, case: Case
) -> None:
    before = CaseChain.objects.get(case=case).seq

    _append([case.pk])
    add_note(case_id=case.pk, text="after the batch", actor=SYSTEM, audience=EventAudience.STAFF)

    events = list(CaseEvent.objects.filter(case=case).order_by("seq"))
    assert [event.seq for event in events] == list(range(1, before + 5))
    assert [event.data.get("nth") for event in events[before:-1]] == [1, 2, 3]
    assert list(verify()) == []


def test_a_case_of_another_city_gets_none(city: City, other_city: City, case: Case) -> None:
    event = CaseEvent.objects.filter(case=case).count()
    with (
        city_scope(other_city.pk),
        pytest.raises(DatabaseError, match="not of this city"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(
            "SELECT lamppost_append_events(ARRAY[ROW(%s, 'moved', 'public', now(), now(), "
            "'system', 'import', 'open', %s, %s, %s, NULL, '{}', '')::lamppost_new_event])",
            [case.pk, case.status_id, case.service_id, case.department_id],
        )
    assert CaseEvent.objects.filter(case=case).count() == event


def test_the_application_cannot_say_what_an_events_hash_is(city: City, case: Case) -> None:
    forged: dict[str, Any] = {
        field.attname: getattr(CaseEvent.objects.filter(case=case).first(), field.attname)
        for field in CaseEvent._meta.fields
        if not field.primary_key
    }

    made = CaseEvent.objects.create(**{**forged, "seq": 99, "prev_hash": "a", "hash": "b"})

    made.refresh_from_db()
    assert made.seq == CaseChain.objects.get(case=case).seq
    assert made.hash == CaseChain.objects.get(case=case).hash != "b"
    assert list(verify()) == []


def test_no_event_without_its_case_and_no_case_leaves_its_events(city: City, case: Case) -> None:
    first = CaseEvent.objects.filter(case=case).first()
    with pytest.raises(DatabaseError, match="not of this city"), transaction.atomic():
        CaseEvent.objects.create(
            case_id=case.pk + 1000, kind="note", audience=EventAudience.STAFF, at=timezone.now(),
            recorded_at=timezone.now(), actor="system", channel="staff", state=case.state,
            status_id=case.status_id, service_id=case.service_id,
            department_id=case.department_id,
        )  # fmt: skip
    for statement in (
        "DELETE FROM cases_case WHERE id = %s",
        "UPDATE cases_case SET id = id + 1000 WHERE id = %s",
    ):
        with (
            pytest.raises(DatabaseError, match="a case with a history stays"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement, [case.pk])
    assert CaseEvent.objects.filter(case=case).first() == first
