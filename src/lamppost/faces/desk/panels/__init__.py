"""Panels of a case's page: what stands beside the case itself, each in a module of its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from lamppost.cases.models import Case
from lamppost.people.actors import Actor


@dataclass(frozen=True)
class Panel:
    """A template, which finds ``context`` under the name ``panel``."""

    template: str
    context: dict[str, Any]


# Each takes the case, who looks and the queue's query string, and gives a panel or nothing.
Maker = Callable[[Case, Actor, str], Panel | None]
