"""Every kind of mistake in a pack is reported where it stands. Refusals first."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest

from lamppost.packs.check import check_pack, contrast_with_white

CITIES = Path(__file__).resolve().parents[4] / "cities"
TODAY = date(2026, 11, 22)


@pytest.fixture
def village(tmp_path: Path) -> Path:
    """A copy of the village's pack to spoil."""
    folder = tmp_path / "riverbend"
    shutil.copytree(CITIES / "riverbend", folder)
    return folder


@pytest.fixture
def large(tmp_path: Path) -> Path:
    """A copy of the reference city's pack to spoil."""
    folder = tmp_path / "philadelphia"
    shutil.copytree(CITIES / "philadelphia", folder)
    return folder


def errors(folder: Path) -> list[str]:
    return [str(each) for each in check_pack(folder, today=TODAY).findings.errors]


def warnings(folder: Path) -> list[str]:
    return [str(each) for each in check_pack(folder, today=TODAY).findings.warnings]


def spoil(folder: Path, name: str, old: str, new: str) -> str:
    """Replace the first ``old``; return ``file:line:`` of where that was."""
    path = folder / name
    text = path.read_text(encoding="utf-8")
    assert old in text, f"{old!r} is not in {name}"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return f"{name}:{text[: text.index(old)].count(chr(10)) + 1}:"


# what is wrong; file; text replaced; its replacement; lines further down; what is said
ONE_LINE = [
    ("an unknown key, with the nearest one", "city.yaml",
     "time_zone: ", "time_zoom: ", 0, 'Did you mean "time_zone"?'),
    ("a zone that does not exist", "city.yaml",
     "America/Chicago", "America/Chikago", 0, "is not a time zone"),
    ("a language tag that is no language tag", "city.yaml",
     "languages: [en]", "languages: [en, vt-x]", 0, "is not a language tag"),
    ("an e-mail address without an @", "city.yaml",
     "clerk@riverbend.example", "clerk.riverbend", 0, "is not an e-mail address"),
    ("a latitude beyond the pole", "city.yaml", "lat: 41.52", "lat: 141.52", 0, "degrees"),
    ("a list where one value belongs", "city.yaml",
     "country: US", "country: [US]", 0, "must be a single value"),
    ("a flag that is neither yes nor no", "departments.yaml",
     "catch_all: yes", "catch_all: maybe", 0, "Write yes or no"),
    ("a state that does not exist", "statuses.yaml",
     "state: open", "state: opened", 0, 'Did you mean "open"?'),
    ("a move to an unknown status", "statuses.yaml",
     "to: [waiting]", "to: [waitin]", 0, 'Did you mean "waiting"?'),
    ("a weekday that is none", "calendars.yaml",
     "friday: 09:00", "fryday: 09:00", 0, "is not a weekday"),
    ("hours that close before they open", "calendars.yaml",
     "friday: 09:00-12:00", "friday: 12:00-09:00", 0, "closes before it opens"),
    ("a day that is not in the calendar", "calendars.yaml",
     "2026-05-25", "2026-02-30", 0, "is not a day"),
    ("a holiday that stands there twice", "calendars.yaml",
     "2026-05-25", "2026-01-01", 0, "2026-01-01 stands here twice"),
    ("a department nobody described", "services/village.yaml",
     "department: clerk", "department: clark", 0, 'Did you mean "clerk"?'),
    ("a group nobody described", "services/village.yaml",
     "group: village", "group: villages", 0, 'There is no group "villages"'),
    ("a second service with the same code", "services/village.yaml",
     "- code: snow", "- code: road", 0, 'second service "road"'),
    ("a second key in one row", "services/village.yaml",
     "    name: Snow and ice", "    name: Snow\n    name: Ice", 1, '"name" stands here twice'),
    ("triage on a question nobody asks", "services/village.yaml",
     "          road: county\n", "          rode: county\n", 0, 'no question "rode" of road'),
    ("triage on a value nobody can choose", "services/village.yaml",
     "          road: county\n", "          road: country\n", 0, 'Did you mean "county"?'),
    ("a referral that does not say to whom", "services/village.yaml",
     "        refer_to: County Highway Department\n", "", -5, "does not say who to go to"),
    ("a hazard where there will be no case", "services/village.yaml",
     "        then: refer\n", "        then: refer\n        hazard: yes\n", -3, "no case"),
    ("an unknown datatype", "services/village.yaml",
     "datatype: singlevaluelist", "datatype: single", 0, "is not possible"),
    ("a column nobody knows", "agreements.csv", "amount", "amunt", 0, 'Did you mean "amount"?'),
    ("an agreement for an unknown service", "agreements.csv",
     "road,", "rode,", 0, 'Did you mean "road"?'),
    ("an amount that is not a number", "agreements.csv", ",8,", ",eight,", 0, "whole number"),
    ("a day written in another order", "agreements.csv",
     "road,2026-01-01", "road,01/01/2026", 0, "is not a day"),
    ("a line with a cell too many", "agreements.csv",
     "road,2026", "road,x,2026", 0, "7 cells, but the header has 6"),
    ("a level for something that is only a question", "agreements.csv",
     "road,", "question,", 0, "questions have no service level"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "old", "new", "further", "said"),
    [row[1:] for row in ONE_LINE],
    ids=[row[0] for row in ONE_LINE],
)
def test_a_mistake_is_reported_on_its_line(
    village: Path, name: str, old: str, new: str, further: int, said: str
) -> None:
    file, line, _rest = spoil(village, name, old, new).split(":")
    found = errors(village)
    where = f"{file}:{int(line) + further}:"
    assert any(each.startswith(where) and said in each for each in found), (where, found)


