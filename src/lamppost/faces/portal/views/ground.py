"""What a map stands on: outlines of areas, tiles, streets. Each city's on its own host only."""

from __future__ import annotations

import gzip

from django.http import (
    FileResponse,
    HttpResponse,
    HttpResponseBase,
    HttpResponseNotModified,
)
from django.utils.cache import patch_vary_headers
from django.utils.http import parse_etags
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from lamppost.faces.portal.ranges import OutOfFile, piece_of
from lamppost.faces.portal.web import PortalRequest
from lamppost.places.basemap.store import MapFile, streets_file, tiles_file
from lamppost.places.outlines import outlines_document, outlines_stamp

_GEOJSON = "application/geo+json"
# An address that carries the stamp of what it leads to may be kept; the bare one is asked
# again soon, and answered without a body while nothing changed.
_STAMPED, _BARE = "public, max-age=604800", "public, max-age=300"


@require_safe
def areas(request: PortalRequest) -> HttpResponseBase:
    """Answer the city limits and public areas as GeoJSON, simplified for a map."""
    city, language = request.city, get_language() or "en"
    stamp = outlines_stamp(city.areas_changed_at)
    tag = f'"{city.pk}-{stamp}-{language}"'
    response: HttpResponseBase
    if _is_known(request, tag):
        response = HttpResponseNotModified()
    else:
        response = _unpacked(request, outlines_document(city, language=language))
    return _kept(request, response, tag=tag, stamp=stamp)


@require_safe
def tiles(request: PortalRequest) -> HttpResponseBase:
    """Answer the city's PMTiles, whole or one range of it."""
    file = tiles_file(request.city.slug)
    if file is None:
        return _nothing()
    tag = f'"{file.stamp}"'
    try:
        response = (
            HttpResponseNotModified() if _is_known(request, tag) else _ranged(request, file, tag)
        )
    except FileNotFoundError:  # replaced by another kind of ground this very moment
        return _nothing()
    response["Accept-Ranges"] = "bytes"
    return _kept(request, response, tag=tag, stamp=file.stamp)


@require_safe
def streets(request: PortalRequest) -> HttpResponseBase:
    """Answer the city's streets as GeoJSON, where it has no tiles."""
    file = streets_file(request.city.slug)
    if file is None:
        return _nothing()
    tag = f'"{file.stamp}"'
    response: HttpResponseBase
    try:
        if _is_known(request, tag):
            response = HttpResponseNotModified()
        elif _takes_gzip(request):
            response = FileResponse(file.path.open("rb"), content_type=_GEOJSON)
            response["Content-Encoding"] = "gzip"
        else:
            response = FileResponse(gzip.open(file.path), content_type=_GEOJSON)
    except FileNotFoundError:
        return _nothing()
    response.headers.pop("Content-Disposition", None)
    patch_vary_headers(response, ("Accept-Encoding",))
    return _kept(request, response, tag=tag, stamp=file.stamp)


def _ranged(request: PortalRequest, file: MapFile, tag: str) -> HttpResponseBase:
    header = request.headers.get("Range", "")
    # A range of an older file would be a piece of nothing: then the whole is the answer.
    if request.headers.get("If-Range", tag) != tag:
        header = ""
    try:
        piece = piece_of(header, file.size)
    except OutOfFile:
        response = HttpResponse(status=416, content_type="text/plain; charset=utf-8")
        response["Content-Range"] = f"bytes */{file.size}"
        return response
    opened = file.path.open("rb")
    if piece is None:
        whole = FileResponse(opened, content_type="application/vnd.pmtiles")
        whole.headers.pop("Content-Disposition", None)
        return whole
    with opened:
        opened.seek(piece.first)
        data = opened.read(piece.length)
    response = HttpResponse(data, status=206, content_type="application/vnd.pmtiles")
    response["Content-Range"] = f"bytes {piece.first}-{piece.first + len(data) - 1}/{file.size}"
    return response


def _is_known(request: PortalRequest, tag: str) -> bool:
    known = parse_etags(request.headers.get("If-None-Match", ""))
    return "*" in known or tag in [one.removeprefix("W/") for one in known]


def _takes_gzip(request: PortalRequest) -> bool:
    for part in request.headers.get("Accept-Encoding", "").lower().split(","):
        name, _semicolon, quality = part.partition(";")
        if name.strip() in ("gzip", "*"):
            return quality.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False


def _unpacked(request: PortalRequest, packed: bytes) -> HttpResponse:
    takes = _takes_gzip(request)
    response = HttpResponse(packed if takes else gzip.decompress(packed), content_type=_GEOJSON)
    if takes:
        response["Content-Encoding"] = "gzip"
    patch_vary_headers(response, ("Accept-Encoding",))
    return response


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
