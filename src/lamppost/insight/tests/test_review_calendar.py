"""When a review is due, and who is told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.utils import timezone

from lamppost.cases.models import Case
from lamppost.cities.models import City
from lamppost.insight.choices import SubjectKind
from lamppost.insight.models import (
    Review,
)
from lamppost.insight.period import add_months
from lamppost.insight.selectors import overdue_agreements, review_standing
from lamppost.insight.selectors.calendar import today
from lamppost.insight.selectors.evidence import evidence_of
from lamppost.insight.selectors.promised import promised_now
from lamppost.insight.services import reviews, telling
from lamppost.insight.services.subjects import (
    add_knowledge_area,
    set_cadence,
    set_fiscal_year,
)
from lamppost.insight.tests.holding import effective, hold
from lamppost.people.actors import Actor
from lamppost.people.choices import Role
from lamppost.people.models import Department, StaffNotice
from lamppost.sla.models import Agreement, AgreementVersion

pytestmark = pytest.mark.django_db
FileCase = Callable[..., Case]
MakeActor = Callable[..., Actor]


# -- when a review is due


@pytest.mark.parametrize(
    ("in_force_months", "opened", "overdue"),
    [
        (13, True, True),  # a month past its day
        (12, True, False),  # due today: not late until tomorrow
        (11.5, True, False),  # opened a month ahead, so that a date is found in time
        (6, False, False),
    ],
)
def test_opened_when_due(
    in_force_months: float, opened: bool, overdue: bool, agreement: Agreement
) -> None:
    whole = int(in_force_months)
    day = add_months(today(), -whole) - timedelta(days=15 if whole != in_force_months else 0)
    effective(agreement, day)
    reviews.open_due_reviews()
    assert Review.objects.filter(subject__agreement=agreement).exists() is opened
    standing = review_standing(agreement.pk)
    assert standing.due_on == add_months(day, 12)
    assert standing.is_overdue is overdue
    assert (agreement.pk in overdue_agreements()) is overdue


def test_standing_before_anybody_opened_the_calendar(agreement: Agreement) -> None:
    standing = review_standing(agreement.pk)
    assert (standing.every_months, standing.held_on) == (12, None)
    assert standing.is_overdue
    assert overdue_agreements() == {agreement.pk}


def test_a_held_review_counts_from_its_day(
    review: Review, agreement: Agreement, director: Actor
) -> None:
    hold(review, by=director)
    standing = review_standing(agreement.pk)
    assert standing.held_on == today()
    assert standing.due_on == add_months(today(), 12)
    assert not standing.is_overdue
    assert review_standing(agreement.pk, on=add_months(today(), 13)).is_overdue
    assert overdue_agreements() == frozenset()
    assert reviews.open_due_reviews() == 0


def test_an_agreement_that_has_ended_is_not_reviewed_as_what_it_was_before(
    review: Review, agreement: Agreement, director: Actor
) -> None:
    """The older version does not hold again: no new case gets its promise."""
    day = today()
    AgreementVersion.objects.create(
        agreement=agreement,
        effective_from=day - timedelta(days=40),
        effective_to=day,
        calendar=AgreementVersion.objects.filter(agreement=agreement)[0].calendar,
        published_at=timezone.now(),
    )
    after = day + timedelta(days=1)
    assert promised_now(agreement.pk, on=day) is not None
    assert review_standing(agreement.pk, on=day).due_on is not None
    assert promised_now(agreement.pk, on=after) is None
    assert review_standing(agreement.pk, on=after).due_on is None
    assert agreement.pk not in overdue_agreements(on=add_months(after, 60))
    hold(review, by=director)
    assert review_standing(agreement.pk, on=after).due_on is None
    assert agreement.pk not in overdue_agreements(on=add_months(after, 60))


def test_every_six_months(review: Review, agreement: Agreement, director: Actor) -> None:
    set_cadence(subject_id=review.subject_id, every_months=6, first_due_on=None, actor=director)
    hold(review, by=director)
    later = add_months(today(), 6)
    assert review_standing(agreement.pk).due_on == later
    assert reviews.open_due_reviews(on=later) == 1
    again = Review.objects.get(subject=review.subject, held_at=None)
    assert (again.period_from, again.period_to) == (
        add_months(later, -6),
        later - timedelta(days=1),
    )


def test_a_day_chosen_by_hand(review: Review, agreement: Agreement, director: Actor) -> None:
    day = today() + timedelta(days=200)
    set_cadence(subject_id=review.subject_id, every_months=12, first_due_on=day, actor=director)
    assert review_standing(agreement.pk).due_on == day


def test_opened_once_however_often_the_task_runs(review: Review) -> None:
    assert Review.objects.count() == 2  # the agreement and the stat meeting
    assert reviews.open_due_reviews() == 0
    assert Review.objects.count() == 2


def test_an_area_of_knowledge_has_its_own_rhythm(city: City, director: Actor) -> None:
    subject = add_knowledge_area(
        name="Heat", department_id=Department.objects.get(code="parks").pk, every_months=6,
        actor=director,
    )  # fmt: skip
    later = add_months(today(), 6)
    reviews.open_due_reviews(on=later - timedelta(days=31))
    assert not Review.objects.filter(subject=subject).exists()
    reviews.open_due_reviews(on=later)
    review = Review.objects.get(subject=subject)
    assert review.due_on == later
    found = {one.measure: (one.value, one.n) for one in evidence_of(review).figures}
    assert found["article_helped"] == (None, 0)
    assert found["translation_stale"] == (0, None)
    assert hold(review, by=director).held_at is not None


def test_stat_meetings_follow_the_fiscal_quarters(city: City, director: Actor) -> None:
    set_fiscal_year(starts=7, actor=director)
    reviews.open_due_reviews(on=date(2026, 11, 22))
    review = Review.objects.get(subject__kind=SubjectKind.STAT)
    assert (review.period_from, review.period_to) == (date(2026, 7, 1), date(2026, 9, 30))
    assert review.due_on == date(2026, 10, 30)
    hold(review, by=director)
    reviews.open_due_reviews(on=date(2026, 12, 31))
    assert not Review.objects.filter(subject=review.subject, held_at=None).exists()
    reviews.open_due_reviews(on=date(2027, 1, 1))
    found = Review.objects.get(subject=review.subject, held_at=None)
    assert found.period_from == date(2026, 10, 1)


# -- who is told


def test_both_sides_are_told_once(
    agreement: Agreement, director: Actor, manager: Actor, actor: MakeActor
) -> None:
    supervisor, parks = actor(Role.SUPERVISOR, "center"), actor(Role.MANAGER, "parks")
    worker = actor(Role.WORKER, "streets", "w")
    for _ in range(2):
        reviews.open_due_reviews()
    told = dict.fromkeys((one.user_id for one in (director, supervisor, manager, parks, worker)), 0)
    for user_id in StaffNotice.objects.values_list("user_id", flat=True):
        told[user_id] += 1
    # The center hears of both at once; managers of the stat meeting, and theirs of the agreement.
    assert list(told.values()) == [1, 1, 2, 1, 0]
    theirs = StaffNotice.objects.filter(user_id=manager.user_id, subject__contains="Pothole").get()
    assert theirs.path == f"/desk/reviews/{Review.objects.get(subject__agreement=agreement).pk}/"


def test_what_is_opened_later_the_same_day_is_told_too(
    agreement: Agreement, director: Actor, manager: Actor
) -> None:
    reviews.open_due_reviews()
    streets = Department.objects.get(code="streets").pk
    area = add_knowledge_area(name="Salt", department_id=streets, every_months=12, actor=manager)
    set_cadence(subject_id=area.pk, every_months=12, first_due_on=today(), actor=manager)
    for _ in range(2):
        reviews.open_due_reviews()
    for who in (director, manager):
        told = StaffNotice.objects.filter(user_id=who.user_id, subject__contains="Salt")
        assert told.count() == 1, who


def test_a_review_is_not_opened_without_its_notices(
    agreement: Agreement, director: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut_off(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(telling, "tell", cut_off)
        with pytest.raises(KeyboardInterrupt):
            reviews.open_due_reviews()
    assert not Review.objects.exists()
    assert reviews.open_due_reviews() == 2
    assert StaffNotice.objects.filter(user_id=director.user_id).exists()


def test_told_again_when_the_day_has_passed(agreement: Agreement, manager: Actor) -> None:
    effective(agreement, add_months(today(), -12) + timedelta(days=10))
    reviews.open_due_reviews()
    StaffNotice.objects.all().delete()
    due = Review.objects.get(subject__agreement=agreement).due_on
    reviews.open_due_reviews(on=due)
    assert not StaffNotice.objects.filter(subject__contains="Overdue").exists()
    for _ in range(2):
        reviews.open_due_reviews(on=due + timedelta(days=1))
    assert StaffNotice.objects.filter(subject="Overdue for review: Pothole").count() == 1
