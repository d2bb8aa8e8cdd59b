"""What a camera noted in a photo (EXIF): where it was and when. Untrusted like the rest."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from PIL import ExifTags, Image

from lamppost.kernel.geo import Place, check_place
from lamppost.kernel.refusals import Invalid

_EXIF_TIME = "%Y:%m:%d %H:%M:%S"


def position_of(exif: Image.Exif) -> Place | None:
    """Return ``(long, lat)`` in WGS 84 degrees, or None where it is missing or impossible.

    EXIF 2.32, section 4.6.6: degrees, minutes and seconds as three rationals beside a letter.
    """
    gps = _ifd(exif, ExifTags.IFD.GPSInfo)
    try:
        lat = _degrees(gps[ExifTags.GPS.GPSLatitude], gps[ExifTags.GPS.GPSLatitudeRef], "NS")
        long = _degrees(gps[ExifTags.GPS.GPSLongitude], gps[ExifTags.GPS.GPSLongitudeRef], "EW")
        return check_place(long, lat)
    except (KeyError, ValueError, TypeError, ArithmeticError, Invalid):
        return None


def taken_at(exif: Image.Exif) -> datetime | None:
    """Return when the photo was taken, aware, in the zone the camera noted.

    None where it noted no zone: a time that could be anywhere on earth helps nobody. Falls
    back to the satellites' time, which is UTC.
    """
    notes = _ifd(exif, ExifTags.IFD.Exif)
    try:
        text = notes[ExifTags.Base.DateTimeOriginal] + notes[ExifTags.Base.OffsetTimeOriginal]
        return datetime.strptime(text.strip("\0 "), f"{_EXIF_TIME}%z")
    except (KeyError, ValueError, TypeError):
        return _satellite_time(_ifd(exif, ExifTags.IFD.GPSInfo))


def _satellite_time(gps: dict[int, Any]) -> datetime | None:
    try:
        date = gps[ExifTags.GPS.GPSDateStamp].strip("\0 ")
        day = datetime.strptime(date, "%Y:%m:%d").replace(tzinfo=UTC)
        hours, minutes, seconds = (float(part) for part in gps[ExifTags.GPS.GPSTimeStamp])
        span = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    except (AttributeError, KeyError, ValueError, TypeError, ArithmeticError):
        return None
    return day + span if timedelta() <= span < timedelta(days=1) else None


def _ifd(exif: Image.Exif, which: int) -> dict[int, Any]:
    """Return one directory of tags; an unreadable one is empty."""
    try:
        return dict(exif.get_ifd(which))
    except Exception:  # damaged offsets make the reader raise nearly anything
        return {}


def _degrees(parts: Any, letter: Any, letters: str) -> float:
    degrees, minutes, seconds = (float(part) for part in parts)
    if degrees < 0 or not (0 <= minutes < 60 and 0 <= seconds < 60):
        raise ValueError("not degrees, minutes and seconds")
    sign = {letters[0]: 1, letters[1]: -1}[letter.strip("\0 ").upper()]
    return sign * (degrees + minutes / 60 + seconds / 3600)