def test_columns_are_told_too(village: Path) -> None:
    spoil(village, "agreements.csv", ",8,business_hours", ",8,busy_hours")
    assert errors(village)[0].startswith("agreements.csv:2:31: ")
    spoil(village, "departments.yaml", "catch_all: yes", "catch_all: maybe")
    assert any(each.startswith("departments.yaml:5:16: ") for each in errors(village))


def test_all_mistakes_are_reported_at_once(village: Path) -> None:
    spoil(village, "city.yaml", "country: US", "country: Usa")
    spoil(village, "services/village.yaml", "location: optional", "location: maybe")
    spoil(village, "agreements.csv", ",8,", ",eight,")
    spoil(village, "calendars.yaml", "2026-05-25", "2026-13-25")
    files = {each.split(":")[0] for each in errors(village)}
    assert files == {"city.yaml", "services/village.yaml", "agreements.csv", "calendars.yaml"}


WHOLE = [
    ("no department catches the rest", "departments.yaml",
     "    catch_all: yes\n", "", "No department has `catch_all: yes`"),
    ("a state without a default status", "statuses.yaml",
     "    name: Being worked on\n    default: yes\n", "    name: Being worked on\n",
     'No status of the state "open" has `default: yes`'),
    ("a status no move leads to", "statuses.yaml",
     "    to: [working, waiting]", "    to: [working]", ""),
    ("a move that would close a case", "statuses.yaml",
     "to: [working]", "to: [working, closed]", "Closing and reopening are not moves"),
    ("a kind of ending without a sentence", "statuses.yaml",
     "kind: withdrawn", "kind: done", 'No outcome is of the kind "withdrawn"'),
    ("no default calendar", "calendars.yaml",
     "    default: yes\n", "", "No calendar has `default: yes`"),
    ("no calendar for an agreement", "calendars.yaml",
     "    default: yes\n", "", 'The agreement for "road" has no calendar'),
    ("an accent color nobody can read on", "city.yaml",
     "units: imperial", 'units: imperial\naccent_color: "#ffcc00"', "has a contrast of 1.5 to 1"),
    ("a language the pack is written in is not listed", "city.yaml",
     "languages: [en]", "languages: [es]", '"languages" does not list "en"'),
    ("a question that depends on a later one", "services/village.yaml",
     "    questions:\n      - code: road\n",
     "    questions:\n      - code: first\n        text: First?\n        datatype: string\n"
     "        only_if:\n          road: county\n      - code: road\n",
     "which is asked later"),
    ("values on a question that takes a number", "services/village.yaml",
     "datatype: singlevaluelist", "datatype: number", "has values but asks for a number"),
    ("a rule below one that always holds", "services/village.yaml",
     "    triage:\n      - code: county\n",
     "    triage:\n      - code: all\n        then: accept\n      - code: county\n",
     '"county" is never reached'),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "old", "new", "said"), [row[1:] for row in WHOLE], ids=[row[0] for row in WHOLE]
)
def test_parts_that_do_not_fit_together(
    village: Path, name: str, old: str, new: str, said: str
) -> None:
    spoil(village, name, old, new)
    found = errors(village)
    if not said:  # The status is still reached by another move.
        assert found == []
        return
    assert any(said in each for each in found), found


