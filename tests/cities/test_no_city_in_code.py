"""A city is data: no word of a city's pack stands in the code."""

from __future__ import annotations

import re
from pathlib import Path

from lamppost.packs.content import Pack
from tests.cities.conftest import FOLDERS, read

SOURCE = Path(__file__).resolve().parents[2] / "src" / "lamppost"
KINDS = {".py", ".html", ".txt", ".js", ".css", ".sql", ".md", ".xml", ".svg", ".po"}
# Built, not written.
BUILT = SOURCE / "static" / "dist"


def words_of(pack: Pack) -> set[str]:
    """What belongs to one city alone: its names, addresses, departments, areas and parks.

    Of departments those with a name of their own: every city has a "Streets Department".
    """
    words = {pack.city.slug, pack.city.jurisdiction_id, *pack.city.hosts}
    words |= set(pack.city.name.values())
    contact = pack.city.contact
    words |= {contact.phone, contact.email, contact.website}
    for department in pack.departments:
        words |= {department.email, department.phone}
        # Abbreviations are names of their own: (CLIP).
        words |= {
            found
            for name in department.name.values()
            for found in re.findall(r"\(([A-Z&]{3,})\)", name)
        }
    for service in pack.services:
        for rule in service.triage:
            words |= {rule.refer_phone, rule.refer_url}
    for kind in pack.area_kinds:
        # One short word, such as "Center", is anybody's.
        words |= {name for area in kind.areas for name in area.name.values() if " " in name}
    # A short number, such as 311 or 911, is dialed in many cities.
    return {word for word in words if len(word) > 3}


def bare_names(pack: Pack) -> set[str]:
    """The parts of the city's name and jurisdiction that are its own: Riverbend."""
    common = {
        "village",
        "city",
        "town",
        "commune",
        "port",
        "puerto",
        "example",
        "of",
        "www",
        "gov",
        "org",
    }
    found = {
        part
        for text in (pack.city.slug, pack.city.jurisdiction_id, *pack.city.name.values())
        for part in re.split(r"[^\w]+", text.lower())
    }
    return {part for part in found - common if len(part) > 3}


def sources() -> list[Path]:
    return [
        path
        for path in SOURCE.rglob("*")
        if path.suffix in KINDS and "tests" not in path.parts and BUILT not in path.parents
    ]


def test_no_word_of_a_city_stands_in_the_code() -> None:
    packs = [read(folder) for folder in FOLDERS]
    words = {word for pack in packs for word in words_of(pack) | bare_names(pack)}
    assert {"philadelphia", "riverbend"} <= words
    # An abbreviation is itself only in capitals: `clip` is anybody's word.
    patterns = (
        _any_of({word for word in words if word.isupper()}, 0),
        _any_of({word for word in words if not word.isupper()}, re.IGNORECASE),
    )
    found = [
        f"{path.relative_to(SOURCE)}:{number}: {match.group()}"
        for path in sources()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        for pattern in patterns
        if (match := pattern.search(line))
    ]
    assert found == []


def _any_of(words: set[str], flags: int) -> re.Pattern[str]:
    longest_first = sorted(words, key=len, reverse=True)
    # The bounds stand once, before the words: tried for each word, they take ten times as long.
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest_first))})(?!\w)", flags)


def test_the_search_would_find_one(tmp_path: Path) -> None:
    packs = {pack.city.slug: pack for pack in map(read, FOLDERS)}
    assert "arrayán" in bare_names(packs["puerto-arrayan"])
    assert "CLIP" in words_of(packs["philadelphia"])
    assert len(sources()) > 200
