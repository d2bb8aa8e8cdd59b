"""Teams and absences: who may say so, what a day means, who stands in, and that it ends."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils.translation import get_language

from lamppost.cities.models import City
from lamppost.database.scope import city_scope
from lamppost.kernel.refusals import Conflict, Forbidden, Invalid, NotFound, Refusal
from lamppost.people.absences import (
    absences_for,
    away_now,
    covered_by,
    end_absence,
    enter_absence,
    today,
    with_covers,
)
from lamppost.people.actors import ANONYMOUS, Actor, actor_of
from lamppost.people.choices import NoticeKind, Role
from lamppost.people.models import (
    Absence,
    AuditEntry,
    Denial,
    Department,
    Membership,
    StaffNotice,
    Team,
    User,
)
from lamppost.people.notices import tell
from lamppost.people.teams import managed_teams, members_of, save_team, teams_of, teams_of_user

pytestmark = pytest.mark.django_db
Person = Callable[..., User]


def _streets() -> int:
    return Department.objects.get(code="streets").pk


def _team(actor: Actor, **changes: object) -> Team:
    fields: dict[str, object] = {
        "name": "North yard", "language": "en", "members": (), "code": "north",
        "department_id": _streets(),
    }  # fmt: skip
    return save_team(actor=actor, **(fields | changes))  # type: ignore[arg-type]


# -- teams


@pytest.mark.parametrize(
    ("role", "department", "may"),
    [
        (Role.WORKER, "streets", False),
        (Role.MANAGER, "parks", False),
        (Role.SUPERVISOR, "center", False),  # other rights reach everywhere, people do not
        (Role.AGENT, "center", False),
        (Role.DIRECTOR, None, False),
        (Role.MANAGER, "streets", True),
        (Role.ADMIN, None, True),
    ],
)
def test_who_makes_a_team_of_the_streets_department(
    role: Role, department: str | None, may: bool, person: Person
) -> None:
    actor = actor_of(person(role, department))
    if may:
        assert _team(actor).code == "north"
        assert AuditEntry.objects.get().label == "streets/north"
    else:
        with pytest.raises(Forbidden):
            _team(actor)
        assert Denial.objects.count() == 1
        assert not Team.objects.exists()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"code": "North yard"}, "code"),
        ({"code": ""}, "code"),
        ({"code": "x" * 64}, "code"),
        ({"members": {10**9}}, "members"),
        ({"department_id": 10**9}, "department"),
    ],
)
def test_what_a_team_cannot_be(changes: dict[str, object], field: str, person: Person) -> None:
    manager = actor_of(person(Role.ADMIN))
    with pytest.raises(Invalid) as refused:
        _team(manager, **changes)
    assert [one.field for one in refused.value.problems] == [field]


def test_a_team_has_people_of_its_department_and_keeps_its_code(person: Person) -> None:
    manager, wanda = person(Role.MANAGER, "streets"), person(Role.WORKER, "streets", "Wanda")
    stranger = person(Role.WORKER, "parks", "Pat")
    actor = actor_of(manager)
    with pytest.raises(Invalid, match="Only people of the department"):
        _team(actor, members={stranger.pk})
    team = _team(actor, members={wanda.pk})
    with pytest.raises(Conflict):
        _team(actor)
    save_team(
        actor=actor, team_id=team.pk, name="Patio norte", language="es",
        members={wanda.pk, manager.pk}, code="other",
    )  # fmt: skip
    team.refresh_from_db()
    assert (team.code, team.name) == ("north", {"en": "North yard", "es": "Patio norte"})
    assert [one.name for one in members_of(team.pk)] == ["Wanda", "manager"]
    assert [one.code for one in teams_of_user(wanda.pk)] == ["north"]
    assert teams_of(_streets(), user_id=wanda.pk)[0].is_mine
    Membership.objects.filter(user=wanda).update(is_active=False)
    assert wanda not in members_of(team.pk), "who left is no member"
    save_team(actor=actor, team_id=team.pk, name="x", language="en", members=(), is_active=False)
    assert teams_of(_streets()) == []
    assert [one.is_active for one in managed_teams(actor)] == [False]


def test_a_team_of_another_city_does_not_exist(
    city: City, other_city: City, person: Person
) -> None:
    with city_scope(other_city.pk):
        theirs = Team.objects.create(
            department=Department.objects.get(code="streets"), code="x", name={}
        )
    admin = actor_of(person(Role.ADMIN))
    with pytest.raises(NotFound):
        _team(admin, team_id=theirs.pk)


# -- absences


def _away(user: User, actor: Actor, first: date, last: date, cover: User | None = None) -> Absence:
    return enter_absence(
        user_id=user.pk, first_day=first, last_day=last,
        covered_by_id=cover.pk if cover else None, actor=actor,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("who", "refused"),
    [
        ("themselves", None),
        ("manager", None),
        ("admin", None),
        ("colleague", Forbidden),
        ("other manager", Forbidden),
        ("supervisor", Forbidden),
        ("nobody", Refusal),
    ],
)
def test_who_enters_an_absence(who: str, refused: type[Refusal] | None, person: Person) -> None:
    wanda = person(Role.WORKER, "streets", "Wanda")
    actor = {
        "themselves": lambda: actor_of(wanda),
        "manager": lambda: actor_of(person(Role.MANAGER, "streets")),
        "admin": lambda: actor_of(person(Role.ADMIN)),
        "colleague": lambda: actor_of(person(Role.WORKER, "streets", "Walt")),
        "other manager": lambda: actor_of(person(Role.MANAGER, "parks")),
        "supervisor": lambda: actor_of(person(Role.SUPERVISOR, "center")),
        "nobody": lambda: ANONYMOUS,
    }[who]()
    day = today()
    if refused is None:
        _away(wanda, actor, day, day)
        assert Absence.objects.count() == 1
    else:
        with pytest.raises(refused):
            _away(wanda, actor, day, day)
        assert not Absence.objects.exists()


def test_days_that_cannot_be(person: Person) -> None:
    wanda = person(Role.WORKER, "streets", "Wanda")
    actor, day = actor_of(wanda), today()
    for first, last in (
        (day, day - timedelta(days=1)),
        (day - timedelta(days=9), day - timedelta(days=1)),
        (day, day + timedelta(days=401)),
        (None, day),
        (day, None),
    ):
        with pytest.raises(Invalid):
            enter_absence(
                user_id=wanda.pk, first_day=first, last_day=last, covered_by_id=None, actor=actor
            )
    _away(wanda, actor, day, day + timedelta(days=3))
    with pytest.raises(Conflict):
        _away(wanda, actor, day + timedelta(days=3), day + timedelta(days=5))
    _away(wanda, actor, day + timedelta(days=4), day + timedelta(days=5))


def test_who_cannot_stand_in(person: Person) -> None:
    wanda, pat = person(Role.WORKER, "streets", "Wanda"), person(Role.WORKER, "parks", "Pat")
    gone = person(Role.WORKER, "streets", "Gone")
    Membership.objects.filter(user=gone).update(is_active=False)
    for cover in (wanda, pat, gone):
        with pytest.raises(Invalid) as refused:
            _away(wanda, actor_of(wanda), today(), today(), cover)
        assert refused.value.problems[0].field == "covered_by"


@pytest.mark.parametrize(
    ("moment", "is_away", "why"),
    [
        (datetime(2026, 3, 10, 3, 59, tzinfo=UTC), False, "23:59 of the day before, city time"),
        (datetime(2026, 3, 10, 4, 0, tzinfo=UTC), True, "midnight in the city; UTC is 4 hours on"),
        (datetime(2026, 3, 13, 3, 59, tzinfo=UTC), True, "the last minute of the last day"),
        (datetime(2026, 3, 13, 4, 0, tzinfo=UTC), False, "it has ended by itself"),
        (datetime(2026, 3, 11, 23, 30, tzinfo=UTC), True, "in between"),
    ],
)
def test_an_absence_begins_and_ends_by_the_citys_own_day(
    moment: datetime, is_away: bool, why: str, person: Person
) -> None:
    wanda = person(Role.WORKER, "streets", "Wanda")
    Absence.objects.create(
        user=wanda, first_day=date(2026, 3, 10), last_day=date(2026, 3, 12), created_at=moment
    )
    assert (wanda.pk in away_now([wanda.pk], now=moment)) is is_away, why


def test_the_day_of_another_zone(other_city: City) -> None:
    with city_scope(other_city.pk):
        assert today(datetime(2026, 3, 9, 23, 30, tzinfo=UTC)) == date(2026, 3, 10)


def test_the_cover_hears_of_it_and_a_cover_who_is_away_does_not(person: Person) -> None:
    wanda, walt = (person(Role.WORKER, "streets", name) for name in ("Wanda", "Walt"))
    _away(wanda, actor_of(wanda), today(), today(), walt)
    assert [one.name for one in covered_by(walt.pk)] == ["Wanda"]
    assert with_covers([wanda]) == [wanda, walt]
    assert with_covers([wanda, walt]) == [wanda, walt]
    new = tell([wanda], NoticeKind.MENTION, subject=lambda: "Look", path="/desk/", once_key="k")
    assert new == 2
    assert set(StaffNotice.objects.values_list("user_id", flat=True)) == {wanda.pk, walt.pk}
    _away(walt, actor_of(walt), today(), today())
    assert with_covers([wanda]) == [wanda]
    assert away_now([wanda.pk])[wanda.pk].cover is None


@pytest.mark.parametrize("change", ["left the city", "moved to the parks"])
def test_a_cover_who_does_not_work_there_any_more_is_nobody(person: Person, change: str) -> None:
    """Else another department's cases, or another city's, are told and shown to them."""
    wanda, walt = (person(Role.WORKER, "streets", name) for name in ("Wanda", "Walt"))
    _away(wanda, actor_of(wanda), today(), today(), walt)
    work = Membership.objects.filter(user=walt)
    if change == "left the city":
        work.update(is_active=False)
    else:
        work.update(department=Department.objects.get(code="parks"))
    assert with_covers([wanda]) == [wanda]
    assert covered_by(walt.pk) == []


def test_the_center_covers_the_center(person: Person) -> None:
    """People of no department stand in for each other."""
    sue, sam = (person(Role.SUPERVISOR, None, name) for name in ("Sue", "Sam"))
    Membership.objects.filter(user__in=[sue, sam]).update(department=None)
    _away(sue, actor_of(sue), today(), today(), sam)
    assert with_covers([sue]) == [sue, sam]


def test_who_chose_no_language_reads_the_citys(person: Person, city: City) -> None:
    wanda = person(Role.WORKER, "streets", "Wanda")
    User.objects.filter(pk=wanda.pk).update(language="")
    wanda.refresh_from_db()
    City.objects.filter(pk=city.pk).update(default_language="es")
    tell([wanda], NoticeKind.MENTION, subject=lambda: get_language() or "", path="/", once_key="k")
    assert StaffNotice.objects.get().subject == "es"


def test_back_earlier(person: Person) -> None:
    wanda, walt = (person(Role.WORKER, "streets", name) for name in ("Wanda", "Walt"))
    actor = actor_of(wanda)
    lasting = _away(wanda, actor, today(), today() + timedelta(days=3))
    Absence.objects.filter(pk=lasting.pk).update(first_day=today() - timedelta(days=2))
    coming = _away(wanda, actor, today() + timedelta(days=9), today() + timedelta(days=9))
    with pytest.raises(Forbidden):
        end_absence(absence_id=lasting.pk, actor=actor_of(walt))
    end_absence(absence_id=lasting.pk, actor=actor)
    end_absence(absence_id=coming.pk, actor=actor)
    assert Absence.objects.get().last_day == today() - timedelta(days=1)
    assert absences_for(actor) == []
    with pytest.raises(Conflict):
        end_absence(absence_id=lasting.pk, actor=actor)
    with pytest.raises(NotFound):
        end_absence(absence_id=coming.pk, actor=actor)


def test_who_sees_which_absences(person: Person) -> None:
    wanda, pat = person(Role.WORKER, "streets", "Wanda"), person(Role.WORKER, "parks", "Pat")
    for user in (wanda, pat):
        _away(user, actor_of(user), today(), today())

    def seen(role: Role, department: str | None) -> list[str]:
        return [one.user.name for one in absences_for(actor_of(person(role, department)))]

    assert seen(Role.WORKER, "streets") == []
    assert seen(Role.MANAGER, "streets") == ["Wanda"]
    assert seen(Role.SUPERVISOR, "center") == []
    assert seen(Role.ADMIN, None) == ["Wanda", "Pat"]
