"""One person, several contacts: found, merged, taken apart; never by themselves."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import Value
from django.db.models.functions import Lower
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from lamppost.cases.models import Case
from lamppost.cases.reports import Report, Reporter
from lamppost.cases.services.intake import submit
from lamppost.catalog.choices import Channel
from lamppost.contacts.models import Interaction
from lamppost.database.fields import Point
from lamppost.kernel.refusals import Conflict, Forbidden, Invalid, NotFound
from lamppost.people import cards, contacts, merging
from lamppost.people.actors import ANONYMOUS, SYSTEM, Actor
from lamppost.people.choices import PointKind, Role
from lamppost.people.models import AuditEntry, Contact, ContactMerge, ContactPoint, Household, User

pytestmark = pytest.mark.usefixtures("city")


def case_of(actor: Actor = ANONYMOUS, channel: Channel = Channel.WEB, **who: object) -> Case:
    filed = submit(
        Report(
            service_code="POTHOLE",
            channel=channel,
            description="Hole",
            answers={"WHERE": ("roadway",)},
            point=Point(-75.1636, 39.9526),
            reporter=Reporter(**who),  # type: ignore[arg-type]
        ),
        actor=actor,
    )
    return Case.objects.get(pk=filed.case_id)


def test_a_call_a_text_and_an_account_become_one_contact_with_three_cases(
    actor: Callable[..., Actor],
) -> None:
    agent, resident = actor(Role.AGENT, "center"), actor(Role.RESIDENT)
    texted = case_of(channel=Channel.SMS, phone="215 555 0142", proven=frozenset({PointKind.SMS}))
    (known,) = contacts.find(phone="(215) 555-0142")
    assert known.pk == texted.contact_id
    called = case_of(agent, Channel.PHONE, name="Rosa", contact_id=known.pk)
    assert called.contact_id == known.pk
    signed_in = case_of(resident, phone="+12155550142")
    assert signed_in.contact_id != known.pk  # A number typed into a form proves nothing.
    assert merging.suggestions(known) == [signed_in.contact]
    merging.merge(kept_id=known.pk, gone_id=signed_in.contact_id, reason="said so", actor=agent)
    assert set(Case.objects.values_list("contact_id", flat=True)) == {known.pk}
    # What comes later from the same account, number or agent is the same person.
    assert case_of(resident, email="r@example.org").contact_id == known.pk
    again = case_of(channel=Channel.SMS, phone="2155550142", proven=frozenset({PointKind.SMS}))
    assert again.contact_id == known.pk
    assert Contact.objects.get(pk=known.pk).name == "Rosa"


def test_a_claim_never_leads_to_somebody_elses_contact() -> None:
    case_of(phone="2155550142", name="Rosa", proven=frozenset({PointKind.PHONE}))
    claimed = case_of(phone="2155550142", name="Mallory")
    assert Contact.objects.count() == 2
    assert claimed.contact.name == "Mallory"
    assert [one.name for one in contacts.find(phone="215-555-0142")] == ["Rosa", "Mallory"]


def test_a_resident_cannot_choose_the_contact_a_report_goes_to() -> None:
    known = case_of(phone="2155550142").contact_id
    with pytest.raises(Exception, match="sign in"):
        case_of(contact_id=known)


def test_one_person_of_the_same_claims_stays_one_row_and_an_anonymous_one_none() -> None:
    first, second = case_of(email="A@Example.org"), case_of(email="a@example.ORG")
    assert first.contact_id == second.contact_id
    assert case_of().contact_id is None
    assert ContactPoint.objects.get().value == "a@example.org"


def test_a_merge_is_undone_to_the_row(agent: Actor) -> None:
    kept, gone = case_of(email="a@example.org", name="A"), case_of(phone="2155550142", name="B")
    call = Interaction.objects.create(
        channel="phone", contact=gone.contact, offered_at=timezone.now()
    )
    done = merging.merge(
        kept_id=kept.contact_id, gone_id=gone.contact_id, reason="same", actor=agent
    )
    call.refresh_from_db()
    assert call.contact_id == kept.contact_id
    assert ContactPoint.objects.filter(contact=kept.contact).count() == 2
    later = case_of(phone="2155550142", name="B")
    assert later.contact_id == kept.contact_id
    merging.undo(merge_id=done.pk, actor=agent)
    call.refresh_from_db()
    gone.refresh_from_db()
    assert call.contact_id == gone.contact_id != kept.contact_id
    assert [point.kind for point in gone.contact.points.all()] == ["phone"]
    with pytest.raises(Conflict):
        merging.undo(merge_id=done.pk, actor=agent)


def test_undoing_costs_the_same_however_much_was_moved(agent: Actor) -> None:
    few, many = cost_of_undoing(1, agent), cost_of_undoing(12, agent)
    assert few == many


def cost_of_undoing(calls: int, agent: Actor) -> int:
    kept, gone = (Contact.objects.create(name="A", created_at=timezone.now()) for _one in "ab")
    rows = [
        Interaction(channel="phone", contact=gone, offered_at=timezone.now())
        for _number in range(calls)
    ]
    Interaction.objects.bulk_create(rows)
    done = merging.merge(kept_id=kept.pk, gone_id=gone.pk, reason="same", actor=agent)
    with CaptureQueriesContext(connection) as queries:
        merging.undo(merge_id=done.pk, actor=agent)
    assert Interaction.objects.filter(contact=gone).count() == calls
    return len(queries)


def test_what_is_refused(agent: Actor, actor: Callable[..., Actor]) -> None:
    kept, gone = case_of(email="a@example.org").contact_id, case_of(phone="2155550142").contact_id
    with pytest.raises(Forbidden):
        merging.merge(kept_id=kept, gone_id=gone, reason="x", actor=actor(Role.WORKER, "streets"))
    with pytest.raises(Invalid):
        merging.merge(kept_id=kept, gone_id=gone, reason=" ", actor=agent)
    with pytest.raises(Invalid):
        merging.merge(kept_id=kept, gone_id=kept, reason="x", actor=agent)
    with pytest.raises(NotFound):
        merging.merge(kept_id=kept, gone_id=10**9, reason="x", actor=agent)
    done = merging.merge(kept_id=kept, gone_id=gone, reason="x", actor=agent)
    with pytest.raises(Conflict):
        merging.merge(kept_id=kept, gone_id=gone, reason="x", actor=agent)
    ContactMerge.objects.update(merged_at=timezone.now() - timedelta(days=31))
    with pytest.raises(Conflict):
        merging.undo(merge_id=done.pk, actor=agent)
    users = [actor(Role.RESIDENT, name=name).user_id for name in ("One", "Two")]
    Contact.objects.filter(pk=kept).update(user=users[0])
    other = case_of(phone="2155550199").contact_id
    Contact.objects.filter(pk=other).update(user=users[1])
    with pytest.raises(Conflict):
        merging.merge(kept_id=kept, gone_id=other, reason="x", actor=SYSTEM)


def test_consent_withdrawn_by_either_stays_withdrawn(agent: Actor) -> None:
    kept = case_of(phone="2155550142", name="A", may_notify=True).contact
    gone = case_of(phone="2155550142", name="B", may_notify=True).contact
    assert kept is not None
    assert gone is not None
    ContactPoint.objects.filter(contact=gone).update(withdrawn_at=timezone.now())
    merging.merge(kept_id=kept.pk, gone_id=gone.pk, reason="same", actor=agent)
    assert not kept.points.get().may_notify


def test_a_merge_of_many_cases_costs_no_more_than_of_one(actor: Callable[..., Actor]) -> None:
    agent = actor(Role.AGENT, "center")
    kept = case_of(name="Rosa").contact_id
    counts = []
    for number, cases in enumerate((1, 6)):
        gone = [case_of(name=f"R{number}", phone=f"215555010{number}") for _ in range(cases)]
        with CaptureQueriesContext(connection) as asked:
            merging.merge(kept_id=kept, gone_id=gone[0].contact_id, reason="said so", actor=agent)
        counts.append(len(asked))
        assert Case.objects.filter(pk__in=[one.pk for one in gone], contact=kept).count() == cases
    assert counts[1] <= counts[0]


def test_what_an_agent_notes_of_an_address_is_on_record(actor: Callable[..., Actor]) -> None:
    agent = actor(Role.AGENT, "center")
    point = ContactPoint.objects.get(contact=case_of(email="a@example.org").contact)
    cards.confirm(point_id=point.pk, actor=agent)
    cards.consent(point_id=point.pk, given=True, actor=agent)
    cards.consent(point_id=point.pk, given=False, actor=agent)
    notes = AuditEntry.objects.filter(label=f"contact {point.contact_id}").order_by("id")
    told = [one.detail.partition(": ")[2] for one in notes]
    assert told == ["confirmed", "consent", "consent withdrawn"]
    assert not Contact.objects.get(pk=point.contact_id).may_notify


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("osa mar", {"Rosa Marín"}),
        ("MARÍN", {"Rosa Marín"}),
        # What searches know as "anything" stands for itself.
        ("100%", {"Bar 100%_\\"}),
        ("0%_\\", {"Bar 100%_\\"}),
        ("_o", set()),
        ("s%n", set()),
    ],
)
def test_a_part_of_a_name_finds_it(
    typed: str, found: set[str], actor: Callable[..., Actor]
) -> None:
    for name in ("Rosa Marín", "Bar 100%_\\", ""):
        Contact.objects.create(name=name, created_at=timezone.now())
    agent = actor(Role.AGENT, "center")
    assert {one.name for one in merging.search(typed, actor=agent)} == found


def test_a_household_and_an_account_are_looked_up_whatever_their_case(agent: Actor) -> None:
    person = case_of(email="a@example.org").contact
    for typed in ("Müller Family", "MÜLLER family"):
        cards.change(
            contact_id=person.pk, actor=agent, name="Ana", language="", preferred="",
            household=typed, is_organization=False, note="",
        )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    same = Household.objects.filter(any_case=Lower(Value("müller FAMILY")))
    assert same.count() == 1
    assert "household_any_case" in same.explain()
    assert "user_email_any_case" in User.objects.filter(email__iexact="A@x.example").explain()


def test_part_of_a_name_is_looked_up_in_an_index() -> None:
    with connection.cursor() as cursor:
        # A small table is read whole; what counts is that row security does not forbid the index.
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_indexscan = off")
    assert "contact_name_letters" in Contact.objects.filter(name__has_part="rosa").explain()
