"""Reviews: opened when due, told to both sides, held once, and a record that stays."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from lamppost.cases.models import Case
from lamppost.catalog.models import Service
from lamppost.cities.models import City
from lamppost.database.scope import city_scope
from lamppost.insight.choices import GroupKind, Section, SubjectKind
from lamppost.insight.figures import Figure
from lamppost.insight.models import (
    Review,
    ReviewAction,
    ReviewFigure,
    ReviewSubject,
    StatFigure,
)
from lamppost.insight.period import Period, Quarter, add_months
from lamppost.insight.selectors import overdue_agreements, review_standing
from lamppost.insight.selectors.calendar import today
from lamppost.insight.selectors.evidence import evidence_of
from lamppost.insight.selectors.promised import promised_now
from lamppost.insight.selectors.reviews import (
    agenda_of,
    held_page,
    participation,
    present_at,
    to_hold,
)
from lamppost.insight.selectors.stat import entered_figures, stat_figures
from lamppost.insight.services import actions, reviews, telling
from lamppost.insight.services.daily import refresh
from lamppost.insight.services.stat import enter_figure
from lamppost.insight.services.subjects import (
    add_knowledge_area,
    ensure_subjects,
    set_cadence,
    set_fiscal_year,
)
from lamppost.insight.tests.scene import at, tell
from lamppost.kernel.refusals import Conflict, Forbidden, Invalid, NotFound, Unauthenticated
from lamppost.people.actors import ANONYMOUS, Actor
from lamppost.people.choices import Role
from lamppost.people.models import Absence, Denial, Department, Membership, StaffNotice, User
from lamppost.sla.models import Agreement, AgreementVersion

pytestmark = pytest.mark.django_db
FileCase = Callable[..., Case]
MakeActor = Callable[..., Actor]


@pytest.fixture
def director(actor: MakeActor) -> Actor:
    """The director of the 311 center."""
    return actor(Role.DIRECTOR, name="Dana")


@pytest.fixture
def manager(actor: MakeActor) -> Actor:
    """The manager of the streets department."""
    return actor(Role.MANAGER, "streets", "Max")


@pytest.fixture
def agreement(city: City) -> Agreement:
    """The agreement on potholes, in force since 2015."""
    return Agreement.objects.get(service__code="POTHOLE")


@pytest.fixture
def review(agreement: Agreement) -> Review:
    """The review of the agreement on potholes, open."""
    reviews.open_due_reviews()
    return Review.objects.get(subject__agreement=agreement)


def hold(review: Review, *present: Actor, by: Actor, **more: Any) -> Review:
    """Hold a review with these people."""
    people = [one.user_id for one in present or (by,) if one.user_id is not None]
    reviews.set_attendance(review_id=review.pk, user_ids=people, actor=by)
    fields: dict[str, Any] = {
        "decision": "keep" if review.subject.kind == SubjectKind.AGREEMENT else "",
        "decision_text": "As it is.",
        "minutes": "We talked.",
    }
    return reviews.hold(review_id=review.pk, actor=by, **(fields | more))


def effective(agreement: Agreement, day: date) -> None:
    """Let the agreement be in force since ``day``; published versions are guarded rows."""
    AgreementVersion.objects.create(
        agreement=agreement,
        effective_from=day,
        calendar=AgreementVersion.objects.filter(agreement=agreement)[0].calendar,
        approved_by="Council",
        published_at=timezone.now(),
    )


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


# -- stat meetings


def test_a_figure_entered_again_replaces_it_and_keeps_the_first(
    city: City, director: Actor
) -> None:
    quarter = Quarter(2026, 3, 1)
    for actual in ("3.39", "2.20"):
        enter_figure(
            quarter=quarter, section="budget", name="Cost per contact", unit="USD",
            target=Decimal("2"), actual=Decimal(actual), note="", actor=director,
        )  # fmt: skip
    [shown] = entered_figures(quarter.period)
    assert (shown.actual, shown.entered_by_id) == (Decimal("2.2000"), director.user_id)
    assert StatFigure.objects.count() == 2
    assert entered_figures(quarter.before.period) == []
    with pytest.raises(DatabaseError), transaction.atomic():
        StatFigure.objects.update(actual=1)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"section": "evidence"}, "section"),
        ({"name": ""}, "name"),
        ({"actual": None}, "actual"),
        ({"actual": Decimal(10) ** 20}, "actual"),
    ],
)
def test_what_a_figure_needs(
    changes: dict[str, Any], field: str, city: City, director: Actor
) -> None:
    fields: dict[str, Any] = {
        "quarter": Quarter(2026, 3, 1), "section": "budget", "name": "x", "unit": "",
        "target": None, "actual": Decimal(1), "note": "", "actor": director,
    }  # fmt: skip
    with pytest.raises(Invalid) as refusal:
        enter_figure(**(fields | changes))
    assert [one.field for one in refusal.value.problems] == [field]


def test_the_five_sections(
    file_case: FileCase, actor: MakeActor, manager: Actor, director: Actor
) -> None:
    tell(file_case, actor)
    file_case(service_code="QUESTION", answers={}, point=None, requested_at=at(3))
    refresh()
    period = Period(date(2024, 4, 1), date(2024, 6, 30))
    Absence.objects.create(
        user_id=manager.user_id, first_day=date(2024, 6, 28), last_day=date(2024, 7, 5),
        created_at=timezone.now(),
    )  # fmt: skip
    found = {
        (one.section, one.measure, one.group_kind, one.group_code): one.value
        for one in stat_figures(period, now=timezone.now())
    }
    whole, streets = (GroupKind.WHOLE, ""), (GroupKind.DEPARTMENT, "streets")
    assert found[Section.OPERATIONS, "received", *whole] == 10
    assert found[Section.OPERATIONS, "on_time", *streets] == Decimal("0.6667")
    # Open: the overdue one, the paused one, the waived one and the tree.
    assert found[Section.OPERATIONS, "backlog", *whole] == 4
    assert found[Section.OPERATIONS, "backlog", *streets] == 3
    assert found[Section.OPERATIONS, "backlog_overdue", *whole] == 1
    assert found[Section.OPERATIONS, "backlog_old", *whole] == 4
    assert found[Section.STAFF, "workers", *streets] == 1
    assert found[Section.STAFF, "open_per_worker", *streets] == 3
    assert found[Section.STAFF, "absent_days", *streets] == 3  # 28 to 30 June
    assert found[Section.TECHNOLOGY, "channel_share", GroupKind.CHANNEL, "web"] == 1
    assert found[Section.SERVICE, "language_share", GroupKind.LANGUAGE, "es"] == Decimal("0.1000")
    assert found[Section.SERVICE, "questions", *whole] == 1
    assert found[Section.SERVICE, "reopened", *whole] == Decimal("0.1667")
    assert not [key for key in found if key[0] is Section.BUDGET]


def test_costs_the_same_for_many_departments(
    city: City, django_assert_max_num_queries: Any
) -> None:
    period = Period(date(2024, 4, 1), date(2024, 6, 30))
    stat_figures(period, now=timezone.now())
    with django_assert_max_num_queries(34):
        stat_figures(period, now=timezone.now())
    parks = Department.objects.get(code="parks")
    for number in range(20):
        Service.objects.create(
            code=f"S{number}", name={"en": "x"}, department=parks,
            group=Service.objects.all()[0].group,
        )  # fmt: skip
    with django_assert_max_num_queries(34):
        stat_figures(period, now=timezone.now())
