"""Typed refusals: how every service says no, in words a person can act on.

A face turns a refusal into its own form: a form error beside the field, an Open311 error
list, an RFC 9457 problem, a line of the command.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with one field.

    ``field`` is the name the caller used (``description``, ``attribute[SIZE]``, ``photos``);
    the empty string means the request as a whole. ``message`` is already in the reader's
    language and safe to show.
    """

    field: str
    message: str
    code: str = "invalid"


class Refusal(Exception):
    """Something asked for cannot be done; nothing was written."""

    def __init__(self, problems: Sequence[Problem] | str, *, field: str = "") -> None:
        if isinstance(problems, str):
            problems = (Problem(field=field, message=problems),)
        self.problems: tuple[Problem, ...] = tuple(problems)
        super().__init__("; ".join(str(problem.message) for problem in self.problems))


class Invalid(Refusal):
    """What was sent is malformed, incomplete or contradicts the catalogue."""


class NotFound(Refusal):
    """The thing named does not exist in this city, or not for this reader."""


class Forbidden(Refusal):
    """The actor is known but not allowed to do this."""


class Unauthenticated(Refusal):
    """The actor has to say who they are first (a missing or wrong key, no sign-in)."""


class Conflict(Refusal):
    """The thing has changed, or the step is not possible from where it stands."""
