"""Filling a demo city: what is written, that it proves itself, and that it happens once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.db.models import F, Q

from lamppost.cases.choices import ClockState, EventKind
from lamppost.cases.importing.load import batches
from lamppost.cases.models import Attachment, Case, CaseArea, CaseEvent, CaseLink, Clock, ImportRun
from lamppost.cases.services.verify import verify
from lamppost.catalog.choices import CaseKind, OutcomeKind, State
from lamppost.cities.models import City
from lamppost.kernel.geo import distance_m
from lamppost.places.geocoding.lookup import place_from_text, suggest
from lamppost.simulator import fill
from lamppost.simulator.fill import fill_demo
from lamppost.simulator.people import make_demo_people
from lamppost.simulator.profile import demo_profile

MakeCity = Callable[[str], City]


@pytest.fixture(autouse=True)
def _own_uploads(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = str(tmp_path)


def _everything() -> dict[str, int]:
    models = (Case, CaseEvent, Clock, CaseArea, CaseLink, Attachment)
    return {model.__name__: model.objects.count() for model in models}


def test_a_filled_city_proves_itself_and_is_filled_once(demo_city: MakeCity) -> None:
    city = demo_city("philadelphia")
    make_demo_people(city)
    told: list[int] = []
    written = fill_demo(city, cases=2000, seed=311, progress=told.append)
    stories = sum(one.get("copies", 1) for one in demo_profile(city).story["stories"])
    assert written == 2000 + stories == Case.objects.count()
    assert told == [2000]
    assert list(verify()) == []
    before = _everything()
    assert fill_demo(city, cases=9000, seed=1) == 0, "a filled city is left as it is"
    assert _everything() == before
    _clocks_say_what_the_cases_say()
    _cases_are_whole(city)


def _clocks_say_what_the_cases_say() -> None:
    simulated = Clock.objects.filter(case__source="demo", case__routing_reason="import")
    assert set(simulated.values_list("state", flat=True)) == {
        ClockState.RUNNING,
        ClockState.MET,
        ClockState.MISSED,
        ClockState.CANCELLED,
    }
    wrong = {
        "met, but closed late": Q(state=ClockState.MET, case__closed_at__gt=F("due_at")),
        "missed, but closed in time": Q(state=ClockState.MISSED, case__closed_at__lte=F("due_at")),
        "running on a closed case": Q(state=ClockState.RUNNING, case__state=State.CLOSED),
        "an inquiry has none": Q(case__kind=CaseKind.INQUIRY),
        "due at another time than the case": ~Q(due_at=F("case__due_at")),
        "cancelled, but no duplicate": Q(state=ClockState.CANCELLED)
        & ~Q(case__outcome__kind=OutcomeKind.DUPLICATE),
    }
    for what, found in wrong.items():
        assert not simulated.filter(found).exists(), what
    promised = Case.objects.filter(routing_reason="import", due_at__isnull=False)
    assert promised.count() == simulated.count()


def _cases_are_whole(city: City) -> None:
    by_kind = Counter(CaseEvent.objects.values_list("kind", flat=True))
    assert by_kind[EventKind.IMPORTED] == 2000
    for kind in (EventKind.REOPENED, EventKind.PHOTO, EventKind.NOTE, EventKind.FOLLOWED):
        assert by_kind[kind], f"no story has a {kind} event"
    assert Case.objects.filter(state=State.RECEIVED).exists()
    assert CaseLink.objects.count() == Case.objects.filter(outcome__kind="duplicate").count()
    assert not Case.objects.filter(location__isnull=False, areas=None).exists()
    lowest = Case.objects.exclude(routing_reason="import").order_by("requested_at").first()
    assert lowest is not None
    assert int(lowest.number) >= city.first_number + 2000, "stories follow the simulated numbers"


def test_a_filling_that_was_cut_off_is_finished(
    demo_city: MakeCity, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fill, "batches", partial(batches, size=1000))
    city = demo_city("philadelphia")
    make_demo_people(city)

    quiet = replace(demo_profile(city), story={})

    def power_fails(_done: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fill_demo(city, cases=1600, seed=311, progress=power_fails, profile=quiet)
    assert Case.objects.count() == 1000
    # Told other numbers, it still ends the year that was begun.
    fill_demo(city, cases=20, seed=5, profile=quiet)
    assert Case.objects.filter(routing_reason="import").count() == 1600
    assert ImportRun.objects.get().finished_at is not None
    assert CaseEvent.objects.filter(kind=EventKind.IMPORTED).count() == 1600


def test_the_batch_that_was_written_but_not_counted_is_not_doubled(demo_city: MakeCity) -> None:
    city = demo_city("philadelphia")
    make_demo_people(city)
    profile = demo_profile(city)
    some = replace(profile, story={"stories": profile.story["stories"][:2]})
    fill_demo(city, cases=600, seed=311, profile=some)
    before = _everything()
    ImportRun.objects.update(rows_done=0, finished_at=None)
    assert fill_demo(city, cases=600, seed=311, profile=some) == 0
    assert _everything() == before


def test_a_village_without_areas_or_agreements_is_filled_too(demo_city: MakeCity) -> None:
    city = demo_city("riverbend")
    make_demo_people(city)
    assert fill_demo(city, cases=300, seed=311) > 300
    assert list(verify()) == []
    assert not CaseArea.objects.exists()
    placed = Case.objects.filter(location__isnull=False)
    assert placed.count() > 100
    # Its own addresses can be looked up: a house within its block, a corner where it is.
    for case in placed.filter(address__regex=r"^\d+ |and").order_by("id")[:60]:
        found = place_from_text(city, case.address)
        assert found is not None, case.address
        assert case.location is not None
        is_corner = " and " in case.address
        assert distance_m(found, case.location) < (60 if is_corner else 400), case.address
    assert suggest(city, "main", 5)
