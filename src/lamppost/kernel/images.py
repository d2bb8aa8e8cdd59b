"""Photos as people send them, made into photos that are safe to keep and to show.

Nothing of the file that was sent survives but its pixels: it is decoded, turned upright,
made sRGB, scaled down and written anew as JPEG. Where the camera noted its position, that
is handed to the caller, who may offer it to the reporter; the new file does not hold it.
Pure over Pillow and pillow-heif.
"""

from __future__ import annotations

import hashlib
import re
import threading
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import IO

import pillow_heif
from django.utils.translation import gettext as _
from PIL import ExifTags, Image, ImageCms

from lamppost.kernel.camera import position_of, taken_at
from lamppost.kernel.geo import Place
from lamppost.kernel.refusals import Invalid, Problem

pillow_heif.register_heif_opener(thumbnails=False)

MAX_SIDE = 2048
MAX_PIXELS = 50_000_000
MAX_BYTES = 15_000_000
THUMBNAIL_SIDE = 320
# The code of the problem when a file is a picture, but its pixels cannot be read.
DAMAGED = "damaged"

# Decided by decoding, never by name or content type. MPO is what phones with two lenses
# write: a JPEG with more JPEGs behind it, opened by the JPEG reader.
_FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "HEIF")
_QUALITY = 82
# A profile of a press weighs about half a megabyte; a larger one is no profile.
_MAX_PROFILE_BYTES = 4_000_000
# A progressive JPEG is drawn in about ten passes over all its pixels. Thousands of empty
# passes fit in a small file and would keep a processor busy for minutes.
_MAX_SCANS = 64
_NEXT_MARKER = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")
_SRGB = ImageCms.createProfile("sRGB")
# Fifty million pixels take 200 MB while they are worked on: never more than two at a time.
_at_work = threading.BoundedSemaphore(2)


@dataclass(frozen=True, slots=True)
class Photo:
    """A photo ready to be kept.

    ``jpeg`` holds no metadata; ``width`` and ``height`` are its pixels, ``sha256`` its hex
    digest. ``position`` is where the camera said it was, ``(long, lat)`` in WGS 84 degrees,
    and ``taken_at`` when (aware), each None when it did not say, or said nonsense.
    """

    jpeg: bytes
    width: int
    height: int
    sha256: str
    position: Place | None = None
    taken_at: datetime | None = None


def reencode(
    data: bytes | IO[bytes],
    *,
    max_side: int = MAX_SIDE,
    max_pixels: int = MAX_PIXELS,
    max_bytes: int = MAX_BYTES,
    field: str = "photos",
) -> Photo:
    """Return the picture in ``data`` as a clean, upright sRGB JPEG.

    Takes JPEG, PNG, WebP, HEIC/HEIF and the first picture of a GIF, up to ``max_bytes``
    bytes and ``max_pixels`` pixels; the result's longer side has at most ``max_side`` pixels.
    Transparency becomes white. Raises ``Invalid`` for ``field`` with what to do about it.
    """
    content = _read(data, max_bytes, field)
    with _at_work:
        image = _open(content, max_pixels, field)
        try:
            return _clean(image, max_side)
        except Exception as error:
            raise _unreadable(field) from error


def thumbnail(jpeg: bytes, *, side: int = THUMBNAIL_SIDE) -> bytes:
    """Return a small JPEG of ``jpeg`` (one of ours), its longer side at most ``side`` pixels."""
    with Image.open(BytesIO(jpeg), formats=("JPEG",)) as image:
        return _jpeg(_shrunk(image, side))