def test_an_unreachable_status_and_a_dead_end(village: Path) -> None:
    spoil(village, "statuses.yaml", "    to: [working, waiting]", "    to: [working]")
    spoil(village, "statuses.yaml", "    to: [waiting]", "    to: [new]")
    assert any('No move leads to "waiting"' in each for each in errors(village))


def test_two_versions_that_hold_at_once(large: Path) -> None:
    path = large / "agreements.csv"
    text = path.read_text().replace("amount,unit,evidence", "amount,unit,effective_to,evidence")
    text = text.replace("business_days,", "business_days,,")
    text = text.replace("SR-ST01,2016-01-01,resolve,3,business_days,,",
                        "SR-ST01,2016-01-01,resolve,3,business_days,2025-06-30,")  # fmt: skip
    path.write_text(text)
    found = errors(large)
    assert len(found) == 1
    assert found[0].startswith("agreements.csv:9:1: Two agreements")


def test_two_targets_for_the_same_cases(village: Path) -> None:
    with (village / "agreements.csv").open("a") as stream:
        stream.write("road,2026-01-01,acknowledge,9,business_hours,Village Board\n")
    assert errors(village)[0].startswith('agreements.csv:5:1: A second "acknowledge" target')


def test_routing_below_a_rule_that_always_holds(large: Path) -> None:
    spoil(large, "routing.yaml", "rules:\n", "rules:\n  - code: everything\n    department: clip\n")
    assert any("is never reached" in each for each in errors(large))


def test_an_area_nobody_drew(large: Path) -> None:
    where = spoil(large, "services/clip.yaml", "[center-city]", "[centre-city]")
    found = errors(large)
    assert len(found) == 1
    assert found[0].startswith(where)
    assert 'Did you mean "center-city"?' in found[0]


HOSTILE = [
    ("aliases, which make bombs", b"a: &a [x, x]\nb: [*a, *a]\n", "Anchors (&) and aliases (*)"),
    ("tags, which make objects", b"a: !!python/object/apply:os.system [id]\n", "Tags (!)"),
    ("tabs", b"city:\n\tslug: x\n", "never with tabs"),
    ("not UTF-8", b"slug: caf\xe9\n", "not UTF-8"),
    ("UTF-16", "slug: x\n".encode("utf-16"), "UTF-16"),
    ("a NUL character", b"slug: a\x00b\n", "control character (U+0000)"),
    ("depth without end", b"a: " + b"[" * 5000 + b"]" * 5000, "Nested more than"),
    ("two documents", b"slug: x\n---\nslug: y\n", "second document"),
    ("only a list", b"- a\n- b\n", "must begin with `key: value`"),
    ("a broken quote", b'slug: "x\n', "not YAML"),
    ("more than fits", b"# " + b"x" * 4_000_001, "larger than 4 MB"),
]


@pytest.mark.parametrize(
    ("data", "said"), [row[1:] for row in HOSTILE], ids=[row[0] for row in HOSTILE]
)
def test_hostile_files_are_findings_too(village: Path, data: bytes, said: str) -> None:
    (village / "departments.yaml").write_bytes(data)
    found = errors(village)
    assert any(each.startswith("departments.yaml:") and said in each for each in found), found
    # A file that cannot be read is one finding, not one more for each row that names its rows.
    assert not any("There is no department" in each for each in found)


def test_windows_line_ends_and_a_byte_order_mark_are_fine(village: Path) -> None:
    for path in village.rglob("*.*"):
        data = path.read_bytes()
        path.write_bytes(b"\xef\xbb\xbf" + data.replace(b"\n", b"\r\n"))
    assert errors(village) == []


def test_words_stay_words(village: Path) -> None:
    """``no``, ``on`` and ``12:30`` are answers here, not a flag, a flag and a number."""
    spoil(village, "services/village.yaml", "          village: A village road",
          "          no: On\n          on: 12:30\n          village: A village road")  # fmt: skip
    pack = check_pack(village, today=TODAY).pack
    assert pack is not None
    road = next(service for service in pack.services if service.code == "road")
    values = {value.code: value.name["en"] for value in road.questions[0].values}
    assert (values["no"], values["on"]) == ("On", "12:30")


