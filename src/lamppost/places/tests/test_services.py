"""Replacing the areas of a city: what is refused, what keeps its id, what goes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from lamppost.cases.models import Case, CaseArea
from lamppost.catalog.models import TriageArea, TriageRule
from lamppost.cities.models import City
from lamppost.database.fields import Point
from lamppost.database.scope import UnscopedQuery, city_scope, no_city
from lamppost.kernel.refusals import Conflict, Invalid
from lamppost.people.models import Department
from lamppost.places.locate import areas_at
from lamppost.places.models import Area, AreaKind
from lamppost.places.selectors import named_areas
from lamppost.places.services import AreasReplaced, replace_areas
from lamppost.places.shapes import AreaShape
from lamppost.places.tests.files import STEP, square
from lamppost.routing.choices import SetState
from lamppost.routing.models import RoutingArea, RoutingRule, RuleSet
from lamppost.sla.models import AgreementVersion, SlaTarget

WEST, SOUTH = -75.2, 39.9


def shape(code: str, name: str = "", west: float = WEST, **more: Any) -> AreaShape:
    return AreaShape(
        code=code, name={"en": name or f"District {code}"}, boundary=square(west, SOUTH), **more
    )


def replace(*features: AreaShape, **more: Any) -> AreasReplaced:
    options: dict[str, Any] = {
        "kind_code": "district",
        "kind_name": {"en": "District"},
        "source": "the city",
        **more,
    }
    return replace_areas(features=features, **options)


def areas() -> dict[str, int]:
    return {area.code: area.pk for area in Area.objects.all()}


def changed_at(city: City) -> Any:
    return City.objects.get(pk=city.pk).areas_changed_at


# Refusals


def test_without_a_city_nothing_is_written(city: City) -> None:
    with no_city(), pytest.raises(UnscopedQuery):
        replace(shape("1"))


REFUSED: list[tuple[list[AreaShape], dict[str, Any], str, str]] = [
    ([shape("1"), shape("2"), shape("1")], {}, "same code: 1", "a repeated code"),
    ([shape("")], {}, "needs a code", "no code"),
    ([shape("1")], {"kind_name": {}}, "give it a name", "a new kind without a name"),
    ([shape("1", west=13.4)], {}, "far from the city", "another continent"),
    (
        [AreaShape(code="1", boundary=square(39.9, -75.2))],
        {},
        "longitude first",
        "latitude first, where both are possible numbers",
    ),
]


@pytest.mark.parametrize(("features", "more", "words", "why"), REFUSED)
def test_what_is_refused_leaves_everything_as_it_was(
    features: list[AreaShape], more: dict[str, Any], words: str, why: str, city: City
) -> None:
    before = changed_at(city)
    with pytest.raises(Invalid, match=words):
        replace(*features, **more)
    assert not AreaKind.objects.exists(), why
    assert changed_at(city) == before


def routing_rule(area_id: int, code: str = "trash-in-1") -> None:
    now = timezone.now()
    rules, _made = RuleSet.objects.get_or_create(
        state=SetState.ACTIVE, number=1, defaults={"created_at": now, "changed_at": now}
    )
    rule = RoutingRule.objects.create(
        rule_set=rules, code=code, order=1, department=Department.objects.get(code="streets")
    )
    RoutingArea.objects.create(rule=rule, area_id=area_id)


def triage_area(area_id: int) -> None:
    TriageArea.objects.create(rule=TriageRule.objects.get(code="gas"), area_id=area_id)


def target(area_id: int) -> None:
    SlaTarget.objects.create(
        version=AgreementVersion.objects.get(),
        kind="resolve",
        amount=1,
        unit="hours",
        area_id=area_id,
    )


@pytest.mark.parametrize(
    ("refer", "named"),
    [(routing_rule, "trash-in-1"), (triage_area, "gas"), (target, "agreement version")],
)
def test_an_area_a_rule_names_cannot_vanish(
    refer: Callable[[int], None], named: str, city: City
) -> None:
    replace(shape("1"), shape("2"))
    before, ids = changed_at(city), areas()
    refer(ids["1"])
    with pytest.raises(Conflict, match=f"Area 1 is not in the file, but is used by.*{named}"):
        replace(shape("2", name="Renamed"), shape("3"))
    assert areas() == ids
    assert Area.objects.get(code="2").name == {"en": "District 2"}
    assert changed_at(city) == before


def test_a_long_list_of_rules_is_cut_short(city: City) -> None:
    replace(shape("1"))
    for number in range(8):
        routing_rule(areas()["1"], f"rule-{number}")
    with pytest.raises(Conflict, match="rule-4 and 3 more"):
        replace(shape("2"))


# What it does


def test_ids_stay_with_their_codes(city: City) -> None:
    replace(shape("1"), shape("2"), shape("3"))
    ids, before = areas(), changed_at(city)
    result = replace(shape("4"), shape("3"), shape("1", name="First", west=WEST + STEP))
    assert result == AreasReplaced(created=("4",), changed=("1",), unchanged=("3",), deleted=("2",))
    after = areas()
    assert set(after) == {"1", "3", "4"}
    assert (after["1"], after["3"]) == (ids["1"], ids["3"])
    assert Area.objects.get(code="1").name == {"en": "First"}
    assert changed_at(city) > before


def test_the_same_again_changes_nothing(city: City) -> None:
    replace(shape("1"), shape("2"))
    before = changed_at(city)
    result = replace(shape("2"), shape("1"))
    assert result.is_nothing
    assert result.unchanged == ("1", "2")
    assert changed_at(city) == before


def test_the_next_look_up_sees_the_new_areas(city: City) -> None:
    place = Point(WEST + STEP / 2, SOUTH + STEP / 2)
    assert areas_at(city, place) == ()
    replace(shape("1"))
    city.refresh_from_db()
    assert [one.area_id for one in areas_at(city, place)] == [areas()["1"]]


def test_an_area_of_cases_goes_off_the_map_and_keeps_its_name(
    city: City, file_case: Callable[..., Case]
) -> None:
    replace(shape("1"), shape("2"))
    old = areas()["1"]
    CaseArea.objects.create(case=file_case(), area_id=old)
    result = replace(shape("2"))
    assert (result.deleted, result.retired) == ((), ("1",))
    assert Area.objects.get(pk=old).boundary is None
    assert named_areas([old], language="en")[0].name == "District 1"
    city.refresh_from_db()
    assert areas_at(city, Point(WEST + STEP / 2, SOUTH + STEP / 2))[0].area_id == areas()["2"]
    assert replace(shape("2")).is_nothing
    replace(shape("1"), shape("2"))
    assert areas()["1"] == old
    assert Area.objects.get(pk=old).boundary is not None


def test_other_kinds_and_other_cities_are_left_alone(city: City, other_city: City) -> None:
    replace(shape("1"), kind_code="park", kind_name={"en": "Park"})
    with city_scope(other_city.pk):
        replace(shape("1"))
    replace(shape("2"))
    assert AreaKind.objects.get(code="park").areas.count() == 1
    with city_scope(other_city.pk):
        assert set(areas()) == {"1"}


def test_translations_stay_when_asked(city: City) -> None:
    both = AreaShape("1", {"en": "North", "es": "Norte"}, square(WEST, SOUTH))
    replace(both, kind_name={"en": "District", "es": "Distrito"})
    only_english = AreaShape("1", {"en": "Upper"}, square(WEST, SOUTH))
    replace(only_english, kind_name={"en": "Ward"}, keep_translations=True)
    assert Area.objects.get().name == {"en": "Upper", "es": "Norte"}
    assert AreaKind.objects.get().name == {"en": "Ward", "es": "Distrito"}
    replace(only_english, kind_name={})
    assert Area.objects.get().name == {"en": "Upper"}
    assert AreaKind.objects.get().name == {"en": "Ward", "es": "Distrito"}


def test_a_features_own_source_and_precision_win(city: City) -> None:
    replace(shape("1"), shape("2", source="a map", is_approximate=False), approximate=True)
    assert list(Area.objects.values_list("code", "source", "is_approximate")) == [
        ("1", "the city", True),
        ("2", "a map", False),
    ]


def test_names_come_in_the_readers_language_and_only_public_kinds(city: City) -> None:
    replace(shape("1"), kind_name={"en": "District", "es": "Distrito"})
    replace(shape("9"), kind_code="beat", kind_name={"en": "Beat"})
    AreaKind.objects.filter(code="beat").update(is_public=False)
    (named,) = named_areas(areas().values(), language="es")
    assert (named.kind_name, named.name, named.code) == ("Distrito", "District 1", "1")
