"""What goes back over the wire: one JSON text, sent as it is or turned into the standard's XML.

GeoReport v2 has XML as its first form and derives JSON from it (the Spark convention: no root
element, containers become bare arrays, an empty element is null). We go the other way: the
JSON is the one source of fields, and the XML is made from it by naming the root and the
children of each list.
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal
from xml.sax.saxutils import escape

from django.http import HttpRequest, HttpResponse

Format = Literal["json", "xml"]

CONTENT_TYPES: dict[Format, str] = {
    "json": "application/json; charset=utf-8",
    "xml": "text/xml; charset=utf-8",
}
# The name of one member of each list the standard or an extension knows.
_MEMBER = {
    "areas": "area",
    "attributes": "attribute",
    "categories": "category",
    "endpoints": "endpoint",
    "errors": "error",
    "facilities": "facility",
    "faqs": "faq",
    "formats": "format",
    "media_urls": "media_url",
    "notes": "note",
    "related": "id",
    "service_request_updates": "request_update",
    "service_requests": "request",
    "services": "service",
    "values": "value",
    "web_actions": "web_action",
}
# XML 1.0, section 2.2: what no document can carry, not even escaped.
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
# A reader turns a bare carriage return into a line feed (XML 1.0, section 2.11).
_ENTITIES = {"\r": "&#13;"}
_WORTH_PACKING = 1000


@dataclass(frozen=True, slots=True)
class Answer:
    """A body as JSON text, with the root element its XML form has; bytes are UTF-8.

    ``keep_seconds`` is how long anybody may keep it; ``retry_after`` how many seconds a caller
    should wait, and ``allow`` the methods it may use, each for refusals of that kind.
    ``language`` is that of its words.
    """

    root: str
    text: str | bytes
    status: int = 200
    keep_seconds: int = 0
    retry_after: int = 0
    allow: str = ""
    language: str = ""


def answer_of(root: str, data: Any, *, status: int = 200, keep_seconds: int = 0) -> Answer:
    """Return plain ``data`` as an answer."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return Answer(root, text, status=status, keep_seconds=keep_seconds)


def errors(
    status: int, descriptions: Sequence[str], *, retry_after: int = 0, allow: str = ""
) -> Answer:
    """Return the standard's error list, each with the HTTP status as its code."""
    rows = [{"code": status, "description": text} for text in descriptions]
    text = json.dumps(rows, ensure_ascii=False)
    return Answer("errors", text, status=status, retry_after=retry_after, allow=allow)


def respond(request: HttpRequest, answer: Answer, fmt: Format) -> HttpResponse:
    """Return ``answer`` in the format asked for, packed where the caller can unpack it."""
    text = answer.text if fmt == "json" else to_xml(answer.root, answer.text)
    # Replaced, not refused: a lone surrogate from an old import must not hide a whole list.
    body = text if isinstance(text, bytes) else text.encode("utf-8", "replace")
    response = HttpResponse(content_type=CONTENT_TYPES[fmt], status=answer.status)
    if len(body) >= _WORTH_PACKING and _takes_gzip(request):
        body = gzip.compress(body, compresslevel=5, mtime=0)
        response.headers["Content-Encoding"] = "gzip"
    response.content = body
    response.headers["Content-Length"] = str(len(body))
    response.headers["Vary"] = "Accept-Encoding"
    _add_headers(response, answer)
    return response


def _add_headers(response: HttpResponse, answer: Answer) -> None:
    # Public data, and no cookie is ever looked at here: any page may read it.
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cache-Control"] = (
        f"public, max-age={answer.keep_seconds}" if answer.keep_seconds else "no-cache"
    )
    if answer.retry_after:
        response.headers["Retry-After"] = str(answer.retry_after)
    if answer.allow:
        response.headers["Allow"] = answer.allow


def to_xml(root: str, text: str | bytes) -> str:
    """Return JSON ``text`` as the standard's XML: no namespace, no attribute, UTF-8 declared."""
    # Numbers stay as they are spelled, so both formats show the same digits.
    data = json.loads(text, parse_float=str)
    parts = ['<?xml version="1.0" encoding="UTF-8"?>\n']
    _write(parts, root, data)
    return "".join(parts)


def _write(parts: list[str], tag: str, value: Any) -> None:
    if value is None or value == "" or value == [] or value == {}:
        parts.append(f"<{tag}/>")
        return
    parts.append(f"<{tag}>")
    if isinstance(value, dict):
        for name, inner in value.items():
            _write(parts, name, inner)
    elif isinstance(value, list):
        for inner in value:
            _write(parts, _MEMBER[tag], inner)
    elif isinstance(value, bool):
        parts.append("true" if value else "false")
    else:
        parts.append(escape(_NOT_XML.sub("", str(value)), _ENTITIES))
    parts.append(f"</{tag}>")


def _takes_gzip(request: HttpRequest) -> bool:
    wanted = request.META.get("HTTP_ACCEPT_ENCODING", "")
    for part in wanted.lower().split(","):
        name, _, quality = part.partition(";")
        if name.strip() == "gzip":
            return quality.replace(" ", "") not in {"q=0", "q=0.0", "q=0.00", "q=0.000"}
    return False
