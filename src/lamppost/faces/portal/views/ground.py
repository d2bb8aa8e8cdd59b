"""What a map stands on: outlines of areas, tiles, streets. Each city's on its own host only."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from typing import BinaryIO

from django.http import (
    FileResponse,
    HttpResponse,
    HttpResponseBase,
    HttpResponseNotModified,
    StreamingHttpResponse,
)
from django.utils.cache import patch_vary_headers
from django.utils.http import parse_etags
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from lamppost.faces.portal.ranges import OutOfFile, Piece, piece_of
from lamppost.faces.portal.web import PortalRequest
from lamppost.places.basemap.store import MapFile, opened, streets_file, tiles_file
from lamppost.places.outlines import outlines_document, outlines_stamp

_GEOJSON, _PMTILES = "application/geo+json", "application/vnd.pmtiles"
# An address that carries the stamp of what it leads to may be kept; the bare one is asked
# again soon, and answered without a body while nothing changed.
_STAMPED, _BARE = "public, max-age=604800", "public, max-age=300"
_CHUNK = 1 << 16


@require_safe
def areas(request: PortalRequest) -> HttpResponseBase:
    """Answer the city limits and public areas as GeoJSON, simplified for a map."""
    city, language = request.city, get_language() or "en"
    stamp = outlines_stamp(city.areas_changed_at)
    # Weak: the same outlines, compressed or not.
    tag = f'W/"{city.pk}-{stamp}-{language}"'
    response: HttpResponse
    if _is_known(request, tag):
        response = HttpResponseNotModified()
    else:
        document = outlines_document(city, language=language)
        packed = _takes_gzip(request)
        body = document if packed else gzip.decompress(document)
        response = HttpResponse(body, content_type=_GEOJSON)
        if packed:
            response["Content-Encoding"] = "gzip"
    patch_vary_headers(response, ("Accept-Encoding",))
    return _kept(request, response, tag=tag, stamp=stamp)


@require_safe
def tiles(request: PortalRequest) -> HttpResponseBase:
    """Answer the city's PMTiles, whole or one range of it."""
    held = _held(tiles_file(request.city.slug))
    if held is None:
        return _nothing()
    file, found = held
    # Strong: readers of tiles put pieces together by it.
    tag = f'"{found.stamp}"'
    if _is_known(request, tag):
        file.close()
        return _kept(request, HttpResponseNotModified(), tag=tag, stamp=found.stamp)
    response = _ranged(_range_asked(request, tag), file, found)
    response["Accept-Ranges"] = "bytes"
    return _kept(request, response, tag=tag, stamp=found.stamp)


@require_safe
def streets(request: PortalRequest) -> HttpResponseBase:
    """Answer the city's streets as GeoJSON, where it has no tiles."""
    held = _held(streets_file(request.city.slug))
    if held is None:
        return _nothing()
    file, found = held
    tag = f'W/"{found.stamp}"'
    response: HttpResponseBase
    if _is_known(request, tag):
        file.close()
        response = HttpResponseNotModified()
    elif _takes_gzip(request):
        response = FileResponse(file, content_type=_GEOJSON)
        response["Content-Encoding"] = "gzip"
        del response["Content-Disposition"]
    else:
        response = StreamingHttpResponse(_unpacked(file), content_type=_GEOJSON)
    patch_vary_headers(response, ("Accept-Encoding",))
    return _kept(request, response, tag=tag, stamp=found.stamp)


def _held(found: MapFile | None) -> tuple[BinaryIO, MapFile] | None:
    return None if found is None else opened(found)


def _range_asked(request: PortalRequest, tag: str) -> str:
    """Return the range asked for; none when it is one of an older file (RFC 9110, 13.1.5)."""
    if request.method != "GET" or request.headers.get("If-Range", tag) != tag:
        return ""
    return request.headers.get("Range", "")


def _ranged(header: str, file: BinaryIO, found: MapFile) -> HttpResponseBase:
    try:
        piece = piece_of(header, found.size)
    except OutOfFile:
        file.close()
        refusal = HttpResponse(status=416, content_type="text/plain; charset=utf-8")
        refusal["Content-Range"] = f"bytes */{found.size}"
        return refusal
    if piece is None:
        whole = FileResponse(file, content_type=_PMTILES)
        del whole["Content-Disposition"]
        return whole
    return _part(piece, file, found)


def _part(piece: Piece, file: BinaryIO, found: MapFile) -> HttpResponse:
    with file:
        file.seek(piece.first)
        response = HttpResponse(file.read(piece.length), status=206, content_type=_PMTILES)
    response["Content-Range"] = f"bytes {piece.first}-{piece.last}/{found.size}"
    return response


def _unpacked(file: BinaryIO) -> Iterator[bytes]:
    with file, gzip.GzipFile(fileobj=file) as plain:
        while chunk := plain.read(_CHUNK):
            yield chunk


def _is_known(request: PortalRequest, tag: str) -> bool:
    # If-None-Match compares weakly (RFC 9110, 13.1.2).
    known = parse_etags(request.headers.get("If-None-Match", ""))
    return "*" in known or tag.removeprefix("W/") in [one.removeprefix("W/") for one in known]


def _takes_gzip(request: PortalRequest) -> bool:
    for part in request.headers.get("Accept-Encoding", "").lower().split(","):
        name, _semicolon, quality = part.replace(" ", "").partition(";")
        if name in ("gzip", "*"):
            return quality not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False


def _kept(
    request: PortalRequest, response: HttpResponseBase, *, tag: str, stamp: str
) -> HttpResponseBase:
    response["ETag"] = tag
    response["Cache-Control"] = _STAMPED if request.GET.get("v") == stamp else _BARE
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _nothing() -> HttpResponse:
    return HttpResponse(
        _("There is no such map here."), status=404, content_type="text/plain; charset=utf-8"
    )
