"""The inspector's pages over HTTP: refusals, plain forms, what a script is answered."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from lamppost.cases.models import Attachment, Case
from lamppost.cities.models import City
from lamppost.database.scope import city_scope
from lamppost.faces.field.tests.conftest import SignedIn
from lamppost.fieldwork.models import Inspection, InspectionRecord
from lamppost.fieldwork.selectors.rounds import today
from lamppost.fieldwork.services.planning import plan_inspections
from lamppost.fieldwork.tests.conftest import jpeg
from lamppost.people.actors import actor_of
from lamppost.people.choices import Role

pytestmark = pytest.mark.django_db
FileCase = Callable[..., Case]
FORM = {"condition": "unsafe", "note": "Deep", "key": "0123456789abcdef"}
JSON = {"Accept": "application/json"}


@pytest.fixture
def inspector(signed_in: SignedIn) -> Client:
    """A worker of the streets department."""
    return signed_in(Role.WORKER, "streets", "Wanda")


@pytest.fixture
def inspection(inspector: Client, file_case: FileCase) -> Inspection:
    """Wanda's only inspection of today."""
    actor = actor_of(inspector.user)
    planned = plan_inspections(
        case_ids=[file_case().pk], on=today(), inspector_id=actor.user_id, actor=actor
    )
    return Inspection.objects.get(pk=planned.done[0])


def _path(inspection: Inspection) -> str:
    return f"/field/inspections/{inspection.pk}/"


def test_strangers_are_sent_to_the_door_and_a_script_is_told(
    visitor: Client, inspection: Inspection
) -> None:
    for path in ("/field/", _path(inspection)):
        response = visitor.get(path)
        assert (response.status_code, response["Location"]) == (
            302, f"/desk/sign-in/?next={path}",
        )  # fmt: skip
    assert visitor.get("/field/session.json", headers=JSON).status_code == 401
    assert visitor.post(_path(inspection), FORM).status_code == 403  # no token of ours


@pytest.mark.parametrize("role", [Role.RESIDENT, Role.AGENT, Role.COUNCIL, Role.DIRECTOR])
def test_other_roles_have_no_round(role: Role, signed_in: SignedIn) -> None:
    assert signed_in(role).get("/field/").status_code == 403


def test_somebody_else_s_inspection_and_another_city_s(
    signed_in: SignedIn, inspector: Client, inspection: Inspection, other_city: City
) -> None:
    colleague = signed_in(Role.WORKER, "streets", "Other")
    assert colleague.get(_path(inspection)).status_code == 403
    refused = colleague.post(_path(inspection), FORM, headers=JSON)
    assert (refused.status_code, list(refused.json())) == (403, ["refused"])
    assert "Pothole" not in colleague.get("/field/").content.decode()
    assert inspector.get("/field/inspections/987654321/").status_code == 404
    with city_scope(other_city.pk):
        assert not Inspection.objects.exists()
    inspector.defaults["HTTP_HOST"] = f"{other_city.slug}.example"
    assert inspector.get(_path(inspection)).status_code == 403
    assert not InspectionRecord.objects.exists()


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_other_methods_are_refused(method: str, inspector: Client, inspection: Inspection) -> None:
    for path in ("/field/", _path(inspection), "/field/session.json", "/field/worker.js"):
        assert getattr(inspector, method)(path).status_code == 405, path
    assert inspector.get("/field/from/").status_code == 405


def test_thousands_of_fields_huge_texts_and_false_photos(
    inspector: Client, inspection: Inspection
) -> None:
    path = _path(inspection)
    assert inspector.post(path, {f"f{n}": "x" for n in range(3000)}).status_code == 400
    assert inspector.post(path, FORM | {"note": "x" * 2_000_000}).status_code == 400
    false = SimpleUploadedFile("a.jpg", b"<svg onload=alert(1)>", "image/jpeg")
    response = inspector.post(path, FORM | {"photos": false}, headers=JSON)
    assert response.status_code == 422
    page = inspector.post(path, FORM | {"device_at": "yesterday", "lat": "x", "long": "1"})
    assert page.status_code == 422
    assert "Deep" in page.content.decode()  # what was typed is still there
    assert not InspectionRecord.objects.exists()


def test_a_plain_form_with_a_photo_and_the_same_again(
    inspector: Client, inspection: Inspection
) -> None:
    page = inspector.get("/field/")
    assert page["X-Field-User"] == str(inspector.user.pk)
    assert page["Cache-Control"] == "private, no-store"
    assert _path(inspection) in page.content.decode()
    for _ in range(2):
        photo = SimpleUploadedFile("a.jpg", jpeg(), "image/jpeg")
        response = inspector.post(_path(inspection), FORM | {"photos": photo})
        assert response.status_code == 302
    assert InspectionRecord.objects.count() == Attachment.objects.count() == 1
    assert "The round is done" in inspector.get("/field/").content.decode()


def test_a_script_is_answered_what_was_kept(inspector: Client, inspection: Inspection) -> None:
    answer = inspector.post(_path(inspection), FORM, headers=JSON).json()
    assert (answer["standing"], answer["told"], answer["repeated"]) == ("taken", [], False)
    assert inspector.post(_path(inspection), FORM, headers=JSON).json()["repeated"] is True


def test_where_the_phone_is_stands_in_no_address(inspector: Client, inspection: Inspection) -> None:
    assert inspector.post("/field/from/", {"lat": "200", "long": "1"}).status_code == 422
    response = inspector.post("/field/from/", {"lat": "39.95", "long": "-75.16"})
    assert response["Location"] == "/field/"
    assert inspector.get("/field/").status_code == 200


def test_the_worker_and_its_page_hold_nobody_s_data(visitor: Client) -> None:
    script = visitor.get("/field/worker.js")
    assert script["Content-Type"].startswith("text/javascript")
    assert "worker-src 'self'" in script["Content-Security-Policy"]
    assert visitor.get("/field/offline/").status_code == 200


def test_a_longer_round_costs_no_more_queries(
    inspector: Client, inspection: Inspection, file_case: FileCase,
    django_assert_max_num_queries: object,
) -> None:  # fmt: skip
    inspector.get("/field/")
    actor = actor_of(inspector.user)
    plan_inspections(
        case_ids=[file_case().pk for _ in range(8)], on=today(), inspector_id=actor.user_id,
        actor=actor,
    )  # fmt: skip
    with django_assert_max_num_queries(12):  # type: ignore[operator]
        inspector.get("/field/")
