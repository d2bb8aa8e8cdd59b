"""``channels.yaml``: what is wrong with it is said with its place, what is right comes back."""

from __future__ import annotations

from pathlib import Path
from shutil import copytree

import pytest

from lamppost.contacts.models import Keyword, PhoneLine, SpokenLanguage
from lamppost.database.scope import city_scope
from lamppost.packs.apply import apply_pack
from lamppost.packs.check import check_pack
from lamppost.packs.diff import compare
from lamppost.packs.export import write_pack
from lamppost.packs.stored import stored_pack

RIVERBEND = Path(__file__).parents[4] / "cities" / "riverbend"
KEYWORD = "keywords:\n  - {code: "


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    """A copy of the village's pack, to be spoiled."""
    return Path(copytree(RIVERBEND, tmp_path / "riverbend"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (KEYWORD + "fair, words: fair}", "Nothing is said"),
        (KEYWORD + "stop, words: halt, text: No.}", "answers by itself"),
        (KEYWORD + "fair, words: 'fair, stop', text: In July.}", 'means "stop" already'),
        (KEYWORD + "fair, words: fair, article: nowhere}", 'no article "nowhere"'),
        (KEYWORD + "fair, words: fair, text: A}\n  - {code: b, words: FAIR, text: B}", "already"),
        ("languages:\n  - {code: es, tag: es-MX}", "which the city does not list"),
        ("languages:\n  - {code: klingonese, tag: x}", "not a language"),
        ("line: {calendar: nowhere}", 'no calendar "nowhere"'),
        ("line: {music: wait.mp3}", "not a web address"),
        (f"line: {{sms_welcome: {'a' * 161}}}", "at most 160"),
        ("faxes: []", 'no part "faxes"'),
    ],
)
def test_what_is_wrong_is_found(pack: Path, text: str, message: str) -> None:
    (pack / "channels.yaml").write_text(text + "\n")
    found = [str(each) for each in check_pack(pack).findings.found]
    assert any(message in each and "channels.yaml" in each for each in found), found


def test_what_is_applied_comes_back_the_same(pack: Path, tmp_path: Path, db: None) -> None:
    wanted = check_pack(pack).pack
    assert wanted is not None
    city = apply_pack(pack=wanted).city
    with city_scope(city.pk):
        assert PhoneLine.objects.get().calendar.code == "office"
        assert set(Keyword.objects.values_list("code", flat=True)) == {"trash", "plow"}
        assert compare(stored_pack(city), wanted) == []
        write_pack(stored_pack(city), tmp_path / "out")
    again = check_pack(tmp_path / "out").pack
    assert again is not None
    assert (again.phone_line, again.keywords) == (wanted.phone_line, wanted.keywords)


def test_without_the_file_the_lines_say_the_usual(pack: Path, db: None) -> None:
    first = check_pack(pack).pack
    assert first is not None
    city = apply_pack(pack=first).city
    (pack / "channels.yaml").unlink()
    later = check_pack(pack).pack
    assert later is not None
    apply_pack(pack=later)
    with city_scope(city.pk):
        assert not Keyword.objects.exists()
        assert not SpokenLanguage.objects.exists()
        assert PhoneLine.objects.get().welcome == {}
