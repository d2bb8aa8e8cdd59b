"""Writing down what happened. Every service that changes a case ends here."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.utils import timezone

from lamppost.cases.choices import ActorKind, EventAudience, EventKind
from lamppost.cases.models import Case, CaseEvent, EventText
from lamppost.cases.services.public_words import public_form
from lamppost.catalog.choices import Channel
from lamppost.people.actors import Actor

Reader = Callable[[Case, CaseEvent, Actor], None]
_READERS: dict[EventKind, list[Reader]] = {}


def call_on(kind: EventKind, reader: Reader) -> None:
    """Have ``reader`` called with every event of ``kind``, in the transaction of the change.

    For what a floor above must do before anybody else sees the change; what can wait reads
    the events later. A reader that changes the case changes the instance it is given, too.
    """
    readers = _READERS.setdefault(kind, [])
    if reader not in readers:
        readers.append(reader)


def record(
    case: Case,
    kind: EventKind,
    *,
    actor: Actor,
    audience: EventAudience,
    at: datetime | None = None,
    channel: Channel | str | None = None,
    text: str = "",
    language: str = "",
    data: Mapping[str, Any] | None = None,
) -> CaseEvent:
    """Write one event of ``case``, as the case stands after the change.

    ``at`` is when it happened (now by default; an import or a partner says otherwise),
    ``data`` holds codes and ids only, never a person's words: those go into ``text``. Runs in
    the caller's transaction; the database adds the place in the chain.
    """
    salt = secrets.token_hex(16) if text else ""
    event = drawn_up(
        case, kind, actor=actor, audience=audience, at=at, channel=channel, data=data,
        digest=text_digest(salt, text) if text else "",
    )  # fmt: skip
    event.save(force_insert=True)
    if text:
        EventText.objects.create(
            event=event,
            text=text,
            public_text=public_form(text),
            language=language,
            salt=salt,
        )
    announce(case, event, actor)
    return event


def drawn_up(
    case: Case,
    kind: EventKind,
    *,
    actor: Actor,
    audience: EventAudience,
    at: datetime | None = None,
    channel: Channel | str | None = None,
    data: Mapping[str, Any] | None = None,
    digest: str = "",
) -> CaseEvent:
    """Return an event of ``case`` as ``record`` writes it, not written yet."""
    now = timezone.now()
    return CaseEvent(
        case=case,
        kind=kind,
        audience=audience,
        at=at or now,
        recorded_at=now,
        actor=_actor_kind(actor),
        user_id=actor.user_id,
        api_key_id=actor.api_key_id,
        channel=channel or _channel(actor),
        state=case.state,
        status_id=case.status_id,
        service_id=case.service_id,
        department_id=case.department_id,
        outcome_id=case.outcome_id,
        data=dict(data or {}),
        text_digest=digest,
    )


def announce(case: Case, event: CaseEvent, actor: Actor) -> None:
    """Call every reader of events of its kind with ``event``, which has just been written."""
    for reader in _READERS.get(EventKind(event.kind), ()):
        reader(case, event, actor)


def text_digest(salt: str, text: str) -> str:
    """Return the SHA-256 hex digest of ``salt`` followed by ``text``, as in the chain."""
    return hashlib.sha256(f"{salt}{text}".encode()).hexdigest()


def _actor_kind(actor: Actor) -> ActorKind:
    if actor.is_system:
        return ActorKind.SYSTEM
    if actor.api_key_id is not None or actor.partner_link_id is not None:
        return ActorKind.PARTNER
    return ActorKind.STAFF if actor.is_staff else ActorKind.RESIDENT


def _channel(actor: Actor) -> Channel:
    if actor.api_key_id is not None:
        return Channel.API
    return Channel.STAFF if actor.is_staff or actor.is_system else Channel.WEB
