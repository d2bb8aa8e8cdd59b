"""Asking every address as everybody: what a role gets through with, by each method."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from lamppost.people.models import Denial

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


@dataclass(frozen=True)
class Address:
    """One entry of the URL configuration: ``face:name`` and its route."""

    name: str
    route: str

    def path(self, values: dict[str, str]) -> str:
        """Return a path to ask; a placeholder without a value gets one that fits nothing."""
        text = re.sub(r"\\Z|[\^$]", "", self.route)
        text = re.sub(r"\(\?P<(\w+)>\[\\s\\S\]\*\)|\[\\s\\S\]\*", "nothing-here", text)
        text = re.sub(r"\(\?P<\w+>-small\)\?", "", text)
        text = re.sub(
            r"\(\?P<(\w+)>((?:[^()\\]|\\.)*)\)",
            lambda match: values.get(match[1]) or _fitting(match[1], match[2]),
            text,
        )
        text = re.sub(
            r"<(?:(\w+):)?(\w+)>",
            lambda match: values.get(match[2]) or ("0" if match[1] == "int" else "zzz"),
            text,
        )
        return "/" + text.replace("/?", "/").replace("\\.", ".")


def _fitting(name: str, pattern: str) -> str:
    if re.fullmatch(r"[a-z-]+(\|[a-z-]+)+", pattern):
        return pattern.split("|")[0]
    if "0-9]{4}" in pattern:
        return "2025"
    if pattern.startswith(("[0-9", "[1-")):
        return "1" if name == "number" else "999999"
    return "x" * 24 if "16" in pattern else "zzz"


def addresses() -> list[Address]:
    """Return every address of the installation, in the order they are tried."""
    return list(_walk(get_resolver(), "", ""))


def _walk(resolver: URLResolver, prefix: str, face: str) -> Iterator[Address]:
    for entry in resolver.url_patterns:
        route = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from _walk(entry, route, entry.namespace or face)
        elif isinstance(entry, URLPattern):
            yield Address(f"{face}:{entry.name}", route)


@dataclass(frozen=True)
class Answer:
    """What came back: the status (0 for the sign-in page), and whether a denial was kept."""

    status: int
    kept: bool

    @property
    def let_in(self) -> bool:
        """Whether the door was open, whatever was found behind it."""
        return self.status not in {0, 401, 403, 405}


def ask(client: Client, method: str, path: str) -> Answer:
    """Return what one call gets; its changes and its effect on the session are taken back."""
    begin = transaction.savepoint()
    cookies = {name: morsel.value for name, morsel in client.cookies.items()}
    before = Denial.objects.count()
    try:
        response = client.generic(method, path)
        if response.streaming:
            b"".join(response.streaming_content)
        kept = Denial.objects.count() > before
    finally:
        transaction.savepoint_rollback(begin)
        client.cookies.load(cookies)
    to = response.headers.get("Location", "")
    at_the_door = "/sign-in/" in to and "/sign-in/" not in path
    return Answer(0 if at_the_door else response.status_code, kept)
