"""Every address of the desk against every role, own and other department, other city, nobody.

The matrix of ``people.permissions`` is written out here once more, as answers a browser gets:
changing it in one place only makes this fail. A refusal of somebody known leaves a denial.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone

from lamppost.cases.models import Case, CaseEvent, Clock
from lamppost.cases.services.lifecycle import close
from lamppost.cases.services.locking import version_of
from lamppost.cases.services.transfers import offer_transfer
from lamppost.cities.models import City
from lamppost.database.scope import city_scope
from lamppost.people.actors import SYSTEM
from lamppost.people.choices import Role
from lamppost.people.models import Absence, Denial, Department, Membership, Team, User
from lamppost.routing.choices import SetState
from lamppost.routing.models import RuleSet
from lamppost.work.models import Macro
from lamppost.work.services.adding import NewItem, add_item
from tests.support.reviews import add_review_of

pytestmark = pytest.mark.django_db
FileCase = Callable[..., Case]

R = Role
DEPARTMENT = {R.WORKER, R.MANAGER}
CENTER = {R.AGENT, R.SUPERVISOR}
DESK = DEPARTMENT | CENTER | {R.DIRECTOR, R.ADMIN}
# Who writes articles is told of them, and sees nothing else of the desk.
READERS = DESK | {Role.EDITOR}
EVERYWHERE = CENTER | {R.DIRECTOR, R.ADMIN}
NOBODY: set[Role] = set()


@dataclass(frozen=True)
class Page:
    """One address with who gets through, in their own department and for another's case."""

    method: str
    path: str
    own: set[Role]
    other: set[Role]
    data: tuple[tuple[str, str], ...] = ()


WORK = DEPARTMENT | {R.SUPERVISOR, R.ADMIN}
WORK_OTHER = {R.SUPERVISOR, R.ADMIN}
EDIT = DEPARTMENT | CENTER | {R.ADMIN}
EDIT_OTHER = CENTER | {R.ADMIN}
REOPEN = CENTER | {R.MANAGER, R.ADMIN}
HIDE = {R.SUPERVISOR, R.MANAGER, R.ADMIN}
MANAGE = {R.MANAGER, R.SUPERVISOR, R.ADMIN}
ROUTE = {R.SUPERVISOR, R.DIRECTOR, R.ADMIN}
MEASURE = {R.MANAGER, R.SUPERVISOR, R.DIRECTOR, R.ADMIN}
MEASURE_OTHER = MEASURE - {R.MANAGER}

