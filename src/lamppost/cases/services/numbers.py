"""The public numbers of a city's cases."""

from __future__ import annotations

from django.db import connection

from lamppost.cities.models import City


def ensure_numbers(city: City) -> None:
    """Make the city's sequence of numbers, starting at its ``first_number``, if missing."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT lamppost_make_numbers(%s, %s)", [city.pk, city.first_number])


def next_number(city_id: int) -> str:
    """Return a number no other case of the city has or will have.

    Drawn without a lock, so a filing that fails leaves a gap; a number is never reused.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(%s::text::regclass)", [f"public.case_number_{city_id}"])
        return str(cursor.fetchone()[0])


def keep_numbers_above(city_id: int, highest: int) -> None:
    """Make sure every number handed out from now on is above ``highest`` (after an import)."""
    name = f"public.case_number_{city_id}"
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(%s::text::regclass)", [name])
        if cursor.fetchone()[0] <= highest:
            cursor.execute("SELECT setval(%s::text::regclass, %s)", [name, highest])
