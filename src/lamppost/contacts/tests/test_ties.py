"""What a contact leaves: cases, inquiries, hand-overs, one diversion."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from lamppost.cases.models import Case, Clock, Diversion
from lamppost.cases.reports import Report, Reporter
from lamppost.cases.services.lifecycle import close
from lamppost.catalog.choices import Channel
from lamppost.catalog.models import Service
from lamppost.cities.models import City
from lamppost.contacts.choices import CaseTie, TransferKind
from lamppost.contacts.models import (
    CenterRules,
    Handover,
    Interaction,
    InteractionAnswer,
    InteractionCase,
)
from lamppost.contacts.selectors.callers import past_of
from lamppost.contacts.services import calls, coding, handing, inquiries, ties
from lamppost.contacts.tests.scene import later, make_article, make_dispositions
from lamppost.database.fields import Point
from lamppost.kernel.refusals import Conflict, Forbidden, Invalid, NotFound
from lamppost.people.actors import SYSTEM, Actor
from lamppost.people.choices import Role

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _center(city: City) -> None:
    make_dispositions()
    CenterRules.objects.update(inquiry_service=Service.objects.get(code="QUESTION"))


@pytest.fixture
def call(agent: Actor) -> Interaction:
    return calls.begin(actor=agent, address="2155550100", language="es")


def report(**changes: object) -> Report:
    fields: dict[str, object] = {
        "service_code": "POTHOLE",
        "channel": Channel.PHONE,
        "description": "A deep hole",
        "answers": {"WHERE": ("roadway",)},
        "point": Point(-75.1636, 39.9526),
        "reporter": Reporter(name="Ana", phone="2155550100"),
    }
    return Report(**(fields | changes))  # type: ignore[arg-type]


def tied(call: Interaction) -> list[tuple[str, str]]:
    rows = InteractionCase.objects.filter(interaction=call).order_by("id")
    return [(row.tie, row.case.number) for row in rows.select_related("case")]


def test_what_is_filed_belongs_to_the_contact(call: Interaction, agent: Actor) -> None:
    filed = ties.file_for_caller(interaction_id=call.pk, report=report(), actor=agent)
    case = Case.objects.get(number=filed.number)
    call.refresh_from_db()
    assert tied(call) == [("filed", filed.number)]
    assert (case.channel, case.entered_by_id) == ("phone", agent.user_id)
    assert call.contact is not None
    assert (call.contact.name, call.contact_id) == ("Ana", case.contact_id)
    assert call.service is not None
    assert call.service.code == "POTHOLE"


def test_nobody_files_on_a_colleagues_call(call: Interaction, actor: Callable[..., Actor]) -> None:
    with pytest.raises(Forbidden):
        ties.file_for_caller(
            interaction_id=call.pk, report=report(), actor=actor(Role.AGENT, "center", "Olga")
        )
    assert not Case.objects.exists()


def test_a_wrong_form_leaves_nothing(call: Interaction, agent: Actor) -> None:
    with pytest.raises(Invalid):
        ties.file_for_caller(interaction_id=call.pk, report=report(answers={}), actor=agent)
    assert (Case.objects.count(), tied(call)) == (0, [])


def test_danger_in_the_form_and_the_key_count_once(call: Interaction, agent: Actor) -> None:
    gas = report(answers={"WHERE": ("gas",)})
    filed = ties.file_for_caller(interaction_id=call.pk, report=gas, actor=agent)
    assert (filed.number, Case.objects.count()) == ("", 0)
    handing.hand_to_emergency(interaction_id=call.pk, actor=agent, place="5 Oak St")
    handing.hand_to_emergency(interaction_id=call.pk, actor=agent, place="7 Oak St")
    handing.hand_to_emergency(interaction_id=call.pk, actor=agent)
    made = Handover.objects.get()
    call.refresh_from_db()
    assert (made.kind, made.to_phone, made.place) == ("emergency", "911", "7 Oak St")
    assert Diversion.objects.filter(outcome="emergency").count() == 1
    assert (call.ended_at, Case.objects.count(), Clock.objects.count()) == (None, 0, 0)
    assert call.disposition is not None
    assert call.disposition.kind == "emergency"


def test_the_key_alone_counts_too(call: Interaction, agent: Actor) -> None:
    handing.hand_to_emergency(interaction_id=call.pk, actor=agent)
    diversion = Diversion.objects.get()
    assert (diversion.channel, diversion.language, diversion.outcome) == (
        "phone",
        "es",
        "emergency",
    )
    calls.end(interaction_id=call.pk, actor=agent)
    with pytest.raises(Conflict):
        handing.hand_to_emergency(interaction_id=call.pk, actor=agent)


def test_a_case_asked_about_is_tied_once(
    call: Interaction, agent: Actor, file_case: Callable[..., Case]
) -> None:
    case = file_case()
    for _again in range(2):
        ties.asked_about(interaction_id=call.pk, number=case.number, actor=agent)
    assert tied(call) == [("asked", case.number)]
    with pytest.raises(NotFound):
        ties.asked_about(interaction_id=call.pk, number="nothing", actor=agent)


def test_the_caller_is_counted_in_once(
    call: Interaction, agent: Actor, file_case: Callable[..., Case]
) -> None:
    case = file_case()
    assert ties.follow_for_caller(interaction_id=call.pk, number=case.number, actor=agent)
    assert not ties.follow_for_caller(interaction_id=call.pk, number=case.number, actor=agent)
    case.refresh_from_db()
    assert (case.follower_count, tied(call)) == (1, [("followed", case.number)])


def test_not_fixed_opens_the_case_again(
    call: Interaction, agent: Actor, file_case: Callable[..., Case]
) -> None:
    case = file_case()
    with pytest.raises(Conflict):
        ties.dispute_for_caller(
            interaction_id=call.pk, number=case.number, text="Still there", actor=agent
        )
    close(case_id=case.pk, outcome_code="done", text="Filled", actor=SYSTEM)
    ties.dispute_for_caller(
        interaction_id=call.pk, number=case.number, text="Still there", actor=agent
    )
    case.refresh_from_db()
    assert (case.state, tied(call)) == ("open", [("disputed", case.number)])


def test_one_key_leaves_an_inquiry_that_cites_the_article(
    call: Interaction, agent: Actor, file_case: Callable[..., Case]
) -> None:
    file_case()
    backlog = Case.objects.filter(kind="service_request").exclude(state="closed").count()
    article = make_article()
    inquiries.cite(interaction_id=call.pk, article_code=article.code, actor=agent)
    inquiries.cite(interaction_id=call.pk, article_code=article.code, actor=agent)
    coding.code(interaction_id=call.pk, disposition_code="information", actor=agent, ends=True)
    # Coded twice, kept once.
    coding.code(interaction_id=call.pk, disposition_code="information", actor=agent)
    inquiry = Case.objects.get(kind="inquiry")
    assert (inquiry.state, inquiry.due_at, inquiry.channel) == ("closed", None, "phone")
    assert "trash day" in inquiry.status_note
    assert not Clock.objects.filter(case=inquiry).exists()
    assert tied(call) == [(CaseTie.ANSWERED, inquiry.number)]
    cited = InteractionAnswer.objects.get()
    assert (cited.article_code, cited.version_id, cited.case_id) == (
        article.code,
        article.current_id,
        inquiry.pk,
    )
    open_requests = Case.objects.filter(kind="service_request").exclude(state="closed")
    assert open_requests.count() == backlog


def test_without_an_article_the_contact_alone_is_kept(call: Interaction, agent: Actor) -> None:
    coding.code(interaction_id=call.pk, disposition_code="information", actor=agent, ends=True)
    assert not Case.objects.exists()


def test_another_coding_keeps_no_inquiry(call: Interaction, agent: Actor) -> None:
    inquiries.cite(interaction_id=call.pk, article_code=make_article().code, actor=agent)
    coding.code(interaction_id=call.pk, disposition_code="status", actor=agent, ends=True)
    assert not Case.objects.exists()


def test_a_city_without_a_service_for_it_keeps_none(call: Interaction, agent: Actor) -> None:
    CenterRules.objects.update(inquiry_service=None)
    inquiries.cite(interaction_id=call.pk, article_code=make_article().code, actor=agent)
    coding.code(interaction_id=call.pk, disposition_code="information", actor=agent, ends=True)
    assert (Case.objects.count(), InteractionAnswer.objects.count()) == (0, 1)


def test_a_form_that_asks_too_much_does_not_keep_the_contact_uncoded(
    call: Interaction, agent: Actor
) -> None:
    Service.objects.filter(code="QUESTION").update(location="required")
    inquiries.cite(interaction_id=call.pk, article_code=make_article().code, actor=agent)
    row = coding.code(
        interaction_id=call.pk, disposition_code="information", actor=agent, ends=True
    )
    assert row.disposition is not None
    assert not Case.objects.exists()


def test_one_key_keeps_what_was_open_whole_or_not_at_all(
    call: Interaction,
    agent: Actor,
    actor: Callable[..., Actor],
    file_case: Callable[..., Case],
) -> None:
    article, case = make_article().code, file_case()
    key = {"interaction_id": call.pk, "disposition_code": "information", "article_code": article}
    for number, disposition in (("No such case", "information"), (case.number, "no such coding")):
        with pytest.raises((NotFound, Invalid)):
            coding.end_with_key(
                **key | {"case_number": number, "disposition_code": disposition}, actor=agent
            )
    with pytest.raises(Forbidden):
        coding.end_with_key(**key, actor=actor(Role.SUPERVISOR, "center"))
    call.refresh_from_db()
    assert (call.ended_at, call.disposition_id, tied(call)) == (None, None, [])
    assert not InteractionAnswer.objects.exists()
    row = coding.end_with_key(**key, case_number=case.number, actor=agent)
    assert row.ended_at is not None
    assert [tie for tie, _number in tied(call)] == [CaseTie.ASKED, CaseTie.ANSWERED]
    assert InteractionAnswer.objects.get().article_code == article


def test_an_article_that_was_only_open_is_no_answer_to_another_coding(
    call: Interaction, agent: Actor
) -> None:
    coding.end_with_key(
        interaction_id=call.pk,
        disposition_code="status",
        article_code=make_article().code,
        actor=agent,
    )
    assert not InteractionAnswer.objects.exists()


def test_an_unknown_article_is_no_answer(call: Interaction, agent: Actor) -> None:
    with pytest.raises(NotFound):
        inquiries.cite(interaction_id=call.pk, article_code="nothing", actor=agent)


def test_announced_stays_on_the_line_passed_on_ends_it(call: Interaction, agent: Actor) -> None:
    with pytest.raises(Invalid):
        handing.hand_over(interaction_id=call.pk, kind=TransferKind.WARM, actor=agent, to_name=" ")
    with pytest.raises(Invalid):
        handing.hand_over(
            interaction_id=call.pk, kind=TransferKind.EMERGENCY, actor=agent, to_name="911"
        )
    handing.hand_over(
        interaction_id=call.pk, kind=TransferKind.WARM, actor=agent, to_name="Water", at=later(9)
    )
    call.refresh_from_db()
    assert (call.ended_at, call.disposition_id) == (None, None)
    handing.hand_over(
        interaction_id=call.pk, kind=TransferKind.COLD, actor=agent, to_name="Gas company"
    )
    call.refresh_from_db()
    assert call.ended_at is not None
    assert call.disposition is not None
    assert call.disposition.kind == "transfer"
    with pytest.raises(Conflict):
        handing.hand_over(
            interaction_id=call.pk, kind=TransferKind.COLD, actor=agent, to_name="Water"
        )


def test_history_follows_the_person_or_the_number(
    call: Interaction, agent: Actor, file_case: Callable[..., Case]
) -> None:
    filed = ties.file_for_caller(interaction_id=call.pk, report=report(), actor=agent)
    file_case(reporter=Reporter(name="Somebody else", phone="2155550177"))
    coding.code(interaction_id=call.pk, disposition_code="request", actor=agent, ends=True)
    again = calls.begin(actor=agent, address="(215) 555-0100")
    past = past_of(again)
    assert [case.number for case in past.cases] == [filed.number]
    assert [row.pk for row in past.interactions] == [call.pk]
    stranger = calls.end(interaction_id=again.pk, actor=agent)
    anonymous = calls.begin(actor=agent)
    assert stranger.pk != anonymous.pk
    nothing = past_of(anonymous)
    assert (nothing.cases, nothing.interactions, nothing.call_backs) == ([], [], [])
