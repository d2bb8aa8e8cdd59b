"""Calls whose end the provider never told: ended by a rule, and recorded so.

A status call can be lost. Without this the caller would wait for ever: on the live board, in the
place the next caller is told, and in the hands of an agent.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models.functions import Coalesce

from lamppost.contacts.choices import CallStep, DispositionKind, InteractionEnd
from lamppost.contacts.models import Call, Interaction
from lamppost.contacts.services.coding import code_if_uncoded
from lamppost.contacts.services.line import finish
from lamppost.contacts.services.voice import written_whole

# In the menu and in the queue the provider asks what is next every few seconds, or after a piece
# of music. Nothing for this long: nobody is there.
SILENT = timedelta(minutes=30)
# With an agent nothing is asked. Providers cut a call after four hours unless told otherwise.
LONGEST_TALK = timedelta(hours=4, minutes=15)
_MOST_AT_ONCE = 500


def end_untold(*, now: datetime) -> int:
    """End the calls of the city in scope that must be over; return how many.

    In the menu or waiting: as of the last time the line was heard of. With an agent: now, since
    nobody knows when; such a contact has no talk time. Safe to run twice.
    """
    open_calls = Call.objects.filter(ended_at=None, began_at__lte=now - SILENT)
    silent = open_calls.annotate(heard=Coalesce("heard_at", "began_at")).filter(
        heard__lte=now - SILENT
    )
    ids = list(silent.order_by("began_at").values_list("pk", flat=True)[:_MOST_AT_ONCE])
    return sum(_end(call_id, now) for call_id in ids)


def _end(call_id: int, now: datetime) -> bool:
    with transaction.atomic():
        call = (
            Call.objects.select_for_update(skip_locked=True)
            .filter(pk=call_id, ended_at=None)
            .first()
        )
        if call is None:
            return False
        heard = call.heard_at or call.began_at
        if heard > now - SILENT:
            return False
        ended = _end_contact(call, heard, now)
        if ended is None:
            return False
        call.ended_at, call.step = max(ended, call.began_at), CallStep.ENDED
        if call.interaction_id is None:
            call.interaction = written_whole(call)
        call.save(update_fields=["ended_at", "step", "interaction"])
        return True


def _end_contact(call: Call, heard: datetime, now: datetime) -> datetime | None:
    """Return when the call ended, as far as can be said; None while it may go on."""
    if call.interaction_id is None:
        return heard
    row = Interaction.objects.select_for_update(of=("self",)).get(pk=call.interaction_id)
    if row.ended_at is not None:
        # The agent said so, or a call back was promised.
        return row.ended_at if row.ended_at <= now - SILENT else None
    if row.answered_at is None:
        finish(row, at=heard, unanswered=InteractionEnd.UNTOLD)
        code_if_uncoded(row, DispositionKind.NOBODY, at=now)
        return heard
    if row.answered_at > now - LONGEST_TALK:
        return None
    finish(row, at=now, answered=InteractionEnd.UNTOLD)
    return now


def bring_back(call: Call) -> None:
    """The line of a caller who waited is heard of after all: they wait on, in their old place."""
    if call.interaction_id is None:
        return
    with transaction.atomic():
        row = (
            Interaction.objects.select_for_update(of=("self",))
            .filter(pk=call.interaction_id, end=InteractionEnd.UNTOLD, answered_at=None)
            .first()
        )
        if row is None:
            return
        row.ended_at, row.end = None, ""
        row.disposition, row.coded_at = None, None
        row.save(update_fields=["ended_at", "end", "disposition", "coded_at"])
        call.ended_at, call.step, call.interaction = None, CallStep.QUEUE, row
        call.save(update_fields=["ended_at", "step"])
