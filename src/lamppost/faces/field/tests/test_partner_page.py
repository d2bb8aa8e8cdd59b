"""The page behind a partner's link over HTTP, and making links at the desk."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from lamppost.cases.models import Attachment, Case, CaseEvent
from lamppost.cases.reports import Reporter
from lamppost.cities.models import City
from lamppost.faces.field.tests.conftest import SignedIn
from lamppost.faces.field.views import partner
from lamppost.fieldwork.models import CompletionReport, PartnerLink
from lamppost.fieldwork.tests.conftest import jpeg
from lamppost.people.choices import Role

pytestmark = pytest.mark.django_db
FileCase = Callable[..., Case]
KEY = "form-key-1"


@pytest.fixture
def case(file_case: FileCase) -> Case:
    """A case whose reporter left a name and wrote an address into the words."""
    return file_case(
        description="Hole at the corner, call me at jane@home.example",
        reporter=Reporter(name="Jane Private", email="jane@home.example", phone="2155550143"),
    )


@pytest.fixture
def path(case: Case, signed_in: SignedIn) -> str:
    """The address of a link made at the desk, for a contractor who may report it done."""
    desk = signed_in(Role.WORKER, "streets")
    form = {"organization": "Paving Co", "level": "done", "days": "30"}
    page = desk.post(f"/desk/partner-links/{case.number}/", form)
    assert page.status_code == 200
    assert page["Cache-Control"] == "private, no-store"
    found = re.search(r"/partner/[\w.-]+/", page.content.decode())
    assert found
    again = desk.get(f"/desk/partner-links/{case.number}/").content.decode()
    assert found[0] not in again  # shown once
    assert "Paving Co" in again
    return found[0]


def _post(visitor: Client, path: str, action: str, **fields: object) -> int:
    return visitor.post(path, {"action": action, "key": KEY, **fields}).status_code


def test_guessed_ended_and_foreign_addresses(
    visitor: Client, path: str, case: Case, other_city: City
) -> None:
    assert visitor.get("/partner/guess/").status_code == 404
    assert visitor.get(path[:-2] + "/").status_code == 404
    foreign = Client(HTTP_HOST=f"{other_city.slug}.example")
    assert foreign.get(path).status_code == 404
    assert visitor.get(path).status_code == 200
    PartnerLink.objects.update(expires_at=timezone.now())
    ended = visitor.get(path)
    assert ended.status_code == 410
    assert "Streets" in ended.content.decode()  # whom to ask
    assert case.description not in ended.content.decode()
    assert _post(visitor, path, "note", text="x") == 410


def test_wrong_methods_unknown_forms_and_too_many(
    visitor: Client, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for method in ("put", "patch", "delete"):
        assert getattr(visitor, method)(path).status_code == 405
    assert _post(visitor, path, "explode") == 422
    assert visitor.post(path, {f"f{n}": "x" for n in range(3000)}).status_code == 400
    false = SimpleUploadedFile("a.jpg", b"MZ", "image/jpeg")
    assert _post(visitor, path, "note", text="x", photos=false) == 422
    monkeypatch.setattr(partner, "_PER_MINUTE", 3)
    monkeypatch.setattr(partner, "_WRONG_PER_MINUTE", 1)
    statuses = [visitor.get(path).status_code for _ in range(5)]
    assert statuses[-1] == 429
    wrong = [visitor.get("/partner/guess/").status_code for _ in range(3)]
    assert wrong[-1] == 429
    assert not Attachment.objects.exists()


def test_the_page_leaks_neither_the_resident_nor_its_address(
    visitor: Client, path: str, case: Case
) -> None:
    response = visitor.get(path)
    page = response.content.decode()
    assert response["Referrer-Policy"] == "no-referrer"
    assert response["X-Robots-Tag"] == "noindex, nofollow"
    assert response["Cache-Control"] == "private, no-store"
    for private in ("Jane", "jane@home", "5550143"):
        assert private not in page
    assert "Hole at the corner" in page
    own = re.findall(r'(?:src|href|action)="(https?:)?//', page)
    assert own == []  # nothing is asked of anybody else
    PartnerLink.objects.update(instruction="Fill it")
    page = visitor.get(path).content.decode()
    assert "Fill it" in page
    assert "Hole at the corner" not in page


def test_a_partner_s_work_from_taking_on_to_done(
    visitor: Client, path: str, case: Case, signed_in: SignedIn
) -> None:
    """Without a cookie or a token of ours: the address is the only credential."""
    visitor.cookies.clear()
    assert _post(visitor, path, "accept") == 302
    assert visitor.post(path, {"action": "reference", "key": "form-key-2", "reference": "W-7"})
    photo = SimpleUploadedFile("a.jpg", jpeg(), "image/jpeg")
    done = {"action": "done", "key": "form-key-3", "outcome": "done", "text": "Filled",
            "photos": photo}  # fmt: skip
    assert visitor.post(path, done).status_code == 302
    link, report = PartnerLink.objects.get(), CompletionReport.objects.get()
    assert (link.reference, link.accepted_at is not None) == ("W-7", True)
    case.refresh_from_db()
    assert case.state != "closed"
    assert "The department is looking at it" in visitor.get(path).content.decode()

    desk = signed_in(Role.MANAGER, "streets")
    stranger = signed_in(Role.WORKER, "parks")
    assert "Paving Co" in desk.get("/desk/completions/").content.decode()
    assert "Paving Co" not in stranger.get("/desk/completions/").content.decode()
    page = desk.get(f"/desk/cases/{case.number}/").content.decode()
    assert "reports it done" in page
    back = f"/desk/completions/{report.pk}/send-back/"
    assert stranger.post(back, {"text": "x"}).status_code == 403
    assert desk.post(back).status_code == 400
    assert desk.post(back, {"text": "The edges too"}).status_code == 302
    assert "The edges too" in visitor.get(path).content.decode()


def test_links_at_the_desk_are_for_who_works_on_the_case(
    path: str, case: Case, signed_in: SignedIn, visitor: Client
) -> None:
    link = PartnerLink.objects.get()
    agent, gardener = signed_in(Role.AGENT, "center"), signed_in(Role.WORKER, "parks")
    form = {"organization": "X", "level": "done", "days": "3"}
    assert agent.post(f"/desk/partner-links/{case.number}/", form).status_code == 403
    assert gardener.get(f"/desk/partner-links/{case.number}/").status_code == 403
    for step in ("renew", "end"):
        assert gardener.post(f"/desk/partner-links/{link.pk}/{step}/").status_code == 403
        assert agent.get(f"/desk/partner-links/{link.pk}/{step}/").status_code == 405
    manager = signed_in(Role.MANAGER, "streets")
    bad = manager.post(f"/desk/partner-links/{case.number}/", form | {"days": "x"})
    assert bad.status_code == 400
    assert manager.post(f"/desk/partner-links/{link.pk}/renew/").status_code == 200
    assert visitor.get(path).status_code == 410
    events = CaseEvent.objects.filter(case=case, data__change__startswith="link_")
    assert sorted(events.values_list("data__change", flat=True)) == [
        "link_ended", "link_made", "link_renewed",
    ]  # fmt: skip
