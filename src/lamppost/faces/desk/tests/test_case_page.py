"""The case's page: all that is needed to act, and every action through one form."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from PIL import Image

from lamppost.cases.choices import EventKind, LinkKind, TransferState
from lamppost.cases.models import Attachment, Case, CaseEvent, CaseLink, Clock, Transfer
from lamppost.cases.reports import Reporter
from lamppost.cases.services.lifecycle import close, move
from lamppost.cases.services.links import mark_duplicate
from lamppost.cases.services.locking import version_of
from lamppost.cases.services.transfers import offer_transfer
from lamppost.people.actors import Actor
from lamppost.people.choices import Role
from lamppost.people.models import Department

pytestmark = pytest.mark.django_db
FileCase = Callable[..., Case]


def _post(client: Client, case: Case, slug: str, *, seen: str | None = None, **data: Any) -> Any:
    case.refresh_from_db()
    data["seen"] = version_of(case) if seen is None else seen
    return client.post(f"/desk/cases/{case.number}/{slug}/", data)


def _text(response: Any) -> str:
    return re.sub(r"\s+", " ", response.content.decode())


def test_everything_needed_stands_on_one_page(
    worker_client: Client, file_case: FileCase, worker: Actor
) -> None:
    case = file_case(
        address="12 Elm Street",
        answers={"WHERE": ("cave-in",), "SIZE": ("12",)},
        reporter=Reporter(name="Rosa Reporter", phone="+12155550100"),
    )
    move(case_id=case.pk, status_code="in-progress", actor=worker, note="Crew is out")

    page = _text(worker_client.get(f"/desk/cases/{case.number}/"))

    for expected in (
        "A deep hole", "12 Elm Street", "The street is caving in", "Rosa Reporter",
        "+12155550100", "Hazard", "Received → In progress", "Crew is out",
        "3 business days from", "data-long=\"-75.1636\"", "data-hotkey=\"c\"",
    ):  # fmt: skip
        assert expected in page, expected


def test_contacts_are_hidden_from_roles_that_do_not_read_them(
    signed_in: Callable[..., Client], file_case: FileCase
) -> None:
    case = file_case(reporter=Reporter(name="Rosa Reporter", email="rosa@mail.example"))
    page = _text(signed_in(Role.DIRECTOR).get(f"/desk/cases/{case.number}/"))
    assert "Rosa" not in page
    assert "rosa@mail.example" not in page


def test_move_writes_status_note_and_event(worker_client: Client, file_case: FileCase) -> None:
    case = file_case()
    response = _post(worker_client, case, "move", status="in-progress", note="On our way")
    assert response.status_code == 302
    case.refresh_from_db()
    assert (case.state, case.status_note) == ("open", "On our way")
    assert CaseEvent.objects.filter(case=case, kind=EventKind.MOVED).count() == 1


def test_an_internal_note_of_a_move_is_not_shown_to_the_public(
    worker_client: Client, file_case: FileCase
) -> None:
    case = file_case()
    _post(worker_client, case, "move", status="in-progress", note="Dog!", internal="on")
    case.refresh_from_db()
    assert case.status_note == ""
    public = CaseEvent.objects.filter(case=case, audience="public", words__text="Dog!")
    assert not public.exists()


def test_close_keeps_outcome_and_sentence(worker_client: Client, file_case: FileCase) -> None:
    case = file_case()
    _post(worker_client, case, "close", outcome="done", text="Filled with asphalt.")
    case.refresh_from_db()
    assert (case.state, case.outcome.code, case.status_note) == (  # type: ignore[union-attr]
        "closed", "done", "Filled with asphalt.",
    )  # fmt: skip


REFUSALS = [
    ("move", {"status": "nope"}, 400, "This status does not exist here."),
    ("move", {"status": "closed"}, 400, "Closing needs an outcome"),
    ("move", {"status": "waiting-weather"}, 409, "cannot go from its present status"),
    ("move", {"status": "in-progress", "note": "x" * 4001}, 400, "at most 4000"),
    ("move", {}, 400, "This status does not exist here."),
    ("close", {"outcome": "done", "text": ""}, 400, "Say in a sentence"),
    ("close", {"outcome": "", "text": "Done"}, 400, "Choose how the case ended."),
    ("close", {"outcome": "duplicate", "text": "Done"}, 400, "Link the case"),
    ("note", {"text": "", "audience": "staff"}, 400, "Write the note first."),
    ("note", {"text": "Hello", "audience": "world"}, 400, "Choose who reads the note."),
    ("assign", {"user": "999999"}, 400, "does not work in the owning department"),
    ("assign", {"user": "9" * 40}, 400, "does not work in the owning department"),
    ("assign", {"user": "<script>"}, 400, "does not work in the owning department"),
    ("offer", {"department": "", "reason": "Trees"}, 400, "This department does not exist"),
    ("offer", {"department": "9" * 30, "reason": "Trees"}, 400, "This department does not exist"),
    ("offer", {"department": "1", "reason": " "}, 400, "Say why the case belongs"),
    ("duplicate", {"number": "nope"}, 404, "There is no case with this number."),
    ("duplicate", {"number": "a\x00b"}, 404, "There is no case with this number."),
    ("duplicate", {"number": ""}, 404, "There is no case with this number."),
    ("not-duplicate", {"reason": "Other"}, 409, "not marked as a repeat"),
    ("relate", {"number": "nope", "kind": "related"}, 404, "There is no case"),
    ("relate", {"number": "1", "kind": "duplicate_of"}, 400, "Choose how the two cases"),
    ("recategorize", {"service_code": "NOPE", "reason": "Tree"}, 404, "This service does not"),
    ("recategorize", {"service_code": "", "reason": "Tree"}, 400, "Say which service"),
    ("recategorize", {"service_code": "TREE", "reason": ""}, 400, "Say why the service"),
    ("recategorize", {"service_code": "POTHOLE", "reason": "x"}, 400, "already has this service"),
    ("correct", {}, 400, "Nothing was changed."),
    ("correct", {"description": "x" * 4001}, 400, "at most 4000"),
    ("correct", {"address": "x" * 301}, 400, "at most 300"),
    ("correct", {"lat": "91", "long": "-75"}, 400, "between -90 and 90"),
    ("correct", {"lat": "39,95", "long": "-75"}, 400, "Enter a number"),
    ("correct", {"lat": "0", "long": "0"}, 400, "0, 0 is not a place"),
    ("correct", {"lat": "NaN", "long": "1e999"}, 400, "Enter a number"),
    ("correct", {"lat": "39.95"}, 400, "Enter a number"),
    ("photo", {}, 400, "Choose a photo first."),
    ("hide-photo", {"photo": "7", "reason": "Face"}, 404, "This photo does not exist here."),
    ("reopen", {"reason": "Again"}, 403, "Your role does not allow this."),
    ("visibility", {"visibility": "private", "reason": "x"}, 403, "Your role does not allow"),
    ("visibility", {"visibility": "open", "reason": "x"}, 400, "Choose who may see"),
    ("waive", {"clock": "0", "reason": "Storm"}, 404, "does not run on this case"),
]


@pytest.mark.parametrize(("slug", "data", "status", "words"), REFUSALS)
def test_what_cannot_be_done_is_refused_beside_its_form_and_writes_nothing(
    slug: str,
    data: dict[str, str],
    status: int,
    words: str,
    worker_client: Client,
    file_case: FileCase,
) -> None:
    case = file_case()
    before = Case.objects.values().get(pk=case.pk)
    events = CaseEvent.objects.count()

    response = _post(worker_client, case, slug, **data)

    assert response.status_code == status
    assert words in _text(response)
    assert Case.objects.values().get(pk=case.pk) == before
    assert CaseEvent.objects.count() == events


def test_what_was_typed_is_kept_when_it_is_refused(
    worker_client: Client, file_case: FileCase
) -> None:
    case = file_case()
    response = _post(worker_client, case, "close", outcome="", text='Filled "well" <b>today</b>')
    page = _text(response)
    assert "Filled &quot;well&quot; &lt;b&gt;today&lt;/b&gt;" in page
    assert 'href="#close-outcome"' in page
    assert 'aria-invalid="true"' in page


@pytest.mark.parametrize(
    "text",
    ["\x00\x01 NUL", "🕳️ 4-byte", "‮right to left‬", "'; DROP TABLE cases_case; --", "<script>x"],
)
def test_strange_text_is_kept_as_text(
    text: str, worker_client: Client, file_case: FileCase
) -> None:
    case = file_case()
    response = _post(worker_client, case, "note", text=text, audience="public")
    assert response.status_code == 302
    page = worker_client.get(f"/desk/cases/{case.number}/")
    assert page.status_code == 200
    assert b"<script>x" not in page.content


def test_a_case_changed_meanwhile_is_not_overwritten(
    worker_client: Client, file_case: FileCase, worker: Actor
) -> None:
    case = file_case()
    seen = version_of(case)
    move(case_id=case.pk, status_code="in-progress", actor=worker)

    response = _post(worker_client, case, "close", seen=seen, outcome="done", text="Filled")

    assert response.status_code == 409
    page = _text(response)
    assert "was changed while you had it open" in page
    assert "Filled" in page
    case.refresh_from_db()
    assert case.state == "open"
    again = _post(worker_client, case, "close", outcome="done", text="Filled")
    assert again.status_code == 302


def test_a_form_without_the_version_is_a_conflict(
    worker_client: Client, file_case: FileCase
) -> None:
    case = file_case()
    response = _post(worker_client, case, "move", seen="", status="in-progress")
    assert response.status_code == 409


def test_assign_to_me_and_back(worker_client: Client, file_case: FileCase) -> None:
    case = file_case()
    page = _text(worker_client.get(f"/desk/cases/{case.number}/"))
    assert "Assign to me" in page
    user = worker_client.user  # type: ignore[attr-defined]
    _post(worker_client, case, "assign", user=str(user.pk))
    case.refresh_from_db()
    assert case.assignee_id == user.pk
    assert case.number in _text(worker_client.get("/desk/mine/"))
    _post(worker_client, case, "assign", user="")
    case.refresh_from_db()
    assert case.assignee_id is None


def test_transfer_offered_seen_accepted_and_gone_from_the_giver(
    worker_client: Client, signed_in: Callable[..., Client], file_case: FileCase
) -> None:
    case = file_case()
    parks = Department.objects.get(code="parks")
    _post(worker_client, case, "offer", department=str(parks.pk), reason="It is a tree pit")
    transfer = Transfer.objects.get(case=case)
    taker = signed_in(Role.WORKER, "parks")

    assert "It is a tree pit" in _text(taker.get("/desk/transfers/"))
    assert "Accept the case" in _text(taker.get(f"/desk/cases/{case.number}/"))
    assert taker.post(f"/desk/transfers/{transfer.pk}/accept/").status_code == 302

    case.refresh_from_db()
    assert case.department_id == parks.pk
    assert worker_client.get(f"/desk/cases/{case.number}/").status_code == 403


def test_a_transfer_is_sent_back_only_with_a_reason(
    signed_in: Callable[..., Client], file_case: FileCase, worker: Actor
) -> None:
    case = file_case()
    parks = Department.objects.get(code="parks")
    transfer = offer_transfer(case_id=case.pk, department_id=parks.pk, reason="Tree", actor=worker)
    taker = signed_in(Role.WORKER, "parks")
    refused = taker.post(f"/desk/transfers/{transfer.pk}/refuse/", {"reason": " "})
    assert refused.status_code == 400
    assert "Say why the case does not belong" in _text(refused)
    assert taker.post(
        f"/desk/transfers/{transfer.pk}/refuse/", {"reason": "Street"}
    ).status_code == 302  # fmt: skip
    transfer.refresh_from_db()
    assert (transfer.state, transfer.answer) == (TransferState.REFUSED, "Street")
    late = taker.post(f"/desk/transfers/{transfer.pk}/accept/")
    assert late.status_code == 409


def test_duplicates_nearby_are_offered_and_linked(
    worker_client: Client, file_case: FileCase
) -> None:
    first, second = file_case(description="The first hole"), file_case()
    page = _text(worker_client.get(f"/desk/cases/{second.number}/"))
    assert f"Same as {first.number}" in page
    _post(worker_client, second, "duplicate", number=first.number)
    second.refresh_from_db()
    assert second.state == "closed"
    assert CaseLink.objects.get(from_case=second).kind == LinkKind.DUPLICATE_OF
    _post(worker_client, second, "not-duplicate", reason="Another corner")
    second.refresh_from_db()
    assert second.state == "open"
    assert second.due_at is not None


def test_recategorizing_to_another_department_leads_back_to_the_queue(
    worker_client: Client, file_case: FileCase
) -> None:
    case = file_case()
    response = _post(worker_client, case, "recategorize", service_code="TREE", reason="A tree")
    assert response.status_code == 302
    assert response["Location"].startswith("/desk/")
    assert "/cases/" not in response["Location"]
    case.refresh_from_db()
    assert case.service.code == "TREE"


def test_correct_words_and_place(worker_client: Client, file_case: FileCase) -> None:
    case = file_case()
    _post(
        worker_client, case, "correct",
        description="A shallow hole", address="1 Main St", lat="39.9530", long="-75.1640",
    )  # fmt: skip
    case.refresh_from_db()
    assert (case.description, case.address) == ("A shallow hole", "1 Main St")
    assert tuple(case.location) == (-75.164, 39.953)  # type: ignore[arg-type]


def test_photos_are_added_and_hidden(worker_client: Client, file_case: FileCase) -> None:
    case = file_case()
    buffer = io.BytesIO()
    Image.new("RGB", (64, 48), "gray").save(buffer, "JPEG")
    buffer.seek(0)
    buffer.name = "hole.jpg"
    assert _post(worker_client, case, "photo", photos=buffer, alt="The hole").status_code == 302
    photo = Attachment.objects.get(case=case)
    assert photo.by_staff
    page = _text(worker_client.get(f"/desk/cases/{case.number}/"))
    assert f"/photos/{photo.token}-small.jpg" in page
    _post(worker_client, case, "hide-photo", photo=str(photo.pk), reason="A face")
    photo.refresh_from_db()
    assert photo.is_hidden


def test_a_fake_photo_is_refused(worker_client: Client, file_case: FileCase) -> None:
    case = file_case()
    fake = io.BytesIO(b"not a picture")
    fake.name = "hole.jpg"
    assert _post(worker_client, case, "photo", photos=fake).status_code == 400
    assert not Attachment.objects.exists()


def test_a_manager_reopens_and_hides(
    signed_in: Callable[..., Client], file_case: FileCase, worker: Actor
) -> None:
    case = file_case()
    close(case_id=case.pk, outcome_code="done", text="Filled", actor=worker)
    manager = signed_in(Role.MANAGER, "streets")
    _post(manager, case, "reopen", reason="It sank")
    _post(manager, case, "visibility", visibility="limited", reason="A name in the text")
    case.refresh_from_db()
    assert (case.state, case.visibility, case.reopen_count) == ("open", "limited", 1)


def test_only_who_may_excuses_a_service_level(
    worker_client: Client, signed_in: Callable[..., Client], file_case: FileCase
) -> None:
    case = file_case()
    clock = Clock.objects.get(case=case, kind="resolve")
    refused = _post(worker_client, case, "waive", clock=str(clock.pk), reason="Storm")
    assert refused.status_code == 403
    director = signed_in(Role.DIRECTOR)
    assert _post(director, case, "waive", clock=str(clock.pk), reason="Storm").status_code == 302
    clock.refresh_from_db()
    assert clock.state == "waived"


def test_the_filter_stays_while_walking_through_the_queue(
    worker_client: Client, file_case: FileCase
) -> None:
    first, second = file_case(), file_case()
    page = _text(worker_client.get(f"/desk/cases/{first.number}/?assignee=none"))
    assert f'href="/desk/cases/{second.number}/?assignee=none" rel="next"' in page
    assert f'href="/desk/?assignee=none#case-{first.pk}"' in page
    response = worker_client.post(
        f"/desk/cases/{first.number}/close/?assignee=none",
        {"seen": version_of(first), "outcome": "done", "text": "Filled"},
    )
    assert response["Location"] == f"/desk/cases/{first.number}/?assignee=none"


def test_a_repeat_is_linked_both_ways_in_the_history(
    worker_client: Client, file_case: FileCase, worker: Actor
) -> None:
    first, second = file_case(), file_case()
    mark_duplicate(case_id=second.pk, of_number=first.number, actor=worker)
    page = _text(worker_client.get(f"/desk/cases/{first.number}/"))
    assert f"{second.number}: duplicate of this case" in page


@pytest.mark.parametrize("number", ["nope", "%00", "0", "9" * 300, "<script>"])
def test_a_number_that_does_not_exist(number: str, worker_client: Client) -> None:
    assert worker_client.get(f"/desk/cases/{number}/").status_code == 404


def test_an_action_that_does_not_exist(worker_client: Client, file_case: FileCase) -> None:
    case = file_case()
    assert _post(worker_client, case, "explode").status_code == 404
    assert worker_client.get(f"/desk/cases/{case.number}/move/").status_code == 405
