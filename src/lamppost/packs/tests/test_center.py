"""``contact_center.yaml``: what is wrong is said with its place, what is right comes back."""

from __future__ import annotations

from pathlib import Path
from shutil import copytree

import pytest

from lamppost.cities.models import City
from lamppost.contacts.models import CenterRules, Disposition, Interaction
from lamppost.database.scope import city_scope
from lamppost.packs.apply import apply_pack
from lamppost.packs.check import check_pack
from lamppost.packs.content import Pack
from lamppost.packs.diff import compare
from lamppost.packs.stored import stored_pack

RIVERBEND = Path(__file__).parents[4] / "cities" / "riverbend"
FILE = "contact_center.yaml"
CODE = "dispositions:\n  - {code: a, name: A, kind: information"


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    """A copy of the village's pack, to be changed."""
    return Path(copytree(RIVERBEND, tmp_path / "riverbend"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (CODE + ', key: "12"}', "is not a key"),
        (CODE + ", key: a}", "is not a key"),
        ("dispositions:\n  - {code: a, name: A, kind: chat}", "chat"),
        ("dispositions:\n  - {code: a, name: A}", 'needs "kind"'),
        (CODE + "}\n  - {code: a, name: B, kind: status}", 'second disposition "a"'),
        (CODE + ', key: "1"}\n  - {code: b, name: B, kind: status, key: "1"}', "The key 1 codes"),
        (CODE + "}", 'No disposition is of the kind "emergency"'),
        ("rules: {answer_percent: 101}", "101"),
        ("rules: {call_back_minutes: soon}", "soon"),
        ("rules: {inquiries: nowhere}", 'no service "nowhere"'),
        ("rules: {inquiries: road}", "cannot keep an inquiry"),
        ("rules: {patience: 5}", 'no key "patience"'),
        ("agents: []", 'no part "agents"'),
    ],
)
def test_what_is_wrong_is_found(pack: Path, text: str, message: str) -> None:
    (pack / FILE).write_text(text + "\n")
    found = [str(each) for each in check_pack(pack).findings.found]
    assert any(message in each and FILE in each for each in found), found


def _read(pack: Path) -> Pack:
    read = check_pack(pack).pack
    assert read is not None
    return read


@pytest.mark.django_db
def test_a_center_is_applied_changed_and_comes_back(pack: Path) -> None:
    promised = "call_back_minutes: 480\n  answer_mail_minutes: 240"
    text = (pack / FILE).read_text().replace("call_back_minutes: 480", promised)
    (pack / FILE).write_text(text)
    city = apply_pack(pack=_read(pack)).city
    with city_scope(city.pk):
        rules = CenterRules.objects.get()
        assert (rules.call_back_minutes, rules.answer_mail_minutes) == (480, 240)
        used = Disposition.objects.get(code="answered")
        Interaction.objects.create(
            channel="phone", offered_at=city.catalog_changed_at, disposition=used
        )
        assert list(compare(stored_pack(city), _read(pack))) == []
    # Two codes trade their keys, one that was used goes, one that was not goes.
    text = (pack / FILE).read_text()
    text = text.replace('key: "2"', 'key: "x"').replace('key: "3"', 'key: "2"')
    text = text.replace('key: "x"', 'key: "3"').replace("call_back_minutes: 480", "")
    kept = [
        part
        for part in text.split("  - ")
        if not part.startswith(("code: answered", "code: nobody"))
    ]
    (pack / FILE).write_text("  - ".join(kept))
    apply_pack(pack=_read(pack))
    with city_scope(city.pk):
        keys = dict(Disposition.objects.filter(is_active=True).values_list("code", "key"))
        assert (keys["filed"], keys["status"]) == ("3", "2")
        assert CenterRules.objects.get().call_back_minutes == 120
        assert not Disposition.objects.filter(code="nobody").exists()
        assert Disposition.objects.get(code="answered").is_active is False
        assert list(compare(stored_pack(City.objects.get(pk=city.pk)), _read(pack))) == []
