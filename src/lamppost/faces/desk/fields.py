"""Form fields as the theme's ``field`` tag draws them, with what was typed and what is wrong."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.http import QueryDict

from lamppost.kernel.refusals import Problem, Refusal

Choices = Sequence[tuple[Any, ...]]


@dataclass(frozen=True)
class Typed:
    """What somebody sent with one form, and what was refused of it."""

    data: QueryDict = field(default_factory=QueryDict)
    problems: tuple[Problem, ...] = ()

    @classmethod
    def of(cls, data: QueryDict, refusal: Refusal) -> Typed:
        """Return what was typed together with why it was refused."""
        return cls(data, refusal.problems)

    def value(self, name: str, default: str = "") -> str:
        """Return the text typed into a field, or ``default`` in a fresh form."""
        return self.data.get(name, default) if self.data else default

    def errors(self, name: str) -> list[str]:
        """Return what is wrong with a field."""
        return [problem.message for problem in self.problems if problem.field == name]

    def other_errors(self, names: Iterable[str]) -> list[str]:
        """Return what is wrong beside the fields named."""
        shown = set(names)
        return [problem.message for problem in self.problems if problem.field not in shown]


@dataclass(frozen=True)
class Fields:
    """Makes the fields of one form; ids begin with ``prefix``, so a page may hold many forms."""

    prefix: str
    typed: Typed

    def text(self, name: str, label: str, *, default: str = "", **more: Any) -> dict[str, Any]:
        """Return a line of text; ``kind`` in ``more`` changes it, ``hint``, ``required`` add."""
        return {
            "name": name,
            "id": f"{self.prefix}-{name}",
            "label": label,
            "value": self.typed.value(name, default),
            "errors": self.typed.errors(name),
            **more,
        }

    def area(self, name: str, label: str, *, default: str = "", **more: Any) -> dict[str, Any]:
        """Return several lines of text."""
        attrs = {"rows": 3, "maxlength": 4000} | more.pop("attrs", {})
        return self.text(name, label, default=default, kind="textarea", attrs=attrs, **more)

    def select(
        self, name: str, label: str, choices: Choices, *, default: str = "", **more: Any
    ) -> dict[str, Any]:
        """Return a list to choose one from."""
        return self.text(name, label, default=default, kind="select", choices=list(choices), **more)

    def radios(
        self, name: str, label: str, choices: Choices, *, default: str = "", **more: Any
    ) -> dict[str, Any]:
        """Return buttons to choose one from."""
        return self.text(name, label, default=default, kind="radios", choices=list(choices), **more)

    def box(self, name: str, label: str, *, checked: bool = False, **more: Any) -> dict[str, Any]:
        """Return a box to tick."""
        ticked = bool(self.typed.data.get(name)) if self.typed.data else checked
        return self.text(name, label, kind="checkbox", **more) | {"value": "on" if ticked else ""}


def names_of(fields: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return the names of these fields."""
    return [str(one["name"]) for one in fields]
