"""Photos of cases and of reports not yet filed: kept, attached, hidden, handed out.

Files are written before the row that names them, so no row is ever without its file. A file
whose transaction did not come through is taken away at once when this module's own work
failed, and by ``sweep_photos`` when a later step of the caller's did.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import IO, TYPE_CHECKING, Any, TypeAlias

from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from lamppost.cases.choices import EventAudience, EventKind
from lamppost.cases.models import Attachment, Case, Draft, DraftPhoto
from lamppost.cases.services.events import record
from lamppost.cases.services.locking import locked
from lamppost.catalog.choices import Visibility
from lamppost.database.scope import require_city_id
from lamppost.kernel.ids import new_token
from lamppost.kernel.images import Photo, reencode, thumbnail
from lamppost.kernel.refusals import Invalid, NotFound
from lamppost.kernel.text import clean_line, clean_text
from lamppost.people.actors import Actor
from lamppost.people.permissions import Permission, may

MAX_PHOTOS_PER_REPORT = 5
MAX_PHOTOS_PER_CASE = 10
_MAX_ALT = 300

# What a caller may hand in: a file as it was uploaded, a photo already re-encoded (before a
# transaction, it takes half a second), a draft's photo or its token.
Upload: TypeAlias = "IO[bytes] | File[bytes] | bytes"
AnyPhoto: TypeAlias = "Upload | Photo | DraftPhoto | str"

if TYPE_CHECKING:
    _FileOfBytes = File[bytes]
else:
    _FileOfBytes = File


class PhotoFile(_FileOfBytes):
    """A photo opened for reading: JPEG. The caller closes it.

    ``digest`` changes when the picture does; ``is_public`` tells whether anybody may see it,
    so that a face knows whether a shared cache may keep it.
    """

    def __init__(self, file: IO[bytes], *, name: str, digest: str, is_public: bool) -> None:
        super().__init__(file, name=name)
        self.digest = digest
        self.is_public = is_public


@dataclass(frozen=True, slots=True)
class _Stored:
    """Where a photo's file is and what is known of it: the columns both tables share."""

    token: str
    path: str
    sha256: str
    width: int
    height: int
    size: int

    def columns(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__slots__}


def store_draft_photo(draft: Draft, upload: Upload | Photo) -> DraftPhoto:
    """Keep a photo of a report not yet filed; the same picture again gives the same row.

    Raises ``Invalid`` for ``photos`` when it is no photo (see ``kernel.images``) or the
    draft has as many as a report may.
    """
    photo = _encoded(upload)
    with transaction.atomic():
        draft = Draft.objects.select_for_update().get(pk=draft.pk)
        same = draft.photos.filter(sha256=photo.sha256).first()
        if same is not None:
            return same
        _limit(draft.photos.count(), MAX_PHOTOS_PER_REPORT)
        with _stored(photo) as stored:
            long, lat = photo.position or (None, None)
            return DraftPhoto.objects.create(
                draft=draft,
                offered_long=long,
                offered_lat=lat,
                created_at=timezone.now(),
                **stored.columns(),
            )


def remove_draft_photo(photo: DraftPhoto) -> None:
    """Take a photo out of a report not yet filed."""
    with transaction.atomic():
        photo.delete()
        _discard_after_commit(photo.path)


def attach(
    case: Case,
    photo: AnyPhoto,
    *,
    actor: Actor,
    by_staff: bool,
    at: datetime,
    alt: str = "",
) -> Attachment:
    """Add a photo to a case, with its event; the same picture again changes nothing.

    A draft's photo moves to the case and keeps its token. ``at`` is when it was added,
    ``alt`` its words for people who do not see it, ``by_staff`` whether it shows the city's
    work rather than the report. A part of other services, which have checked the actor's
    right to the case. Raises ``Invalid`` for ``photos`` when it is no photo, is not there any
    more, or the case has as many as it may.
    """
    ready = prepared(photo)
    with transaction.atomic():
        Case.objects.select_for_update(of=("self",)).get(pk=case.pk)
        if isinstance(ready, Photo):
            columns = {"sha256": ready.sha256}
        else:
            draft_photo = _draft_photo(ready)
            columns = _columns(draft_photo)
            draft_photo.delete()
        same = Attachment.objects.filter(case=case, sha256=columns["sha256"]).first()
        if same is not None:
            if "path" in columns:
                _discard_after_commit(columns["path"])
            return same
        _limit(Attachment.objects.filter(case=case).count(), MAX_PHOTOS_PER_CASE)
        more = {"alt": clean_line(alt)[:_MAX_ALT], "by_staff": by_staff, "created_at": at}
        if not isinstance(ready, Photo):
            return _added(case, {**columns, **more}, actor)
        with _stored(ready) as stored:
            return _added(case, {**stored.columns(), **more}, actor)