def test_a_misspelled_folder_is_not_silently_skipped(village: Path) -> None:
    (village / "services").rename(village / "service")
    assert 'Did you mean "services"?' in "".join(errors(village))


def test_what_the_demo_simulates_is_not_part_of_the_city(village: Path) -> None:
    (village / "demo").mkdir(exist_ok=True)
    (village / "demo" / "habits.yaml").write_text("anything: goes\n")
    assert errors(village) == []
    (village / "services" / "demo").mkdir()
    (village / "services" / "demo" / "notes.txt").write_text("nothing")
    assert any(each.startswith("services/demo/notes.txt:1:1:") for each in errors(village))


def test_a_link_out_of_the_folder_is_not_followed(village: Path, tmp_path: Path) -> None:
    (tmp_path / "secret.yaml").write_text("services: []\n")
    (village / "services" / "more.yaml").symlink_to(tmp_path / "secret.yaml")
    assert any("not a plain file" in each for each in errors(village))


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    assert "There is no such folder" in errors(tmp_path / "nowhere")[0]


GEOJSON = [
    ("a ring that crosses itself", "[[[0,0],[1,1],[1,0],[0,1],[0,0]]]", "not valid"),
    ("meters instead of degrees", "[[[486000,0],[486000,9],[487000,9],[486000,0]]]", "degrees"),
    ("a line with no surface", "[[[0,0],[1,1],[0,0],[0,0]]]", "not valid"),
    ("words for numbers", '[[["a","b"],[1,1],[1,0],[0,0]]]', "cannot be read"),
    ("nothing at all", "[]", "no coordinates"),
]


@pytest.mark.parametrize(
    ("coordinates", "said"), [row[1:] for row in GEOJSON], ids=[row[0] for row in GEOJSON]
)
def test_boundaries_that_are_none(large: Path, coordinates: str, said: str) -> None:
    good = '{"type": "Feature", "properties": {"code": "a"}, "geometry": {"type": "Polygon",'
    text = (
        '{"type": "FeatureCollection", "features": [\n'
        f'{good} "coordinates": [[[0,0],[1,0],[1,1],[0,0]]]}}}},\n'
        f'{good.replace("a", "b", 1)} "coordinates": {coordinates}}}}}\n]}}\n'
    ).replace('"code": "a"', '"code": "x"', 1)
    (large / "areas" / "city-limits.geojson").write_text(text)
    found = [each for each in errors(large) if each.startswith("areas/")]
    assert len(found) == 1
    assert found[0].startswith("areas/city-limits.geojson:3:1: Feature 2")
    assert said in found[0]


def test_a_feature_without_the_property_that_names_it(large: Path) -> None:
    spoil(large, "areas/city-limits.geojson", '"code"', '"DISTRICT"')
    found = errors(large)
    assert any('has no "code"' in each and "code_from" in each for each in found)
    spoil(large, "areas.yaml", "    limits: yes\n", "    limits: yes\n    code_from: DISTRICT\n")
    assert errors(large) == []


def test_a_translation_of_nothing(large: Path) -> None:
    where = spoil(large, "translations/es/streets.yaml", "  SR-ST23:\n", "  SR-ST32:\n")
    found = errors(large)
    file, line, _ = where.split(":")
    assert found[0].startswith(f"{file}:{int(line) + 1}:")
    assert 'Did you mean "SR-ST23"?' in found[0]


def test_missing_translations_are_counted(large: Path) -> None:
    (large / "translations" / "es" / "police.yaml").unlink()
    assert any('texts have no translation into "es"' in each for each in warnings(large))
    assert errors(large) == []


def test_holidays_that_run_out_are_a_warning(village: Path) -> None:
    found = check_pack(village, today=date(2028, 6, 1)).findings
    assert found.errors == []
    assert any("do not cover the next 12 months" in str(each) for each in found.warnings)
    assert warnings(village) == []


def test_contrast_is_that_of_wcag() -> None:
    assert contrast_with_white("#000000") == pytest.approx(21)
    assert contrast_with_white("#ffffff") == pytest.approx(1)
    assert contrast_with_white("#767676") == pytest.approx(4.54, abs=0.01)
