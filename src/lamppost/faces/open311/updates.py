"""The update extension (mySociety, FixMyStreet), both ways."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from lamppost.cases.services.partners import Update
from lamppost.cases.services.partners import receive as receive_from_partner
from lamppost.database.short_reads import read_row
from lamppost.faces.open311.answers import Answer, answer_of
from lamppost.faces.open311.calls import Call
from lamppost.faces.open311.columns import PUBLIC_NOTES, wording
from lamppost.faces.open311.filing import key_of, photos_of
from lamppost.faces.open311.filters import Span, bounded_span_of, moment_of, page_of
from lamppost.people.actors import Actor
from lamppost.people.choices import Role

ROOT = "service_request_updates"
_DEFAULT_SPAN = timedelta(days=1)


def update_list(call: Call) -> Answer:
    """Answer with what the public was told of any request in a span, oldest first.

    Without dates, of the last day. A caller that sends its key is not told what it told us.
    """
    now = timezone.now()
    span = bounded_span_of(call) or Span(now - _DEFAULT_SPAN, now)
    size, offset = page_of(call)
    key = key_of(call) if call.query("api_key") and not call.form else None
    params: dict[str, Any] = {
        **wording(call.city, call.language, call.base),
        "from": span.start,
        "until": (span.end or now) + timedelta(seconds=1),
        "size": size,
        "offset": offset,
        "own": key.pk if key else None,
    }
    row = read_row(PUBLIC_NOTES, params)
    return Answer(ROOT, (row and row[0]) or b"[]")


def receive_update(call: Call) -> Answer:
    """Take an update from a partner system and answer with the id it has here."""
    key = key_of(call)
    update = Update(
        number=call.sent("service_request_id").strip(),
        update_id=call.sent("update_id").strip(),
        status=call.sent("status").strip(),
        text=call.sent("description"),
        at=moment_of(call.sent("updated_datetime").strip(), field="updated_datetime"),
        media_url=call.sent("media_url").strip(),
        photos=photos_of(call),
    )
    actor = Actor(role=Role.RESIDENT, api_key_id=key.pk, name=key.name)
    with transaction.atomic():
        received = receive_from_partner(update=update, actor=actor)
        transaction.set_rollback(call.is_rehearsal)
    return answer_of(ROOT, [{"update_id": str(received.event_id)}])
