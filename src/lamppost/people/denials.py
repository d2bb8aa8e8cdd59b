"""Refusals on record: who was refused what. Kept whatever becomes of the transaction."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.utils import timezone

from lamppost.people.actors import Actor
from lamppost.people.models import Denial

# Denials still to be written; None where nothing holds them back.
_waiting: ContextVar[list[Denial] | None] = ContextVar("waiting_denials", default=None)


def keep(
    actor: Actor, permission: str, *, department_id: int | None = None, detail: str = ""
) -> None:
    """Put on record that ``actor`` was refused ``permission``.

    ``detail`` names the thing by number or code, never by a person's words. While a request
    is answered, or inside of ``kept_to_the_end``, the row is written at the end, so that a
    transaction that is taken back does not take the denial with it; elsewhere at once.
    """
    row = Denial(
        at=timezone.now(),
        user_id=actor.user_id,
        role=actor.role,
        permission=permission,
        department_id=department_id,
        detail=detail[:200],
    )
    waiting = _waiting.get()
    if waiting is None:
        row.save()
    else:
        waiting.append(row)


def is_kept() -> bool:
    """Return whether a denial waits to be written at the end of what runs."""
    return bool(_waiting.get())


@contextmanager
def kept_to_the_end() -> Iterator[None]:
    """Write the denials of what runs inside when it has ended, however it ended.

    Wrap it around a transaction. Inside of another one of these, the outer one writes.
    """
    if _waiting.get() is not None:
        yield
        return
    rows: list[Denial] = []
    token = _waiting.set(rows)
    try:
        yield
    finally:
        _waiting.reset(token)
        if rows:
            Denial.objects.bulk_create(rows)


@contextmanager
def not_kept() -> Iterator[None]:
    """Keep no denials of what runs inside: a question what would be refused is no attempt."""
    token = _waiting.set([])
    try:
        yield
    finally:
        _waiting.reset(token)
