"""The sample pages in a real browser, answered from memory under the policy of production."""

from __future__ import annotations

import json
import mimetypes
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Page, Route, sync_playwright

from lamppost.faces.theme.tests.sample import render

STATIC = Path(__file__).parents[3] / "static"
ORIGIN = "http://theme.example"
POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; worker-src 'self'; "
    "object-src 'none'; base-uri 'none'"
)
ARGUMENTS = [
    "--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader",
    "--ignore-gpu-blocklist",
]  # fmt: skip


def _points() -> dict[str, Any]:
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "geometry": {
                    "type": "Point",
                    "coordinates": [-75.1652 + (at % 5) / 200, 39.9526 + at // 5 / 300],
                },
                "properties": {"id": at, "title": f"<b>Pothole {at}</b>", "state": "open",
                               "status": "In progress", "url": f"/requests/{at}/"},
            }
            for at in range(20)
        ],
    }  # fmt: skip


def _streets() -> dict[str, Any]:
    lines = [
        ([[-75.2, 39.93 + at / 200], [-75.13, 39.935 + at / 200]], f"Street {at}")
        for at in range(8)
    ]
    return {
        "type": "FeatureCollection",
        "features": [
            {"type": "Feature", "geometry": {"type": "LineString", "coordinates": line},
             "properties": {"name": name, "class": "major" if at % 3 == 0 else "minor"}}
            for at, (line, name) in enumerate(lines)
        ],
    }  # fmt: skip


def _answer(route: Route) -> None:
    path = urlsplit(route.request.url).path
    if not route.request.url.startswith(ORIGIN):
        route.abort()
    elif path.startswith("/static/"):
        file = STATIC / path.removeprefix("/static/")
        kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
        route.fulfill(path=file, content_type=kind)
    elif path == "/points.geojson":
        route.fulfill(body=json.dumps(_points()), content_type="application/geo+json")
    elif path == "/streets.geojson":
        route.fulfill(body=json.dumps(_streets()), content_type="application/geo+json")
    else:
        _, name, language = path.split("/")
        route.fulfill(
            body=render(name, language),
            content_type="text/html; charset=utf-8",
            headers={"Content-Security-Policy": POLICY},
        )


@contextmanager
def sample_page(width: int, *, scripts: bool = True) -> Iterator[tuple[Page, list[str]]]:
    """Yield a page ``width`` pixels wide and the list of what it complains about."""
    complaints: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=ARGUMENTS
        )
        context = browser.new_context(
            viewport={"width": width, "height": 900}, java_script_enabled=scripts
        )
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "console",
            lambda message: complaints.extend([message.text] if message.type == "error" else []),
        )
        page.route("**/*", _answer)
        try:
            yield page, complaints
        finally:
            browser.close()
