"""Filling a demo city: the simulated year in bulk, then some stories through the services."""

from __future__ import annotations

import itertools
from collections.abc import Callable

from django.utils import timezone

from lamppost.cases.importing.load import batches, load
from lamppost.cases.models import ImportRun
from lamppost.cities.models import City
from lamppost.database.scope import city_scope
from lamppost.simulator.center import fill_center
from lamppost.simulator.due import due_dates, holidays
from lamppost.simulator.people import refuse_real_city
from lamppost.simulator.profile import Profile, demo_profile
from lamppost.simulator.story import tell_stories
from lamppost.simulator.streets import lay_streets
from lamppost.simulator.year import simulate

SOURCE = "demo"


def fill_demo(
    city: City,
    *,
    cases: int,
    seed: int,
    progress: Callable[[int], None] | None = None,
    profile: Profile | None = None,
) -> int:
    """Give a demo city its streets and its year of ``cases`` requests; return how many were
    written now.

    The year ends at the present moment. A filled city is left as it is, whatever the numbers
    asked for; one whose filling was cut off is filled to the end of the same year, with
    nothing doubled. ``progress`` is told how many cases are done. Raises ``Forbidden`` for a
    city that is not a demo.
    """
    refuse_real_city(city)
    profile = profile or demo_profile(city)
    with city_scope(city.pk):
        run = _run(cases, seed)
        if run.finished_at is not None:
            return 0
        lay_streets(profile.ground)
        written = _load_year(run, city, profile, progress)
        _cases, seed = _numbers_of(run)
        written += tell_stories(city, profile, seed=seed, now=run.started_at)
        fill_center(city, profile, seed=seed, now=run.started_at, is_holiday=holidays())
        run.finished_at = timezone.now()
        run.save()
        return written


def _run(cases: int, seed: int) -> ImportRun:
    """The one filling of the city in scope: begun now, or found as it was left."""
    run = ImportRun.objects.filter(format=SOURCE).order_by("id").first()
    if run is None:
        run = ImportRun.objects.create(
            source=f"{SOURCE} cases={cases} seed={seed}",
            source_digest="",
            format=SOURCE,
            started_at=timezone.now(),
        )
    return run


def _numbers_of(run: ImportRun) -> tuple[int, int]:
    words = dict(word.split("=") for word in run.source.split() if "=" in word)
    return int(words["cases"]), int(words["seed"])


def _load_year(
    run: ImportRun, city: City, profile: Profile, progress: Callable[[int], None] | None
) -> int:
    # What was begun is finished with its own numbers: the same seed, moment and size give
    # the same cases, so those that are there already are met again and left alone.
    cases, seed = _numbers_of(run)
    stream = simulate(
        profile,
        seed=seed,
        cases=cases,
        until=run.started_at,
        zone=city.zone,
        first_number=city.first_number,
        due=due_dates(city),
        is_holiday=holidays(),
    )
    written = 0
    for batch in batches(itertools.islice(stream, run.rows_done, None)):
        done = load(batch, source=SOURCE)
        written += done.new
        run.rows_done += len(batch)
        run.rows_new += done.new
        run.save()
        if progress is not None:
            progress(run.rows_done)
    return written