def add_staff_photo(case_id: int, photo: AnyPhoto, *, actor: Actor, alt: str = "") -> Attachment:
    """Add a photo of the city's work to a case, as ``attach`` does.

    Raises ``Forbidden`` or ``Unauthenticated`` when the actor may not edit the case.
    """
    if not isinstance(photo, DraftPhoto | str):
        photo = _encoded(photo)  # before the case is locked
    with locked(case_id, Permission.CASE_EDIT, actor) as case:
        return attach(case, photo, actor=actor, by_staff=True, at=timezone.now(), alt=alt)


def hide_photo(attachment: Attachment, actor: Actor, reason: str) -> None:
    """Take a photo out of the public's sight, saying why; hiding it again changes nothing.

    Raises ``Invalid`` without a reason, ``Forbidden`` or ``Unauthenticated`` when the actor
    may not edit the case.
    """
    reason = clean_text(reason)
    if not reason:
        raise Invalid(_("Say why the photo is hidden."), field="reason")
    with locked(attachment.case_id, Permission.CASE_EDIT, actor) as case:
        if not Attachment.objects.filter(pk=attachment.pk, is_hidden=False).update(is_hidden=True):
            return
        attachment.is_hidden = True
        _count(case, timezone.now())
        record(
            case,
            EventKind.PHOTO_HIDDEN,
            actor=actor,
            audience=EventAudience.STAFF,
            text=reason,
            data={"attachment": attachment.pk},
        )


def photo_url(photo: Attachment | DraftPhoto, *, small: bool = False) -> str:
    """Return the path a photo is shown at, or its small version."""
    return f"/photos/{photo.token}{'-small' if small else ''}.jpg"


def open_photo(token: str, *, actor: Actor, small: bool = False) -> PhotoFile:
    """Open the photo with this token for ``actor`` to see.

    Hidden photos and those of private and limited cases are for the city's staff; of a
    private case, for staff who may work on it. A draft's photo is for whoever holds its
    token. Raises ``NotFound`` alike for what is not there and what is not for this actor.
    """
    attachment = Attachment.objects.filter(token=token).select_related("case").first()
    if attachment is not None:
        is_public = not attachment.is_hidden and attachment.case.visibility == Visibility.PUBLIC
        if is_public or _staff_may_see(attachment.case, actor):
            return _opened(attachment, is_public=is_public, small=small)
    else:
        draft_photo = DraftPhoto.objects.filter(token=token).first()
        if draft_photo is not None:
            return _opened(draft_photo, is_public=False, small=small)
    raise _not_found()


def sweep_photos(*, before: datetime) -> int:
    """Delete files of the city in scope that are older than ``before`` and have no row.

    They are left by transactions that failed after their photo was written, and by drafts
    that expired. Give unfinished transactions an hour at least. Returns how many went.
    """
    swept = 0
    root = _root()
    for folder in _listed(root)[0]:
        for name in _listed(f"{root}/{folder}")[1]:
            path = f"{root}/{folder}/{name}"
            owner = path.removesuffix("-small.jpg").removesuffix(".jpg") + ".jpg"
            if default_storage.get_modified_time(path) >= before or _has_row(owner):
                continue
            default_storage.delete(path)
            swept += 1
    return swept


def prepared(photo: AnyPhoto) -> Photo | DraftPhoto | str:
    """Return ``photo`` re-encoded unless it is already: the slow part, before a transaction.

    Raises ``Invalid`` for ``photos`` when it is no photo.
    """
    return photo if isinstance(photo, DraftPhoto | str) else _encoded(photo)


