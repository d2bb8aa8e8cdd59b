"""Photos: who is refused, what is kept, what stays when something fails."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import IO, Any

import pytest
from django.core.files.base import File
from django.core.files.storage import FileSystemStorage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import override_settings
from django.utils import timezone
from PIL import ExifTags, Image
from pytest_django import DjangoCaptureOnCommitCallbacks

from lamppost.cases.choices import EventAudience, EventKind
from lamppost.cases.models import Attachment, Case, CaseEvent, Draft, DraftPhoto
from lamppost.cases.services import photos
from lamppost.cases.services.photos import (
    add_staff_photo,
    attach,
    hide_photo,
    open_photo,
    photo_url,
    remove_draft_photo,
    store_draft_photo,
    sweep_photos,
)
from lamppost.catalog.choices import Channel, Visibility
from lamppost.cities.models import City
from lamppost.database.scope import city_scope
from lamppost.kernel.ids import new_token
from lamppost.kernel.images import reencode
from lamppost.kernel.refusals import Forbidden, Invalid, NotFound, Unauthenticated
from lamppost.people.actors import ANONYMOUS, SYSTEM, Actor
from lamppost.people.choices import Role

pytestmark = pytest.mark.django_db

MakeCase = Callable[..., Case]
MakeActor = Callable[..., Actor]


def jpeg(shade: int = 100, *, place: bool = False) -> bytes:
    """A photo; another shade is another photo."""
    exif = Image.Exif()
    if place:
        gps = exif.get_ifd(ExifTags.IFD.GPSInfo)
        gps[ExifTags.GPS.GPSLatitudeRef], gps[ExifTags.GPS.GPSLongitudeRef] = "N", "W"
        gps[ExifTags.GPS.GPSLatitude] = (39.0, 57.0, 9.36)
        gps[ExifTags.GPS.GPSLongitude] = (75.0, 9.0, 54.72)
    out = io.BytesIO()
    Image.new("RGB", (640, 480), (shade, 60, 60)).save(out, "JPEG", exif=exif)
    return out.getvalue()


def upload(shade: int = 100, name: str = "../../etc/Jane Doe's house.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, jpeg(shade), content_type="text/html")


@pytest.fixture(autouse=True)
def uploads(tmp_path: Path) -> Iterator[Path]:
    """The folder files are kept in, empty before each test."""
    storages = {
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": tmp_path},
        },
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    with override_settings(STORAGES=storages):
        yield tmp_path


def files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


@pytest.fixture
def draft(city: City) -> Draft:
    now = timezone.now()
    return Draft.objects.create(
        token_digest=new_token(),
        channel=Channel.WEB,
        created_at=now,
        expires_at=now + timedelta(days=1),
    )


def add(case: Case, shade: int = 100, **more: object) -> Attachment:
    options = {"actor": ANONYMOUS, "by_staff": False, "at": timezone.now(), **more}
    return attach(case, upload(shade), **options)  # type: ignore[arg-type]


# Refusals


def test_what_is_no_photo_leaves_neither_row_nor_file(
    draft: Draft, file_case: MakeCase, uploads: Path
) -> None:
    text = SimpleUploadedFile("photo.jpg", b"I am a text", content_type="image/jpeg")
    with pytest.raises(Invalid) as refusal:
        store_draft_photo(draft, text)
    assert refusal.value.problems[0].field == "photos"
    with pytest.raises(Invalid):
        attach(file_case(), text, actor=ANONYMOUS, by_staff=False, at=timezone.now())
    assert not DraftPhoto.objects.exists()
    assert not Attachment.objects.exists()
    assert files(uploads) == []


def test_a_report_has_at_most_five_photos(draft: Draft, uploads: Path) -> None:
    for shade in range(5):
        store_draft_photo(draft, upload(shade * 20))
    with pytest.raises(Invalid, match="at most 5"):
        store_draft_photo(draft, upload(200))
    assert draft.photos.count() == 5
    assert len(files(uploads)) == 10


def test_a_case_has_at_most_ten_photos_hidden_ones_counted(
    file_case: MakeCase, worker: Actor
) -> None:
    case = file_case()
    first = add(case, 0)
    hide_photo(first, worker, "a face")
    for shade in range(1, 10):
        add(case, shade * 20)
    with pytest.raises(Invalid, match="at most 10"):
        add(case, 250)
    case.refresh_from_db()
    assert case.photo_count == 9


def test_a_token_that_is_gone_is_refused(file_case: MakeCase) -> None:
    with pytest.raises(Invalid, match="add it again"):
        attach(file_case(), "no-such", actor=ANONYMOUS, by_staff=False, at=timezone.now())


def test_one_drafts_photo_goes_to_one_case_only(draft: Draft, file_case: MakeCase) -> None:
    photo = store_draft_photo(draft, upload())
    attach(file_case(), photo, actor=ANONYMOUS, by_staff=False, at=timezone.now())
    with pytest.raises(Invalid):
        attach(file_case(), photo, actor=ANONYMOUS, by_staff=False, at=timezone.now())


def test_a_photo_of_another_city_cannot_be_attached(
    draft: Draft, other_city: City, file_case: MakeCase
) -> None:
    with city_scope(other_city.pk):
        now = timezone.now()
        theirs = Draft.objects.create(
            token_digest="x", channel=Channel.WEB, created_at=now, expires_at=now
        )
        photo = store_draft_photo(theirs, upload())
        token = photo.token
    with pytest.raises(Invalid):
        attach(file_case(), token, actor=ANONYMOUS, by_staff=False, at=timezone.now())
    with pytest.raises(NotFound):
        open_photo(token, actor=SYSTEM)


def test_the_citys_photo_needs_a_right_to_the_case(
    file_case: MakeCase, actor: MakeActor, uploads: Path
) -> None:
    case = file_case()
    for stranger in (actor(Role.WORKER, "parks"), actor(Role.EDITOR), actor(Role.RESIDENT)):
        with pytest.raises(Forbidden):
            add_staff_photo(case.pk, upload(), actor=stranger)
    with pytest.raises(Unauthenticated):
        add_staff_photo(case.pk, upload(), actor=ANONYMOUS)
    assert files(uploads) == []


def test_hiding_needs_a_right_and_a_reason(
    file_case: MakeCase, actor: MakeActor, worker: Actor
) -> None:
    photo = add(file_case())
    with pytest.raises(Forbidden):
        hide_photo(photo, actor(Role.WORKER, "parks"), "not my case")
    with pytest.raises(Unauthenticated):
        hide_photo(photo, ANONYMOUS, "it shows me")
    with pytest.raises(Invalid) as refusal:
        hide_photo(photo, worker, " \n ")
    assert refusal.value.problems[0].field == "reason"
    photo.refresh_from_db()
    assert not photo.is_hidden


@pytest.mark.parametrize("visibility", [Visibility.LIMITED, Visibility.PRIVATE])
def test_photos_of_a_case_that_is_not_public_are_for_its_staff(
    visibility: Visibility, file_case: MakeCase, actor: MakeActor, worker: Actor, agent: Actor
) -> None:
    case = file_case()
    photo = add(case)
    Case.objects.filter(pk=case.pk).update(visibility=visibility)
    for stranger in (ANONYMOUS, actor(Role.RESIDENT), actor(Role.EDITOR), actor(Role.COUNCIL)):
        for small in (False, True):
            with pytest.raises(NotFound):
                open_photo(photo.token, actor=stranger, small=small)
    for staff in (worker, agent):
        with open_photo(photo.token, actor=staff) as file:
            assert not file.is_public


def test_photos_of_a_private_case_are_not_for_other_departments(
    file_case: MakeCase, actor: MakeActor
) -> None:
    case = file_case()
    photo = add(case)
    Case.objects.filter(pk=case.pk).update(visibility=Visibility.PRIVATE)
    with pytest.raises(NotFound):
        open_photo(photo.token, actor=actor(Role.WORKER, "parks"))


def test_a_hidden_photo_is_for_staff(file_case: MakeCase, worker: Actor) -> None:
    photo = add(file_case())
    hide_photo(photo, worker, "It shows a face")
    with pytest.raises(NotFound):
        open_photo(photo.token, actor=ANONYMOUS)
    with open_photo(photo.token, actor=worker) as file:
        assert not file.is_public


@pytest.mark.parametrize("token", ["", "x", "../../settings.py", "a" * 5000, "\u202e"])
def test_a_token_nobody_was_given_opens_nothing(token: str, city: City) -> None:
    with pytest.raises(NotFound):
        open_photo(token, actor=SYSTEM)


def test_a_row_whose_file_was_lost_is_not_found(file_case: MakeCase, uploads: Path) -> None:
    photo = add(file_case())
    (uploads / photo.path).unlink()
    with pytest.raises(NotFound):
        open_photo(photo.token, actor=ANONYMOUS)


# What is kept


def test_a_drafts_photo_is_kept_clean_and_its_position_offered(draft: Draft, uploads: Path) -> None:
    sent = SimpleUploadedFile("Jane.jpg", jpeg(place=True))
    photo = store_draft_photo(draft, sent)
    assert (photo.offered_long, photo.offered_lat) == pytest.approx((-75.1652, 39.9526))
    content = (uploads / photo.path).read_bytes()
    assert photo.size == len(content)
    assert reencode(content).position is None
    assert (photo.width, photo.height) == (640, 480)
    assert not any("Jane" in name or photo.token in name for name in files(uploads))


def test_the_same_photo_twice_is_one(draft: Draft, file_case: MakeCase, uploads: Path) -> None:
    assert store_draft_photo(draft, upload()) == store_draft_photo(draft, upload())
    assert len(files(uploads)) == 2
    case = file_case()
    assert add(case) == add(case)
    assert CaseEvent.objects.filter(case=case, kind=EventKind.PHOTO).count() == 1


def test_a_drafts_photo_moves_to_the_case(draft: Draft, file_case: MakeCase, uploads: Path) -> None:
    photo = store_draft_photo(draft, upload())
    before = files(uploads)
    case = file_case()
    at = timezone.now()
    kept = attach(
        case, photo.token, actor=ANONYMOUS, by_staff=False, at=at, alt=" A\x00 deep \n hole "
    )
    assert not DraftPhoto.objects.exists()
    assert files(uploads) == before
    assert (kept.token, kept.path, kept.alt) == (photo.token, photo.path, "A deep hole")
    case.refresh_from_db()
    assert case.photo_count == 1
    event = CaseEvent.objects.get(case=case, kind=EventKind.PHOTO)
    assert event.audience == EventAudience.PUBLIC
    assert event.at == at
    assert event.data == {"attachment": kept.pk, "by_staff": False}


def test_staff_add_a_photo_of_their_work(file_case: MakeCase, worker: Actor) -> None:
    case = file_case()
    photo = add_staff_photo(case.pk, upload(), actor=worker, alt="Filled")
    assert photo.by_staff
    assert CaseEvent.objects.get(case=case, kind=EventKind.PHOTO).user_id == worker.user_id


def test_hiding_is_written_down_once(file_case: MakeCase, worker: Actor) -> None:
    case = file_case()
    photo = add(case)
    hide_photo(photo, worker, "It shows a face")
    hide_photo(photo, worker, "It shows a face")
    event = CaseEvent.objects.get(case=case, kind=EventKind.PHOTO_HIDDEN)
    assert event.audience == EventAudience.STAFF
    assert event.words.text == "It shows a face"
    assert "face" not in str(event.data)
    case.refresh_from_db()
    assert case.photo_count == 0


def test_a_public_photo_is_seen_by_anybody_in_two_sizes(file_case: MakeCase) -> None:
    photo = add(file_case())
    digests = set()
    for small, size in ((False, (640, 480)), (True, (320, 240))):
        with open_photo(photo.token, actor=ANONYMOUS, small=small) as file:
            assert file.is_public
            digests.add(file.digest)
            with Image.open(file) as image:
                assert (image.format, image.size) == ("JPEG", size)
    assert len(digests) == 2
    assert photo_url(photo) == f"/photos/{photo.token}.jpg"
    assert photo_url(photo, small=True) == f"/photos/{photo.token}-small.jpg"


def test_a_drafts_photo_is_for_whoever_holds_its_token(draft: Draft) -> None:
    photo = store_draft_photo(draft, upload())
    with open_photo(photo.token, actor=ANONYMOUS, small=True) as file:
        assert not file.is_public


# What stays when something fails


def test_a_failing_row_takes_its_files_away(
    file_case: MakeCase, uploads: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*args: object, **kwargs: object) -> None:
        raise RuntimeError("the disk is full")

    case = file_case()
    monkeypatch.setattr(photos, "record", broken)
    with pytest.raises(RuntimeError, match="disk"):
        add(case)
    assert files(uploads) == []
    assert not Attachment.objects.exists()


class FullDisk(FileSystemStorage):
    """Has room for the small version and no more."""

    def save(
        self, name: str | None, content: IO[Any] | File[Any], max_length: int | None = None
    ) -> str:
        if name is None or not name.endswith("-small.jpg"):
            raise OSError("no space left on device")
        return super().save(name, content, max_length)


def test_a_storage_that_fails_half_way_leaves_nothing(
    draft: Draft, uploads: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(photos, "default_storage", FullDisk(location=uploads))
    with pytest.raises(OSError, match="space"):
        store_draft_photo(draft, upload())
    assert files(uploads) == []
    assert not DraftPhoto.objects.exists()


def test_the_sweep_takes_what_has_no_row_and_only_that(
    draft: Draft, file_case: MakeCase, other_city: City, uploads: Path
) -> None:
    kept = add(file_case())
    waiting = store_draft_photo(draft, upload(30))
    with transaction.atomic():
        add(file_case(), 60)
        transaction.set_rollback(True)  # as when a later step of the filing fails
    assert len(files(uploads)) == 6
    later = timezone.now() + timedelta(minutes=1)
    assert sweep_photos(before=timezone.now() - timedelta(hours=1)) == 0
    with city_scope(other_city.pk):
        assert sweep_photos(before=later) == 0
    assert sweep_photos(before=later) == 2
    assert len(files(uploads)) == 4
    for photo in (kept, waiting):
        assert (uploads / photo.path).exists()
    assert sweep_photos(before=later) == 0


def test_a_photo_taken_out_of_a_draft_is_gone(
    draft: Draft, uploads: Path, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    photo = store_draft_photo(draft, upload())
    with django_capture_on_commit_callbacks(execute=True):
        remove_draft_photo(photo)
    assert files(uploads) == []
    assert not draft.photos.exists()
