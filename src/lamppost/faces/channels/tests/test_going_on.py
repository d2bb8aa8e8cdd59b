"""Started by SMS, finished on the web: the link opens what was begun, filled in."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.test import Client
from django.utils import timezone

from lamppost.cases.models import Case, Draft
from lamppost.cities.models import City
from lamppost.contacts.models import Conversation, Interaction
from lamppost.contacts.services.conversation import end_finished
from lamppost.faces.channels.sms.reminding import remind_silent
from lamppost.faces.channels.tests.conftest import CALLER, HOST, Provider
from lamppost.notify.models import Message


def path_in(text: str) -> str:
    found = re.search(r"https?://[^/]+(/report/continue/\S+)", text)
    assert found, text
    return found[1]


def test_a_link_that_is_wrong_or_of_another_city_opens_nothing(
    provider: Provider, other_city: City, static_files: Path
) -> None:
    path = path_in(provider.say("pothole", "1", "1", "web"))
    web = Client(HTTP_HOST=HOST)
    assert web.get("/report/continue/" + "x" * 43 + "/").status_code == 404
    assert Client(HTTP_HOST="shelbyville.example").get(path).status_code == 404
    assert web.post(path).status_code == 405
    Draft.objects.update(expires_at=timezone.now())
    assert web.get(path).status_code == 404
    assert not web.cookies


def test_half_a_report_is_filled_in_and_filed_as_one_begun_by_sms(
    provider: Provider, static_files: Path
) -> None:
    path = path_in(provider.say("a deep pothole", "1", "1", "14", "web"))
    web = Client(HTTP_HOST=HOST)
    opened = web.get(path)
    assert opened["Location"] == "/report/POTHOLE/where/"
    assert opened["Cache-Control"].startswith("private")
    assert b"a deep pothole" in web.get("/report/POTHOLE/details/").content
    web.post("/report/POTHOLE/where/", {"lat": "39.9526", "long": "-75.1636"})
    assert CALLER.encode() in web.get("/report/POTHOLE/contact/").content
    filed = web.post("/report/POTHOLE/review/")
    assert filed["Location"] == "/report/POTHOLE/done/"
    case = Case.objects.get()
    assert (case.channel, case.contact.phone) == ("sms", CALLER)
    assert end_finished(now=timezone.now()) == 1
    row = Interaction.objects.get()
    assert (row.end, row.cases.get().case, row.cases.get().tie) == ("deflected", case, "filed")
    assert web.get(path)["Location"] == "/report/POTHOLE/done/"


def test_ten_minutes_of_silence_bring_one_link(provider: Provider, city: City) -> None:
    provider.say("pothole", "1")
    now = timezone.now()
    assert remind_silent(city, now=now + timedelta(minutes=9)) == 0
    assert remind_silent(city, now=now + timedelta(minutes=11)) == 1
    assert remind_silent(city, now=now + timedelta(minutes=30)) == 0
    sent = Message.objects.get(template="continue")
    assert (sent.address, sent.state) == (CALLER, "queued")
    assert "/report/continue/" in sent.text


def test_who_has_said_nothing_yet_or_is_done_gets_no_link(provider: Provider, city: City) -> None:
    provider.say("report")
    later = timezone.now() + timedelta(minutes=11)
    assert remind_silent(city, now=later) == 0
    provider.say("pothole", "1", "1", "0", "39.9526,-75.1636", "1", sender="+12155550102")
    assert remind_silent(city, now=later) == 0
    assert not Message.objects.filter(template="continue").exists()


def test_stop_in_the_middle_forgets_what_was_begun(provider: Provider, city: City) -> None:
    provider.say("pothole", "1", "STOP")
    talk: Any = Conversation.objects.get()
    assert (talk.step, talk.draft_id) == ("idle", None)
    assert remind_silent(city, now=timezone.now() + timedelta(minutes=11)) == 0
