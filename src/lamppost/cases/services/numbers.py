"""The public numbers of a city's cases."""

from __future__ import annotations

from django.db import connection

from lamppost.cities.models import City


def ensure_numbers(city: City) -> None:
    """Make the city's sequence of numbers, starting at its ``first_number``, if missing."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT lamppost_make_numbers(%s, %s)", [city.pk, city.first_number])


def sequence_of(city_id: int) -> str:
    """Return the name of the sequence that gives the city's cases their numbers.

    Drawn from without a lock, so a filing that fails leaves a gap; a number is never reused.
    """
    return f"public.case_number_{city_id}"


def keep_numbers_above(city_id: int, highest: int) -> None:
    """Make sure every number handed out from now on is above ``highest`` (after an import)."""
    name = sequence_of(city_id)
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(%s::text::regclass)", [name])
        if cursor.fetchone()[0] <= highest:
            cursor.execute("SELECT setval(%s::text::regclass, %s)", [name, highest])
