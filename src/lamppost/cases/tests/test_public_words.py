"""What everybody reads of free text: never a phone, an address, a name of somebody."""

from __future__ import annotations

import pytest
from django.test import Client

from lamppost.cases.models import Case, CaseEvent, EventText, TextCheck, TextMark
from lamppost.cases.reports import Report
from lamppost.cases.services import text_marks
from lamppost.cases.services.corrections import correct
from lamppost.cases.services.intake import submit
from lamppost.cases.services.lifecycle import close
from lamppost.cases.services.public_words import public_form
from lamppost.cases.services.verify import verify
from lamppost.catalog.choices import Channel
from lamppost.database.fields import Point
from lamppost.kernel.refusals import Invalid, NotFound, Unauthenticated
from lamppost.people.actors import ANONYMOUS, SYSTEM, Actor
from lamppost.people.choices import Role

pytestmark = pytest.mark.usefixtures("city")

SAID = "Deep hole. My name is Rosa Parker, call 215-555-0142 or rosa@example.org"
READ = "Deep hole. My name is ▇▇▇, call ▇▇▇ or ▇▇▇"


def filed(description: str = SAID) -> Case:
    made = submit(
        Report(
            service_code="POTHOLE",
            channel=Channel.WEB,
            description=description,
            answers={"WHERE": ("roadway",)},
            point=Point(-75.1636, 39.9526),
        ),
        actor=ANONYMOUS,
    )
    return Case.objects.get(pk=made.case_id)


def test_the_description_is_kept_whole_and_read_without_personal_data(client: Client) -> None:
    case = filed()
    assert (case.description, case.public_description) == (SAID, READ)
    pages = [
        client.get(f"/requests/{case.number}/"),
        client.get("/requests/"),
        client.get(f"/open311/v2/requests/{case.number}.json?extensions=true"),
        client.get("/open311/v2/requests.xml"),
        client.get(f"/api/v1/cases/{case.number}"),
    ]
    for page in pages:
        text = page.content.decode()
        assert page.status_code == 200
        assert "Deep hole" in text
        assert not any(word in text for word in ("555-0142", "Rosa", "rosa@"))


def test_nobody_finds_a_case_by_words_that_are_hidden(client: Client) -> None:
    case = filed()
    lists = ("/requests/?q=", "/requests.geojson?q=", "/open311/v2/requests.json?q=")
    for path in lists:
        # Two digits are not looked up in the index: another way to the same answer.
        for hidden in ("rosa@example.org", "Parker", "555-0142", "0142", "42"):
            assert case.number not in client.get(path + hidden).content.decode(), (path, hidden)
        for shown in ("DEEP", "De"):
            assert case.number in client.get(path + shown).content.decode(), (path, shown)


def test_what_needs_no_hiding_is_kept_once() -> None:
    assert filed("Hole at 1234 Market Street").public_description is None


def test_a_closing_sentence_is_hidden_in_part_and_the_chain_holds(client: Client) -> None:
    case = filed("Hole")
    close(case_id=case.pk, outcome_code="done", text="Told Rosa at 215-555-0142", actor=SYSTEM)
    case.refresh_from_db()
    assert (case.status_note, case.note_for_all) == (
        "Told Rosa at 215-555-0142",
        "Told Rosa at ▇▇▇",
    )
    page = client.get(f"/open311/v2/requests/{case.number}.json?extensions=true").content.decode()
    assert "Told Rosa" in page
    assert "555-0142" not in page
    assert list(verify()) == []


def test_a_corrected_description_is_looked_at_again() -> None:
    case = filed()
    correct(case_id=case.pk, description="Hole, call 215-555-0199", actor=SYSTEM)
    case.refresh_from_db()
    assert case.words_for_all == "Hole, call ▇▇▇"


def test_staff_hides_a_word_and_shows_a_false_hit() -> None:
    case = filed("Hole by the house of Uncle Bob. I am Main Street, they say")
    assert case.words_for_all == "Hole by the house of Uncle Bob. I am ▇▇▇, they say"
    text_marks.hide(case_id=case.pk, words="uncle bob", actor=SYSTEM)
    start = case.description.index("Main Street")
    text_marks.show(case_id=case.pk, start=start, end=start + 11, actor=SYSTEM)
    case.refresh_from_db()
    assert case.words_for_all == "Hole by the house of ▇▇▇. I am Main Street, they say"
    events = CaseEvent.objects.filter(case=case, kind="redacted").order_by("seq")
    assert [event.audience for event in events] == ["staff", "staff"]
    assert "Bob" not in str([event.data for event in events])
    # A mark holds when all texts are looked at again, and a later one wins.
    text_marks.check_old_texts()
    text_marks.show(case_id=case.pk, start=case.description.index("Uncle"), end=30, actor=SYSTEM)
    case.refresh_from_db()
    assert case.public_description is None


def test_staff_hides_a_word_of_a_closing_sentence() -> None:
    case = filed("Hole")
    close(case_id=case.pk, outcome_code="done", text="Filled for old Bob", actor=SYSTEM)
    event = CaseEvent.objects.get(case=case, kind="closed")
    text_marks.hide(case_id=case.pk, event_id=event.pk, words="old Bob", actor=SYSTEM)
    case.refresh_from_db()
    assert (event.words.for_all, case.note_for_all) == ("Filled for ▇▇▇", "Filled for ▇▇▇")
    assert list(verify()) == []


def test_who_may_not_edit_the_case_hides_nothing() -> None:
    case, other = filed(), filed("Other")
    for actor in (ANONYMOUS, Actor(role=Role.RESIDENT, user_id=None)):
        with pytest.raises(Unauthenticated):
            text_marks.hide(case_id=case.pk, words="hole", actor=actor)
    event = CaseEvent.objects.get(case=other)
    with pytest.raises(NotFound):
        text_marks.hide(case_id=case.pk, event_id=event.pk, words="x", actor=SYSTEM)
    for words in ("", "nowhere in it"):
        with pytest.raises(Invalid):
            text_marks.hide(case_id=case.pk, words=words, actor=SYSTEM)
    for start, end in ((5, 5), (-1, 3), (0, 999)):
        with pytest.raises(Invalid):
            text_marks.show(case_id=case.pk, start=start, end=end, actor=SYSTEM)
    assert not TextMark.objects.exists()


def test_old_texts_are_hidden_in_batches_and_only_once() -> None:
    cases = [filed() for _ in range(3)]
    Case.objects.update(public_description=None)
    close(case_id=cases[0].pk, outcome_code="done", text="Mail rosa@example.org", actor=SYSTEM)
    EventText.objects.update(public_text=None)
    assert text_marks.check_again(table="case", after=0, limit=2) == cases[1].pk
    text_marks.check_old_texts()
    assert {case.public_description for case in Case.objects.all()} == {READ}
    assert EventText.objects.get().public_text == "Mail ▇▇▇"
    assert TextCheck.objects.filter(done_at=None).count() == 0
    assert text_marks.check_old_texts() == 0


def test_a_number_of_the_city_stays_readable() -> None:
    assert public_form("Call 215-686-8686 or 215-555-0142") is not None
