"""Matching a triage table: the first rule whose every condition holds. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

RuleT = TypeVar("RuleT")


@dataclass(frozen=True, slots=True)
class Conditions:
    """What a rule asks for.

    ``values`` maps a question's id to value ids of which one must have been chosen; several
    questions must all hold. ``areas`` are area ids of which one must hold; empty means
    anywhere.
    """

    values: Mapping[int, frozenset[int]]
    areas: frozenset[int] = frozenset()

    def hold(self, chosen: frozenset[int], areas: frozenset[int]) -> bool:
        """Return whether these chosen value ids and areas satisfy the rule."""
        if self.areas and not self.areas & areas:
            return False
        return all(wanted & chosen for wanted in self.values.values())


def first_match(
    rules: Iterable[tuple[RuleT, Conditions]], chosen: frozenset[int], areas: frozenset[int]
) -> RuleT | None:
    """Return the first rule that holds, in the order given, or None."""
    for rule, conditions in rules:
        if conditions.hold(chosen, areas):
            return rule
    return None
