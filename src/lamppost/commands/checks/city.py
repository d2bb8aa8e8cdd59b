"""Each city's pack as it stands in the database, and a sample of its histories."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from django.db.models import Max, Min
from django.utils import timezone

from lamppost.cases.services.verify import count_events, verify
from lamppost.catalog.choices import State
from lamppost.catalog.models import Outcome, Service, Status
from lamppost.cities.models import City, CityHost
from lamppost.commands.checks import Finding, failure, fine, warning
from lamppost.database.scope import city_scope
from lamppost.people.models import Department
from lamppost.sla.models import BusinessCalendar

_HOLIDAYS_LAST = timedelta(days=90)
# More takes more than seconds: `lamppost verify` does it all.
_MOST_VERIFIED = 50_000


def packs() -> Iterator[Finding]:
    """Has every city what it needs to take and finish a request?"""
    cities = list(City.objects.filter(is_sandbox=False).order_by("slug"))
    if not cities:
        yield warning(
            "city", "there is no city yet", "Apply a pack: lamppost pack apply cities/NAME"
        )
    for city in cities:
        with city_scope(city.pk):
            yield from _pack(city)
            yield from _calendars(city)


def _pack(city: City) -> Iterator[Finding]:
    lacks = []
    if Department.objects.filter(is_catch_all=True, is_active=True).count() != 1:
        lacks.append("one department that takes what no other does")
    present = set(Status.objects.filter(is_default=True).values_list("state", flat=True))
    missing = [str(state) for state in State if state not in present]
    if missing:
        lacks.append(f"a default status for {', '.join(missing)}")
    if not Outcome.objects.exists():
        lacks.append("outcomes to close with")
    if not Service.objects.filter(is_active=True).exists():
        lacks.append("services")
    if lacks:
        yield failure(
            "pack",
            f"{city.slug} lacks {'; '.join(lacks)}",
            "Mend the pack: lamppost pack check FOLDER names the lines; then pack apply.",
        )
    else:
        yield fine("pack", f"{city.slug}: complete")


def _calendars(city: City) -> Iterator[Finding]:
    today = timezone.now().astimezone(city.zone).date()
    for calendar in BusinessCalendar.objects.order_by("code"):
        days = calendar.days.filter(opens=None).aggregate(first=Min("day"), last=Max("day"))
        last: date | None = days["last"]
        if last is None:
            continue
        found = f"{city.slug}: holidays of {calendar.code} are known until {last}"
        if last < today + _HOLIDAYS_LAST:
            yield warning(
                "holidays", found, "Add the next year's to the pack's calendars and apply it."
            )
        else:
            yield fine("holidays", found)


def hosts() -> Iterator[Finding]:
    """With several cities: does each have a host name of its own?"""
    cities = City.objects.filter(is_sandbox=False)
    if cities.count() < 2:
        return
    named = set(CityHost.objects.values_list("city_id", flat=True))
    for city in cities.order_by("slug"):
        if city.pk not in named:
            yield failure(
                "hosts",
                f"{city.slug} has no host name, and there are several cities",
                "Add its name to `hosts` in the city's pack and apply it.",
            )


def histories() -> Iterator[Finding]:
    """Are histories as they were written?"""
    for city in City.objects.order_by("slug"):
        with city_scope(city.pk):
            cases, events = count_events()
            if events > _MOST_VERIFIED:
                yield fine("history", f"{city.slug}: {events:,} events: run `lamppost verify`")
                continue
            wrong = {finding.number for finding in verify()}
        if wrong:
            some = ", ".join(sorted(wrong)[:5])
            yield failure(
                "history",
                f"{city.slug}: {len(wrong)} cases were altered: {some}",
                "Run `lamppost verify`, and compare with a backup from before.",
            )
        else:
            yield fine("history", f"{city.slug}: {cases:,} cases, nothing was altered")


CHECKS = (packs, hosts, histories)
