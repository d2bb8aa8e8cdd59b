"""Nobody on the staff acts on their own report, by no service there is."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from PIL import Image

import lamppost
from lamppost.cases.choices import EventAudience, LinkKind, Priority, SamplePool
from lamppost.cases.models import (
    Attachment,
    Case,
    CaseEvent,
    Clock,
    QualitySample,
    Redress,
    Transfer,
)
from lamppost.cases.reports import Reporter
from lamppost.cases.services import (
    answering,
    assignment,
    bulk,
    clocks,
    corrections,
    lifecycle,
    links,
    notes,
    photos,
    priority,
    quality,
    redress,
    reporter,
    text_marks,
    transfers,
)
from lamppost.cases.services.locking import is_own_case
from lamppost.catalog.choices import Channel, Visibility
from lamppost.cities.models import City
from lamppost.fieldwork.choices import LinkLevel
from lamppost.fieldwork.services.partner_links import Offer, make_link
from lamppost.kernel.refusals import Conflict, Forbidden, Invalid, NotFound
from lamppost.people.actors import ANONYMOUS, SYSTEM, Actor
from lamppost.people.choices import Role
from lamppost.people.models import Contact, Denial, Department, User
from lamppost.work.services.adding import NewItem, add_from_template, add_item

FileCase = Callable[..., Case]
MakeActor = Callable[..., Actor]
pytestmark = pytest.mark.django_db


def _photo() -> Any:
    from io import BytesIO

    data = BytesIO()
    Image.new("RGB", (8, 8), "red").save(data, "PNG")
    data.seek(0)
    data.name = "x.png"
    return data


def _closed(case: Case, outcome: str = "not-done") -> Case:
    lifecycle.close(case_id=case.pk, outcome_code=outcome, text="x", actor=SYSTEM)
    return case


def _offered(case: Case) -> Transfer:
    center = Department.objects.get(code="center")
    return transfers.offer_transfer(
        case_id=case.pk, department_id=center.pk, reason="x", actor=SYSTEM
    )


def _disputed(case: Case) -> Redress:
    return redress.dispute(case_id=_closed(case).pk, text="x", actor=ANONYMOUS)


def _sample(case: Case) -> QualitySample:
    closing = CaseEvent.objects.filter(case=_closed(case), kind="closed").latest("seq")
    return QualitySample.objects.create(
        case=case, closing=closing, day=timezone.now().date(), pool=SamplePool.ALL,
        department_id=case.department_id, drawn_at=timezone.now(),
    )  # fmt: skip


def _attached(case: Case) -> Attachment:
    return photos.attach(case, _photo(), actor=ANONYMOUS, by_staff=False, at=timezone.now())


def _twin(case: Case) -> str:
    return Case.objects.exclude(pk=case.pk).earliest("id").number


def _id(code: str) -> int:
    return Department.objects.get(code=code).pk


# How each service would act on the case; those that take ids of other things make one first.
WAYS: dict[str, Callable[[Case, Actor], object]] = {
    "lifecycle.move": lambda c, a: lifecycle.move(case_id=c.pk, status_code="in-progress", actor=a),
    "lifecycle.close": lambda c, a: lifecycle.close(
        case_id=c.pk, outcome_code="done", text="x", actor=a
    ),
    "lifecycle.reopen": lambda c, a: lifecycle.reopen(case_id=_closed(c).pk, reason="x", actor=a),
    "text_marks.hide": lambda c, a: text_marks.hide(case_id=c.pk, words="hole", actor=a),
    "text_marks.show": lambda c, a: text_marks.show(case_id=c.pk, start=0, end=3, actor=a),
    "assignment.assign": lambda c, a: assignment.assign(case_id=c.pk, user_id=None, actor=a),
    "assignment.assign_team": lambda c, a: assignment.assign_team(
        case_id=c.pk, team_id=None, actor=a
    ),
    "notes.add_note": lambda c, a: notes.add_note(
        case_id=c.pk, text="x", actor=a, audience=EventAudience.STAFF
    ),
    "priority.set_priority": lambda c, a: priority.set_priority(
        case_id=c.pk, priority=Priority.URGENT, reason="x", actor=a
    ),
    "corrections.correct": lambda c, a: corrections.correct(case_id=c.pk, address="x", actor=a),
    "corrections.recategorize": lambda c, a: corrections.recategorize(
        case_id=c.pk, service_code="TREE", reason="x", actor=a
    ),
    "corrections.set_visibility": lambda c, a: corrections.set_visibility(
        case_id=c.pk, visibility=Visibility.LIMITED, reason="x", actor=a
    ),
    "links.mark_duplicate": lambda c, a: links.mark_duplicate(
        case_id=c.pk, of_number=_twin(c), actor=a
    ),
    "links.unmark_duplicate": lambda c, a: links.unmark_duplicate(
        case_id=c.pk, reason="x", actor=a
    ),
    "links.relate": lambda c, a: links.relate(
        case_id=c.pk, to_number=_twin(c), kind=LinkKind.RELATED, actor=a
    ),
    "transfers.offer_transfer": lambda c, a: transfers.offer_transfer(
        case_id=c.pk, department_id=_id("center"), reason="x", actor=a
    ),
    "transfers.accept_transfer": lambda c, a: transfers.accept_transfer(
        transfer_id=_offered(c).pk, actor=a
    ),
    "transfers.refuse_transfer": lambda c, a: transfers.refuse_transfer(
        transfer_id=_offered(c).pk, reason="x", actor=a
    ),
    "transfers.take_back_offer": lambda c, a: transfers.take_back_offer(
        transfer_id=_offered(c).pk, actor=a
    ),
    "photos.add_staff_photo": lambda c, a: photos.add_staff_photo(c.pk, _photo(), actor=a),
    "photos.hide_photo": lambda c, a: photos.hide_photo(_attached(c), a, "x"),
    "clocks.waive": lambda c, a: clocks.waive(
        Clock.objects.filter(case=c).earliest("id"), at=timezone.now(), actor=a, reason="x"
    ),
    "redress.dispute": lambda c, a: redress.dispute(case_id=_closed(c).pk, text="x", actor=a),
    "redress.take_back": lambda c, a: redress.take_back(case_id=_disputed(c).case_id, actor=a),
    "redress.uphold": lambda c, a: redress.uphold(redress_id=_disputed(c).pk, text="x", actor=a),
    "redress.refuse": lambda c, a: redress.refuse(redress_id=_disputed(c).pk, text="x", actor=a),
    "quality.review": lambda c, a: quality.review(
        sample_id=_sample(c).pk, is_true=True, is_clear=True, is_shown=None, actor=a
    ),
    "answering.answer": lambda c, a: answering.answer(case_id=_closed(c).pk, text="x", actor=a),
    "reporter.comment": lambda c, a: reporter.comment(case_id=c.pk, text="x", actor=a),
    "reporter.withdraw": lambda c, a: reporter.withdraw(case_id=c.pk, actor=a),
    "reporter.stop_following": lambda c, a: reporter.stop_following(
        case_id=c.pk, token="x", actor=a
    ),
    "partner_links.make_link": lambda c, a: make_link(
        case_id=c.pk, offer=Offer(organization="x", level=LinkLevel.SEE, days=3), actor=a
    ),
    "adding.add_item": lambda c, a: add_item(
        case_id=c.pk, new=NewItem(department_id=c.department_id, title="x"), actor=a
    ),
    "adding.add_from_template": lambda c, a: add_from_template(
        case_id=c.pk, template_id=0, actor=a
    ),
}
# Takes a case and has a test of its own, with the reason.
ELSEWHERE = {
    "macros.run_macro": "each step is one of the services above",
    "locking.locked": "is the rule itself",
    "agents.filed": "ties a mail to a case and leaves the case as it is",
}
_SERVICES = Path(lamppost.__file__).parent


def _services_with_a_case() -> Iterator[str]:
    for path in sorted([*_SERVICES.glob("*/services/*.py"), *_SERVICES.glob("*/services.py")]):
        name = ".".join(("lamppost", *path.relative_to(_SERVICES).with_suffix("").parts))
        module = importlib.import_module(name)
        for one, function in inspect.getmembers(module, inspect.isfunction):
            takes = set(inspect.signature(function).parameters)
            is_own = function.__module__ == name and not one.startswith("_")
            if is_own and {"actor", "case_id"} <= takes:
                yield f"{path.stem}.{one}"


@pytest.fixture
def me(actor: MakeActor) -> Actor:
    """An administrator, whose role allows everything."""
    return actor(Role.ADMIN)


@pytest.fixture
def mine(file_case: FileCase, me: Actor) -> Case:
    """What the administrator reported as a resident, under the same account."""
    file_case()
    return file_case(actor=Actor(role=Role.RESIDENT, user_id=me.user_id))


def test_no_service_that_takes_a_case_is_missing_here() -> None:
    missing = set(_services_with_a_case()) - set(WAYS) - set(ELSEWHERE)
    assert not missing, "add a way to act by it to WAYS, so that one's own case is tried"


@pytest.mark.parametrize("way", sorted(WAYS))
def test_nobody_acts_on_their_own_report(way: str, mine: Case, me: Actor) -> None:
    before = Denial.objects.count()
    with pytest.raises(Forbidden, match="reported this case yourself"):
        WAYS[way](mine, me)
    kept = Denial.objects.order_by("-id")[: Denial.objects.count() - before]
    assert [row.user_id for row in kept] == [me.user_id]
    assert mine.number in kept[0].detail


@pytest.mark.parametrize("way", sorted(set(WAYS) - {"links.unmark_duplicate"}))
def test_a_colleague_is_not_refused_as_the_reporter(way: str, mine: Case, actor: MakeActor) -> None:
    colleague = actor(Role.ADMIN, name="Colleague")
    # Other refusals (nothing prepared, a photo missing) are other tests' business.
    with suppress(Invalid, Conflict, NotFound):
        WAYS[way](mine, colleague)
    assert not Denial.objects.exists()


def test_many_at_once_leaves_ones_own_out(mine: Case, me: Actor, file_case: FileCase) -> None:
    other = file_case()
    result = bulk.bulk_close(
        case_ids=[mine.pk, other.pk], outcome_code="done", reason="x", actor=me
    )
    assert result.done == (other.pk,)
    assert "yourself" in result.refused[mine.pk]
    assert Denial.objects.filter(user_id=me.user_id).count() == 1


def test_a_look_ahead_is_no_attempt(mine: Case, me: Actor) -> None:
    told = bulk.preview([mine], reason="x", actor=me, outcome_code="done")
    assert "yourself" in told[mine.pk]
    assert not Denial.objects.exists()


# -- what is one's own


@pytest.mark.parametrize(
    ("why", "changes", "is_own"),
    [
        ("an observation of one's own", {"channel": Channel.STAFF}, True),
        ("entered for an anonymous caller", {"channel": Channel.PHONE}, False),
        ("for a caller with a name", {"channel": Channel.PHONE,
         "reporter": Reporter(name="Ada", phone="+12155550101")}, False),
        ("with one's own e-mail", {"channel": Channel.PHONE,
         "reporter": Reporter(email="AGENT-center@staff.example")}, True),
        ("an observation for somebody else", {"channel": Channel.STAFF,
         "reporter": Reporter(name="Ada", email="ada@example.org")}, False),
    ],
)  # fmt: skip
def test_what_somebody_entered(
    why: str, changes: dict[str, Any], is_own: bool, file_case: FileCase, agent: Actor
) -> None:
    case = Case.objects.select_related("contact").get(pk=file_case(actor=agent, **changes).pk)
    assert is_own_case(case, agent) is is_own, why


def test_a_phone_known_as_ones_own_is_recognized(file_case: FileCase, agent: Actor) -> None:
    Contact.objects.create(user_id=agent.user_id, phone="+12155550142", created_at=timezone.now())
    case = file_case(reporter=Reporter(name="A", phone="215-555-0142"))
    found = Case.objects.select_related("contact").get(pk=case.pk)
    assert is_own_case(found, agent)


def test_an_agent_may_edit_what_they_entered_for_a_caller(
    file_case: FileCase, agent: Actor
) -> None:
    case = file_case(actor=agent, channel=Channel.PHONE, reporter=Reporter(name="Ada"))
    corrections.correct(case_id=case.pk, address="1 Elm Street", actor=agent)


def test_the_reporter_still_acts_as_a_resident(mine: Case, me: Actor) -> None:
    resident = Actor(role=Role.RESIDENT, user_id=me.user_id)
    reporter.comment(case_id=mine.pk, text="It grew", actor=resident)
    _closed(mine)
    redress.dispute(case_id=mine.pk, text="No", actor=resident)
    assert Redress.objects.get().opened_by_id == me.user_id


def test_ones_own_closing_is_never_drawn_for_oneself(
    city: City, mine: Case, me: Actor, actor: MakeActor
) -> None:
    """Of two who review, the reporter is not given it."""
    del me
    other = actor(Role.SUPERVISOR, "center")
    reporter_too = User.objects.get(pk=mine.contact.user_id)  # type: ignore[union-attr]
    closer = actor(Role.WORKER, "streets")
    lifecycle.close(case_id=mine.pk, outcome_code="done", text="x", actor=closer)
    city.quality_percent = 100
    city.save()
    quality.sample_missing_days(now=timezone.now() + timedelta(days=1))
    assert QualitySample.objects.get().assigned_to_id == other.user_id != reporter_too.pk
