"""Escalation with real processes: one killed in the middle, then two at once, told once."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Callable

import pytest
from tests.support.installation import Installation

# Some weeks on, on a day and at an hour at which the office is open.
SCENE = """
from datetime import timedelta
from django.db import connection, transaction
from django.utils import timezone
from lamppost.cases.models import CaseEvent, Clock, ClockEvent
from lamppost.cases.services.clock_passes import mark_breaches
from lamppost.cases.services.escalation import escalate
from lamppost.cities.models import City
from lamppost.database.scope import city_scope
from lamppost.people.models import StaffNotice
city = City.objects.get(slug="springfield")
later = timezone.now().astimezone(city.zone) + timedelta(days=40)
later = later.replace(hour=10, minute=0) + timedelta(days=(2 - later.weekday()) % 7)
"""
KILLED = """
with city_scope(city.pk), transaction.atomic():
    mark_breaches(now=later)
    looked = escalate(now=later)
    print("holding", looked, flush=True)
    import time; time.sleep(60)
"""
PASS = """
with city_scope(city.pk):
    mark_breaches(now=later)
    while escalate(now=later, limit=2): pass
"""
COUNT = """
import json
with city_scope(city.pk):
    print(json.dumps({
        "clocks": Clock.objects.filter(state="running").count(),
        "marks": ClockEvent.objects.filter(kind="escalate").count(),
        "events": CaseEvent.objects.filter(kind="escalated").count(),
        "notices": StaffNotice.objects.filter(kind="escalation").count(),
        "left": Clock.objects.filter(next_check_at__lt=later).count(),
    }))
"""


@pytest.fixture(scope="module")
def city_with_cases(make_installation: Callable[..., Installation]) -> Installation:
    """An installation of this file's own: its clocks run out."""
    return make_installation("escalation", two_cities=True, serve=False)


def _start(where: Installation, code: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", f"import django; django.setup()\n{SCENE}{code}"],
        env=where.env, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip


def _count(where: Installation) -> dict[str, int]:
    found: dict[str, int] = json.loads(where.python(SCENE + COUNT))
    return found


def test_killed_then_two_at_once_tell_once(city_with_cases: Installation) -> None:
    killed = _start(city_with_cases, KILLED)
    assert killed.stdout is not None
    word, looked = killed.stdout.readline().split()
    assert word == "holding"
    assert int(looked) > 4
    killed.send_signal(signal.SIGKILL)
    killed.wait(timeout=20)
    assert _count(city_with_cases)["events"] == 0

    both = [_start(city_with_cases, PASS) for _ in range(2)]
    assert [process.wait(timeout=60) for process in both] == [0, 0]

    found = _count(city_with_cases)
    assert found["marks"] == found["events"] == int(looked)
    # Two managers of the department.
    assert found["notices"] == 2 * int(looked)
    assert found["left"] == 0
