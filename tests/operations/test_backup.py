"""What was backed up comes back: rows, histories, photos, numbers."""

from __future__ import annotations

import json
import stat
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from bench.grounds import Grounds

COUNTS = """
import json
from django.apps import apps
from lamppost.cities.models import City
from lamppost.database.scope import city_scope
from lamppost.database.models import TenantModel
counts = {}
for model in apps.get_models():
    if not model._meta.managed or not model.__module__.startswith("lamppost."):
        continue
    if issubclass(model, TenantModel):
        for city in City.objects.order_by("slug"):
            with city_scope(city.pk):
                counts[f"{city.slug} {model._meta.label}"] = model.objects.count()
    else:
        counts[model._meta.label] = model._default_manager.count()
print(json.dumps(counts))
"""
FILE_WITH_PHOTO = """
import io, sys
from PIL import Image
from lamppost.cases.reports import Report
from lamppost.cases.services.intake import submit
from lamppost.catalog.choices import Channel
from lamppost.cities.models import City
from lamppost.database.fields import Point
from lamppost.database.scope import city_scope
from lamppost.people.actors import ANONYMOUS
picture = io.BytesIO()
Image.effect_noise((640, 480), 90).convert("RGB").save(picture, "JPEG")
with city_scope(City.objects.get(slug="springfield").pk):
    report = Report(
        service_code="POTHOLE", channel=Channel.WEB, description="With a photo",
        answers={"WHERE": ("roadway",)}, point=Point(-75.16, 39.95),
        photos=(picture.getvalue(),),
    )
    print(submit(report, actor=ANONYMOUS).number)
"""


def photos(home: Path) -> dict[str, bytes]:
    root = home / "uploads"
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*.jpg")}


@pytest.fixture(scope="module")
def second(tmp_path_factory: pytest.TempPathFactory, grounds: Grounds) -> Iterator[Grounds]:
    made = Grounds(tmp_path_factory.mktemp("second") / "home")
    yield made
    made.destroy()


@pytest.fixture(scope="module")
def backup(grounds: Grounds, tmp_path_factory: pytest.TempPathFactory) -> Path:
    grounds.python(FILE_WITH_PHOTO)
    (grounds.home / "maps").mkdir(exist_ok=True)
    (grounds.home / "maps" / "springfield.pmtiles").write_bytes(b"the ground of a map")
    path = tmp_path_factory.mktemp("backup") / "lamppost.tar"
    grounds.command("backup", str(path))
    return path


def test_a_backup_is_for_its_owner_alone_and_holds_no_secret_unasked(backup: Path) -> None:
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600
    with tarfile.open(backup) as tar:
        names = tar.getnames()
        manifest = json.load(tar.extractfile("manifest.json"))  # type: ignore[arg-type]
    assert not [name for name in names if name.startswith("secrets/")]
    assert manifest["cities"]["springfield"]["cases"] == 7


def test_with_secrets_the_signing_key_is_in_and_the_server_passwords_are_not(
    grounds: Grounds, tmp_path: Path
) -> None:
    grounds.command("backup", "--with-secrets", str(tmp_path))
    [path] = tmp_path.glob("lamppost-*.tar")
    with tarfile.open(path) as tar:
        names = tar.getnames()
    assert "secrets/signing-key" in names
    assert "secrets/postgres.json" not in names


def test_a_backup_overwrites_nothing(grounds: Grounds, backup: Path) -> None:
    before = backup.stat()
    refused = grounds.command("backup", str(backup), check=False)
    assert refused.returncode == 1
    assert "exists already" in refused.stderr
    assert backup.stat().st_mtime_ns == before.st_mtime_ns


def test_a_restore_refuses_an_installation_with_data(grounds: Grounds, backup: Path) -> None:
    counts = grounds.python(COUNTS)
    refused = grounds.command("restore", str(backup), check=False)
    assert refused.returncode == 1
    assert "--force" in refused.stderr
    assert grounds.python(COUNTS) == counts


@pytest.mark.parametrize("content", [b"", b"not a tar at all" * 100])
def test_a_restore_refuses_what_is_no_backup(
    grounds: Grounds, tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "broken.tar"
    path.write_bytes(content)
    refused = grounds.command("restore", "--force", str(path), check=False)
    assert refused.returncode == 1
    assert "backup" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_backup_cut_short_is_refused_and_changes_nothing(
    grounds: Grounds, backup: Path, tmp_path: Path
) -> None:
    counts = grounds.python(COUNTS)
    path = tmp_path / "short.tar"
    path.write_bytes(backup.read_bytes()[: backup.stat().st_size // 2])
    refused = grounds.command("restore", "--force", str(path), check=False)
    assert refused.returncode == 1
    assert "Traceback" not in refused.stderr
    assert grounds.python(COUNTS) == counts


def test_after_the_loss_of_everything_a_restore_brings_it_back(
    grounds: Grounds, second: Grounds, backup: Path
) -> None:
    counts, pictures = json.loads(grounds.python(COUNTS)), photos(grounds.home)
    assert len(pictures) == 2, "the photo and its small copy"
    grounds.destroy()

    restored = second.command("restore", str(backup))

    assert "nothing altered" in restored.stdout
    assert json.loads(second.python(COUNTS)) == counts
    assert photos(second.home) == pictures
    assert (second.home / "maps" / "springfield.pmtiles").read_bytes() == b"the ground of a map"
    assert second.command("verify").returncode == 0
    # Numbers go on above those given before the loss.
    assert int(second.python(FILE_WITH_PHOTO)) == 1008
    assert second.command("verify").returncode == 0


def test_force_replaces_what_is_there(second: Grounds, backup: Path) -> None:
    second.python(FILE_WITH_PHOTO)
    second.command("restore", "--force", str(backup))
    assert json.loads(second.python(COUNTS))["springfield cases.Case"] == 7
    assert len(photos(second.home)) == 2
