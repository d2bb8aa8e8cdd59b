"""A note for one department only: walked past every address, export and interface."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from lamppost.cases.choices import EventAudience
from lamppost.cases.exporting.export import Wanted, write_csv
from lamppost.cases.exporting.layout import find_layout
from lamppost.cases.models import Case, Participant
from lamppost.cases.selectors.audience import public_events, staff_events
from lamppost.cases.services.lifecycle import close
from lamppost.cases.services.notes import add_note
from lamppost.cases.services.transfers import offer_transfer
from lamppost.cities.models import City
from lamppost.kernel.refusals import Invalid, Refusal
from lamppost.people.actors import ANONYMOUS, Actor, actor_of
from lamppost.people.choices import Role
from lamppost.people.models import Department, User

pytestmark = pytest.mark.django_db

OWN = "The owner of number 9 is our councilman"
STAFF = "Ask the water people first"
PUBLIC = "A crew is on its way"


def _patterns(resolver: URLResolver, prefix: str = "") -> Iterator[str]:
    for entry in resolver.url_patterns:
        route = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from _patterns(entry, route)
        elif isinstance(entry, URLPattern):
            yield route


def _filled(route: str, case: Case) -> str:
    plain = route.replace("^", "").replace("$", "").replace("\\Z", "").replace("\\.", ".")
    plain = re.sub(r"\(\?P<[^>]*id>[^)]*\)", str(case.pk), plain)
    plain = re.sub(r"\(\?P<[^>]+>[^)]*\)", case.number, plain)
    plain = re.sub(r"<int:[^>]+>", str(case.pk), plain)
    plain = re.sub(r"<[^>]+>", case.number, plain)
    return "/" + re.sub(r"[()?\\]", "", plain)


@pytest.fixture
def case(file_case: Callable[..., Case], worker: Actor) -> Case:
    """A case of the streets department with a note of each kind, which parks may read too."""
    made = file_case()
    for text, audience in (
        (OWN, EventAudience.DEPARTMENT),
        (STAFF, EventAudience.STAFF),
        (PUBLIC, EventAudience.PUBLIC),
    ):
        add_note(case_id=made.pk, text=text, actor=worker, audience=audience)
    parks = Department.objects.get(code="parks")
    offer_transfer(case_id=made.pk, department_id=parks.pk, reason="A tree", actor=worker)
    Participant.objects.create(case=made, department=parks, since=timezone.now())
    return made


@pytest.mark.parametrize(
    ("role", "department", "reads"),
    [
        (Role.WORKER, "streets", {OWN, STAFF, PUBLIC}),
        (Role.MANAGER, "streets", {OWN, STAFF, PUBLIC}),
        (Role.WORKER, "parks", {STAFF, PUBLIC}),
        (Role.MANAGER, "parks", {STAFF, PUBLIC}),
        (Role.AGENT, "center", {STAFF, PUBLIC}),
        (Role.SUPERVISOR, "center", {STAFF, PUBLIC}),
        (Role.DIRECTOR, None, {STAFF, PUBLIC}),
        (Role.ADMIN, None, {STAFF, PUBLIC}),  # whatever the role: it is another department's
    ],
)
def test_who_reads_what_on_the_case_page(
    role: Role, department: str | None, reads: set[str], case: Case, city: City,
    person: Callable[..., User],
) -> None:  # fmt: skip
    client = Client(HTTP_HOST=f"{city.slug}.example")
    user = person(role, department, "Reader")
    client.force_login(user)
    page = client.get(f"/desk/cases/{case.number}/")
    assert page.status_code == 200
    body = page.content.decode()
    assert {text for text in (OWN, STAFF, PUBLIC) if text in body} == reads
    texts = {event.words.text for event in staff_events(case, actor_of(user)).filter(kind="note")}
    assert texts == reads


def test_the_reporter_and_the_public_get_the_public_one_only(case: Case) -> None:
    for is_reporter in (False, True):
        notes = public_events(case, is_reporter=is_reporter).filter(kind="note")
        assert [event.words.text for event in notes] == [PUBLIC]


@pytest.mark.parametrize(
    ("role", "department"),
    [(None, None), (Role.WORKER, "parks"), (Role.SUPERVISOR, "center"), (Role.ADMIN, None)],
)
def test_no_address_shows_a_departments_own_note_to_others(
    role: Role | None, department: str | None, case: Case, city: City,
    person: Callable[..., User],
) -> None:  # fmt: skip
    client = Client(HTTP_HOST=f"{city.slug}.example", raise_request_exception=False)
    if role is not None:
        client.force_login(person(role, department, "Reader"))
    routes = sorted(set(_patterns(get_resolver())))
    assert any("cases/" in route for route in routes)
    leaks, seen = [], 0
    for route in routes:
        # Only Open311 gives less without it; the rest does not know the word.
        plain = ("",) if "open311" in route else ()
        for query in (*plain, "?extensions=true", "?q=councilman"):
            response = client.get(_filled(route, case) + query)
            body = b"".join(response.streaming_content) if response.streaming else response.content
            seen += PUBLIC.encode() in body
            if OWN.encode() in body or (role is None and STAFF.encode() in body):
                leaks.append(route + query)
    assert leaks == []
    assert seen, "the walk reached no page that tells the case's history"


def test_an_export_leaves_it_out(case: Case, worker: Actor) -> None:
    close(case_id=case.pk, outcome_code="done", text="Filled", actor=worker)
    for name in ("open311-bulk", "philadelphia"):
        layout = find_layout(name)
        out = io.StringIO()
        assert write_csv(out, layout, Wanted(include_private=True)) == 1
        assert case.number in out.getvalue()
        assert OWN not in out.getvalue()
        assert STAFF not in out.getvalue()


def test_nobody_outside_of_a_department_writes_one(
    file_case: Callable[..., Case], actor: Callable[..., Actor]
) -> None:
    made = file_case()
    with pytest.raises(Invalid):
        add_note(
            case_id=made.pk, text=OWN, actor=actor(Role.ADMIN), audience=EventAudience.DEPARTMENT
        )
    for stranger in (ANONYMOUS, actor(Role.WORKER, "parks"), actor(Role.DIRECTOR)):
        with pytest.raises(Refusal):
            add_note(case_id=made.pk, text=OWN, actor=stranger, audience=EventAudience.DEPARTMENT)
