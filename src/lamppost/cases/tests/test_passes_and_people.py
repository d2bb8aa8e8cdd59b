"""The passes of the worker beside somebody who works on a case: neither waits for ever.

Each pass writes an event of a case. Who works on the case holds it and writes events, too: a
pass that held the clock, the redress or the chain without the case would wait for the case,
they for what the pass holds, and PostgreSQL would end one of the two.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from tests.support.installation import Installation

SCENE = """
import threading
from datetime import timedelta
from django.db import connection, transaction
from django.utils import timezone
from lamppost.cases.models import Case, CaseEvent, Clock, Redress
from lamppost.cases.services import redress
from lamppost.cases.services.clock_passes import mark_breaches
from lamppost.cases.services.escalation import escalate
from lamppost.cases.services.events import record
from lamppost.cities.models import City
from lamppost.database.scope import city_scope
from lamppost.people.actors import ANONYMOUS, SYSTEM
city = City.objects.get(slug="springfield")
later = timezone.now().astimezone(city.zone) + timedelta(days=40)
later = later.replace(hour=10, minute=0) + timedelta(days=(2 - later.weekday()) % 7)
held, passed, trouble = threading.Event(), threading.Event(), []

def works_on(case_id):
    try:
        with city_scope(city.pk), transaction.atomic():
            case = Case.objects.select_for_update(of=("self",)).get(pk=case_id)
            held.set()
            passed.wait(2)
            record(case, "note", actor=SYSTEM, audience="staff")
    except Exception as error:
        trouble.append(type(error).__name__)
    finally:
        connection.close()

def beside(case_id, run):
    somebody = threading.Thread(target=works_on, args=(case_id,))
    somebody.start()
    held.wait(20)
    with city_scope(city.pk):
        try:
            run()
        except Exception as error:
            trouble.append(type(error).__name__)
        passed.set()
        somebody.join(20)
        run()
"""
LATE = """
with city_scope(city.pk):
    if {breached}:
        mark_breaches(now=later)
    due = Clock.objects.filter(state="running", due_at__lt=later, next_check_at__lt=later)
    clock = due.filter(breached_at__isnull=not {breached}).order_by("-id").first()
beside(clock.case_id, lambda: {run}(now=later))
with city_scope(city.pk):
    print(trouble, CaseEvent.objects.filter(case=clock.case_id, kind="{kind}").exists())
"""
REDRESS = """
with city_scope(city.pk):
    case = Case.objects.exclude(state="closed").filter(department__code="streets").first()
    from lamppost.cases.services.lifecycle import close
    close(case_id=case.pk, outcome_code="done", text="Done", actor=SYSTEM)
    opened = redress.dispute(case_id=case.pk, text="Not so", actor=ANONYMOUS)
beside(case.pk, lambda: redress.mark_late(now=later))
with city_scope(city.pk):
    print(trouble, Redress.objects.get(pk=opened.pk).breached_at is not None)
"""


@pytest.fixture(scope="module")
def seeded(make_installation: Callable[..., Installation]) -> Installation:
    return make_installation("passes", two_cities=True, serve=False)


@pytest.mark.parametrize(
    "steps",
    [
        pytest.param(REDRESS, id="late redress"),
        pytest.param(LATE.format(run="mark_breaches", kind="clock", breached=False), id="breach"),
        pytest.param(LATE.format(run="escalate", kind="escalated", breached=True), id="escalation"),
    ],
)
def test_who_works_on_a_case_is_not_waited_for(seeded: Installation, steps: str) -> None:
    said = seeded.python(SCENE + steps)
    assert said.splitlines()[-1] == "[] True"
