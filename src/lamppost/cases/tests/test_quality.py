"""Second looks: who is drawn, who looks, what comes of it."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from lamppost.cases.choices import SamplePool, Verdict
from lamppost.cases.models import (
    BulkCase,
    BulkRun,
    Case,
    CaseEvent,
    QualityDay,
    QualitySample,
)
from lamppost.cases.sampling import Closing, draw, rank, reviewer_of
from lamppost.cases.services import lifecycle, quality, redress, reporter
from lamppost.cases.services.bulk import bulk_close, bulk_move
from lamppost.cities.models import City
from lamppost.database.scope import city_scope
from lamppost.kernel.refusals import Conflict, Forbidden, Invalid, NotFound
from lamppost.people.actors import ANONYMOUS, Actor
from lamppost.people.choices import Role
from lamppost.people.models import StaffNotice

FileCase = Callable[..., Case]
MakeActor = Callable[..., Actor]
DAY = date(2025, 6, 3)
KEY = b"a secret of this test"


def closings(count: int, *, bulk: bool = False) -> list[Closing]:
    return [Closing(event_id=n, case_id=10_000 + n, is_bulk=bulk) for n in range(count)]


def tomorrow() -> datetime:
    return timezone.now() + timedelta(days=1)


@pytest.fixture
def supervisor(actor: MakeActor) -> Actor:
    return actor(Role.SUPERVISOR, "center")


@pytest.fixture
def sample(city: City, file_case: FileCase, worker: Actor, supervisor: Actor) -> QualitySample:
    """A closing of a worker, drawn for the supervisor."""
    case = file_case()
    lifecycle.close(case_id=case.pk, outcome_code="done", text="Filled", actor=worker)
    quality.sample_missing_days(now=tomorrow())
    return QualitySample.objects.get()


# -- the draw, without a database


@pytest.mark.parametrize(
    ("count", "percent", "drawn", "why"),
    [
        (0, 2, 0, "out of nothing nothing is drawn"),
        (1, 2, 1, "at least one"),
        (50, 2, 1, "two in a hundred"),
        (51, 2, 2, "rounded up"),
        (1000, 2, 20, "of a thousand, twenty"),
        (7, 0, 0, "a city may draw none"),
        (7, 100, 7, "or all"),
    ],
)
def test_how_many_are_drawn(count: int, percent: int, drawn: int, why: str) -> None:
    assert len(draw(closings(count), day=DAY, key=KEY, percent=percent)) == drawn, why


def test_the_draw_is_the_same_again_in_any_order() -> None:
    rows = closings(500)
    first = draw(rows, day=DAY, key=KEY, percent=2)
    random.Random(1).shuffle(rows)
    assert draw(rows, day=DAY, key=KEY, percent=2) == first


def test_nobody_knows_it_without_the_secret_or_on_another_day() -> None:
    rows = closings(500)
    draws = [
        {one.case_id for one in draw(rows, day=day, key=key, percent=10)}
        for day, key in ((DAY, KEY), (DAY, b"another"), (date(2025, 6, 4), KEY))
    ]
    # Independent draws of 50 in 500 share 5 on average; 20 would be a wonder.
    for one in range(3):
        for other in range(one):
            assert len(draws[one] & draws[other]) < 20


def test_the_draw_is_even_over_early_and_late_closings() -> None:
    """Over many days each quarter of the ids gets its share: chi-square, 3 degrees, p > 0.001."""
    counts = Counter(
        one.event_id // 250
        for number in range(100)
        for one in draw(
            closings(1000), day=date(2025, 1, 1) + timedelta(days=number), key=KEY, percent=2
        )
    )
    assert sum(counts.values()) == 2000
    assert sum((counts[quarter] - 500) ** 2 / 500 for quarter in range(4)) < 16.27


def test_looks_are_spread_evenly_and_never_to_who_is_barred() -> None:
    given = Counter(
        reviewer_of(one, {1, 2, 3}, day=DAY, key=KEY, barred={3}) for one in closings(400)
    )
    assert set(given) == {1, 2}
    assert min(given.values()) > 150
    own = Closing(event_id=1, case_id=1, closer_id=1)
    assert reviewer_of(own, {1, 2}, day=DAY, key=KEY, barred=()) == 2
    assert reviewer_of(own, {1}, day=DAY, key=KEY, barred=()) is None


def test_the_rank_depends_on_the_case_and_the_closing() -> None:
    one, other = Closing(1, 7), Closing(2, 7)
    assert rank(one, day=DAY, key=KEY) != rank(other, day=DAY, key=KEY)


# -- the night


def test_closing_100_at_once_without_a_reason_is_refused(
    file_case: FileCase, worker: Actor
) -> None:
    ids = [file_case().pk for _ in range(100)]
    with pytest.raises(Invalid, match="reason"):
        bulk_close(case_ids=ids, outcome_code="done", reason="  ", actor=worker)
    assert not Case.objects.filter(state="closed").exists()
    assert not BulkRun.objects.exists()


def test_a_bulk_run_is_on_record_with_what_it_changed(
    file_case: FileCase, worker: Actor, actor: MakeActor
) -> None:
    cases = [file_case() for _ in range(3)]
    foreign = file_case(service_code="TREE", answers={})
    ids = [one.pk for one in (*cases, foreign)]
    result = bulk_close(case_ids=ids, outcome_code="not-done", reason="Paved", actor=worker)
    run = BulkRun.objects.get()
    assert (run.user_id, run.reason, run.chosen_count) == (worker.user_id, "Paved", 4)
    assert run.ended_at is not None
    assert set(BulkCase.objects.values_list("event__case_id", flat=True)) == set(result.done)
    assert len(result.done) == 3
    other = [file_case().pk]
    bulk_move(case_ids=other, status_code="in-progress", reason="Crew", actor=worker)
    assert BulkRun.objects.latest("id").step == "move"


def test_the_night_draws_two_in_a_hundred_and_ten_of_many_at_once(
    file_case: FileCase, worker: Actor, supervisor: Actor
) -> None:
    single = [file_case() for _ in range(11)]
    for case in single:
        lifecycle.close(case_id=case.pk, outcome_code="done", text="Filled", actor=worker)
    many = [file_case().pk for _ in range(21)]
    bulk_close(case_ids=many, outcome_code="done", reason="Paved", actor=worker)
    quality.sample_missing_days(now=tomorrow())
    pools = Counter(QualitySample.objects.values_list("pool", flat=True))
    # 10 % of 21 are 3; 2 % of all 32 are 1, which may be one of the three.
    assert pools[SamplePool.BULK] == 3
    assert pools[SamplePool.ALL] <= 1
    day = QualityDay.objects.get()
    assert (day.closed_count, day.bulk_count) == (32, 21)
    assert day.sample_count == sum(pools.values())
    assert set(QualitySample.objects.values_list("assigned_to_id", flat=True)) == {
        supervisor.user_id
    }
    notice = StaffNotice.objects.get(user_id=supervisor.user_id)
    assert str(day.sample_count) in notice.subject


def test_a_day_is_drawn_from_once(sample: QualitySample, worker: Actor) -> None:
    assert quality.sample_missing_days(now=tomorrow()) == 0
    assert quality.sample_day(sample.day, now=tomorrow()) == 0
    assert (QualitySample.objects.count(), StaffNotice.objects.count()) == (1, 1)


def test_what_is_cut_off_leaves_nothing_and_is_done_again(
    file_case: FileCase, worker: Actor, supervisor: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = file_case()
    lifecycle.close(case_id=case.pk, outcome_code="done", text="Filled", actor=worker)

    def cut_off(*_args: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(quality, "_tell_reviewers", cut_off)
        with pytest.raises(KeyboardInterrupt), transaction.atomic():
            quality.sample_missing_days(now=tomorrow())
    assert (QualityDay.objects.count(), QualitySample.objects.count()) == (0, 0)
    assert quality.sample_missing_days(now=tomorrow()) == 1


def test_days_the_worker_slept_through_are_made_up_for(
    sample: QualitySample, file_case: FileCase, worker: Actor
) -> None:
    later = sample.drawn_at + timedelta(days=4)
    quality.sample_missing_days(now=later)
    days = list(QualityDay.objects.order_by("day").values_list("day", flat=True))
    assert days == [sample.day + timedelta(days=number) for number in range(len(days))]
    assert len(days) == 5


def test_only_what_staff_and_partners_closed_is_drawn_from(
    file_case: FileCase, supervisor: Actor
) -> None:
    reporter.withdraw(case_id=file_case().pk, actor=ANONYMOUS)
    quality.sample_missing_days(now=tomorrow())
    assert QualityDay.objects.get().closed_count == 0


def test_a_date_set_back_escapes_nothing(
    file_case: FileCase, worker: Actor, supervisor: Actor
) -> None:
    case = file_case(requested_at=datetime(2025, 1, 2, 15, tzinfo=UTC))
    lifecycle.close(
        case_id=case.pk, outcome_code="done", text="Filled", actor=worker,
        at=datetime(2025, 1, 3, 15, tzinfo=UTC),
    )  # fmt: skip
    assert quality.sample_missing_days(now=tomorrow()) == 1


def test_the_other_city_s_closings_are_its_own(sample: QualitySample, other_city: City) -> None:
    with city_scope(other_city.pk):
        assert quality.sample_missing_days(now=tomorrow()) == 0
        assert not QualitySample.objects.exists()
    assert quality.sampling_key(other_city) != quality.sampling_key(sample.case.city)


# -- the look


@pytest.mark.parametrize(
    ("is_true", "is_clear", "is_shown", "verdict"),
    [
        (True, True, None, Verdict.OK),
        (True, True, True, Verdict.OK),
        (True, False, None, Verdict.WORDING),
        (True, True, False, Verdict.WRONG),
        (False, True, None, Verdict.WRONG),
        (False, False, True, Verdict.WRONG),
    ],
)
def test_three_answers_make_a_verdict(
    is_true: bool, is_clear: bool, is_shown: bool | None, verdict: Verdict
) -> None:
    found = quality.verdict_of(is_true=is_true, is_clear=is_clear, is_shown=is_shown)
    assert found == verdict


def look(sample: QualitySample, actor: Actor, **changes: object) -> QualitySample:
    answers = {"is_true": True, "is_clear": True, "is_shown": None} | changes
    return quality.review(sample_id=sample.pk, actor=actor, **answers)  # type: ignore[arg-type]


def test_who_may_not_look(
    sample: QualitySample, worker: Actor, agent: Actor, actor: MakeActor, file_case: FileCase
) -> None:
    for person in (worker, agent, actor(Role.MANAGER, "streets"), actor(Role.EDITOR)):
        with pytest.raises(Forbidden):
            look(sample, person)
    closer = actor(Role.SUPERVISOR, "center", "Closer")
    case = file_case()
    lifecycle.close(case_id=case.pk, outcome_code="done", text="Filled", actor=closer)
    own = QualitySample.objects.create(
        case=case, closing=CaseEvent.objects.filter(case=case).latest("seq"),
        day=sample.day, pool=SamplePool.ALL, department_id=case.department_id,
        closed_by_id=closer.user_id, drawn_at=timezone.now(),
    )  # fmt: skip
    with pytest.raises(Forbidden, match="closed this case yourself"):
        look(own, closer)


def test_what_is_wrong_is_said_and_kept_once(sample: QualitySample, supervisor: Actor) -> None:
    with pytest.raises(Invalid):
        look(sample, supervisor, is_true=False)
    with pytest.raises(Invalid):
        look(sample, supervisor, note="Fine", reopen=True)
    with pytest.raises(NotFound):
        quality.review(sample_id=0, is_true=True, is_clear=True, is_shown=None, actor=supervisor)
    kept = look(sample, supervisor, is_clear=False, note="Nobody knows what this means")
    assert (kept.verdict, kept.reviewed_by_id) == ("wording", supervisor.user_id)
    with pytest.raises(Conflict):
        look(sample, supervisor)
    event = CaseEvent.objects.get(kind="quality")
    assert event.audience == "staff"
    assert event.data["verdict"] == "wording"


def test_an_untrue_closing_opens_again_for_the_department_to_see(
    sample: QualitySample, supervisor: Actor, actor: MakeActor
) -> None:
    manager = actor(Role.MANAGER, "streets")
    look(sample, supervisor, is_true=False, note="Nothing was filled", reopen=True)
    case = Case.objects.get(pk=sample.case_id)
    assert (case.state, case.reopen_count) == ("open", 1)
    assert StaffNotice.objects.filter(user_id=manager.user_id, kind="quality").count() == 1


def test_a_case_opened_meanwhile_is_not_opened_again(
    sample: QualitySample, supervisor: Actor
) -> None:
    redress.dispute(case_id=sample.case_id, text="No", actor=ANONYMOUS)
    with pytest.raises(Conflict):
        look(sample, supervisor, is_true=False, note="Nothing", reopen=True)
    assert look(sample, supervisor, is_true=False, note="Nothing").verdict == "wrong"


def test_two_processes_draw_a_day_once(sample: QualitySample) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM cases_qualityday")
        assert cursor.fetchone() == (1,)
    with pytest.raises(Exception, match="qualityday_once"), transaction.atomic():
        QualityDay.objects.create(
            day=sample.day, drawn_at=timezone.now(), closed_count=0, bulk_count=0, sample_count=0
        )