PAGES = {
    "queue": Page("get", "/desk/", DESK, DESK),
    "queue of a department": Page("get", "/desk/?department={department}", DESK, EVERYWHERE),
    "queue of all": Page("get", "/desk/?department=all", EVERYWHERE, EVERYWHERE),
    "mine": Page("get", "/desk/mine/", DESK, DESK),
    "transfers": Page("get", "/desk/transfers/", DESK, DESK),
    "search": Page("get", "/desk/search/?q=hole", DESK, DESK),
    "new": Page("get", "/desk/new/", CENTER | {R.ADMIN}, CENTER | {R.ADMIN}),
    "case": Page("get", "/desk/cases/{number}/", DESK, EVERYWHERE),
    "move": Page("post", "{act}/move/", WORK, WORK_OTHER, (("status", "in-progress"),)),
    "close": Page(
        "post", "{act}/close/", WORK, WORK_OTHER, (("outcome", "not-done"), ("text", "No"))
    ),
    "note": Page("post", "{act}/note/", EDIT, EDIT_OTHER, (("text", "x"), ("audience", "staff"))),
    "assign": Page("post", "{act}/assign/", WORK, WORK_OTHER),
    "reopen": Page("post", "{closed}/reopen/", REOPEN, CENTER | {R.ADMIN}, (("reason", "x"),)),
    "offer": Page(
        "post", "{act}/offer/", WORK, WORK_OTHER, (("department", "{center}"), ("reason", "x"))
    ),
    "duplicate": Page("post", "{act}/duplicate/", WORK, WORK_OTHER, (("number", "{twin}"),)),
    "relate": Page(
        "post", "{act}/relate/", EDIT, EDIT_OTHER, (("kind", "related"), ("number", "{twin}"))
    ),
    "recategorize": Page(
        "post", "{act}/recategorize/", EDIT, EDIT_OTHER,
        (("service_code", "POLICE"), ("reason", "x")),
    ),
    "correct": Page("post", "{act}/correct/", EDIT, EDIT_OTHER, (("address", "1 Elm"),)),
    "visibility": Page(
        "post", "{act}/visibility/", HIDE, {R.SUPERVISOR, R.ADMIN},
        (("visibility", "limited"), ("reason", "x")),
    ),
    "waive": Page(
        "post", "{act}/waive/", {R.DIRECTOR, R.ADMIN}, {R.DIRECTOR, R.ADMIN},
        (("clock", "{clock}"), ("reason", "x")),
    ),
    "priority": Page(
        "post", "{act}/priority/", {R.MANAGER, R.SUPERVISOR, R.ADMIN}, {R.SUPERVISOR, R.ADMIN},
        (("priority", "urgent"), ("reason", "x")),
    ),
    "measures": Page("get", "/desk/measures/", MEASURE, MEASURE),
    "reviews": Page("get", "/desk/reviews/", MEASURE, MEASURE),
    "reviews held": Page("get", "/desk/reviews/held/", MEASURE, MEASURE),
    "review calendar": Page("get", "/desk/reviews/calendar/", MEASURE, MEASURE),
    "participation": Page("get", "/desk/reviews/participation/", MEASURE, MEASURE),
    "review": Page("get", "/desk/reviews/{review}/", MEASURE, MEASURE_OTHER),
    "how often": Page("get", "/desk/reviews/calendar/{subject}/", MEASURE, MEASURE_OTHER),
    "stat meetings": Page("get", "/desk/stat/", MEASURE, MEASURE),
    "stat pack": Page("get", "/desk/stat/2025/1/", MEASURE, MEASURE),
    "stat pack as PDF": Page("get", "/desk/stat/2025/1/stat.pdf", MEASURE, MEASURE),
    "fiscal year": Page(
        "post", "/desk/stat/", MEASURE_OTHER, MEASURE_OTHER, (("starts", "7"),)
    ),
    "agreements": Page("get", "/desk/agreements/", DESK, DESK),
    "agreement": Page("get", "/desk/agreements/{service}/{department}/", DESK, DESK),
    "propose a promise": Page(
        "get", "/desk/agreements/{service}/{department}/propose/",
        {R.MANAGER, R.SUPERVISOR, R.DIRECTOR, R.ADMIN}, {R.SUPERVISOR, R.DIRECTOR, R.ADMIN},
    ),
    "waivers": Page("get", "/desk/waivers/", DESK, DESK),
    "routing": Page("get", "/desk/routing/", ROUTE, ROUTE),
    "rules of a set": Page("get", "/desk/routing/{draft}/", ROUTE, ROUTE),
    "new rule": Page("get", "/desk/routing/{draft}/rules/new/", ROUTE, ROUTE),
    "routing bench": Page("get", "/desk/routing/trial/", ROUTE, ROUTE),
    "trial": Page("get", "/desk/routing/{draft}/trial/", ROUTE, ROUTE),
    "put into force": Page(
        "get", "/desk/routing/{draft}/activate/", {R.DIRECTOR, R.ADMIN}, {R.DIRECTOR, R.ADMIN}
    ),
    "routing alarms": Page("get", "/desk/routing/alarms/", ROUTE, ROUTE),
    "suggestions": Page("get", "/desk/routing/suggestions/", ROUTE, ROUTE),
    "answer a suggestion": Page(
        "post", "/desk/routing/suggestions/{number}/", EDIT, EDIT_OTHER,
        (("service_code", "QUESTION"), ("answer", "dismissed")),
    ),
    "accept": Page("post", "/desk/transfers/{offered}/accept/", WORK, WORK_OTHER),
    "refuse": Page(
        "post", "/desk/transfers/{offered}/refuse/", WORK, WORK_OTHER, (("reason", "x"),)
    ),
    "bulk": Page(
        "post", "/desk/bulk/", WORK, WORK_OTHER,
        (("step", "move"), ("stage", "do"), ("target", "in-progress"), ("reason", "x"),
         ("case", "{id}")),
    ),
    "inspections": Page("get", "/desk/inspections/", DESK, DESK),
    "a round": Page("get", "/desk/inspections/round/?inspector=1", DESK, DESK),
    "plan inspections": Page(
        "post", "/desk/inspections/plan/", WORK, WORK_OTHER, (("case", "{id}"),)
    ),
    "partner links": Page("get", "/desk/partner-links/{number}/", DESK, EVERYWHERE),
    "make a partner link": Page(
        "post", "/desk/partner-links/{number}/", WORK, WORK_OTHER,
        (("organization", "Gas Works"), ("level", "done"), ("days", "30")),
    ),
    "take the next case": Page("post", "/desk/next/", DEPARTMENT, DEPARTMENT),
    "teams": Page("get", "/desk/teams/", MANAGE, MANAGE),
    "new team": Page("get", "/desk/teams/new/", MANAGE, MANAGE),
    "team": Page("get", "/desk/teams/{team}/", {R.MANAGER, R.ADMIN}, {R.ADMIN}),
    "saved views": Page("get", "/desk/views/", DESK, DESK),
    "save a view": Page("post", "/desk/views/save/", DESK, DESK, (("name", "Mine"),)),
    "absences": Page("get", "/desk/absences/", DESK, DESK),
    "end an absence": Page(
        "post", "/desk/absences/{absence}/end/", {R.MANAGER, R.ADMIN}, {R.ADMIN}
    ),
    "notices": Page("get", "/desk/notices/", READERS, READERS),
    "read notices": Page("post", "/desk/notices/read/", READERS, READERS),
    "mail of notices": Page("post", "/desk/notices/mail/", READERS, READERS),
    "overdue board": Page("get", "/desk/overdue/", DESK, DESK),
    "overdue of a department": Page(
        "get", "/desk/overdue/?department={department}", DESK, EVERYWHERE
    ),
    "take an offer back": Page("post", "/desk/transfers/{offered}/take-back/", WORK_OTHER, WORK),
    "work items": Page("get", "/desk/work/", DESK, DESK),
    "new work item": Page("get", "/desk/work/for/{number}/", WORK, WORK_OTHER),
    "work item": Page("get", "/desk/work/{item}/", DESK, EVERYWHERE),
    "start a work item": Page("post", "/desk/work/{item}/start/", WORK, WORK_OTHER),
    "finish a work item": Page("post", "/desk/work/{item}/finish/", WORK, WORK_OTHER),
    "prepared texts": Page("get", "/desk/wording/", MANAGE, MANAGE),
    "new reply": Page("get", "/desk/wording/replies/new/", MANAGE, MANAGE),
    "change a macro": Page(
        "get", "/desk/wording/macros/{macro}/", MANAGE, {R.SUPERVISOR, R.ADMIN}
    ),
    "reported done": Page("get", "/desk/completions/", DESK, DESK),
}  # fmt: skip


