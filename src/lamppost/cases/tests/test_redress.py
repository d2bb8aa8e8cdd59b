"""Said to be not fixed: who may say it, what it does to the case, who decides."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from lamppost.cases.choices import EventKind, RedressSource, RedressState
from lamppost.cases.models import Case, CaseEvent, Clock, Redress
from lamppost.cases.services import lifecycle, links, redress, reporter
from lamppost.cases.services.clock_passes import mark_breaches
from lamppost.catalog.models import Service
from lamppost.cities.models import City
from lamppost.database.scope import city_scope
from lamppost.kernel.refusals import Conflict, Forbidden, Invalid, NotFound
from lamppost.people.actors import ANONYMOUS, SYSTEM, Actor
from lamppost.people.choices import Role
from lamppost.people.models import Denial, StaffNotice

FileCase = Callable[..., Case]
MakeActor = Callable[..., Actor]
# A Monday, 10:00 in New York.
MONDAY = datetime(2025, 6, 2, 14, tzinfo=UTC)


@pytest.fixture
def closed(file_case: FileCase, worker: Actor) -> Case:
    """A pothole filed on a Monday morning and closed as done on the Tuesday."""
    case = file_case(requested_at=MONDAY)
    lifecycle.close(
        case_id=case.pk, outcome_code="done", text="Filled", actor=worker,
        at=MONDAY + timedelta(days=1),
    )  # fmt: skip
    case.refresh_from_db()
    return case


@pytest.fixture
def disputed(closed: Case) -> Redress:
    """The same, said to be not fixed on the Wednesday."""
    return redress.dispute(
        case_id=closed.pk, text="Still there", actor=ANONYMOUS, at=MONDAY + timedelta(days=2)
    )


@pytest.fixture
def supervisor(actor: MakeActor) -> Actor:
    return actor(Role.SUPERVISOR, "center")


def resolve(case: Case) -> Clock:
    return Clock.objects.get(case=case, kind="resolve")


# -- refusals


@pytest.mark.parametrize(
    ("why", "days", "text", "error"),
    [
        ("without words nobody knows what to look at", 1, "  ", Invalid),
        ("more words than a note may have", 1, "x" * 4001, Invalid),
        ("after the city's days a new report is due", 31, "Still there", Conflict),
    ],
)
def test_what_cannot_be_said(
    why: str, days: int, text: str, error: type[Exception], closed: Case
) -> None:
    Service.objects.filter(pk=closed.service_id).update(reopen_days=30)
    with pytest.raises(error):
        redress.dispute(
            case_id=closed.pk, text=text, actor=ANONYMOUS,
            at=(closed.closed_at or MONDAY) + timedelta(days=days),
        )  # fmt: skip
    closed.refresh_from_db()
    assert (closed.state, Redress.objects.count()) == ("closed", 0), why


def test_an_open_case_cannot_be_said_to_be_not_fixed(file_case: FileCase) -> None:
    with pytest.raises(Conflict):
        redress.dispute(case_id=file_case().pk, text="Slow", actor=ANONYMOUS)


@pytest.mark.parametrize("end", ["duplicate", "withdrawn"])
def test_a_repeat_and_a_withdrawn_report_have_nothing_to_look_at(
    end: str, file_case: FileCase, worker: Actor
) -> None:
    case = file_case()
    if end == "duplicate":
        links.mark_duplicate(case_id=case.pk, of_number=file_case().number, actor=worker)
    else:
        reporter.withdraw(case_id=case.pk, actor=ANONYMOUS)
    with pytest.raises(Conflict):
        redress.dispute(case_id=case.pk, text="No", actor=ANONYMOUS)


def test_staff_takes_it_down_for_a_caller_only_with_the_right(
    closed: Case, worker: Actor, agent: Actor
) -> None:
    now = MONDAY + timedelta(days=2)
    with pytest.raises(Forbidden):
        redress.dispute(case_id=closed.pk, text="They say so", actor=worker, at=now)
    opened = redress.dispute(case_id=closed.pk, text="They say so", actor=agent, at=now)
    assert (opened.source, opened.opened_by_id) == (RedressSource.CALLER, agent.user_id)


@pytest.mark.parametrize(
    ("who", "uphold", "refuse", "why"),
    [
        ("another supervisor", True, True, "the 311 center decides"),
        ("director", True, True, "and the director"),
        ("admin", True, True, "and the administrator"),
        ("closer", True, False, "who closed it may give in, never insist"),
        ("opener", False, False, "who took it down has taken a side"),
        ("worker", False, False, "the department does not decide on itself"),
        ("manager", False, False, "nor does its manager"),
        ("agent", False, False, "an agent takes it down and no more"),
        ("editor", False, False, "nothing to do with cases"),
        ("council", False, False, "reads figures, decides nothing"),
        ("anonymous", False, False, "nobody"),
    ],
)
@pytest.mark.parametrize("decision", ["uphold", "refuse"])
def test_who_may_decide(
    who: str, uphold: bool, refuse: bool, why: str, decision: str, file_case: FileCase,
    actor: MakeActor,
) -> None:  # fmt: skip
    closer, opener = actor(Role.SUPERVISOR, "center", "C"), actor(Role.SUPERVISOR, "center", "O")
    case = file_case()
    lifecycle.close(case_id=case.pk, outcome_code="done", text="Filled", actor=closer)
    opened = redress.dispute(case_id=case.pk, text="Still there", actor=opener)
    people = {
        "another supervisor": lambda: actor(Role.SUPERVISOR, "center", "X"),
        "director": lambda: actor(Role.DIRECTOR),
        "admin": lambda: actor(Role.ADMIN),
        "closer": lambda: closer,
        "opener": lambda: opener,
        "worker": lambda: actor(Role.WORKER, "streets"),
        "manager": lambda: actor(Role.MANAGER, "streets"),
        "agent": lambda: actor(Role.AGENT, "center"),
        "editor": lambda: actor(Role.EDITOR),
        "council": lambda: actor(Role.COUNCIL),
        "anonymous": lambda: ANONYMOUS,
    }
    person = people[who]()
    decide = {"uphold": redress.uphold, "refuse": redress.refuse}[decision]
    if {"uphold": uphold, "refuse": refuse}[decision]:
        decide(redress_id=opened.pk, text="Looked at", actor=person)
        opened.refresh_from_db()
        assert opened.decided_by_id == person.user_id
        return
    with pytest.raises(Exception, match=r"role|yourself|sign in"):
        decide(redress_id=opened.pk, text="Looked at", actor=person)
    opened.refresh_from_db()
    assert opened.state == RedressState.OPEN, why
    if person.user_id:
        assert Denial.objects.filter(user_id=person.user_id, permission="redress.decide").exists()


def test_the_database_refuses_a_closer_who_insists(disputed: Redress, worker: Actor) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Redress.objects.filter(pk=disputed.pk).update(
            state=RedressState.REFUSED, decided_by_id=worker.user_id, decided_at=timezone.now()
        )


def test_a_decision_needs_a_sentence_and_is_made_once(
    disputed: Redress, supervisor: Actor, actor: MakeActor
) -> None:
    with pytest.raises(Invalid):
        redress.refuse(redress_id=disputed.pk, text=" ", actor=supervisor)
    redress.uphold(redress_id=disputed.pk, text="We went there", actor=supervisor)
    with pytest.raises(Conflict):
        redress.refuse(redress_id=disputed.pk, text="No", actor=actor(Role.DIRECTOR))
    with pytest.raises(NotFound):
        redress.uphold(redress_id=0, text="x", actor=supervisor)


def test_another_city_neither_sees_nor_decides_it(disputed: Redress, other_city: City) -> None:
    with city_scope(other_city.pk), pytest.raises(NotFound):
        redress.uphold(redress_id=disputed.pk, text="x", actor=SYSTEM)


def test_who_reported_it_does_not_decide_on_it(
    file_case: FileCase, actor: MakeActor, worker: Actor
) -> None:
    supervisor = actor(Role.SUPERVISOR, "center")
    own = file_case(actor=Actor(role=Role.RESIDENT, user_id=supervisor.user_id))
    lifecycle.close(case_id=own.pk, outcome_code="done", text="Filled", actor=worker)
    opened = redress.dispute(case_id=own.pk, text="Still there", actor=ANONYMOUS)
    with pytest.raises(Forbidden, match="reported this case yourself"):
        redress.uphold(redress_id=opened.pk, text="Of course", actor=supervisor)


# -- what it does


def test_the_case_is_open_at_once_and_stays_with_its_department(
    closed: Case, disputed: Redress
) -> None:
    case = Case.objects.get(pk=closed.pk)
    assert (case.state, case.outcome_id, case.reopen_count) == ("open", None, 1)
    assert case.department_id == disputed.department_id
    assert disputed.closed_by_id is not None
    assert disputed.outcome_id == closed.outcome_id


def test_it_has_two_business_days_by_the_citys_calendar(disputed: Redress) -> None:
    # Said on Wednesday: counted from Thursday, due Friday at 17:00 in New York.
    assert disputed.due_at == datetime(2025, 6, 6, 21, tzinfo=UTC)


def test_the_words_are_for_the_staff_alone(closed: Case, disputed: Redress) -> None:
    public = CaseEvent.objects.filter(case=closed, audience="public").select_related("words")
    for event in public:
        words = getattr(event, "words", None)
        assert words is None or "Still there" not in words.text
        assert "Still there" not in str(event.data)


def test_the_center_is_told_and_the_closer_is_not(file_case: FileCase, actor: MakeActor) -> None:
    closer, other = actor(Role.SUPERVISOR, "center", "C"), actor(Role.SUPERVISOR, "center", "O")
    case = file_case()
    lifecycle.close(case_id=case.pk, outcome_code="done", text="Filled", actor=closer)
    redress.dispute(case_id=case.pk, text="My name is Ada", actor=ANONYMOUS)
    notice = StaffNotice.objects.get()
    assert (notice.user_id, notice.case_number) == (other.user_id, case.number)
    assert "Ada" not in notice.subject + notice.text


@pytest.mark.parametrize("way", ["close", "duplicate", "wait"])
def test_until_decided_the_case_can_be_neither_closed_nor_put_aside(
    way: str, disputed: Redress, worker: Actor, file_case: FileCase
) -> None:
    pk = disputed.case_id
    lifecycle.move(case_id=pk, status_code="scheduled", actor=worker)
    lifecycle.move(case_id=pk, status_code="in-progress", actor=worker)
    twin = file_case().number
    ways: dict[str, Callable[[], object]] = {
        "close": lambda: lifecycle.close(
            case_id=pk, outcome_code="done", text="Done", actor=worker
        ),
        "duplicate": lambda: links.mark_duplicate(case_id=pk, of_number=twin, actor=worker),
        "wait": lambda: lifecycle.move(
            case_id=pk, status_code="waiting-weather", note="Rain", actor=worker
        ),
    }
    with pytest.raises(Conflict, match="311 center"):
        ways[way]()


def test_upheld_it_goes_on_and_the_department_hears_of_it(
    closed: Case, disputed: Redress, supervisor: Actor, actor: MakeActor, worker: Actor
) -> None:
    manager, parks = actor(Role.MANAGER, "streets"), actor(Role.MANAGER, "parks")
    redress.uphold(
        redress_id=disputed.pk, text="It is the other hole", actor=supervisor,
        at=MONDAY + timedelta(days=3),
    )  # fmt: skip
    case = Case.objects.get(pk=closed.pk)
    assert (case.state, case.status_note) == ("open", "It is the other hole")
    told = set(StaffNotice.objects.filter(path__startswith="/desk/cases/").values_list("user_id"))
    assert told == {(manager.user_id,), (worker.user_id,)}
    assert (parks.user_id,) not in told
    lifecycle.close(case_id=case.pk, outcome_code="done", text="Now it is", actor=worker)


def test_refused_it_closes_as_it_was_and_costs_the_department_nothing(
    closed: Case, disputed: Redress, supervisor: Actor
) -> None:
    """Done in time; said to be not fixed; a week of looking at it is not the department's."""
    assert resolve(closed).state == "running"
    late = MONDAY + timedelta(days=10)
    mark_breaches(now=late)
    redress.refuse(redress_id=disputed.pk, text="It is filled", actor=supervisor, at=late)
    case = Case.objects.get(pk=closed.pk)
    assert (case.state, case.outcome_id) == ("closed", closed.outcome_id)
    assert case.status_note == "It is filled"
    clock = resolve(closed)
    assert (clock.state, clock.breached_at) == ("met", None)
    assert clock.due_at is not None
    assert clock.due_at > late
    closing = CaseEvent.objects.filter(case=case, kind=EventKind.CLOSED).latest("seq")
    assert closing.data["late"] is False


