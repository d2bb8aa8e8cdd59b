"""Pictures that are refused, and what becomes of those that are not."""

from __future__ import annotations

import hashlib
import io
import re
import struct
import zipfile
import zlib
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import ExifTags, Image, ImageCms, TiffImagePlugin

from lamppost.kernel.images import reencode, thumbnail
from lamppost.kernel.refusals import Invalid

RED, GREEN, BLUE, WHITE = (220, 30, 30), (30, 200, 60), (30, 40, 220), (255, 255, 255)
Color = tuple[int, ...]


def picture(size: tuple[int, int] = (64, 48), color: Color = RED) -> Image.Image:
    return Image.new("RGB", size, color)


def encoded(image: Image.Image, kind: str = "JPEG", **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def decoded(jpeg: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(jpeg), formats=("JPEG",))
    image.load()
    return image


def looks(image: Image.Image, at: tuple[int, int], color: Color, margin: int = 12) -> bool:
    seen = image.getpixel(at)
    assert isinstance(seen, tuple)
    return all(abs(one - other) <= margin for one, other in zip(seen, color, strict=True))


def noisy(size: tuple[int, int] = (256, 256)) -> Image.Image:
    return Image.merge("RGB", [Image.effect_noise(size, 90) for _ in range(3)])


def png_claiming(width: int, height: int) -> bytes:
    """A PNG of a few bytes that says it is huge."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        checked = kind + data
        return struct.pack(">I", len(data)) + checked + struct.pack(">I", zlib.crc32(checked))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    pixels = chunk(b"IDAT", zlib.compress(b"\0" * 1000))
    return b"\x89PNG\r\n\x1a\n" + header + pixels + chunk(b"IEND", b"")


def jpeg_of_endless_scans() -> bytes:
    whole = encoded(picture((640, 480)), progressive=True)
    last_scan = whole[whole.rindex(b"\xff\xda") : -2]
    return whole[:-2] + last_scan * 5000 + b"\xff\xd9"


REFUSED = [
    (b"", "empty", "nothing at all"),
    (b"hello, I am a text named photo.jpg", "not a photo", "a text renamed to .jpg"),
    (b"\xff\xd8\xff\xe0" + b"\0" * 200, "not a photo", "the first bytes of a JPEG, then nothing"),
    (b"GIF89a<script>alert(1)</script>", "damaged|not a photo", "markup behind a GIF's signature"),
    (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "not a photo", "SVG is a program"),
    (b"%PDF-1.7\n", "not a photo", "a PDF"),
    (b"BM" + b"\0" * 100, "not a photo", "a bitmap"),
    (encoded(picture(), "BMP"), "not a photo", "a sound bitmap, which no camera makes"),
    (encoded(picture(), "TIFF"), "not a photo", "TIFF"),
    (encoded(picture(), "AVIF"), "not a photo", "AVIF"),
    (encoded(picture(), "ICO"), "not a photo", "an icon"),
    (encoded(noisy())[:-9000], "damaged", "a JPEG cut off on its way"),
    (encoded(noisy(), "PNG")[:-9000], "damaged", "a PNG cut off on its way"),
    (encoded(noisy(), "WEBP")[:-2000], "damaged|not a photo", "a WebP cut off on its way"),
    (encoded(noisy(), "HEIF")[:-2000], "damaged|not a photo", "a HEIC cut off on its way"),
    (png_claiming(60_000, 60_000), "megapixels", "a decompression bomb"),
    (png_claiming(8_000, 8_000), "megapixels", "more pixels than the limit, fewer than a bomb"),
    (png_claiming(0, 10), "not a photo|damaged", "no pixels"),
    (png_claiming(7_000, 7_000), "damaged", "claims pixels it does not have"),
    (jpeg_of_endless_scans(), "damaged", "thousands of passes in a small file"),
]


@pytest.mark.parametrize(
    ("data", "words", "why"), REFUSED, ids=[why.replace(" ", "-") for *_, why in REFUSED]
)
def test_what_is_no_sound_photo_is_refused_with_what_to_do(
    data: bytes, words: str, why: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        reencode(data)
    (problem,) = refusal.value.problems
    assert problem.field == "photos"
    assert re.search(words, problem.message), why
    assert "Please" in problem.message


def test_too_many_bytes_are_refused_and_never_read_to_their_end() -> None:
    class Endless(io.BytesIO):
        given = 0

        def read(self, size: int | None = -1) -> bytes:
            assert size is not None
            assert 0 < size <= 1001
            self.given += size
            return b"x" * size

    upload = Endless()
    with pytest.raises(Invalid, match="larger than"):
        reencode(upload, max_bytes=1000, field="media")
    assert upload.given == 1001


def test_the_refusal_names_the_callers_field() -> None:
    with pytest.raises(Invalid) as refusal:
        reencode(b"no", field="media")
    assert refusal.value.problems[0].field == "media"


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "HEIF"])
def test_every_kind_of_photo_becomes_a_jpeg(kind: str) -> None:
    photo = reencode(io.BytesIO(encoded(picture((300, 200)), kind)))
    result = decoded(photo.jpeg)
    assert result.format == "JPEG"
    assert result.mode == "RGB"
    assert result.size == (photo.width, photo.height) == (300, 200)
    assert looks(result, (150, 100), RED)
    assert photo.sha256 == hashlib.sha256(photo.jpeg).hexdigest()
    assert photo.position is None
    assert photo.taken_at is None


def test_the_longer_side_is_cut_down_and_a_small_photo_is_not_blown_up() -> None:
    assert reencode(encoded(picture((3000, 1500)))).width == 2048
    tall = reencode(encoded(picture((1500, 3000))))
    assert (tall.width, tall.height) == (1024, 2048)
    tiny = reencode(encoded(picture((3, 2))))
    assert (tiny.width, tiny.height) == (3, 2)
    thread = reencode(encoded(picture((5000, 1)), "PNG"))
    assert (thread.width, thread.height) == (2048, 1)


def test_a_thumbnail_is_small() -> None:
    small = decoded(thumbnail(reencode(encoded(picture((800, 600)))).jpeg))
    assert small.size == (320, 240)
    assert looks(small, (100, 100), RED)


# What EXIF says of the row and column the camera stored first, and where the red corner of
# the upright picture must come out. Stored: red top left, green top right, blue bottom left.
TURNS = [
    (1, (8, 8), "as stored"),
    (2, (56, 8), "mirrored"),
    (3, (56, 40), "upside down"),
    (4, (8, 40), "mirrored upside down"),
    (5, (8, 8), "mirrored along the diagonal"),
    (6, (40, 8), "turned right"),
    (7, (40, 56), "mirrored along the other diagonal"),
    (8, (8, 56), "turned left"),
    (9, (8, 8), "no such turn: as stored"),
]


@pytest.mark.parametrize(("orientation", "red_at", "why"), TURNS)
def test_a_photo_is_turned_upright(orientation: int, red_at: tuple[int, int], why: str) -> None:
    stored = picture((64, 48), WHITE)
    stored.paste(RED, (0, 0, 16, 16))
    stored.paste(GREEN, (48, 0, 64, 16))
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    photo = reencode(encoded(stored, quality=95, exif=exif))
    assert (photo.width < photo.height) == (orientation in {5, 6, 7, 8}), why
    assert looks(decoded(photo.jpeg), red_at, RED, margin=30), why


def exif_with_position(
    lat: tuple[float, ...] = (39, 57, 9.36),
    long: tuple[float, ...] = (75, 9, 54.72),
    letters: str = "NW",
) -> Image.Exif:
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = "Secret Camera Maker"
    gps = exif.get_ifd(ExifTags.IFD.GPSInfo)
    gps[ExifTags.GPS.GPSLatitudeRef] = letters[0]
    gps[ExifTags.GPS.GPSLatitude] = tuple(TiffImagePlugin.IFDRational(part) for part in lat)
    gps[ExifTags.GPS.GPSLongitudeRef] = letters[1]
    gps[ExifTags.GPS.GPSLongitude] = tuple(TiffImagePlugin.IFDRational(part) for part in long)
    return exif


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF"])
def test_the_cameras_position_is_offered_and_not_kept(kind: str) -> None:
    photo = reencode(encoded(picture(), kind, exif=exif_with_position()))
    assert photo.position == pytest.approx((-75.1652, 39.9526))
    assert not decoded(photo.jpeg).getexif()
    assert b"Exif" not in photo.jpeg
    assert b"Secret" not in photo.jpeg


def test_a_position_south_and_east() -> None:
    exif = exif_with_position(lat=(33, 52, 7.5), long=(151, 12, 33), letters="SE")
    position = reencode(encoded(picture(), exif=exif)).position
    assert position == pytest.approx((151.209167, -33.86875), abs=1e-5)


NO_POSITIONS = [
    ((0, 0, 0), (0, 0, 0), "NE", "0, 0 is what a camera without a fix writes"),
    ((91, 0, 0), (75, 0, 0), "NW", "beyond the pole"),
    ((39, 75, 0), (75, 0, 0), "NW", "seventy-five minutes"),
    ((39, 0, 0), (275, 0, 0), "NW", "beyond the date line"),
    ((39, 57), (75, 9), "NW", "parts missing"),
    ((39, 57, 9), (75, 9, 54), "XY", "no such letters"),
]


@pytest.mark.parametrize(("lat", "long", "letters", "why"), NO_POSITIONS)
def test_an_impossible_position_is_not_offered_and_the_photo_is_taken(
    lat: tuple[float, ...], long: tuple[float, ...], letters: str, why: str
) -> None:
    exif = exif_with_position(lat=lat, long=long, letters=letters)
    assert reencode(encoded(picture(), exif=exif)).position is None, why


def test_a_position_divided_by_zero_is_not_offered() -> None:
    exif = exif_with_position()
    nothing = TiffImagePlugin.IFDRational(0, 0)
    exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitude] = (nothing, nothing, nothing)
    assert reencode(encoded(picture(), exif=exif)).position is None


@pytest.mark.filterwarnings("ignore:Corrupt EXIF")
def test_unreadable_notes_do_not_spoil_a_photo() -> None:
    photo = reencode(encoded(picture(), exif=b"Exif\0\0II*\0\xff\xff\xff\xff garbage"))
    assert photo.position is None
    assert looks(decoded(photo.jpeg), (5, 5), RED)


def test_the_satellites_time_is_told_when_the_camera_has_no_zone() -> None:
    exif = exif_with_position()
    gps = exif.get_ifd(ExifTags.IFD.GPSInfo)
    gps[ExifTags.GPS.GPSDateStamp] = "2024:03:10"
    gps[ExifTags.GPS.GPSTimeStamp] = (6.0, 30.0, 15.0)
    assert reencode(encoded(picture(), exif=exif)).taken_at == datetime(
        2024, 3, 10, 6, 30, 15, tzinfo=UTC
    )


def test_the_time_is_told_only_when_the_camera_says_in_which_zone() -> None:
    exif = Image.Exif()
    notes = exif.get_ifd(ExifTags.IFD.Exif)
    notes[ExifTags.Base.DateTimeOriginal] = "2024:03:10 01:30:00"
    assert reencode(encoded(picture(), exif=exif)).taken_at is None
    notes[ExifTags.Base.OffsetTimeOriginal] = "-05:00"
    east = timezone(timedelta(hours=-5))
    assert reencode(encoded(picture(), exif=exif)).taken_at == datetime(
        2024, 3, 10, 1, 30, tzinfo=east
    )
    notes[ExifTags.Base.DateTimeOriginal] = "0000:00:00 00:00:00"
    assert reencode(encoded(picture(), exif=exif)).taken_at is None


def segments(jpeg: bytes) -> set[int]:
    """The markers of a JPEG's segments before its pixels."""
    found, at = set(), 2
    while jpeg[at + 1] != 0xDA:
        found.add(jpeg[at + 1])
        at += 2 + int.from_bytes(jpeg[at + 2 : at + 4], "big")
    return found


def test_nothing_but_pixels_is_kept() -> None:
    """No comment, XMP, profile or preview: only the JFIF header and what draws the picture."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    loaded = encoded(
        picture(),
        comment=b"<?php system($_GET['c']); ?>",
        xmp=b"<x:xmpmeta>Jane Doe</x:xmpmeta>",
        icc_profile=profile,
        exif=exif_with_position(),
    )
    assert segments(loaded) >= {0xE1, 0xE2, 0xFE}
    jpeg = reencode(loaded).jpeg
    assert segments(jpeg) <= {0xE0, 0xDB, 0xC0, 0xC2, 0xC4}
    assert b"php" not in jpeg
    assert b"Jane" not in jpeg


def test_a_file_that_is_two_things_becomes_one() -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as box:
        box.writestr("evil.js", "alert(1)")
    both = encoded(picture()) + archive.getvalue()
    assert zipfile.is_zipfile(io.BytesIO(both))
    assert not zipfile.is_zipfile(io.BytesIO(reencode(both).jpeg))


def test_a_motion_photo_is_not_taken_for_endless_scans() -> None:
    """Phones append a video to a JPEG; its bytes look like any marker now and then."""
    photo = encoded(picture()) + b"\0\0\0\x18ftypmp42" + b"\xff\xda\x01\x02" * 5000
    assert looks(decoded(reencode(photo).jpeg), (5, 5), RED)


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
def test_of_an_animation_the_first_picture_is_taken(kind: str) -> None:
    moving = encoded(
        picture(), kind, save_all=True, append_images=[picture(color=BLUE)], duration=100
    )
    assert looks(decoded(reencode(moving).jpeg), (30, 20), RED)


def gray_16() -> bytes:
    gray = Image.new("I;16", (64, 48), 32768)
    return encoded(gray, "PNG")


def half_seen(mode: str) -> bytes:
    """Red on the left, nothing on the right."""
    image = Image.new("RGBA", (64, 48), (0, 0, 0, 0))
    image.paste((*RED, 255), (0, 0, 32, 48))
    if mode == "P":
        return encoded(image.quantize(8), "PNG")
    return encoded(image.convert(mode), "PNG")


MODES = [
    (encoded(picture().convert("CMYK")), RED, 40, "CMYK of a press"),
    (encoded(picture().convert("L")), (87, 87, 87), 12, "gray"),
    (encoded(Image.new("1", (64, 48), 1), "PNG"), WHITE, 5, "black and white"),
    (gray_16(), (128, 128, 128), 4, "sixteen bits of gray, scaled and not cut off"),
    (half_seen("RGBA"), RED, 12, "transparent"),
    (half_seen("P"), RED, 12, "a palette with a transparent color"),
    (encoded(picture().quantize(4), "PNG"), RED, 12, "a palette"),
    (half_seen("LA"), (87, 87, 87), 12, "gray and transparent"),
]


@pytest.mark.parametrize(
    ("data", "color", "margin", "why"), MODES, ids=[why.replace(" ", "-") for *_, why in MODES]
)
def test_every_way_to_store_colors_is_understood(
    data: bytes, color: Color, margin: int, why: str
) -> None:
    assert looks(decoded(reencode(data).jpeg), (10, 24), color, margin), why


@pytest.mark.parametrize("mode", ["RGBA", "P", "LA"])
def test_what_was_transparent_is_white(mode: str) -> None:
    assert looks(decoded(reencode(half_seen(mode)).jpeg), (55, 24), WHITE)


def test_a_transparent_color_of_rgb_is_white() -> None:
    image = picture((64, 48), BLUE)
    image.paste(RED, (0, 0, 32, 48))
    result = decoded(reencode(encoded(image, "PNG", transparency=BLUE)).jpeg)
    assert looks(result, (10, 24), RED)
    assert looks(result, (55, 24), WHITE)


def test_colors_of_another_profile_become_srgb() -> None:
    """A profile whose red is sRGB's blue: what was stored as red is seen blue."""
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    swapped = srgb.replace(b"rXYZ", b"temp", 1).replace(b"bXYZ", b"rXYZ", 1)
    swapped = swapped.replace(b"temp", b"bXYZ", 1)
    result = decoded(reencode(encoded(picture(), icc_profile=swapped)).jpeg)
    assert looks(result, (5, 5), RED[::-1])


def test_a_broken_profile_does_not_spoil_a_photo() -> None:
    photo = reencode(encoded(picture(), icc_profile=b"no profile"))
    assert looks(decoded(photo.jpeg), (5, 5), RED)


SOUND = {
    kind: encoded(noisy((48, 48)), kind, exif=exif_with_position())
    for kind in ("JPEG", "PNG", "WEBP", "HEIF", "GIF")
}


@settings(max_examples=150, deadline=None)
@given(
    kind=st.sampled_from(sorted(SOUND)),
    place=st.floats(0, 0.999),
    junk=st.binary(min_size=1, max_size=40),
    early=st.booleans(),
)
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_a_damaged_file_is_refused_or_read_and_nothing_else(
    kind: str, place: float, junk: bytes, early: bool
) -> None:
    """Decoders meet bytes nobody meant; the caller only ever meets ``Invalid``."""
    data = bytearray(SOUND[kind])
    # Damage to the head, where the structure is, is more telling than to the pixels.
    at = int(place * (min(400, len(data)) if early else len(data)))
    data[at : at + len(junk)] = junk
    try:
        photo = reencode(bytes(data), max_pixels=1_000_000)
    except Invalid:
        return
    assert decoded(photo.jpeg).size == (photo.width, photo.height)


def test_the_same_photo_gives_the_same_bytes() -> None:
    data = encoded(noisy())
    assert reencode(data).sha256 == reencode(data).sha256