def _encoded(upload: Upload | Photo) -> Photo:
    if isinstance(upload, Photo):
        return upload
    if not isinstance(upload, bytes):
        upload.seek(0)  # a face may have looked at it already
    return reencode(upload)


def _limit(count: int, most: int) -> None:
    if count >= most:
        raise Invalid(
            ngettext(
                "There can be at most %(count)d photo.",
                "There can be at most %(count)d photos.",
                most,
            )
            % {"count": most},
            field="photos",
        )


def _draft_photo(photo: DraftPhoto | str) -> DraftPhoto:
    token = photo if isinstance(photo, str) else photo.token
    # Locked: of two filings of one draft, one gets the photo.
    found = DraftPhoto.objects.select_for_update().filter(token=token).first()
    if found is None:
        raise Invalid(_("A photo is not there any more. Please add it again."), field="photos")
    return found


def _columns(photo: DraftPhoto) -> dict[str, Any]:
    return {name: getattr(photo, name) for name in _Stored.__slots__}


def _added(case: Case, columns: dict[str, Any], actor: Actor) -> Attachment:
    attachment = Attachment.objects.create(case=case, **columns)
    _count(case, attachment.created_at)
    record(
        case,
        EventKind.PHOTO,
        actor=actor,
        audience=EventAudience.PUBLIC,
        at=attachment.created_at,
        data={"attachment": attachment.pk, "by_staff": attachment.by_staff},
    )
    return attachment


def _count(case: Case, at: datetime) -> None:
    case.photo_count = Attachment.objects.filter(case=case, is_hidden=False).count()
    case.updated_at = max(case.updated_at, at)
    case.save(update_fields=["photo_count", "updated_at"])


def _root() -> str:
    return f"photos/{require_city_id()}"


def _small(path: str) -> str:
    return f"{path.removesuffix('.jpg')}-small.jpg"


@contextmanager
def _stored(photo: Photo) -> Iterator[_Stored]:
    """Write the photo's two files; take them away again when the block fails.

    Neither the token people see nor the name the file had on its way says where it is.
    """
    secret = new_token()
    path = f"{_root()}/{secret[:2].lower()}/{secret}.jpg"
    written: list[str] = []
    try:
        for name, content in ((_small(path), thumbnail(photo.jpeg)), (path, photo.jpeg)):
            kept = default_storage.save(name, ContentFile(content))
            written.append(kept)
            if kept != name:
                raise RuntimeError(f"the storage had a file at {name} already")
        yield _Stored(
            token=new_token(),
            path=path,
            sha256=photo.sha256,
            width=photo.width,
            height=photo.height,
            size=len(photo.jpeg),
        )
    except BaseException:
        for name in written:
            default_storage.delete(name)
        raise


def _discard_after_commit(path: str) -> None:
    def discard() -> None:
        default_storage.delete(path)
        default_storage.delete(_small(path))

    # Robust: the row is gone, and a file that stays is swept up later.
    transaction.on_commit(discard, robust=True)


def _staff_may_see(case: Case, actor: Actor) -> bool:
    department_id = case.department_id if case.visibility == Visibility.PRIVATE else None
    return may(actor, Permission.DESK_SEE, department_id=department_id)


def _opened(photo: Attachment | DraftPhoto, *, is_public: bool, small: bool) -> PhotoFile:
    path = _small(photo.path) if small else photo.path
    try:
        file = default_storage.open(path, "rb")
    except FileNotFoundError as error:
        raise _not_found() from error
    digest = f"{photo.sha256}{'-small' if small else ''}"
    return PhotoFile(file, name=path.rpartition("/")[2], digest=digest, is_public=is_public)


def _not_found() -> NotFound:
    return NotFound(_("This photo does not exist here."))


def _listed(folder: str) -> tuple[list[str], list[str]]:
    try:
        folders, files = default_storage.listdir(folder)
    except FileNotFoundError:
        return [], []
    return list(folders), list(files)


def _has_row(path: str) -> bool:
    return any(model.objects.filter(path=path).exists() for model in (Attachment, DraftPhoto))