def test_a_closing_that_was_late_stays_late(
    file_case: FileCase, worker: Actor, supervisor: Actor
) -> None:
    case = file_case(requested_at=MONDAY)
    end = MONDAY + timedelta(days=8)
    lifecycle.close(case_id=case.pk, outcome_code="done", text="Filled", actor=worker, at=end)
    opened = redress.dispute(
        case_id=case.pk, text="No", actor=ANONYMOUS, at=end + timedelta(days=1)
    )
    redress.refuse(redress_id=opened.pk, text="It is", actor=supervisor, at=end + timedelta(days=2))
    assert resolve(case).state == "missed"


def test_upheld_the_breach_gets_its_true_time(
    closed: Case, disputed: Redress, supervisor: Actor
) -> None:
    now = MONDAY + timedelta(days=14)
    assert mark_breaches(now=now) == 0
    redress.uphold(redress_id=disputed.pk, text="Not filled", actor=supervisor, at=now)
    mark_breaches(now=now)
    clock = resolve(closed)
    assert clock.breached_at == clock.due_at
    assert clock.breached_at is not None
    assert clock.breached_at < now


def test_the_answer_is_not_asked_twice(closed: Case, disputed: Redress, supervisor: Actor) -> None:
    now = MONDAY + timedelta(days=3)
    redress.refuse(redress_id=disputed.pk, text="It is filled", actor=supervisor, at=now)
    with pytest.raises(Conflict, match="looked at this already"):
        redress.dispute(case_id=closed.pk, text="No!", actor=ANONYMOUS, at=now)


