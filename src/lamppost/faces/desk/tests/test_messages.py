"""The log of messages: own department only, addresses masked, sent again by who may, once."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from lamppost.cases.models import Case
from lamppost.cases.reports import Reporter
from lamppost.cities.models import City
from lamppost.database.scope import city_scope
from lamppost.notify.choices import MessageChannel, MessageState, StopSource
from lamppost.notify.models import Message
from lamppost.notify.services.bounces import bounced
from lamppost.notify.services.stops import stop, stopped
from lamppost.people.choices import Role
from lamppost.people.models import User

pytestmark = pytest.mark.django_db
Person = Callable[..., User]
FileCase = Callable[..., Case]
MAI = Reporter(name="Mai", email="mai@home.example", may_notify=True)
EMAIL = MessageChannel.EMAIL


@pytest.fixture
def case(file_case: FileCase) -> Case:
    return file_case(reporter=MAI)


def at_desk(user: User) -> Client:
    client = Client(headers={"host": "springfield.example"})
    client.force_login(user)
    return client


# Who reads the log of a case of the streets department, and whether the address is shown.
READERS = [
    (Role.AGENT, "center", 200, True, "the call-taker talks with the person"),
    (Role.MANAGER, "streets", 200, True, "its own department"),
    (Role.DIRECTOR, None, 200, False, "reads, and need not know who"),
    (Role.MANAGER, "parks", 404, False, "another department's case"),
    (Role.WORKER, "streets", 403, False, "no right to the log"),
    (Role.RESIDENT, None, 403, False, "not of the staff"),
]


@pytest.mark.parametrize(("role", "department", "status", "is_clear", "why"), READERS)
def test_who_reads_a_message(
    case: Case, person: Person, role: Role, department: str | None, status: int, is_clear: bool,
    why: str,
) -> None:  # fmt: skip
    row = Message.objects.get()
    page = at_desk(person(role, department)).get(f"/desk/messages/{row.pk}/")
    assert page.status_code == status, why
    assert ("mai@home.example" in page.content.decode()) == is_clear, why


def test_the_log_lists_what_the_reader_may_see(
    case: Case, person: Person, other_city: City
) -> None:
    def listed(role: Role, department: str | None, query: str = "") -> bool:
        page = at_desk(person(role, department, query)).get(f"/desk/messages/{query}")
        return f"/desk/cases/{case.number}/" in page.content.decode()

    assert listed(Role.AGENT, "center")
    assert listed(Role.AGENT, "center", "?state=queued")
    assert not listed(Role.AGENT, "center", "?state=failed")
    assert not listed(Role.AGENT, "center", "?number=77")
    assert not listed(Role.MANAGER, "parks")
    with city_scope(other_city.pk):
        assert not Message.objects.exists()


def test_the_case_says_what_was_sent(case: Case, person: Person) -> None:
    page = at_desk(person(Role.AGENT, "center")).get(f"/desk/cases/{case.number}/")
    assert "What was sent" in page.content.decode()
    worker = at_desk(person(Role.WORKER, "streets")).get(f"/desk/cases/{case.number}/")
    assert "What was sent" not in worker.content.decode()


def sent(case: Case) -> Message:
    Message.objects.filter(case=case).update(state=MessageState.SENT)
    return Message.objects.get(case=case, again_of=None)


def test_sent_again_once_and_on_record(case: Case, person: Person) -> None:
    agent = person(Role.AGENT, "center")
    desk, row = at_desk(agent), Message.objects.get()
    assert desk.post(f"/desk/messages/{row.pk}/").status_code == 409, "it is on its way"
    sent(case)
    for _time in range(2):
        assert desk.post(f"/desk/messages/{row.pk}/").status_code == 302
    again = Message.objects.get(again_of=row)
    assert (again.resent_by, again.state) == (agent, MessageState.QUEUED)
    assert again.key != row.key
    assert again.subscription_id == row.subscription_id


def test_who_may_read_may_not_therefore_send(case: Case, person: Person) -> None:
    row = sent(case)
    manager = at_desk(person(Role.MANAGER, "streets"))
    assert manager.post(f"/desk/messages/{row.pk}/").status_code == 403
    assert Message.objects.count() == 1


def test_nothing_is_sent_again_to_who_wants_nothing(case: Case, person: Person) -> None:
    row = sent(case)
    stop(channel=EMAIL, address="mai@home.example", source=StopSource.LINK)
    answer = at_desk(person(Role.AGENT, "center")).post(f"/desk/messages/{row.pk}/")
    assert answer.status_code == 409
    assert Message.objects.count() == 1


# A bounce, and whether the address is left alone from then on.
BOUNCES = [
    (True, "", True, "the mailbox is gone"),
    (False, "", False, "a full mailbox passes"),
    (True, "mai@home.example", True, "it names who it did not reach"),
    (True, "someone@else.example", False, "it names somebody we did not write to: not believed"),
]


@pytest.mark.parametrize(("is_hard", "address", "is_stopped", "why"), BOUNCES)
def test_a_bounce(case: Case, is_hard: bool, address: str, is_stopped: bool, why: str) -> None:
    row = sent(case)
    for _time in range(2):
        bounced(message_id=f"<{row.key}@city.example>", address=address, is_hard=is_hard)
    assert (stopped(EMAIL, "mai@home.example") is not None) == is_stopped, why


def test_a_made_up_bounce_stops_nobody(case: Case, other_city: City) -> None:
    row = sent(case)
    assert bounced(message_id="<AAAAAAAAAAAAAAAAAAAAAAAA@x>", is_hard=True) is None
    assert bounced(message_id="", address="mai@home.example", is_hard=True) is None
    with city_scope(other_city.pk):
        assert bounced(message_id=f"<{row.key}@city.example>", is_hard=True) is None
    assert stopped(EMAIL, "mai@home.example") is None


def test_every_notice_is_shown_in_every_language(city: City, person: Person) -> None:
    desk = at_desk(person(Role.SUPERVISOR, "center"))
    page = desk.get("/desk/messages/words/?notice=case_closed").content.decode()
    assert page.count('class="lp-panel lp-stack lp-stack--tight"') == 3
    assert desk.get("/desk/messages/words/?notice=nothing").status_code == 404