@dataclass(frozen=True)
class Place:
    """A department's case and what belongs to it, as the addresses above name them."""

    names: dict[str, str]

    def filled(self, text: str) -> str:
        """Return ``text`` with the names in it replaced."""
        return text.format(**self.names)


@pytest.fixture(autouse=True)
def _plain_static(settings: object) -> None:
    settings.STORAGES = {  # type: ignore[attr-defined]
        **settings.STORAGES,  # type: ignore[attr-defined]
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }


@pytest.fixture
def place_of(file_case: FileCase) -> Callable[[str], Place]:
    """Make a department's place: cases of ``streets`` or ``parks``, one of them closed."""

    def make(code: str) -> Place:
        service = {"streets": "POTHOLE", "parks": "TREE"}[code]
        answers = {"WHERE": ("roadway",)} if code == "streets" else {}
        case, twin, closed, other = (
            file_case(service_code=service, answers=answers) for _ in range(4)
        )
        department = Department.objects.get(code=code)
        giver = "parks" if code == "streets" else "streets"
        Case.objects.filter(pk=other.pk).update(department=Department.objects.get(code=giver))
        offered = offer_transfer(
            case_id=other.pk, department_id=department.pk, reason="x", actor=SYSTEM
        )
        close(case_id=closed.pk, outcome_code="not-done", text="x", actor=SYSTEM)
        clock = Clock.objects.filter(case=case).first() or Clock.objects.create(
            case=case, kind="resolve", department=department, state="running",
            started_at=case.requested_at,
        )  # fmt: skip
        center = Department.objects.get(code="center")
        return Place(
            {
                "department": code,
                "service": service,
                "id": str(case.pk),
                "number": case.number,
                "act": f"/desk/cases/{case.number}",
                "closed": f"/desk/cases/{closed.number}",
                "twin": twin.number,
                **_work_of(case, department),
                "clock": str(clock.pk),
                "center": str(center.pk),
                "offered": str(offered.pk),
                "draft": str(_draft()),
                **_people_of(department),
                **add_review_of(department),
            }
        )

    return make


