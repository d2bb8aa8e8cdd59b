"""Updates that come in from other systems: what each word does, and what it never may."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from lamppost.cases.models import Case, CaseEvent, Clock, PartnerUpdate
from lamppost.cases.services.lifecycle import close, move
from lamppost.cases.services.partners import Update, receive, without_contact_details
from lamppost.cities.models import City
from lamppost.database.scope import city_scope
from lamppost.kernel.ids import digest
from lamppost.kernel.refusals import Conflict, Forbidden, Invalid, NotFound
from lamppost.people.actors import ANONYMOUS, Actor
from lamppost.people.choices import Role
from lamppost.people.models import ApiKey, Denial

FileCase = Callable[..., Case]


@pytest.fixture
def partner(city: City) -> Actor:
    """Another system, allowed to update."""
    key = ApiKey.objects.create(
        name="Works", key_digest=digest("works"), may_update=True, created_at=timezone.now()
    )
    return Actor(role=Role.RESIDENT, api_key_id=key.pk, name=key.name)


@pytest.fixture
def tell(partner: Actor) -> Callable[..., Any]:
    """Send an update: ``tell(case, "FIXED", text="Done")``."""
    sent = iter(range(1000))

    def send(case: Case, status: str, **changes: Any) -> Any:
        fields: dict[str, Any] = {
            "number": case.number,
            "update_id": f"u{next(sent)}",
            "status": status,
            "text": f"About {status}",
            "at": timezone.now(),
        }
        return receive(update=Update(**(fields | changes)), actor=partner)

    return send


# What the case is, the partner's word, what the case then is: (state, outcome, status).
WORDS = [
    ("received", "OPEN", ("received", None, "received"), "open is no news of a new case"),
    ("received", "IN_PROGRESS", ("open", None, "in-progress"), "work began"),
    ("received", "INVESTIGATING", ("open", None, "in-progress"), "somebody looks"),
    ("received", "SCHEDULED", ("received", None, "received"), "not a word of the standard"),
    ("received", "ACTION_SCHEDULED", ("open", None, "in-progress"), "planned"),
    ("received", "INTERNAL_REFERRAL", ("open", None, "in-progress"), "with another team"),
    ("received", "UNCHANGED", ("received", None, "received"), "only a comment"),
    ("received", "flibbertigibbet", ("received", None, "received"), "an unknown word"),
    ("received", "", ("received", None, "received"), "no word"),
    ("received", "FIXED", ("closed", "done", "closed"), "done"),
    ("received", "CLOSED", ("closed", "done", "closed"), "closed without more is done"),
    ("received", "closed", ("closed", "done", "closed"), "in small letters"),
    ("received", "NO_FURTHER_ACTION", ("closed", "not-done", "closed"), "not done"),
    ("received", "NOT_COUNCILS_RESPONSIBILITY", ("closed", "referred", "closed"), "not ours"),
    ("received", "DUPLICATE", ("closed", "duplicate", "closed"), "known already"),
    ("received", "CANCELLED", ("closed", "withdrawn", "closed"), "taken back"),
    ("waiting", "OPEN", ("open", None, "in-progress"), "it goes on"),
    ("closed", "OPEN", ("open", None, "in-progress"), "opened again"),
    ("closed", "REOPEN", ("open", None, "in-progress"), "opened again"),
    ("closed", "ACTION_SCHEDULED", ("open", None, "in-progress"), "more work is planned"),
    ("closed", "FIXED", ("closed", "done", "closed"), "said twice"),
    ("closed", "NO_FURTHER_ACTION", ("closed", "not-done", "closed"), "on second thought not"),
    ("not-done", "FIXED", ("closed", "done", "closed"), "done after all"),
    ("duplicate", "FIXED", ("closed", "duplicate", "closed"), "the canonical case answers"),
]


def _brought_to(case: Case, where: str, worker: Actor, tell: Callable[..., Any]) -> Case:
    if where == "waiting":
        move(case_id=case.pk, status_code="in-progress", actor=worker)
        move(case_id=case.pk, status_code="waiting-weather", actor=worker, note="Rain")
    elif where == "closed":
        close(case_id=case.pk, outcome_code="done", text="Filled", actor=worker)
    elif where == "not-done":
        close(case_id=case.pk, outcome_code="not-done", text="Could not", actor=worker)
    elif where == "duplicate":
        tell(case, "DUPLICATE")
    return case


@pytest.mark.parametrize(("where", "word", "then", "why"), WORDS)
def test_words(
    file_case: FileCase,
    worker: Actor,
    tell: Callable[..., Any],
    where: str,
    word: str,
    then: tuple[str, str | None, str],
    why: str,
) -> None:
    case = _brought_to(file_case(), where, worker, tell)
    before = CaseEvent.objects.filter(case=case).count()
    tell(case, word, text="What they say")
    case = Case.objects.select_related("outcome", "status").get(pk=case.pk)
    outcome = case.outcome.code if case.outcome else None
    assert (case.state, outcome, case.status.code) == then, why
    added = CaseEvent.objects.filter(case=case).order_by("seq")[before:]
    assert [(event.actor, event.audience) for event in added] == [("partner", "public")]
    assert added[0].words.text == "What they say"


def test_who_may(file_case: FileCase, partner: Actor, worker: Actor) -> None:
    """Only a key that may update; the refusal is kept, nothing else changes."""
    case = file_case()
    update = Update(case.number, "1", "CLOSED", "x", timezone.now())
    for actor in (ANONYMOUS, worker):
        with pytest.raises(Forbidden):
            receive(update=update, actor=actor)
    ApiKey.objects.update(may_update=False)
    with pytest.raises(Forbidden):
        receive(update=update, actor=partner)
    ApiKey.objects.update(may_update=True, revoked_at=timezone.now())
    with pytest.raises(Forbidden):
        receive(update=update, actor=partner)
    assert Denial.objects.filter(permission="partner.update").count() == 4
    assert Case.objects.get(pk=case.pk).state == "received"


def test_another_citys_key_and_case(
    file_case: FileCase, tell: Callable[..., Any], partner: Actor, other_city: City
) -> None:
    with city_scope(other_city.pk):
        foreign = file_case()
        with pytest.raises(Forbidden):
            receive(
                update=Update(foreign.number, "1", "CLOSED", "x", timezone.now()), actor=partner
            )
    with pytest.raises(NotFound):
        tell(foreign, "CLOSED")


REFUSED = [
    ({"update_id": ""}, Invalid, "an update without an id cannot be known again"),
    ({"update_id": "x" * 201}, Invalid, "an endless id"),
    ({"update_id": "a\0b"}, Invalid, "NUL in an id"),
    ({"text": "x" * 4001}, Invalid, "an endless text"),
    ({"number": "nope"}, NotFound, "no such case"),
    ({"at": timezone.now() - timedelta(days=1)}, Invalid, "older than the report"),
    ({"at": timezone.now() + timedelta(days=1)}, Invalid, "from the future"),
]


@pytest.mark.parametrize(("changes", "refusal", "why"), REFUSED, ids=[row[2] for row in REFUSED])
def test_refused(
    file_case: FileCase,
    tell: Callable[..., Any],
    changes: dict[str, Any],
    refusal: type[Exception],
    why: str,
) -> None:
    case = file_case()
    with pytest.raises(refusal):
        tell(case, "CLOSED", **changes)
    assert Case.objects.get(pk=case.pk).state == "received", why
    assert PartnerUpdate.objects.count() == 0


def test_the_same_update_twice_is_one(file_case: FileCase, tell: Callable[..., Any]) -> None:
    case, other = file_case(), file_case()
    first = tell(case, "IN_PROGRESS", update_id="7")
    again = tell(case, "CLOSED", update_id="7")
    assert (again.event_id, again.repeated) == (first.event_id, True)
    assert Case.objects.get(pk=case.pk).state == "open"
    with pytest.raises(Conflict):
        tell(other, "CLOSED", update_id="7")


def test_the_same_words_twice_are_one_comment(
    file_case: FileCase, tell: Callable[..., Any]
) -> None:
    """Systems that send their whole state again do not fill the history."""
    case = file_case()
    first = tell(case, "IN_PROGRESS", text="We are on it")
    again = tell(case, "IN_PROGRESS", text="We are on it")
    assert first.event_id == again.event_id
    assert tell(case, "IN_PROGRESS", text="Still").event_id != first.event_id
    assert PartnerUpdate.objects.count() == 3


def test_older_never_overwrites_newer(
    file_case: FileCase, worker: Actor, tell: Callable[..., Any]
) -> None:
    case = file_case()
    Case.objects.filter(pk=case.pk).update(requested_at=timezone.now() - timedelta(days=2))
    close(case_id=case.pk, outcome_code="done", text="Filled", actor=worker)
    tell(case, "OPEN", at=timezone.now() - timedelta(days=1), text="We will look")
    case = Case.objects.get(pk=case.pk)
    assert (case.state, case.status_note) == ("closed", "Filled")
    late = CaseEvent.objects.filter(case=case).latest("seq")
    assert (late.kind, late.words.text) == ("partner_update", "We will look")


def test_closed_and_opened_in_one_second_ends_open(
    file_case: FileCase, tell: Callable[..., Any]
) -> None:
    """Partners know whole seconds: the order they come in decides."""
    case, at = file_case(), timezone.now().replace(microsecond=0)
    tell(case, "CLOSED", at=at)
    tell(case, "OPEN", at=at)
    assert Case.objects.get(pk=case.pk).state == "open"


def test_hidden_stays_hidden(file_case: FileCase, tell: Callable[..., Any]) -> None:
    case = file_case()
    Case.objects.filter(pk=case.pk).update(visibility="private")
    tell(case, "OPEN")
    tell(case, "FIXED")
    case = Case.objects.get(pk=case.pk)
    assert (case.visibility, case.state) == ("private", "closed")


def test_empty_text(file_case: FileCase, tell: Callable[..., Any]) -> None:
    """Nothing said and nothing changed is for staff only; a closing gets the city's words."""
    case = file_case()
    tell(case, "UNCHANGED", text="")
    assert CaseEvent.objects.filter(case=case).latest("seq").audience == "staff"
    tell(case, "FIXED", text="")
    assert Case.objects.get(pk=case.pk).status_note == "Done"


def test_the_clock_stops_when_the_partner_closed(
    file_case: FileCase, tell: Callable[..., Any]
) -> None:
    """The time it happened there counts, not the time we heard of it."""
    case = file_case()
    at = timezone.now()
    tell(case, "FIXED", at=at)
    case = Case.objects.get(pk=case.pk)
    assert case.closed_at == at
    assert case.updated_at >= at
    assert {clock.state for clock in Clock.objects.filter(case=case)} == {"met"}


def test_contact_details_are_taken_out(file_case: FileCase, tell: Callable[..., Any]) -> None:
    case = file_case()
    tell(case, "UNCHANGED", text="Ask ada@example.org or (215) 686-8686 about 1234567.")
    said = CaseEvent.objects.filter(case=case).latest("seq").words.text
    assert said == "Ask [removed] or [removed] about 1234567."


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("no details", "no details"),
        ("a@b.co, c@d.org", "[removed], [removed]"),
        ("+49 30 901820", "[removed]"),
        ("Case 2015551 at 1400 Market St 19107", "Case 2015551 at 1400 Market St 19107"),
    ],
)
def test_what_counts_as_a_detail(text: str, left: str) -> None:
    assert without_contact_details(text, "US") == left