def test_a_new_closing_can_be_in_doubt_again(
    closed: Case, disputed: Redress, supervisor: Actor, worker: Actor
) -> None:
    now = MONDAY + timedelta(days=3)
    redress.uphold(redress_id=disputed.pk, text="Right", actor=supervisor, at=now)
    lifecycle.close(case_id=closed.pk, outcome_code="done", text="Done", actor=worker, at=now)
    again = redress.dispute(case_id=closed.pk, text="No!", actor=ANONYMOUS, at=now)
    assert again.pk != disputed.pk
    assert again.closing_id != disputed.closing_id


def test_the_resident_may_take_it_back(closed: Case, disputed: Redress) -> None:
    redress.take_back(case_id=closed.pk, actor=ANONYMOUS, at=MONDAY + timedelta(days=3))
    disputed.refresh_from_db()
    assert disputed.state == RedressState.WITHDRAWN
    case = Case.objects.get(pk=closed.pk)
    assert (case.state, resolve(case).state) == ("closed", "met")
    with pytest.raises(Conflict):
        redress.take_back(case_id=closed.pk, actor=ANONYMOUS)


def test_withdrawing_the_report_ends_it(closed: Case, disputed: Redress) -> None:
    reporter.withdraw(case_id=closed.pk, actor=ANONYMOUS)
    disputed.refresh_from_db()
    assert disputed.state == RedressState.WITHDRAWN


def test_a_late_decision_is_written_down_at_its_due_time_once(
    disputed: Redress, actor: MakeActor
) -> None:
    director = actor(Role.DIRECTOR)
    assert redress.mark_late(now=disputed.due_at) == 0
    assert redress.mark_late(now=disputed.due_at + timedelta(hours=9)) == 1
    assert redress.mark_late(now=disputed.due_at + timedelta(hours=9)) == 0
    disputed.refresh_from_db()
    assert disputed.breached_at == disputed.due_at
    assert StaffNotice.objects.filter(user_id=director.user_id).count() == 1


def test_a_measure_finds_everything_in_the_events(
    disputed: Redress, supervisor: Actor, worker: Actor
) -> None:
    redress.uphold(redress_id=disputed.pk, text="Right", actor=supervisor)
    rows = CaseEvent.objects.filter(kind=EventKind.REDRESS).order_by("seq")
    assert [row.data["change"] for row in rows] == ["opened", "upheld"]
    for row in rows:
        assert row.data["department"] == disputed.department_id
        assert row.data["closer"] == worker.user_id
