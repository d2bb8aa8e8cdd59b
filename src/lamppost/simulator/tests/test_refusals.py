"""The demo's public passwords and invented cases never come near a real city."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from lamppost.cases.models import Case, ImportRun
from lamppost.cities.models import City
from lamppost.kernel.refusals import Forbidden, Invalid
from lamppost.people.models import ApiKey, Membership, User
from lamppost.simulator.drawing import SCENES, draw_photo
from lamppost.simulator.fill import fill_demo
from lamppost.simulator.people import DEMO_PEOPLE, make_demo_people
from lamppost.simulator.profile import read_profile

HABITS = """
people: {department: streets}
pace: 1
duplicates: 0
day_shock: 0
ways: {office: {weekdays: [1, 1, 1, 1, 1, 0, 0], hours: HOURS, channels: {phone: 1}}}
seasons: {flat: {months: [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]}}
ends: {fix: {done: 1}}
repeats: {usual: {}}
services: {POTHOLE: {share: 1, ways: {office: 1}, season: flat, close: [[1, 2, 0.5]]}}
""".replace("HOURS", str([1] * 24))
PLACES = """
formats: {house: "{number} {street}", block: "{street}", corner: "{street} & {other}"}
shares: {corner: 0.1}
districts:
  - weight: 1
    corners: [[-75.2, 39.9], [-75.1, 39.9], [-75.1, 40.0], [-75.2, 40.0]]
    along: [First Street]
    across: [Oak Street]
"""
PHRASES = "{languages: {en: 1}, descriptions: {}, notes: {}}"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in (("habits", HABITS), ("places", PLACES), ("phrases", PHRASES)):
        (tmp_path / f"{name}.yaml").write_text(text)
    return tmp_path


def test_a_real_city_gets_no_demo_people(city: City, folder: Path) -> None:
    with pytest.raises(Forbidden, match="real city"):
        make_demo_people(city, profile=read_profile(folder))
    assert not User.objects.filter(email__endswith="@demo.example").exists()
    assert not ApiKey.objects.exists()


def test_a_real_city_gets_no_demo_cases(city: City, folder: Path) -> None:
    with pytest.raises(Forbidden, match="real city"):
        fill_demo(city, cases=10, seed=1, profile=read_profile(folder))
    assert not Case.objects.exists()
    assert not ImportRun.objects.exists()


def test_what_the_caller_holds_does_not_make_a_city_a_demo(city: City, folder: Path) -> None:
    city.is_demo = True  # not saved: the database decides
    with pytest.raises(Forbidden):
        make_demo_people(city, profile=read_profile(folder))


def test_a_pack_without_a_demo_folder_says_so(city: City) -> None:
    City.objects.filter(pk=city.pk).update(is_demo=True)
    with pytest.raises(Invalid, match="no demo/ folder"):
        make_demo_people(city)


def test_a_department_the_city_has_not(city: City, folder: Path) -> None:
    City.objects.filter(pk=city.pk).update(is_demo=True)
    path = folder / "habits.yaml"
    path.write_text(HABITS.replace("department: streets", "department: roads"))
    with pytest.raises(Invalid, match="'roads'"):
        make_demo_people(city, profile=read_profile(folder))


def test_demo_people_are_made_once(city: City, folder: Path) -> None:
    City.objects.filter(pk=city.pk).update(is_demo=True)
    for _again in range(2):
        make_demo_people(city, profile=read_profile(folder))
    assert Membership.objects.count() == len(DEMO_PEOPLE) == 10
    worker = Membership.objects.select_related("user", "department").get(
        user__email="streets@demo.example"
    )
    assert worker.user.check_password("demo-demo")
    assert worker.department is not None
    assert worker.department.code == "streets"
    key = ApiKey.objects.get()
    assert key.may_update
    assert key.per_minute >= 6000


@pytest.mark.parametrize(
    ("file", "found", "instead", "said"),
    [
        # Each row: what somebody may write, and what the refusal has to name.
        ("habits", "pace: 1\n", "", "pace"),
        ("habits", "months: [1, 1,", "months: [1,", "12 numbers"),
        ("habits", "ways: {office: 1}", "ways: {fax: 1}", "unknown way 'fax'"),
        ("habits", "season: flat", "season: wet", "unknown season 'wet'"),
        ("habits", "channels: {phone: 1}", "channels: {drum: 1}", "drum"),
        ("habits", "ends: {fix", "ends: {other", "fix"),
        ("places", "along: [First Street]", "", "along"),
        ("phrases", "languages: {en: 1},", "", "languages"),
        ("phrases", "{languages", "[languages", "phrases.yaml"),
    ],
)
def test_a_broken_profile_is_named(
    folder: Path, file: str, found: str, instead: str, said: str
) -> None:
    path = folder / f"{file}.yaml"
    text = path.read_text()
    assert found in text
    path.write_text(text.replace(found, instead))
    with pytest.raises(Invalid, match=said):
        read_profile(folder)


@pytest.mark.parametrize("scene", SCENES)
def test_photos_are_jpegs_and_no_two_alike(scene: str) -> None:
    one, other = draw_photo(scene, Random(1)), draw_photo(scene, Random(2))
    assert one.startswith(b"\xff\xd8")
    assert one == draw_photo(scene, Random(1))
    if scene != "clean-wall":
        assert one != other
