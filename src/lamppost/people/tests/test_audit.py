"""Refusals and changes on record: kept whatever happens, never changed."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import DatabaseError, transaction

from lamppost.cities.models import City
from lamppost.kernel.refusals import Forbidden, Unauthenticated
from lamppost.people import audit, denials
from lamppost.people.actors import ANONYMOUS, SYSTEM, Actor
from lamppost.people.choices import AuditWhat, Role
from lamppost.people.models import AuditEntry, Denial, Department
from lamppost.people.permissions import Permission, require

MakeActor = Callable[..., Actor]


def test_a_refusal_says_who_what_and_about_what(worker: Actor) -> None:
    parks = Department.objects.get(code="parks")
    with pytest.raises(Forbidden):
        require(worker, Permission.CASE_CLOSE, department_id=parks.pk, detail="case 1001")
    row = Denial.objects.get()
    assert (row.user_id, row.role, row.permission) == (worker.user_id, "worker", "case.close")
    assert (row.department_id, row.detail) == (parks.pk, "case 1001")


def test_a_stranger_is_asked_to_sign_in_and_leaves_no_row(city: City) -> None:
    with pytest.raises(Unauthenticated):
        require(ANONYMOUS, Permission.DESK_SEE)
    assert not Denial.objects.exists()


def test_a_denial_outlives_the_transaction_it_was_raised_in(worker: Actor) -> None:
    with denials.kept_to_the_end(), pytest.raises(Forbidden), transaction.atomic():
        require(worker, Permission.CITY_ADMIN)
    assert Denial.objects.filter(permission="city.admin").count() == 1


def test_denials_are_kept_when_the_request_ends_in_an_error(worker: Actor) -> None:
    def answer() -> None:
        with denials.kept_to_the_end(), transaction.atomic():
            with pytest.raises(Forbidden):
                require(worker, Permission.CITY_ADMIN)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        answer()
    assert Denial.objects.count() == 1


def test_asking_what_would_be_refused_is_no_attempt(worker: Actor) -> None:
    with denials.kept_to_the_end():
        with denials.not_kept(), pytest.raises(Forbidden):
            require(worker, Permission.CITY_ADMIN)
        with pytest.raises(Forbidden):
            require(worker, Permission.SLA_WAIVE)
    assert list(Denial.objects.values_list("permission", flat=True)) == ["sla.waive"]


@pytest.mark.parametrize("model", [Denial, AuditEntry])
def test_what_is_on_record_can_be_neither_changed_nor_removed(
    model: type[Denial] | type[AuditEntry], worker: Actor
) -> None:
    denials.keep(worker, "city.admin")
    audit.note(what=AuditWhat.ROLE, label="x@staff.example", actor=worker)
    with pytest.raises(DatabaseError), transaction.atomic():
        model.objects.update(role="")
    with pytest.raises(DatabaseError), transaction.atomic():
        model.objects.all().delete()
    assert model.objects.count() == 1


def test_an_entry_says_who_did_what(actor: MakeActor) -> None:
    director = actor(Role.DIRECTOR)
    audit.note(what=AuditWhat.AGREEMENT, label="POTHOLE", actor=director, detail="3 -> 5 days")
    audit.note(what=AuditWhat.PACK, label="riverbend", actor=SYSTEM)
    rows = list(AuditEntry.objects.order_by("id").values_list("user_id", "role", "what", "label"))
    assert rows == [
        (director.user_id, "director", "agreement", "POTHOLE"),
        (None, "", "pack", "riverbend"),
    ]
