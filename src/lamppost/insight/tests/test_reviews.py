"""Reviews: who may hold one, what a record needs, evidence and actions that stay."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from lamppost.cases.models import Case
from lamppost.cities.models import City
from lamppost.database.scope import city_scope
from lamppost.insight.choices import Section, SubjectKind
from lamppost.insight.figures import Figure
from lamppost.insight.models import (
    Review,
    ReviewAction,
    ReviewFigure,
    ReviewSubject,
    StatFigure,
)
from lamppost.insight.period import Quarter, add_months
from lamppost.insight.selectors.calendar import today
from lamppost.insight.selectors.evidence import evidence_of
from lamppost.insight.selectors.reviews import (
    agenda_of,
    held_page,
    participation,
    present_at,
    to_hold,
)
from lamppost.insight.services import actions, reviews
from lamppost.insight.services.daily import refresh
from lamppost.insight.services.stat import enter_figure
from lamppost.insight.services.subjects import (
    ensure_subjects,
    set_cadence,
    set_fiscal_year,
)
from lamppost.insight.tests.holding import hold
from lamppost.insight.tests.scene import at, tell
from lamppost.kernel.refusals import Conflict, Forbidden, Invalid, NotFound, Unauthenticated
from lamppost.people.actors import ANONYMOUS, Actor
from lamppost.people.choices import Role
from lamppost.people.models import Denial, Membership, StaffNotice, User
from lamppost.sla.models import Agreement

pytestmark = pytest.mark.django_db
FileCase = Callable[..., Case]
MakeActor = Callable[..., Actor]


# -- refusals


def test_who_may_not_hold_a_review(review: Review, actor: MakeActor) -> None:
    steps: list[Callable[[Actor], Any]] = [
        lambda who: reviews.schedule(review_id=review.pk, at=None, place="x", actor=who),
        lambda who: reviews.write_minutes(review_id=review.pk, minutes="x", actor=who),
        lambda who: reviews.set_attendance(review_id=review.pk, user_ids=[], actor=who),
        lambda who: hold(review, by=who),
        lambda who: actions.add_action(
            review_id=review.pk, text="x", owner_id=1, due_on=today(), actor=who
        ),
        lambda who: set_cadence(
            subject_id=review.subject_id, every_months=6, first_due_on=None, actor=who
        ),
        lambda who: reviews.open_now(subject_id=review.subject_id, actor=who),
    ]
    parks = actor(Role.MANAGER, "parks")
    worker, agent = actor(Role.WORKER, "streets", "w"), actor(Role.AGENT, "center", "a")
    before = Denial.objects.count()
    for step in steps:
        for who in (parks, worker, agent):
            with pytest.raises(Forbidden):
                step(who)
        with pytest.raises(Unauthenticated):
            step(ANONYMOUS)
    assert Denial.objects.count() == before + len(steps) * 3
    review.refresh_from_db()
    assert (review.place, review.minutes, review.held_at) == ("", "", None)


def test_the_stat_meeting_is_the_center_s(review: Review, manager: Actor) -> None:
    stat = Review.objects.get(subject__kind=SubjectKind.STAT)
    with pytest.raises(Forbidden):
        hold(stat, by=manager)
    with pytest.raises(Forbidden):
        set_fiscal_year(starts=7, actor=manager)
    with pytest.raises(Forbidden):
        enter_figure(
            quarter=Quarter(2026, 1, 1), section="budget", name="x", unit="", target=None,
            actual=Decimal(1), note="", actor=manager,
        )  # fmt: skip
    assert Denial.objects.filter(user_id=manager.user_id).count() == 3
    assert not StatFigure.objects.exists()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"decision": ""}, "decision"),  # an agreement needs one
        ({"decision": "abolish"}, "decision"),
        ({"minutes": "  "}, "minutes"),
        ({"minutes": "x" * 20_001}, "minutes"),
    ],
)
def test_what_a_record_needs(
    changes: dict[str, str], field: str, review: Review, director: Actor
) -> None:
    with pytest.raises(Invalid) as refusal:
        hold(review, by=director, **changes)
    assert [one.field for one in refusal.value.problems] == [field]
    assert not ReviewFigure.objects.exists()


def test_nobody_was_there(review: Review, director: Actor) -> None:
    with pytest.raises(Invalid) as refusal:
        reviews.hold(
            review_id=review.pk, decision="keep", decision_text="", minutes="x", actor=director
        )
    assert refusal.value.problems[0].field == "attendance"


def test_a_stranger_cannot_have_been_there(
    review: Review, director: Actor, other_city: City
) -> None:
    stranger = User.objects.create(email="x@elsewhere.example", name="X")
    with city_scope(other_city.pk):
        Membership.objects.create(user=stranger, role=Role.DIRECTOR)
    with pytest.raises(Invalid):
        reviews.set_attendance(review_id=review.pk, user_ids=[stranger.pk], actor=director)


def test_who_was_there_and_has_left_since_stays_on_record(
    review: Review, director: Actor, manager: Actor, actor: MakeActor
) -> None:
    left = actor(Role.WORKER, "streets", "Lee")
    ids = [one.user_id for one in (manager, left) if one.user_id is not None]
    reviews.set_attendance(review_id=review.pk, user_ids=ids, actor=director)
    User.objects.filter(pk=left.user_id).update(is_active=False)
    new = [*ids, director.user_id or 0]
    reviews.set_attendance(review_id=review.pk, user_ids=new, actor=director)
    assert {one.user_id for one in present_at(review)} == set(new)
    reviews.set_attendance(review_id=review.pk, user_ids=ids[:1], actor=director)
    with pytest.raises(Invalid):
        reviews.set_attendance(review_id=review.pk, user_ids=ids, actor=director)


def test_a_held_review_is_closed_for_good(review: Review, director: Actor) -> None:
    hold(review, by=director)
    for again in (
        lambda: hold(review, by=director),
        lambda: reviews.write_minutes(review_id=review.pk, minutes="Other", actor=director),
        lambda: reviews.schedule(review_id=review.pk, at=None, place="y", actor=director),
    ):
        with pytest.raises(Conflict):
            again()
    for change in (
        lambda: ReviewFigure.objects.update(value=1),
        lambda: ReviewFigure.objects.all().delete(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


def test_two_who_write_at_once(review: Review, director: Actor) -> None:
    seen = reviews.version_of(review)
    reviews.write_minutes(review_id=review.pk, minutes="Mine", actor=director, seen=seen)
    with pytest.raises(Conflict):
        reviews.write_minutes(review_id=review.pk, minutes="Yours", actor=director, seen=seen)
    review.refresh_from_db()
    assert review.minutes == "Mine"


def test_a_review_of_another_city_does_not_exist(
    review: Review, other_city: City, director: Actor
) -> None:
    with city_scope(other_city.pk), pytest.raises(NotFound):
        reviews.write_minutes(review_id=review.pk, minutes="x", actor=director)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"text": ""}, "text"),
        ({"text": "x" * 501}, "text"),
        ({"owner_id": 0}, "owner"),
        ({"due_on": None}, "due_on"),
        ({"due_on": date(2020, 1, 1)}, "due_on"),
    ],
)
def test_what_an_action_needs(
    changes: dict[str, Any], field: str, review: Review, director: Actor
) -> None:
    fields: dict[str, Any] = {"text": "Do it", "owner_id": director.user_id, "due_on": today()}
    with pytest.raises(Invalid) as refusal:
        actions.add_action(review_id=review.pk, actor=director, **(fields | changes))
    assert [one.field for one in refusal.value.problems] == [field]


def test_months_out_of_range(review: Review, director: Actor) -> None:
    for months in (0, 61):
        with pytest.raises(Invalid):
            set_cadence(
                subject_id=review.subject_id, every_months=months, first_due_on=None,
                actor=director,
            )  # fmt: skip


# -- evidence that stays


def test_the_figures_of_a_held_review_never_change(
    file_case: FileCase, actor: MakeActor, agreement: Agreement, director: Actor
) -> None:
    cases = tell(file_case, actor)
    ensure_subjects()
    subject = ReviewSubject.objects.get(agreement=agreement)
    review = Review.objects.create(
        subject=subject, due_on=date(2024, 7, 1), period_from=date(2024, 6, 1),
        period_to=date(2024, 6, 30), opened_at=timezone.now(), updated_at=timezone.now(),
    )  # fmt: skip
    refresh()
    live = evidence_of(review)
    assert (live.is_frozen, len(live.of(Section.EVIDENCE))) == (False, 13)
    held = hold(review, by=director)
    held.refresh_from_db()
    from lamppost.insight.tests.scene import close

    close(cases["open"], 28)
    refresh()
    kept = evidence_of(held)
    assert kept.is_frozen
    assert kept.figures == live.figures
    now = {one.measure: one.value for one in evidence_of_live(held)}
    assert now["closed_late"] == 2
    assert {one.measure: one.value for one in kept.figures}["closed_late"] == 1


def evidence_of_live(review: Review) -> list[Figure]:
    from lamppost.insight.selectors.evidence import live_figures

    return live_figures(review)


# -- actions, and who takes part


def test_what_is_open_is_on_the_next_agenda(
    review: Review, director: Actor, manager: Actor
) -> None:
    first, second = (
        actions.add_action(
            review_id=review.pk, text=text, owner_id=manager.user_id or 0,
            due_on=today() + timedelta(days=30), actor=director,
        )
        for text in ("Second crew", "New form")
    )  # fmt: skip
    assert (
        StaffNotice.objects.filter(user_id=manager.user_id, once_key__contains="action").count()
        == 2
    )
    hold(review, by=director)
    following = Review.objects.create(
        subject=review.subject, due_on=add_months(today(), 12), period_from=today(),
        period_to=today(), opened_at=timezone.now(), updated_at=timezone.now(),
    )  # fmt: skip
    assert [one.text for one in agenda_of(following).carried] == ["Second crew", "New form"]
    actions.finish_action(action_id=first.pk, note="Hired", actor=manager)
    agenda = agenda_of(following)
    assert [one.pk for one in agenda.carried] == [second.pk]
    assert [(one.pk, one.done_note) for one in agenda.done] == [(first.pk, "Hired")]
    # The record of the first meeting still says what it left to do.
    assert [one.pk for one in agenda_of(review).new] == [first.pk, second.pk]
    with pytest.raises(Conflict):
        actions.finish_action(action_id=first.pk, note="", actor=manager)


def test_only_its_owner_or_the_review_s_holders_finish_an_action(
    review: Review, director: Actor, actor: MakeActor
) -> None:
    action = actions.add_action(
        review_id=review.pk, text="x", owner_id=director.user_id or 0, due_on=today(),
        actor=director,
    )  # fmt: skip
    for who in (actor(Role.MANAGER, "parks"), actor(Role.WORKER, "streets", "w")):
        with pytest.raises(Forbidden):
            actions.finish_action(action_id=action.pk, note="", actor=who)
    done = actions.finish_action(action_id=action.pk, note="", actor=actor(Role.SUPERVISOR))
    assert done.done_at is not None


def test_participation_counts_what_was_held_and_who_came(
    review: Review, director: Actor, manager: Actor
) -> None:
    stat = Review.objects.get(subject__kind=SubjectKind.STAT)
    hold(review, director, by=director)  # nobody of the department came
    hold(stat, director, manager, by=director)
    long_ago = ReviewSubject.objects.get(pk=review.subject_id)
    Review.objects.create(
        subject=long_ago, due_on=date(2020, 1, 1), period_from=date(2019, 1, 1),
        period_to=date(2019, 12, 31), opened_at=timezone.now(), updated_at=timezone.now(),
        held_at=datetime(2020, 1, 5, tzinfo=at(1).tzinfo),
    )  # fmt: skip
    actions.add_action(
        review_id=review.pk, text="x", owner_id=manager.user_id or 0, due_on=today(),
        actor=director,
    )  # fmt: skip
    found = {
        one.department.code: (
            one.held, one.attended, one.meetings, one.open_actions, one.late_actions
        )
        for one in participation(on=today())
    }  # fmt: skip
    assert found == {
        "center": (0, 0, 0, 0, 0),
        "parks": (0, 0, 0, 0, 0),
        "streets": (1, 0, 1, 1, 0),
    }
    ReviewAction.objects.update(due_on=today() - timedelta(days=1))
    assert participation(on=today())[-1].late_actions == 1


def test_a_manager_sees_the_own_department_s_reviews(
    review: Review, manager: Actor, director: Actor, actor: MakeActor
) -> None:
    parks = actor(Role.MANAGER, "parks")
    assert {one.subject.kind for one in to_hold(manager)} == {"agreement", "stat"}
    assert {one.subject.kind for one in to_hold(parks)} == {"stat"}
    assert len(to_hold(director)) == 2
    hold(review, by=director)
    assert [one.pk for one in held_page(manager).reviews] == [review.pk]
    assert held_page(parks).reviews == ()


def test_held_reviews_page_by_page(
    review: Review, director: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    from lamppost.insight.selectors import reviews as selectors

    for year in range(2010, 2015):
        Review.objects.create(
            subject=review.subject, due_on=date(year, 1, 1), period_from=date(year - 1, 1, 1),
            period_to=date(year - 1, 12, 31), opened_at=timezone.now(),
            updated_at=timezone.now(), held_at=datetime(year, 1, 5, tzinfo=at(1).tzinfo),
        )  # fmt: skip
    monkeypatch.setattr(selectors, "PAGE_SIZE", 2)
    seen, after = [], ""
    for _ in range(3):
        page = held_page(director, after=after)
        seen += [one.due_on.year for one in page.reviews]
        after = page.after or ""
    assert (seen, after) == ([2014, 2013, 2012, 2011, 2010], "")
    for nonsense in ("x", "nan-1", "1e400-1", "-", "1-x"):
        assert [one.due_on.year for one in held_page(director, after=nonsense).reviews] == [
            2014,
            2013,
        ]