def _read(data: bytes | IO[bytes], max_bytes: int, field: str) -> bytes:
    content = data if isinstance(data, bytes) else data.read(max_bytes + 1)
    if not content:
        raise Invalid(_("The photo is empty. Please choose it again."), field=field)
    if len(content) > max_bytes:
        raise Invalid(
            _("The photo is larger than %(limit)s MB. Please send a smaller one.")
            % {"limit": max_bytes // 1_000_000},
            field=field,
        )
    return content


def _open(content: bytes, max_pixels: int, field: str) -> Image.Image:
    if _has_endless_scans(content):
        raise _unreadable(field)
    try:
        image = Image.open(BytesIO(content), formats=_FORMATS)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_many_pixels(max_pixels, field) from error
    except Exception as error:  # a decoder fed on purpose with nonsense may raise anything
        raise Invalid(
            _("This is not a photo we can read. Please send a JPEG, PNG, WebP or HEIC picture."),
            field=field,
        ) from error
    if image.width * image.height > max_pixels:
        raise _too_many_pixels(max_pixels, field)
    return image


def _too_many_pixels(max_pixels: int, field: str) -> Invalid:
    return Invalid(
        _("The photo has more than %(limit)s megapixels. Please send it in a lower resolution.")
        % {"limit": max_pixels // 1_000_000},
        field=field,
    )


def _unreadable(field: str) -> Invalid:
    message = _("The photo is damaged or was cut off on its way. Please choose it again.")
    return Invalid([Problem(field, message, DAMAGED)])


def _clean(image: Image.Image, max_side: int) -> Photo:
    profile = image.info.get("icc_profile")
    small = _srgb(_shrunk(image, max_side), profile)
    # Only now: a PNG may carry its notes behind its pixels.
    exif = _exif(image)
    turned = _upright(small, exif.get(ExifTags.Base.Orientation))
    jpeg = _jpeg(turned)
    return Photo(
        jpeg=jpeg,
        width=turned.width,
        height=turned.height,
        sha256=hashlib.sha256(jpeg).hexdigest(),
        position=position_of(exif),
        taken_at=taken_at(exif),
    )


def _exif(image: Image.Image) -> Image.Exif:
    """Return the camera's notes; notes that cannot be read are none."""
    try:
        return image.getexif()
    except Exception:
        return Image.Exif()


def _shrunk(image: Image.Image, side: int) -> Image.Image:
    """Return the picture as gray, RGB or CMYK with its longer side at most ``side``."""
    scale = min(1.0, side / max(image.size))
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    # A JPEG can be decoded at a half, quarter or eighth for a fraction of the work.
    image.draft(None, size)
    image.load()
    plain = _plain(image)
    if plain.size == size:
        return plain
    return plain.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)


def _plain(image: Image.Image) -> Image.Image:
    """Return the picture in mode L, RGB or CMYK, 8 bits, on white where it was transparent."""
    if image.mode in ("L", "RGB", "CMYK") and "transparency" not in image.info:
        return image
    if image.mode.startswith("I"):
        # Sixteen bits of gray: convert() alone would cut off, not scale.
        return image.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    if image.has_transparency_data:
        layer = image.convert("RGBA")
        ground = Image.new("RGB", layer.size, "white")
        ground.paste(layer, mask=layer.getchannel("A"))
        return ground
    return image.convert("L" if image.mode == "1" else "RGB")


def _srgb(image: Image.Image, profile: object) -> Image.Image:
    """Return the picture in sRGB, by its color profile where it has a usable one."""
    if isinstance(profile, bytes) and 0 < len(profile) <= _MAX_PROFILE_BYTES:
        try:
            converted = ImageCms.profileToProfile(
                image, ImageCms.ImageCmsProfile(BytesIO(profile)), _SRGB, outputMode="RGB"
            )
        except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
            converted = None  # a broken profile, or one for other colors than these
        if converted is not None:
            return converted
    return image.convert("RGB")


_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def _upright(image: Image.Image, orientation: object) -> Image.Image:
    """Return the picture turned as EXIF tag 0x0112 says (EXIF 2.32, section 4.6.4)."""
    turn = _TURNS.get(orientation) if isinstance(orientation, int) else None
    return image if turn is None else image.transpose(turn)


def _jpeg(image: Image.Image) -> bytes:
    # Pillow writes the comment of the original again unless it is forgotten.
    image.info = {}
    out = BytesIO()
    image.save(out, "JPEG", quality=_QUALITY, progressive=True)
    return out.getvalue()


def _has_endless_scans(content: bytes) -> bool:
    """Whether this is a JPEG with more scans than any camera or program writes.

    Walks the markers up to the end of the first picture (ITU-T T.81, annex B); what lies
    behind it, a second lens or a video, is never decoded.
    """
    if not content.startswith(b"\xff\xd8"):
        return False
    scans, at = 0, 2
    while found := _NEXT_MARKER.search(content, at):
        marker, at = content[found.end() - 1], found.end()
        if marker == 0xD9:
            return False
        if marker == 0xDA:
            scans += 1
            if scans > _MAX_SCANS:
                return True
        if marker != 0x01:
            at += int.from_bytes(content[at : at + 2], "big")
    return False
