"""Errors as programs read them, by the address they called: for failures before any face."""

from __future__ import annotations

import json
from http import HTTPStatus
from xml.sax.saxutils import escape


def for_programs(path: str, status: HTTPStatus, text: str) -> tuple[str, str] | None:
    """Return body and content type of an error in the form of the interface at ``path``.

    Open311's error list in XML or JSON, a problem document (RFC 9457); None for a page.
    """
    if path.startswith("/api/"):
        problem = {
            "type": "about:blank", "title": status.phrase, "status": int(status), "detail": text,
            "errors": [],
        }  # fmt: skip
        return json.dumps(problem, ensure_ascii=False), "application/problem+json"
    if path.startswith("/open311/") and path.endswith(".xml"):
        xml = (
            f'<?xml version="1.0" encoding="UTF-8"?>\n<errors><error><code>{int(status)}</code>'
            f"<description>{escape(text)}</description></error></errors>"
        )
        return xml, "text/xml; charset=utf-8"
    if path.startswith("/open311/"):
        rows = [{"code": int(status), "description": text}]
        return json.dumps(rows, ensure_ascii=False), "application/json; charset=utf-8"
    return None