def _people_of(department: Department) -> dict[str, str]:
    """A team of the department and somebody in it who is away."""
    user = User.objects.create(email=f"away@{department.code}.example", name="Away")
    Membership.objects.create(user=user, role=R.WORKER, department=department)
    team = Team.objects.create(department=department, code="crew", name={"en": "Crew"})
    today = timezone.localdate()
    absence = Absence.objects.create(
        user=user, first_day=today, last_day=today + timedelta(days=9), created_at=timezone.now()
    )
    return {"team": str(team.pk), "absence": str(absence.pk)}


def _work_of(case: Case, department: Department) -> dict[str, str]:
    """A work item of the department in its case, and a macro of its own."""
    new = NewItem(department_id=department.pk, title="Look", is_required=False)
    item = add_item(case_id=case.pk, new=new, actor=SYSTEM)
    macro = Macro.objects.create(code=f"close-{department.code}", department=department)
    return {"item": str(item.pk), "macro": str(macro.pk)}


def _draft() -> int:
    now = timezone.now()
    RuleSet.objects.create(number=9, state=SetState.DRAFT, created_at=now, changed_at=now)
    return 9


def _client(city: City, role: Role, department: str | None) -> Client:
    client = Client(HTTP_HOST=f"{city.slug}.example")
    user = User(email=f"{role}@{city.slug}.example", name=str(role))
    user.set_unusable_password()
    user.save()
    with city_scope(city.pk):
        home = Department.objects.get(code=department) if department else None
        Membership.objects.create(user=user, role=role, department=home)
    client.force_login(user)
    return client


def _ask(client: Client, page: Page, place: Place) -> int:
    data = {name: place.filled(value) for name, value in page.data}
    number = place.names["closed" if "{closed}" in page.path else "act"].rpartition("/")[2]
    case = Case.objects.filter(number=number).first()
    data["seen"] = version_of(case) if case else ""
    path = place.filled(page.path)
    response = client.get(path) if page.method == "get" else client.post(path, data)
    return response.status_code


def _department_of(role: Role) -> str | None:
    return {R.WORKER: "streets", R.MANAGER: "streets", R.AGENT: "center"}.get(role)


