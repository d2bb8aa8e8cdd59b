"""Two locks on every tenant table: the scope in Python, row security in PostgreSQL."""

from __future__ import annotations

from typing import Any

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, transaction

from lamppost.cases.models import Case
from lamppost.cities.models import City
from lamppost.database.models import TenantModel
from lamppost.database.rls import missing_row_security
from lamppost.database.scope import UnscopedQuery, city_scope, no_city
from tests.support.seeding import seed_two_cities

# Tables that belong to the installation, not to a city; a new one must be named here on purpose.
OF_THE_INSTALLATION = {
    "cities_city", "cities_cityhost", "people_user", "django_session", "django_content_type",
    "auth_permission", "auth_group", "auth_group_permissions", "django_migrations",
}  # fmt: skip
TENANT_MODELS = [
    model for model in apps.get_models() if any(f.column == "city_id" for f in model._meta.fields)
]


@pytest.fixture
def two_cities(db: None) -> tuple[City, City]:
    seed_two_cities()
    return City.objects.get(slug="springfield"), City.objects.get(slug="shelbyville")


def test_every_table_of_ours_is_a_tenant_table_or_named_as_shared() -> None:
    tables = {model._meta.db_table for model in apps.get_models(include_auto_created=True)}
    tenant = {model._meta.db_table for model in TENANT_MODELS}
    shared = {table for table in tables - tenant if not table.startswith("procrastinate_")}
    assert shared <= OF_THE_INSTALLATION


def test_row_security_closes_every_table_with_a_city(db: None) -> None:
    assert missing_row_security(connection) == []


def test_the_application_cannot_bypass_row_security(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user")
        assert cursor.fetchone() == (False,)
        for statement in (
            "SET ROLE lamppost_owner",
            "ALTER TABLE cases_case DISABLE ROW LEVEL SECURITY",
        ):
            with pytest.raises(DatabaseError), transaction.atomic():
                cursor.execute(statement)


def test_without_a_city_a_query_is_refused_and_the_table_is_empty(two_cities: Any) -> None:
    assert len(TENANT_MODELS) > 40
    for model in TENANT_MODELS:
        if issubclass(model, TenantModel):
            with no_city(), pytest.raises(UnscopedQuery):
                list(model.objects.all())
        with no_city(), connection.cursor() as cursor:
            cursor.execute(f"SELECT count(*) FROM {model._meta.db_table}")
            assert cursor.fetchone() == (0,), model._meta.label


def test_one_city_never_sees_the_rows_of_another(two_cities: tuple[City, City]) -> None:
    seen = 0
    for model in TENANT_MODELS:
        for city in two_cities:
            with city_scope(city.pk), connection.cursor() as cursor:
                cursor.execute(f"SELECT DISTINCT city_id FROM {model._meta.db_table}")
                found = {row[0] for row in cursor.fetchall()}
                assert found <= {city.pk}, model._meta.label
                seen += bool(found)
                if issubclass(model, TenantModel):
                    assert not model.objects.exclude(city_id=city.pk).exists()
    assert seen > 50, "too few tables hold rows for this to prove anything"


def test_a_row_cannot_be_written_into_another_city(two_cities: tuple[City, City]) -> None:
    here, there = two_cities
    with (
        city_scope(here.pk),
        pytest.raises(DatabaseError),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(
            "INSERT INTO cities_citytext (city_id, key, text) VALUES (%s, 'x', '{}')", [there.pk]
        )


def test_a_row_cannot_be_moved_to_another_city(two_cities: tuple[City, City]) -> None:
    here, there = two_cities
    with city_scope(here.pk), pytest.raises(DatabaseError), transaction.atomic():
        Case.objects.update(city_id=there.pk)


def test_each_city_has_the_numbers_it_would_have_alone(two_cities: tuple[City, City]) -> None:
    numbers = []
    for city in two_cities:
        with city_scope(city.pk):
            numbers.append(set(Case.objects.values_list("number", flat=True)))
    assert numbers[0] == numbers[1]
    assert len(numbers[0]) == 6
