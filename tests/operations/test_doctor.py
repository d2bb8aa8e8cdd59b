"""`lamppost doctor` names what is wrong and how to mend it."""

from __future__ import annotations

import json
import os
import socket
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from lamppost.cases.models import Case, Clock
from lamppost.catalog.models import Status
from lamppost.cities.models import City
from lamppost.commands.checks import Check, Finding, Level, data, machine, messages
from lamppost.commands.checks import city as cities
from lamppost.notify.choices import MessageChannel, MessageState
from lamppost.notify.models import Message
from lamppost.notify.services.outbox import queue
from lamppost.notify.tests.mailserver import MailServer
from lamppost.people.models import Department, Membership, User
from lamppost.sla.models import BusinessCalendar, CalendarDay

pytestmark = pytest.mark.django_db


def bad(check: Check) -> list[Finding]:
    found = [finding for finding in check() if finding.level is not Level.OK]
    assert all(finding.mend for finding in found), "a finding says how to mend it"
    return found


@pytest.mark.parametrize("check", [data.separation, data.structure, data.clocks])
def test_nothing_is_wrong_with_a_new_city(check: Check, city: City) -> None:
    assert bad(check) == []


def test_a_server_that_does_not_wait_for_the_disk_is_a_failure(city: City) -> None:
    # The shared test server is one (tests/support/databases.py).
    [finding] = bad(data.server)
    assert finding.level is Level.FAILURE
    assert "may lose what it acknowledged" in finding.found


def test_a_city_without_catch_all_or_default_status_is_a_failure(city: City) -> None:
    assert bad(cities.packs) == []
    Department.objects.update(is_catch_all=False)
    Status.objects.filter(state="waiting").update(is_default=False)
    [finding] = bad(cities.packs)
    assert finding.level is Level.FAILURE
    assert "what no other does" in finding.found
    assert "waiting" in finding.found


def test_holidays_that_run_out_are_a_warning(city: City) -> None:
    calendar = BusinessCalendar.objects.get()
    CalendarDay.objects.create(
        calendar=calendar, day=timezone.now().date() + timedelta(days=60), name={"en": "Last"}
    )
    [finding] = bad(cities.packs)
    assert (finding.check, finding.level) == ("holidays", Level.WARNING)
    CalendarDay.objects.create(
        calendar=calendar, day=timezone.now().date() + timedelta(days=200), name={"en": "Later"}
    )
    assert bad(cities.packs) == []


def test_a_worker_that_is_missing_is_a_failure(city: City) -> None:
    assert "worker" in {finding.check for finding in bad(data.worker)}


def test_clocks_nobody_checks_are_a_failure(file_case: Callable[..., Case]) -> None:
    past = timezone.now() - timedelta(minutes=10)
    Clock.objects.filter(case=file_case()).update(next_check_at=past)
    [finding] = bad(data.clocks)
    assert "springfield" in finding.found


def test_messages_that_wait_or_came_to_nothing_are_said(city: City) -> None:
    now = timezone.now()
    ago = now - timedelta(hours=2)
    queue(channel=MessageChannel.SMS, address="+12155550101", text="x", once_key="a", now=now)
    (waiting,) = messages.outgoing_messages()
    assert (waiting.level, waiting.found) == (Level.OK, "springfield: 1 wait")
    queue(channel=MessageChannel.SMS, address="+12155550101", text="x", once_key="b", now=ago)
    row = queue(channel=MessageChannel.EMAIL, address="a@b.example", text="x", once_key="c")
    Message.objects.filter(pk=row.pk).update(state=MessageState.FAILED, failed_at=now)
    late, failed = messages.outgoing_messages()
    assert (late.level, failed.level) == (Level.FAILURE, Level.WARNING)
    assert "1 by sms wait" in late.found
    assert "/desk/gateways/" in late.mend
    assert "1 failed" in failed.found


def test_people_of_the_demo_in_a_real_city_are_a_failure(city: City) -> None:
    user = User(email="admin@demo.example", name="Demo")
    user.set_password("demo-demo")
    user.save()
    Membership.objects.create(user=user, role="admin")
    assert [finding.level for finding in bad(data.demo_people)] == [Level.FAILURE]
    City.objects.update(is_demo=True)
    assert bad(data.demo_people) == []


def test_a_real_city_without_https_is_a_failure(city: City) -> None:
    assert [finding.level for finding in bad(machine.https)] == [Level.FAILURE]


def test_secrets_others_may_read_are_a_failure(
    city: City, tmp_path: Path, settings: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(machine.settings, "HOME", tmp_path)
    (tmp_path / "secrets").mkdir(mode=0o700)
    key = tmp_path / "secrets" / "signing-key"
    key.write_text("x")
    key.chmod(0o644)
    [finding] = bad(machine.secrets)
    assert "signing-key" in finding.found
    key.chmod(0o600)
    assert bad(machine.secrets) == []


def test_missing_translations_are_a_failure(tmp_path: Path, settings: Any) -> None:
    catalog = tmp_path / "es" / "LC_MESSAGES" / "django.po"
    catalog.parent.mkdir(parents=True)
    catalog.write_text("")
    settings.LOCALE_PATHS = [tmp_path]
    [finding] = bad(machine.catalogs)
    assert " es;" in finding.found
    catalog.with_suffix(".mo").write_bytes(b"")
    assert bad(machine.catalogs) == []
    os.utime(catalog.with_suffix(".mo"), (1, 1))
    assert len(bad(machine.catalogs)) == 1


def test_a_mail_server_that_does_not_answer_is_a_failure(settings: Any) -> None:
    settings.MAIL_IS_ON = True
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        settings.EMAIL_HOST, settings.EMAIL_PORT = nobody.getsockname()
        [finding] = bad(data.mail)
    assert finding.level is Level.FAILURE
    assert settings.EMAIL_HOST in finding.found
    server = MailServer().start()
    try:
        settings.EMAIL_PORT = server.port
        assert bad(data.mail) == []
    finally:
        server.stop()


def test_a_backup_that_is_not_there_is_said(tmp_path: Path, settings: Any) -> None:
    settings.HOME = tmp_path
    backup, note = tmp_path / "some.tar", tmp_path / "backup.json"
    backup.touch()
    note.write_text(json.dumps({"at": timezone.now().isoformat(), "file": str(backup)}))
    assert bad(machine.backups) == []
    backup.unlink()
    [finding] = bad(machine.backups)
    assert "is not there" in finding.found
    note.write_text("cut sho")
    [finding] = bad(machine.backups)
    assert "damaged" in finding.found


def test_a_clock_of_the_database_that_differs_is_a_failure(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert bad(data.same_time) == []
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now - 90)
    [finding] = bad(data.same_time)
    assert "ahead" in finding.found


def test_an_altered_history_is_a_failure(file_case: Callable[..., Case]) -> None:
    case = file_case()
    assert bad(cities.histories) == []
    Case.objects.filter(pk=case.pk).update(department=Department.objects.get(code="parks"))
    [finding] = bad(cities.histories)
    assert case.number in finding.found


def test_a_check_that_fails_is_a_finding_and_stops_no_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from lamppost.commands import doctor

    def broken() -> object:
        raise OSError("no such device")

    [finding] = doctor._looked(broken)  # type: ignore[arg-type]
    assert finding.level is Level.FAILURE
    assert json.dumps(finding.found)
