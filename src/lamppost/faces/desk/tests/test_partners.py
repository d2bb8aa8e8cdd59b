"""The pages of partner systems: who sees what, what is shown, what a press of a button does."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from ipaddress import ip_network
from typing import Any

import pytest
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from lamppost.cases.models import Case
from lamppost.cities.models import City
from lamppost.database.scope import city_scope
from lamppost.kernel.vault import opened
from lamppost.partners.models import Connection, Delivery, Finding, HandOff, InboundUpdate
from lamppost.partners.services.connections import Settings, create, set_state
from lamppost.partners.services.inbound import Told, take
from lamppost.partners.services.outbox import relay
from lamppost.partners.services.reconciling import reconcile
from lamppost.people.actors import SYSTEM
from lamppost.people.choices import Role
from lamppost.people.models import AuditEntry, Denial, User

pytestmark = pytest.mark.django_db
FileCase = Callable[..., Case]
HOST = {"HTTP_HOST": "springfield.example"}
PAGES = (
    "/desk/partners/",
    "/desk/partners/connections/works/",
    "/desk/partners/deliveries/",
    "/desk/partners/inbound/",
    "/desk/partners/reconciliation/",
)


@pytest.fixture
def works(city: City, settings: Any) -> Connection:
    settings.PARTNER_NETWORKS = [ip_network("127.0.0.0/8")]
    wanted = Settings("Works", "webhook", "http://127.0.0.1:9/hook", "streets",
                      acknowledge_within_min=60)  # fmt: skip
    made = create(code="works", wanted=wanted, actor=SYSTEM).connection
    return set_state(connection_id=made.pk, state="active", actor=SYSTEM)


@pytest.fixture
def signed_in(person: Callable[..., User]) -> Callable[..., Client]:
    def make(role: Role, department: str | None = None) -> Client:
        client = Client(**HOST)
        client.force_login(person(role, department))
        return client

    return make


WHO = [
    (Role.ADMIN, None, 200, "manages them"),
    (Role.DIRECTOR, None, 200, "sees all"),
    (Role.AGENT, "center", 200, "is asked by residents"),
    (Role.WORKER, "streets", 200, "the department's own"),
    (Role.WORKER, "parks", 404, "another department's"),
    (Role.RESIDENT, None, 403, "no staff"),
    (Role.COUNCIL, None, 403, "no staff of the desk"),
]


@pytest.mark.parametrize(("role", "department", "status", "why"), WHO)
def test_who_sees_a_connection(
    works: Connection, signed_in: Any, role: Role, department: str, status: int, why: str
) -> None:
    client = signed_in(role, department)
    assert client.get("/desk/partners/connections/works/").status_code == status, why
    page = client.get("/desk/partners/")
    assert (b"Works" in page.content) == (status == 200), why


def test_strangers_are_sent_to_the_door(works: Connection) -> None:
    for page in PAGES:
        assert Client(**HOST).get(page).status_code == 302


CHANGES = (
    "/desk/partners/connections/works/pause/",
    "/desk/partners/connections/works/save/",
    "/desk/partners/connections/works/test/",
    "/desk/partners/connections/works/secret/",
    "/desk/partners/connections/works/word/",
    "/desk/partners/connections/works/compare/",
    "/desk/partners/connections/works/retry-dead/",
    "/desk/partners/deliveries/{delivery}/retry/",
    "/desk/partners/deliveries/{delivery}/give-up/",
    "/desk/partners/deliveries/{delivery}/phone/",
    "/desk/partners/inbound/{inbound}/apply/",
    "/desk/partners/inbound/{inbound}/done/",
    "/desk/partners/findings/{finding}/again/",
    "/desk/partners/new/",
)


@pytest.mark.parametrize("address", CHANGES)
@pytest.mark.parametrize("role", [Role.MANAGER, Role.DIRECTOR, Role.AGENT])
def test_only_who_manages_partners_changes_anything(
    works: Connection, file_case: FileCase, signed_in: Any, address: str, role: Role
) -> None:
    """Refused for everybody else, even of the department, and the denial is kept."""
    file_case()
    relay()
    item = take(works, Told("u1", timezone.now(), number="nope", status="x"))
    Case.objects.update(created_at=timezone.now() - timedelta(hours=1))
    HandOff.objects.update(sent_at=timezone.now() - timedelta(hours=2))
    finding = Finding.objects.filter(run=reconcile(works)).first()
    delivery = Delivery.objects.get()
    assert finding is not None
    before = (Delivery.objects.values().get(), Connection.objects.values().get())
    client = signed_in(role, {Role.MANAGER: "streets"}.get(role))
    path = address.format(delivery=delivery.pk, inbound=item.pk, finding=finding.pk)
    response = client.post(path, {"reason": "x", "word": "x", "meaning": "note", "name": "x"})
    assert response.status_code == 403
    assert (Delivery.objects.values().get(), Connection.objects.values().get()) == before
    assert Denial.objects.filter(permission="partner.manage").count() == 1
    assert Client(**HOST).post(path).status_code == 302


def test_another_citys_rows_do_not_exist(
    works: Connection, file_case: FileCase, signed_in: Any, other_city: City
) -> None:
    with city_scope(other_city.pk):
        made = create(
            code="theirs",
            wanted=Settings("Theirs", "email", "a@b.example", "streets"),
            actor=SYSTEM,
        ).connection
        set_state(connection_id=made.pk, state="active", actor=SYSTEM)
        file_case()
        relay()
        delivery = Delivery.objects.get()
    client = signed_in(Role.ADMIN)
    assert client.get("/desk/partners/connections/theirs/").status_code == 404
    assert client.get(f"/desk/partners/deliveries/{delivery.pk}/").status_code == 404
    retry = client.post(f"/desk/partners/deliveries/{delivery.pk}/retry/")
    assert retry.status_code == 404
    assert b"Theirs" not in client.get("/desk/partners/deliveries/").content


def test_making_one_shows_the_secret_once(city: City, signed_in: Any) -> None:
    client = signed_in(Role.ADMIN)
    form = {
        "code": "parks-wo", "kind": "webhook", "name": "Parks orders", "department": "parks",
        "address": "https://orders.example/hook", "interval_min": "15",
        "acknowledge_within_min": "30", "takes_updates": "on", "services": ["TREE"],
    }  # fmt: skip
    response = client.post("/desk/partners/new/", form)
    made = Connection.objects.get(code="parks-wo")
    secret = opened(made.secret)
    assert secret.startswith("whsec_")
    assert secret in response.content.decode()
    assert "no-store" in response["Cache-Control"]
    assert made.state == "paused"
    assert secret not in client.get("/desk/partners/connections/parks-wo/").content.decode()
    assert secret not in made.secret
    assert AuditEntry.objects.filter(label="parks-wo").count() == 1
    again = client.post("/desk/partners/new/", form)
    assert again.status_code == 409


BAD = [
    ({"address": "http://works.example/hook"}, "no TLS"),
    ({"address": "https://10.1.2.3/hook"}, "the inside"),
    ({"address": "https://169.254.169.254/latest"}, "a cloud's metadata"),
    ({"address": "ftp://works.example"}, "not the web"),
    ({"address": "https://me:pw@works.example/"}, "a password in the address"),
    ({"kind": "email", "address": "nobody"}, "no e-mail address"),
    ({"kind": "csv", "address": "../../etc"}, "out of the folder"),
    ({"kind": "csv", "address": "/etc"}, "anywhere on the disk"),
    ({"kind": "pigeon"}, "no such way"),
    ({"department": "nowhere"}, "no such department"),
    ({"code": "no spaces"}, "a code for addresses"),
    ({"interval_min": "x"}, "no number"),
    ({"acknowledge_within_min": "-1"}, "a limit in the past"),
    ({"services": ["NOPE"]}, "no such service"),
    ({"name": ""}, "no name"),
    ({"secret": "whsec_c2hvcnQ="}, "a short secret"),
]


@pytest.mark.parametrize(("changes", "why"), BAD, ids=[row[1] for row in BAD])
def test_what_is_refused_of_a_new_one(
    city: City, signed_in: Any, changes: dict[str, Any], why: str
) -> None:
    form = {
        "code": "wo", "kind": "webhook", "name": "Orders", "department": "streets",
        "address": "https://orders.example/hook", "interval_min": "15",
    }  # fmt: skip
    response = signed_in(Role.ADMIN).post("/desk/partners/new/", form | changes)
    assert response.status_code == 400, why
    assert Connection.objects.count() == 0


def test_a_change_on_an_old_page_is_refused(works: Connection, signed_in: Any) -> None:
    client = signed_in(Role.ADMIN)
    form = {"name": "Mine", "department": "streets", "address": works.address,
            "interval_min": "15", "seen": works.updated_at.isoformat()}  # fmt: skip
    assert client.post("/desk/partners/connections/works/save/", form).status_code == 302
    second = client.post("/desk/partners/connections/works/save/", form | {"name": "Yours"})
    assert second.status_code == 409
    assert Connection.objects.get().name == "Mine"


def test_by_phone_needs_words_and_settles(
    works: Connection, file_case: FileCase, signed_in: Any
) -> None:
    case = file_case()
    relay()
    delivery = Delivery.objects.get()
    client = signed_in(Role.ADMIN)
    page = f"/desk/partners/deliveries/{delivery.pk}/"
    assert client.post(page + "phone/", {"reason": " "}).status_code == 400
    told = {"reason": "Spoke to the yard at ten", "external_number": "P-5"}
    assert client.post(page + "phone/", told).status_code == 302
    delivery.refresh_from_db()
    assert (delivery.state, delivery.handoff.external_number) == ("by_phone", "P-5")
    assert client.post(page + "give-up/", {"reason": "again"}).status_code == 409
    shown = client.get(f"/desk/cases/{case.number}/").content.decode()
    assert "P-5" in shown
    assert "Sent to Works" in shown


def test_an_unmapped_word_is_shown_given_a_meaning_and_applied(
    works: Connection, file_case: FileCase, signed_in: Any
) -> None:
    case = file_case()
    relay()
    client = signed_in(Role.ADMIN)
    take(works, Told("u1", timezone.now(), number=case.number, status="Zap_Zerada"))
    assert "Zap_Zerada" in client.get("/desk/partners/inbound/").content.decode()
    item = InboundUpdate.objects.get()
    assert client.post(f"/desk/partners/inbound/{item.pk}/apply/").status_code == 409
    word = {"word": "zap zerada", "meaning": "outcome:done", "sentence": "The crew was there."}
    assert client.post("/desk/partners/connections/works/word/", word).status_code == 302
    assert client.post(f"/desk/partners/inbound/{item.pk}/apply/").status_code == 302
    case.refresh_from_db()
    assert (case.state, case.status_note) == ("closed", "The crew was there.")
    assert "Nothing needs a look" in client.get("/desk/partners/inbound/").content.decode()


def test_lists_cost_the_same_however_long(
    works: Connection, file_case: FileCase, signed_in: Any
) -> None:
    client = signed_in(Role.ADMIN)
    client.get("/desk/partners/deliveries/")  # the catalogue is in memory from here on
    counts = []
    for more in (2, 58):
        for _case in range(more):
            file_case()
        relay()
        with CaptureQueriesContext(database) as queries:
            page = client.get("/desk/partners/deliveries/")
        counts.append(len(queries))
    assert counts[0] == counts[1]
    assert page.content.decode().count("data-row>") == 50
    older = page.content.decode().partition('rel="next" href="')[2].partition('"')[0]
    second = client.get(older.replace("&amp;", "&")).content.decode()
    assert second.count("data-row>") == 10
    assert 'rel="prev"' in second


def test_findings_as_a_file(works: Connection, file_case: FileCase, signed_in: Any) -> None:
    case = file_case()
    relay()
    Delivery.objects.all().delete()
    HandOff.objects.all().delete()
    Case.objects.update(created_at=timezone.now() - timedelta(hours=1))
    run = reconcile(works)
    client = signed_in(Role.ADMIN)
    page = client.get(f"/desk/partners/reconciliation/{run.pk}/").content.decode()
    assert "Never handed over" in page
    body = client.get(f"/desk/partners/reconciliation/{run.pk}/findings.csv").content.decode()
    assert f"never_sent,{case.number},,POTHOLE,received," in body
    finding = Finding.objects.get()
    again = f"/desk/partners/findings/{finding.pk}/again/"
    assert client.post(again).status_code == 302
    assert Delivery.objects.get().state == "queued"
    client.post(again)
    assert Delivery.objects.count() == 1, "one click sends once"