def _surprises(check: Callable[[Page], str]) -> list[str]:
    """Try every page, each from the same beginning; return what went otherwise than written."""
    found = []
    for name, page in PAGES.items():
        begin = transaction.savepoint()
        problem = check(page)
        transaction.savepoint_rollback(begin)
        if problem:
            found.append(f"{name}: {problem}")
    return found


def _verdict(page: Page, role: Role, whose: str, status: int) -> str:
    allowed = role in (page.own if whose == "own" else page.other)
    if allowed:
        return "" if status in {200, 302} else f"{status} instead of letting through"
    if page in (PAGES["bulk"], PAGES["plan inspections"]) and role in DEPARTMENT:
        # The selected case is not theirs to read: nothing is left to change.
        return "" if status == 400 else f"{status} instead of 400"
    if status != 403:
        return f"{status} instead of 403"
    if not Denial.objects.filter(role=role, user__isnull=False).exists():
        return "no denial was kept"
    return ""


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("whose", ["own", "other"])
def test_matrix(role: Role, whose: str, city: City, place_of: Callable[[str], Place]) -> None:
    place = place_of("streets" if whose == "own" else "parks")
    client = _client(city, role, _department_of(role))
    events = CaseEvent.objects.count()

    def check(page: Page) -> str:
        verdict = _verdict(page, role, whose, _ask(client, page, place))
        allowed = role in (page.own if whose == "own" else page.other)
        if not verdict and not allowed and CaseEvent.objects.count() != events:
            return "something was written"
        return verdict

    assert _surprises(check) == []


def test_nobody_signed_in_is_sent_to_the_door(city: City, place_of: Callable[[str], Place]) -> None:
    place = place_of("streets")
    client = Client(HTTP_HOST=f"{city.slug}.example")
    events = CaseEvent.objects.count()

    def check(page: Page) -> str:
        data = {field: place.filled(value) for field, value in page.data}
        path = place.filled(page.path)
        response = client.get(path) if page.method == "get" else client.post(path, data)
        if response.status_code != 302 or CaseEvent.objects.count() != events:
            return str(response.status_code)
        if not response["Location"].startswith("/desk/sign-in/?next="):
            return response["Location"]
        return ""

    assert _surprises(check) == []


def test_staff_of_another_city_is_a_stranger_here(
    city: City, other_city: City, place_of: Callable[[str], Place]
) -> None:
    """An administrator of Shelbyville, signed in at Springfield's desk."""
    place = place_of("streets")
    client = _client(other_city, Role.ADMIN, None)
    client.defaults["HTTP_HOST"] = f"{city.slug}.example"
    events = CaseEvent.objects.count()

    def check(page: Page) -> str:
        status = _ask(client, page, place)
        return "" if status == 403 and CaseEvent.objects.count() == events else str(status)

    assert _surprises(check) == []


def test_a_case_of_another_city_does_not_exist(
    city: City, other_city: City, place_of: Callable[[str], Place]
) -> None:
    """Shelbyville has no cases; Springfield's numbers and ids lead nowhere there."""
    place = place_of("streets")
    client = _client(other_city, Role.ADMIN, None)
    events = CaseEvent.objects.count()
    named = {"{act}", "{closed}", "{offered}", "{number}"}

    def check(page: Page) -> str:
        if not any(name in page.path for name in named):
            return ""
        status = _ask(client, page, place)
        return "" if status == 404 and CaseEvent.objects.count() == events else str(status)

    assert _surprises(check) == []


@pytest.mark.parametrize("method", ["put", "delete", "patch"])
@pytest.mark.parametrize("path", ["/desk/", "/desk/mine/", "/desk/bulk/", "/desk/new/"])
def test_other_methods_are_refused(method: str, path: str, city: City) -> None:
    client = _client(city, Role.ADMIN, None)
    assert getattr(client, method)(path).status_code == 405
