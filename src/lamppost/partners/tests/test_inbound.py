"""What partners say: facts/rows of FixMyStreet's exchange of updates, and what is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from standardwebhooks import Webhook

from lamppost.cases.models import Case, CaseEvent
from lamppost.cases.services.lifecycle import close, reopen
from lamppost.catalog.models import Outcome
from lamppost.cities.models import City
from lamppost.database.scope import city_scope
from lamppost.kernel.vault import opened
from lamppost.partners.models import Connection, Delivery, HandOff, InboundUpdate
from lamppost.partners.services.connections import set_word
from lamppost.partners.services.inbound import Told, take
from lamppost.partners.services.outbox import relay
from lamppost.partners.signing import new_secret
from lamppost.people.actors import SYSTEM, Actor
from lamppost.people.choices import Role
from lamppost.people.models import StaffNotice, User

pytestmark = pytest.mark.django_db
FileCase = Callable[..., Case]


@pytest.fixture
def works(connect: Any) -> Connection:
    return connect("webhook", "http://127.0.0.1:9/hook")


@pytest.fixture
def handed(works: Connection, file_case: FileCase, monkeypatch: pytest.MonkeyPatch) -> Case:
    """A case of yesterday that was handed over."""
    yesterday = timezone.now() - timedelta(days=1)
    with monkeypatch.context() as patched:
        patched.setattr(timezone, "now", lambda: yesterday)
        case = file_case()
        relay()
    return case


@pytest.fixture
def say(works: Connection, handed: Case) -> Callable[..., InboundUpdate]:
    """The partner says something of the case: ``say("FIXED")``; times are counted from now."""
    ids = iter(range(1000))

    def told(status: str = "", **more: Any) -> InboundUpdate:
        at = timezone.now() + timedelta(seconds=more.pop("seconds", 0))
        fields: dict[str, Any] = {
            "update_id": f"u{next(ids)}", "at": at, "number": handed.number,
            "status": status, "text": f"About {status}",
        }  # fmt: skip
        return take(works, Told(**(fields | more)))

    return told


def now_of(case: Case) -> tuple[str, str | None, str]:
    case = Case.objects.select_related("outcome", "status").get(pk=case.pk)
    return case.state, case.outcome.code if case.outcome else None, case.status.code


# Part C1 of the facts: where the case stands, the word, where it stands then, does it become
# a comment. FixMyStreet's finer states that have no counterpart are a status "in progress".
C1 = [
    ("open", "OPEN", ("open", None, "in-progress"), True),
    ("open", "gobbledygook", ("open", None, "in-progress"), True),
    ("open", "INVESTIGATING", ("open", None, "in-progress"), True),
    ("open", "IN_PROGRESS", ("open", None, "in-progress"), True),
    ("open", "UNCHANGED", ("open", None, "in-progress"), True),
    ("open", "ACTION_SCHEDULED", ("open", None, "in-progress"), True),
    ("open", "NOT_COUNCILS_RESPONSIBILITY", ("closed", "referred", "closed"), True),
    ("open", "INTERNAL_REFERRAL", ("open", None, "in-progress"), True),
    ("open", "DUPLICATE", ("closed", "duplicate", "closed"), True),
    ("open", "FIXED", ("closed", "done", "closed"), True),
    ("open", "CLOSED", ("closed", "done", "closed"), True),
    ("done", "OPEN", ("open", None, "in-progress"), True),
    ("done", "ACTION_SCHEDULED", ("open", None, "in-progress"), True),
    ("referred", "OPEN", ("open", None, "in-progress"), True),
    ("scheduled", "OPEN", ("open", None, "in-progress"), True),
    ("done", "FIXED", ("closed", "done", "closed"), True),
    ("done", "NO_FURTHER_ACTION", ("closed", "not-done", "closed"), True),
    ("open", "NO_FURTHER_ACTION", ("closed", "not-done", "closed"), True),
    ("not-done", "FIXED", ("closed", "done", "closed"), True),
    ("hidden", "OPEN", ("open", None, "in-progress"), True),
]


def _bring(case: Case, where: str, worker: Actor) -> None:
    from lamppost.cases.services.lifecycle import move

    if where in {"open", "hidden"}:
        move(case_id=case.pk, status_code="in-progress", actor=worker)
    if where == "hidden":
        Case.objects.filter(pk=case.pk).update(visibility="private")
    if where == "scheduled":
        move(case_id=case.pk, status_code="scheduled", actor=worker)
    if where in {"done", "referred", "not-done"}:
        close(case_id=case.pk, outcome_code=where, text="Then", actor=worker)


@pytest.mark.parametrize(("where", "word", "then", "comment"), C1)
def test_part_c1(
    handed: Case, say: Any, worker: Actor, where: str, word: str, then: Any, comment: bool
) -> None:
    _bring(handed, where, worker)
    before = CaseEvent.objects.filter(case=handed, actor="partner").count()
    say(word)
    expected = then
    if where == "scheduled":
        # The city's own "scheduled" is open: "open" is no news of it.
        expected = now_of(handed) if now_of(handed)[0] == "open" else then
    assert now_of(handed) == expected
    after = CaseEvent.objects.filter(case=handed, actor="partner").count()
    assert (after > before) is comment
    if where == "hidden":
        assert Case.objects.get(pk=handed.pk).visibility == "private"


def test_an_empty_text_takes_the_connections_sentence(
    works: Connection, handed: Case, say: Any
) -> None:
    set_word(
        connection_id=works.pk, word="WO_COMPLETE", meaning="outcome:done",
        sentence={"en": "The crew repaired it."}, actor=SYSTEM,
    )  # fmt: skip
    say("wo complete", text="")
    case = Case.objects.get(pk=handed.pk)
    assert (case.state, case.status_note) == ("closed", "The crew repaired it.")


def test_an_empty_text_that_changes_nothing_is_hidden(handed: Case, say: Any) -> None:
    say("UNCHANGED", text="")
    event = CaseEvent.objects.filter(case=handed, kind="partner_update").get()
    assert event.audience == "staff"


def test_a_words_meaning_may_be_a_status_or_only_a_note(
    works: Connection, handed: Case, say: Any
) -> None:
    for word, meaning in (("crew sent", "status:scheduled"), ("closed", "note")):
        set_word(connection_id=works.pk, word=word, meaning=meaning, sentence={}, actor=SYSTEM)
    say("Crew_Sent")
    assert now_of(handed) == ("open", None, "scheduled")
    say("waiting for asphalt").refresh_from_db()
    assert InboundUpdate.objects.get(word="waiting for asphalt").result == "unmapped"


def test_waiting_stops_the_clock_and_going_on_starts_it(
    works: Connection, handed: Case, say: Any
) -> None:
    for word, status in (("rain", "waiting-weather"), ("dry", "in-progress")):
        set_word(
            connection_id=works.pk, word=word, meaning=f"status:{status}", sentence={},
            actor=SYSTEM,
        )  # fmt: skip
    say("rain")
    assert Case.objects.get(pk=handed.pk).is_paused
    say("dry")
    assert not Case.objects.get(pk=handed.pk).is_paused


# Part C2: what is said in which order, and where the case stands then.
ORDERS = [
    ([("FIXED", -60), ("IN_PROGRESS", -600)], "closed", "the older one comes late"),
    ([("FIXED", -600), ("OPEN", -60)], "open", "closed, then opened, in order"),
    ([("OPEN", -60), ("FIXED", -600)], "received", "the closing is older than the opening"),
    ([("INVESTIGATING", -60), ("FIXED", -600)], "open", "a change there, not a step here"),
    ([("UNCHANGED", -60), ("FIXED", -600)], "received", "their last word was 'unchanged'"),
    ([("FIXED", 0), ("REOPEN", 0)], "open", "in one second: the order they come in"),
]


@pytest.mark.parametrize(("said", "state", "why"), ORDERS, ids=[row[2] for row in ORDERS])
def test_older_never_overwrites_newer(
    handed: Case, say: Any, said: list[tuple[str, int]], state: str, why: str
) -> None:
    base = timezone.now().replace(microsecond=0)
    for word, seconds in said:
        say(word, at=base + timedelta(seconds=seconds) if seconds else base)
    assert now_of(handed)[0] == state, why
    kept = CaseEvent.objects.filter(case=handed, actor="partner").count()
    assert kept == len(said), "what comes late is kept as a comment"


def test_the_number_has_its_own_time(handed: Case, say: Any) -> None:
    say("", text="", external_number="NEW", seconds=-10)
    say("", text="", external_number="OLD", seconds=-60)
    assert HandOff.objects.get().external_number == "NEW"
    say("", text="", external_number="NEWER", seconds=-5)
    assert HandOff.objects.get().external_number == "NEWER"


def test_older_than_what_staff_did_here(handed: Case, say: Any, worker: Actor) -> None:
    close(case_id=handed.pk, outcome_code="not-done", text="No road of ours", actor=worker)
    reopen(case_id=handed.pk, reason="It is", actor=SYSTEM)
    say("FIXED", seconds=-3600)
    assert now_of(handed)[0] == "open"


def test_the_same_id_twice_makes_one_comment(handed: Case, say: Any) -> None:
    first = say("IN_PROGRESS", update_id="same")
    events = CaseEvent.objects.count()
    again = say("FIXED", update_id="same")
    assert again.pk == first.pk
    assert CaseEvent.objects.count() == events
    assert now_of(handed)[0] == "open"


def test_our_own_message_sent_back_is_no_news(handed: Case, say: Any) -> None:
    key = Delivery.objects.get().key
    say("CLOSED", update_id=key)
    assert now_of(handed)[0] == "received"


REFUSED = [
    ({"number": "999999"}, "no case of theirs", "a case that does not exist"),
    ({"number": "", "external_number": "nope"}, "no case of theirs", "a number of nobody's"),
    ({"number": "a\x00b"}, "no case of theirs", "NUL"),
    ({"seconds": -3 * 86400}, "cannot be older", "dated before the report"),
    ({"seconds": 3600}, "future", "dated in the future"),
    ({"text": "x" * 4001}, "at most 4000", "an endless text"),
]


@pytest.mark.parametrize(("changes", "reason", "why"), REFUSED, ids=[row[2] for row in REFUSED])
def test_refused_is_shown_and_told(
    handed: Case, say: Any, person: Callable[..., User],
    changes: dict[str, Any], reason: str, why: str,
) -> None:  # fmt: skip
    admin = person(Role.ADMIN)
    item = say("FIXED", **changes)
    assert (item.result, now_of(handed)[0]) == ("refused", "received"), why
    assert reason in item.reason
    assert StaffNotice.objects.filter(user=admin, kind="partner").count() == 1


def test_a_refused_one_may_come_again_when_it_is_mended(handed: Case, say: Any) -> None:
    say("FIXED", update_id="x", seconds=3600)
    assert say("FIXED", update_id="x").result == "applied"
    assert now_of(handed)[0] == "closed"


def test_a_clock_a_little_behind_is_forgiven(handed: Case, say: Any) -> None:
    item = say("IN_PROGRESS", at=handed.requested_at - timedelta(minutes=2))
    assert (item.result, now_of(handed)[0]) == ("applied", "open")


def test_a_partner_speaks_of_its_own_cases_only(
    works: Connection, handed: Case, connect: Any, file_case: FileCase, other_city: City
) -> None:
    """Not of another department's, not of another city's with the same number."""
    tree = file_case(service_code="TREE", answers={})
    told = Told("1", timezone.now(), number=tree.number, status="FIXED", text="x")
    assert take(works, told).result == "refused"
    with city_scope(other_city.pk):
        theirs = file_case()
    assert theirs.number == handed.number
    take(works, Told("2", timezone.now(), number=handed.number, status="FIXED", text="x"))
    assert now_of(handed)[0] == "closed"
    with city_scope(other_city.pk):
        assert Case.objects.get().state == "received"


def test_contact_details_are_taken_out(handed: Case, say: Any) -> None:
    say("FIXED", text="Ask ada@works.example or (215) 686-8686")
    assert Case.objects.get(pk=handed.pk).status_note == "Ask [removed] or [removed]"


def _post(connection: Connection, body: str, **changes: str) -> Any:
    at = timezone.now()
    secret = changes.pop("secret", opened(connection.secret))
    headers = {
        "webhook-id": "m1",
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(secret).sign("m1", at, body),
    }
    code = changes.pop("code", connection.code)
    return Client(HTTP_HOST=changes.pop("host", "springfield.example")).post(
        f"/hooks/partner/{code}",
        body,
        content_type="application/json",
        headers=headers | {name.replace("_", "-"): value for name, value in changes.items()},
    )


UNSIGNED = [
    ({"secret": "whsec_" + "A" * 44}, "signed with another secret"),
    ({"webhook_signature": ""}, "not signed"),
    ({"webhook_signature": "v1"}, "half a signature"),
    ({"webhook_signature": "v1,@@@"}, "no base64"),
    ({"webhook_signature": "v1a,abcd"}, "another kind"),
    ({"webhook_timestamp": "1000000000"}, "replayed after years"),
    ({"webhook_timestamp": "x"}, "no time"),
    ({"webhook_id": "m2"}, "under another id"),
    ({"code": "nobody"}, "no such connection"),
    ({"host": "shelbyville.example"}, "at another city"),
]


@pytest.mark.parametrize(("changes", "why"), UNSIGNED, ids=[row[1] for row in UNSIGNED])
def test_hook_refuses(
    works: Connection, handed: Case, other_city: City, changes: dict[str, str], why: str
) -> None:
    body = json.dumps({"data": {"number": handed.number, "status": "FIXED"}})
    response = _post(works, body, **changes)
    assert response.status_code == 401, why
    assert response["Content-Type"].startswith("application/problem+json")
    assert now_of(handed)[0] == "received"


NONSENSE = ["", "[]", "null", '{"data": 1}', '{"data": {}}', "{", '{"data": {"number": []}}',
            '{"data": {"number": "1", "at": "yesterday"}}',
            '{"data": {"number": "1", "at": "2026-01-01T00:00:00"}}']  # fmt: skip


@pytest.mark.parametrize("body", NONSENSE)
def test_hook_refuses_nonsense(works: Connection, handed: Case, body: str) -> None:
    assert _post(works, body).status_code == 422
    assert InboundUpdate.objects.count() == 0


def test_hook_methods_and_size(works: Connection, handed: Case) -> None:
    client = Client(HTTP_HOST="springfield.example")
    assert client.get("/hooks/partner/works").status_code == 405
    assert _post(works, "x" * 100_001).status_code == 413


def test_secrets_differ() -> None:
    assert new_secret() != new_secret()


def test_an_outcome_that_repeats_another_is_no_meaning(works: Connection) -> None:
    from lamppost.kernel.refusals import Invalid

    assert Outcome.objects.filter(code="duplicate").exists()
    for meaning in ("outcome:duplicate", "status:closed", "status:received", "outcome:x", ""):
        with pytest.raises(Invalid):
            set_word(connection_id=works.pk, word="x", meaning=meaning, sentence={}, actor=SYSTEM)
