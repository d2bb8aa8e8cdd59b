"""The pages over residents' data: at the desk, from a resident's own link, and in public."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from lamppost.cases.models import Case
from lamppost.cases.reports import Report, Reporter
from lamppost.cases.services.intake import submit
from lamppost.cases.services.lifecycle import close
from lamppost.catalog.choices import Channel
from lamppost.cities.models import City
from lamppost.database.fields import Point
from lamppost.notify.models import Message
from lamppost.people.actors import ANONYMOUS, SYSTEM
from lamppost.people.choices import Role
from lamppost.people.models import AuditEntry, Contact, ContactPoint, Erasure, User

NAME, PHONE, MAIL = "Rosa Parker", "+12155550142", "rosa@example.org"
SAID = f"Deep hole. My name is {NAME}, call 215-555-0142 or {MAIL}"

pytestmark = pytest.mark.usefixtures("city")


@pytest.fixture
def desk(city: City, person: Callable[..., User]) -> Callable[..., Client]:
    """A signed-in member of the staff: ``desk(Role.AGENT, "center")``."""

    def sign_in(role: Role, department: str | None = None) -> Client:
        client = Client(HTTP_HOST=f"{city.slug}.example")
        client.force_login(person(role, department))
        return client

    return sign_in


def rosas(**more: object) -> tuple[Case, str]:
    filed = submit(
        Report(
            service_code="POTHOLE",
            channel=Channel.WEB,
            description=SAID,
            answers={"WHERE": ("roadway",)},
            point=Point(-75.1636, 39.9526),
            address="1234 Market Street",
            reporter=Reporter(name=NAME, phone=PHONE, email=MAIL, may_notify=True),
        ),
        actor=ANONYMOUS,
    )
    return Case.objects.get(pk=filed.case_id), filed.tracking_token


def page(
    client: Client, path: str, *, post: dict[str, object] | None = None, status: int = 200
) -> str:
    answer = client.get(path) if post is None else client.post(path, post, follow=True)
    assert answer.status_code == status, (path, answer.status_code)
    return answer.content.decode()


def test_a_contact_is_found_without_its_number_in_an_address_and_the_look_is_kept(
    desk: Callable[..., Client],
) -> None:
    case, _token = rosas()
    agent = desk(Role.AGENT, "center")
    found = page(agent, "/desk/contacts/", post={"q": "(215) 555 0142"})
    assert NAME in found
    shown = page(agent, f"/desk/contacts/{case.contact_id}/")
    for words in (NAME, PHONE, MAIL, case.number, "claimed, not proven"):
        assert words in shown
    assert "Erase the person" not in shown  # An agent may not.
    entry = AuditEntry.objects.get(what="contact_read")
    assert entry.label == f"contact {case.contact_id}"
    page(desk(Role.WORKER, "streets"), f"/desk/contacts/{case.contact_id}/", status=403)


def test_consent_note_and_household_are_kept(desk: Callable[..., Client]) -> None:
    case, _token = rosas()
    agent, base = desk(Role.AGENT, "center"), f"/desk/contacts/{case.contact_id}"
    point = ContactPoint.objects.get(kind="phone")
    page(agent, f"{base}/confirm/", post={"point": point.pk})
    page(agent, f"{base}/withdraw/", post={"point": point.pk})
    page(
        agent,
        f"{base}/change/",
        post={"name": NAME, "household": "Parker", "note": "Hard of hearing"},
    )
    point.refresh_from_db()
    assert (point.proven_by, point.may_notify) == ("agent", False)
    shown = page(agent, f"{base}/")
    assert "Hard of hearing" in shown
    assert "Parker" in shown
    wrong = {"language": "xx", "preferred": "pigeon", "note": "x" * 2001}
    assert "Choose one of the languages" in page(agent, f"{base}/change/", post=wrong, status=400)


def test_a_supervisor_exports_and_erases_and_is_asked_first(desk: Callable[..., Client]) -> None:
    case, _token = rosas()
    boss, base = desk(Role.SUPERVISOR, "center"), f"/desk/contacts/{case.contact_id}"
    data = json.loads(page(boss, f"{base}/export/", post={}))
    assert data["cases"][0]["description"] == SAID
    sure = {"reason": "asked by mail", "sure": "on"}
    assert case.number in page(boss, f"{base}/erase/", post=sure, status=409)
    assert "cannot be undone" in page(boss, f"{base}/erase/", post={"reason": "x"}, status=400)
    assert "The person is erased" in page(
        boss, f"{base}/erase/", post=sure | {"despite_open": "on"}
    )
    assert Contact.objects.get().name == ""
    page(desk(Role.AGENT, "center"), f"{base}/erase/", post=sure, status=403)


def test_staff_sees_the_original_and_corrects_what_the_public_reads(
    desk: Callable[..., Client],
) -> None:
    case, _token = rosas()
    worker = desk(Role.WORKER, "streets")
    shown = page(worker, f"/desk/words/{case.number}/")
    assert "<mark>215-555-0142</mark>" in shown
    assert "Rosa Parker" in page(worker, f"/desk/cases/{case.number}/")
    page(worker, f"/desk/words/{case.number}/", post={"step": "hide", "words": "Deep hole"})
    start = SAID.index(NAME)
    page(
        worker,
        f"/desk/words/{case.number}/",
        post={"step": "show", "start": start, "end": start + len(NAME)},
    )
    case.refresh_from_db()
    assert case.public_description == f"▇▇▇. My name is {NAME}, call ▇▇▇ or ▇▇▇"
    page(desk(Role.WORKER, "parks"), f"/desk/words/{case.number}/", status=404)
    page(desk(Role.DIRECTOR), f"/desk/words/{case.number}/", status=403)
    assert "do not stand there" in page(
        worker, f"/desk/words/{case.number}/", post={"step": "hide", "words": "zzz"}, status=400
    )


def test_a_resident_takes_and_erases_their_data_after_proving_an_address(city: City) -> None:
    case, token = rosas()
    resident = Client(HTTP_HOST=f"{city.slug}.example")
    asked = page(resident, f"/follow/{case.number}/{token}/data/")
    assert "r•••@e•••.org" in asked
    assert MAIL not in asked
    assert PHONE not in asked
    point = ContactPoint.objects.get(kind="email")
    for _again in range(2):  # One link in half an hour, whoever asks.
        page(resident, f"/follow/{case.number}/{token}/data/", post={"point": point.pk})
    message = Message.objects.get(template="own-data")
    assert (message.address, message.channel) == (MAIL, "email")
    found = re.search(r"/own-data/[\w:-]+/", message.text)
    assert found
    link = found.group()
    assert "Take it with you" in page(resident, link)
    data = json.loads(page(resident, link, post={"action": "export"}))
    assert data["contacts"][0]["name"] == NAME
    page(resident, link, post={"action": "erase"}, status=422)
    page(resident, link, post={"action": "erase", "sure": "on"}, status=422)
    assert Contact.objects.get().name == NAME
    page(resident, link, post={"action": "erase", "sure": "on", "open": "on"})
    assert Contact.objects.get().name == ""
    assert Erasure.objects.get().is_own_wish
    page(resident, link, status=404)
    assert page(resident, f"/follow/{case.number}/{token}/")  # The report is still theirs.


def test_a_wrong_link_shows_nothing(city: City) -> None:
    case, _token = rosas()
    stranger = Client(HTTP_HOST=f"{city.slug}.example")
    for path in (
        f"/follow/{case.number}/{'x' * 30}/data/",
        "/own-data/WzEsIDFd:1abcde:aaaaaaaaaaaaaaaaaaaaaaaaaaa/",
    ):
        page(stranger, path, status=404)


def test_reporters_are_shown_nowhere_in_public(city: City) -> None:
    case, _token = rosas()
    done, _token = rosas()
    close(case_id=done.pk, outcome_code="done", text=f"Told {NAME}: {MAIL}", actor=SYSTEM)
    public = Client(HTTP_HOST=f"{city.slug}.example")
    number = case.number
    paths = [
        "/", "/requests/", "/map/", f"/requests/{number}/", f"/requests/{done.number}/",
        "/requests.atom", f"/requests/{number}.atom", "/near/?lat=39.9526&long=-75.1636",
        "/report/POTHOLE/", "/open311/v2/requests.json?extensions=true",
        "/open311/v2/requests.xml", f"/open311/v2/requests/{number}.json?extensions=true",
        "/open311/v2/requests.json?lat=39.9526&long=-75.1636&radius=500",
        "/open311/v2/service_request_updates.json", "/api/v1/cases", f"/api/v1/cases/{number}",
        f"/api/v1/cases/{done.number}",
    ]  # fmt: skip
    answered = 0
    for path in paths:
        answer = public.get(path, follow=True)
        text = answer.content.decode()
        answered += answer.status_code == 200
        for words in (PHONE, "555-0142", "2155550142", MAIL, "My name is Rosa"):
            assert words not in text, (path, words)
    assert answered >= 13


def test_the_rules_of_retention_are_shown_to_who_may_erase(desk: Callable[..., Client]) -> None:
    assert "No rules" in page(desk(Role.DIRECTOR), "/desk/retention/")
    page(desk(Role.AGENT, "center"), "/desk/retention/", status=403)


def test_the_newest_erasures_are_listed_and_no_others(desk: Callable[..., Client]) -> None:
    now = timezone.now()
    gone = Contact.objects.create(created_at=now, erased_at=now)
    for days in range(12, 0, -1):
        Erasure.objects.create(
            contact=gone, at=now - timedelta(days=days), reason=f"wish {days:02}"
        )
    shown = desk(Role.ADMIN).get("/desk/contacts/").content.decode()
    assert re.findall(r"wish (\d\d)", shown) == [f"{days:02}" for days in range(1, 11)]
