"""The pages of the desk day: saved views, teams, absences, notices, many at once, transfers."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from lamppost.cases.models import Case, SavedView, Transfer
from lamppost.cases.services.assignment import assign, assign_team
from lamppost.cases.services.locking import version_of
from lamppost.cases.services.transfers import accept_transfer, offer_transfer
from lamppost.cases.services.views import MAX_VIEWS, change_view, save_view
from lamppost.kernel.refusals import Conflict, Forbidden, Invalid, NotFound, Unauthenticated
from lamppost.people.absences import enter_absence, today
from lamppost.people.actors import ANONYMOUS, Actor, actor_of
from lamppost.people.choices import NoticeKind, Role
from lamppost.people.models import Absence, Department, StaffNotice, Team, TeamMember, User

pytestmark = pytest.mark.django_db
FileCase = Callable[..., Case]
SignedIn = Callable[..., Client]


def _numbers(response: Any) -> list[str]:
    return re.findall(r"data-open href=\"[^\"]*/cases/(\d+)/", response.content.decode())


def _text(response: Any) -> str:
    return " ".join(response.content.decode().split())


def _team(*members: User) -> Team:
    streets = Department.objects.get(code="streets")
    team = Team.objects.create(department=streets, code="crew", name={"en": "Road crew"})
    for user in members:
        TeamMember.objects.create(team=team, user=user)
    return team


def _cost(client: Client, path: str) -> int:
    client.get(path)  # the city's own row is read again every few seconds
    with CaptureQueriesContext(connection) as queries:
        assert client.get(path).status_code == 200
    return len([one for one in queries if "SAVEPOINT" not in one["sql"]])


# -- saved views


def test_who_saves_what(actor: Callable[..., Actor], worker: Actor) -> None:
    for stranger in (ANONYMOUS, actor(Role.RESIDENT), actor(Role.COUNCIL)):
        with pytest.raises((Forbidden, Unauthenticated)):
            save_view(name="x", query="", actor=stranger)
    with pytest.raises(Forbidden):
        save_view(name="x", query="", actor=worker, for_department=True)
    for name in (" ", "x" * 61):
        with pytest.raises(Invalid):
            save_view(name=name, query="", actor=worker)
    assert not SavedView.objects.exists()


def test_a_view_of_another_person_or_department_does_not_exist(
    worker: Actor, actor: Callable[..., Actor], signed_in: SignedIn
) -> None:
    view = save_view(name="Private list", query="due=overdue", actor=worker)
    for stranger in (
        actor(Role.WORKER, "streets", "Walt"), actor(Role.MANAGER, "streets"), actor(Role.ADMIN),
    ):  # fmt: skip
        for step in ("delete", "default", "up"):
            with pytest.raises(NotFound):
                change_view(view_id=view.pk, step=step, actor=stranger)
    ours = save_view(
        name="Ours", query="", actor=actor(Role.MANAGER, "streets", "M"), for_department=True
    )
    with pytest.raises(NotFound):
        change_view(view_id=ours.pk, step="delete", actor=actor(Role.MANAGER, "parks"))
    with pytest.raises(Forbidden):
        change_view(view_id=ours.pk, step="delete", actor=worker)
    client = signed_in(Role.WORKER, "streets", "Wanda")
    page = _text(client.get("/desk/?show=all"))
    assert "Ours" in page
    assert "Private list" not in page


def test_names_order_default_and_limit(worker: Actor) -> None:
    first = save_view(name="A", query="due=overdue", actor=worker, is_default=True)
    second = save_view(name="B", query="", actor=worker, is_default=True)
    first.refresh_from_db()
    assert (first.is_default, second.is_default) == (False, True)
    assert save_view(name="A", query="hazard=1", actor=worker).pk == first.pk
    change_view(view_id=second.pk, step="up", actor=worker)
    assert list(SavedView.objects.values_list("name", flat=True)) == ["B", "A"]
    change_view(view_id=second.pk, step="no-default", actor=worker)
    assert not SavedView.objects.filter(is_default=True).exists()
    with pytest.raises(Invalid):
        change_view(view_id=second.pk, step="sideways", actor=worker)
    for number in range(MAX_VIEWS - 2):
        save_view(name=f"n{number}", query="", actor=worker)
    with pytest.raises(Conflict):
        save_view(name="one more", query="", actor=worker)


def test_what_was_looked_at_is_saved_without_the_words_searched_for(
    worker_client: Client, file_case: FileCase
) -> None:
    page = _text(worker_client.get("/desk/views/save/?due=overdue&q=Ana+Lopez&after=1-2"))
    assert "The words searched for are not saved" in page
    response = worker_client.post(
        "/desk/views/save/?due=overdue&q=Ana+Lopez&after=1-2", {"name": "Late", "is_default": "on"}
    )
    assert (response.status_code, response["Location"]) == (302, "/desk/?due=overdue")
    assert SavedView.objects.get().query == "due=overdue"
    assert worker_client.post("/desk/views/save/?due=never", {"name": "x"}).status_code == 400
    assert worker_client.post("/desk/views/save/?due=today", {"name": ""}).status_code == 400


def test_the_desk_opens_with_ones_usual_view(worker_client: Client, file_case: FileCase) -> None:
    user = worker_client.user  # type: ignore[attr-defined]
    assert worker_client.get("/desk/").status_code == 200
    team = _team(user)
    assert worker_client.get("/desk/")["Location"] == "/desk/?team=mine"
    SavedView.objects.create(
        department=team.department, name="Ours", query="hazard=1", is_default=True,
        created_at=timezone.now(),
    )  # fmt: skip
    assert worker_client.get("/desk/")["Location"] == "/desk/?hazard=1"
    save_view(name="Mine", query="due=overdue", actor=actor_of(user), is_default=True)
    assert worker_client.get("/desk/")["Location"] == "/desk/?due=overdue"
    everything = worker_client.get("/desk/?show=all")
    assert everything.status_code == 200
    assert 'href="/desk/?show=all" aria-current="page"' in _text(everything)


def test_views_are_counted_in_the_statement_of_the_tabs(
    worker_client: Client, file_case: FileCase, worker: Actor
) -> None:
    case, hazard = file_case(), file_case(answers={"WHERE": ("cave-in",)})
    path = "/desk/?show=all"
    worker_client.get(path)
    before = _cost(worker_client, path)
    actor = actor_of(worker_client.user)  # type: ignore[attr-defined]
    for number in range(10):
        save_view(name=f"Hazards {number}", query="hazard=1&assignee=none", actor=actor)
    save_view(name="Gone", query="service=NO-SUCH", actor=actor)
    assert _cost(worker_client, path) == before
    page = _text(worker_client.get(path))
    assert 'Hazards 3 <span class="lp-nav__count">1</span>' in page
    assert "Gone" not in page, "a filter of what is gone is no link"
    assert {case.number, hazard.number} == set(_numbers(worker_client.get(path)))


# -- teams in the queue


def test_the_queue_by_team(worker_client: Client, file_case: FileCase, worker: Actor) -> None:
    ours, theirs, nobodys = (file_case() for _ in range(3))
    team = _team(worker_client.user)  # type: ignore[attr-defined]
    other = Team.objects.create(department=team.department, code="other", name={"en": "Other"})
    assign_team(case_id=ours.pk, team_id=team.pk, actor=worker)
    assign_team(case_id=theirs.pk, team_id=other.pk, actor=worker)
    for query, expected in (
        ("team=mine", ours), (f"team={other.pk}", theirs), ("team=none", nobodys),
    ):  # fmt: skip
        assert _numbers(worker_client.get(f"/desk/?{query}")) == [expected.number], query
    for query in ("team=x", f"team={10**17}", "team=0"):
        assert worker_client.get(f"/desk/?{query}").status_code == 400, query
    assert "Road crew" in _text(worker_client.get("/desk/?show=all"))


def test_mine_without_a_team_is_refused_in_words(worker_client: Client) -> None:
    response = worker_client.get("/desk/?team=mine")
    assert response.status_code == 400
    assert "You belong to no team." in _text(response)


def test_a_manager_makes_a_team_and_puts_a_case_into_its_queue(
    signed_in: SignedIn, file_case: FileCase
) -> None:
    client = signed_in(Role.MANAGER, "streets")
    user, case = client.user, file_case()  # type: ignore[attr-defined]
    sent = {"name": "Night shift", "code": "night", "members": [str(user.pk), "x", "9" * 30]}
    assert client.post("/desk/teams/new/", sent).status_code == 302
    team = Team.objects.get(code="night")
    assert client.post("/desk/teams/new/", sent).status_code == 409
    assert client.post("/desk/teams/new/", {"name": "", "code": "A b"}).status_code == 400
    assert "1 person" in _text(client.get("/desk/teams/"))
    response = client.post(
        f"/desk/cases/{case.number}/assign/",
        {"seen": version_of(case), "user": "", "team": str(team.pk)},
    )
    assert response.status_code == 302
    case.refresh_from_db()
    assert case.team_id == team.pk
    assert "Assigned</strong>: Night shift" in _text(client.get(f"/desk/cases/{case.number}/"))


# -- the next case, and the one after closing


def test_the_next_case_is_taken_and_opened(worker_client: Client, file_case: FileCase) -> None:
    case = file_case()
    response = worker_client.post("/desk/next/")
    assert response["Location"] == f"/desk/cases/{case.number}/?assignee=me"
    case.refresh_from_db()
    assert case.assignee == worker_client.user  # type: ignore[attr-defined]
    again = worker_client.post("/desk/next/", follow=True)
    assert "Nothing waits for somebody to take it." in _text(again)
    assert worker_client.get("/desk/next/").status_code == 405


def test_closed_and_on_to_the_next(worker_client: Client, file_case: FileCase) -> None:
    first, second, third = (file_case() for _ in range(3))
    for hours, case in enumerate((first, second, third)):
        Case.objects.filter(pk=case.pk).update(due_at=timezone.now() + timedelta(hours=hours))
        case.refresh_from_db()

    def close(case: Case) -> str:
        sent = {"seen": version_of(case), "outcome": "done", "text": "Filled", "then": "next"}
        url = f"/desk/cases/{case.number}/close/?assignee=none"
        return str(worker_client.post(url, sent)["Location"])

    assert close(second) == f"/desk/cases/{third.number}/?assignee=none"
    assert close(third) == "/desk/?assignee=none"
    refused = worker_client.post(
        f"/desk/cases/{first.number}/close/", {"seen": version_of(first), "then": "next"}
    )
    assert refused.status_code == 400


# -- many at once


def test_all_that_match_are_given_away_with_a_count_and_a_reason(
    worker_client: Client, file_case: FileCase
) -> None:
    cases = [file_case() for _ in range(3)]
    file_case(service_code="TREE", answers={})
    user = worker_client.user  # type: ignore[attr-defined]
    url = "/desk/bulk/?assignee=none"
    chosen = worker_client.post(url, {"stage": "choose", "step": "assign", "scope": "matching"})
    assert "3 cases chosen" in _text(chosen)
    ids = [str(case.pk) for case in cases]
    order = {"step": "assign", "scope": "matching", "case": ids, "target": f"user-{user.pk}"}
    refused = worker_client.post(url, {**order, "stage": "confirm", "reason": ""})
    assert (refused.status_code, "needs a reason" in _text(refused)) == (400, True)
    shown = worker_client.post(url, {**order, "stage": "confirm", "reason": "My street"})
    assert "3 cases will be given to: Wanda" in _text(shown)
    assert not Case.objects.filter(assignee=user).exists()
    done = worker_client.post(url, {**order, "stage": "do", "reason": "My street"})
    assert "3 cases changed" in _text(done)
    assert Case.objects.filter(assignee=user).count() == 3


@pytest.mark.parametrize("target", ["", "user-", "user-x", "team-" + "9" * 30, "boss-1", "user-0"])
def test_given_to_nobody_there_is(target: str, worker_client: Client, file_case: FileCase) -> None:
    order = {"step": "assign", "stage": "do", "case": str(file_case().pk), "target": target}
    response = worker_client.post("/desk/bulk/", order)
    refused = response.status_code == 400 or "1 case stayed as it was" in _text(response)
    assert refused
    assert not Case.objects.exclude(assignee=None).exists()


# -- absences


def test_the_cover_sees_the_cases_and_the_manager_hands_them_over(
    signed_in: SignedIn, file_case: FileCase, person: Callable[..., User], worker: Actor
) -> None:
    wanda = person(Role.WORKER, "streets", "Wanda")
    walt = signed_in(Role.WORKER, "streets", "Walt")
    cases = [file_case() for _ in range(2)]
    for case in cases:
        assign(case_id=case.pk, user_id=wanda.pk, actor=worker)
    manager = signed_in(Role.MANAGER, "streets", "Max")
    day = today().isoformat()
    sent = {
        "user": str(wanda.pk), "first_day": day, "last_day": day,
        "covered_by": str(walt.user.pk),  # type: ignore[attr-defined]
    }  # fmt: skip
    assert manager.post("/desk/absences/", {**sent, "last_day": "soon"}).status_code == 400
    assert manager.post("/desk/absences/", sent).status_code == 302
    assert manager.post("/desk/absences/", sent).status_code == 409
    page = _text(walt.get("/desk/mine/"))
    assert "You stand in for Wanda" in page
    assert cases[0].number in page
    free = file_case()
    response = manager.post(
        f"/desk/cases/{free.number}/assign/", {"seen": version_of(free), "user": str(wanda.pk)},
        follow=True,
    )  # fmt: skip
    assert "Walt stands in and is told too." in _text(response)
    assert "3 open cases" in _text(manager.get("/desk/absences/"))
    refused = walt.post("/desk/absences/hand-over/", {"user": str(wanda.pk), "to": "cover"})
    assert refused.status_code == 403
    done = manager.post(
        "/desk/absences/hand-over/", {"user": str(wanda.pk), "to": "cover"}, follow=True
    )
    assert "3 cases were handed over." in _text(done)
    assert Case.objects.filter(assignee=walt.user).count() == 3  # type: ignore[attr-defined]
    again = manager.post("/desk/absences/hand-over/", {"user": str(wanda.pk), "to": "queue"})
    assert again.status_code == 409


def test_a_worker_notes_their_own_absence_only(
    worker_client: Client, person: Callable[..., User]
) -> None:
    walt, day = person(Role.WORKER, "streets", "Walt"), today().isoformat()
    sent = {"first_day": day, "last_day": day}
    other = worker_client.post("/desk/absences/", {**sent, "user": str(walt.pk)})
    assert other.status_code == 403
    assert worker_client.post("/desk/absences/", sent).status_code == 302
    absence = Absence.objects.get()
    assert absence.user == worker_client.user  # type: ignore[attr-defined]
    assert worker_client.post(f"/desk/absences/{absence.pk}/end/").status_code == 302
    assert not Absence.objects.exists()


# -- notices


def _notice(user: User, case: Case, number: int = 1) -> StaffNotice:
    return StaffNotice.objects.create(
        user=user, kind=NoticeKind.MENTION, subject=f"Look {number}", once_key=f"k{number}",
        path=f"/desk/cases/{case.number}/", case_number=case.number, created_at=timezone.now(),
    )  # fmt: skip


def test_reading_a_case_reads_its_notices(worker_client: Client, file_case: FileCase) -> None:
    case, other = file_case(), file_case()
    user = worker_client.user  # type: ignore[attr-defined]
    first, second = _notice(user, case, 1), _notice(user, other, 2)
    counted = 'Notices <span class="lp-nav__count">2</span>'
    assert counted in _text(worker_client.get("/desk/notices/"))
    worker_client.head(f"/desk/cases/{case.number}/")
    first.refresh_from_db()
    assert first.read_at is None
    worker_client.get(f"/desk/cases/{case.number}/")
    first.refresh_from_db()
    assert first.read_at is not None
    assert worker_client.post("/desk/notices/read/", {"notice": "9" * 30}).status_code == 404
    assert worker_client.post("/desk/notices/read/", {"notice": str(second.pk)}).status_code == 302
    assert "New</span>" not in _text(worker_client.get("/desk/notices/"))
    assert worker_client.get("/desk/notices/?after=x").status_code == 400


def test_somebody_elses_notice_is_not_there(
    worker_client: Client, file_case: FileCase, person: Callable[..., User]
) -> None:
    notice = _notice(person(Role.WORKER, "streets", "Walt"), file_case())
    assert "Look 1" not in _text(worker_client.get("/desk/notices/"))
    assert worker_client.post("/desk/notices/read/", {"notice": str(notice.pk)}).status_code == 404


# -- transfers


def test_an_offer_that_comes_back_warns_and_can_be_taken_back(
    worker_client: Client, file_case: FileCase, worker: Actor, actor: Callable[..., Actor]
) -> None:
    parks = actor(Role.WORKER, "parks")
    case = file_case()
    for department, giver, taker in (("parks", worker, parks), ("streets", parks, worker)):
        home = Department.objects.get(code=department).pk
        offer = offer_transfer(case_id=case.pk, department_id=home, reason="x", actor=giver)
        accept_transfer(transfer_id=offer.pk, actor=taker)
    home = Department.objects.get(code="parks").pk
    offer = offer_transfer(case_id=case.pk, department_id=home, reason="Again", actor=worker)
    page = _text(worker_client.get("/desk/transfers/"))
    assert "Parks has had this case before: 2 transfers so far." in page
    assert worker_client.post(f"/desk/transfers/{offer.pk}/take-back/").status_code == 302
    assert worker_client.post(f"/desk/transfers/{offer.pk}/take-back/").status_code == 409


def test_the_center_sees_which_offers_wait_too_long(
    signed_in: SignedIn, file_case: FileCase, worker: Actor
) -> None:
    home = Department.objects.get(code="parks").pk
    for _ in range(2):
        offer = offer_transfer(case_id=file_case().pk, department_id=home, reason="x", actor=worker)
    Transfer.objects.filter(pk=offer.pk).update(offered_at=timezone.now() - timedelta(days=9))
    supervisor = signed_in(Role.SUPERVISOR, "center")
    assert "Not answered within 8 business hours" in _text(supervisor.get("/desk/transfers/"))
    assert "Not answered within" not in _text(
        signed_in(Role.WORKER, "parks", "Pat").get("/desk/transfers/")
    )


# -- what pages cost


def test_pages_cost_the_same_however_long_their_list(
    signed_in: SignedIn, file_case: FileCase, worker: Actor
) -> None:
    client = signed_in(Role.MANAGER, "streets", "Max")
    user = client.user  # type: ignore[attr-defined]
    parks = Department.objects.get(code="parks").pk
    paths = {
        "/desk/?show=all": 11, "/desk/mine/": 8, "/desk/notices/": 9, "/desk/overdue/": 8,
        "/desk/teams/": 7, "/desk/absences/": 12, "/desk/transfers/": 9, "/desk/views/": 7,
    }  # fmt: skip

    def more(number: int) -> None:
        case = file_case()
        Case.objects.filter(pk=case.pk).update(due_at=timezone.now() - timedelta(days=1))
        assign(case_id=case.pk, user_id=user.pk, actor=worker)
        _notice(user, case, number)
        Team.objects.create(department_id=worker.department_id, code=f"t{number}", name={})
        save_view(name=f"v{number}", query="due=overdue", actor=actor_of(user))
        offer_transfer(case_id=case.pk, department_id=parks, reason="x", actor=worker)
        away = User.objects.create(email=f"a{number}@x.example", name=f"A{number}")
        away.memberships.create(role=Role.WORKER, department_id=worker.department_id)
        enter_absence(
            user_id=away.pk, first_day=today(), last_day=today(), covered_by_id=user.pk,
            actor=actor_of(user),
        )  # fmt: skip
        held = file_case()
        assign(case_id=held.pk, user_id=away.pk, actor=worker)

    more(1)
    few = {path: _cost(client, path) for path in paths}
    for number in range(2, 8):
        more(number)
    assert {path: _cost(client, path) for path in paths} == few
    assert {path: cost for path, cost in few.items() if cost > paths[path]} == {}
