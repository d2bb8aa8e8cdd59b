"""What the contact center keeps of a resident: given to them, and taken out."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.apps import apps
from django.db.models import Q, QuerySet

from lamppost.contacts.models import (
    Call,
    CallBack,
    Conversation,
    Handover,
    IncomingText,
    Interaction,
)
from lamppost.kernel.removal import Words
from lamppost.people import retention
from lamppost.people.choices import Retained
from lamppost.people.holders import Holder, register, without_words
from lamppost.people.retention import Keeper

_TEXTS = {
    "contacts.Interaction": ("note", "address"),
    "contacts.CallBack": ("about", "phone"),
    "contacts.Conversation": ("phone", "memory"),
    "contacts.IncomingText": ("text", "answer"),
    "contacts.Call": ("phone",),
    "contacts.Handover": ("to_name", "to_phone"),
    "contacts.MonitoredContact": ("comment", "answer"),
}


def export(contact_ids: frozenset[int]) -> dict[str, list[dict[str, Any]]]:
    """Return the person's calls, visits and messages, texts and promised calls."""
    interactions = Interaction.objects.filter(contact__in=contact_ids)
    calls = CallBack.objects.filter(contact__in=contact_ids).order_by("pk")
    texts = IncomingText.objects.filter(conversation__interaction__in=interactions)
    return {
        "interactions": [
            {
                "channel": row.channel,
                "direction": row.direction,
                "language": row.language,
                "address": row.address,
                "offered_at": row.offered_at.isoformat(),
                "ended_at": row.ended_at.isoformat() if row.ended_at else None,
                "coded_as": row.disposition.code if row.disposition else "",
                "note": row.note,
            }
            for row in interactions.select_related("disposition").order_by("pk")
        ],
        "texts": [
            {"at": row.at.isoformat(), "text": row.text, "answer": row.answer}
            for row in texts.order_by("pk")
        ],
        "call_backs": [
            {
                "phone": row.phone,
                "about": row.about,
                "promised_at": row.promised_at.isoformat(),
                "due_at": row.due_at.isoformat(),
                "done_at": row.done_at.isoformat() if row.done_at else None,
            }
            for row in calls
        ],
    }


def erase(contact_ids: frozenset[int], words: Words) -> int:
    """Empty the person's addresses and words; return how many rows changed.

    Somebody who has gone cannot be called back: an open promise is given up.
    """
    known = words.addresses
    rows = Interaction.objects.filter(
        Q(contact__in=contact_ids) | Q(address__in=known, contact=None)
    )
    ids = list(rows.values_list("pk", flat=True))
    theirs = Interaction.objects.filter(pk__in=ids)
    changed = without_words(theirs, ("note",), words)
    changed += theirs.update(address="")
    talks = Conversation.objects.filter(
        Q(interaction__in=ids) | Q(phone__in=known, interaction__contact=None)
    )
    changed += IncomingText.objects.filter(conversation__in=talks).update(text="", answer="")
    changed += talks.update(phone="", memory={}, draft_key="")
    changed += Call.objects.filter(
        Q(interaction__in=ids) | Q(phone__in=known, interaction__contact=None)
    ).update(phone="")
    calls = CallBack.objects.filter(
        Q(contact__in=contact_ids) | Q(interaction__in=ids) | Q(phone__in=known, contact=None)
    )
    changed += without_words(calls, ("about",), words)
    changed += calls.update(phone="")
    for label in ("contacts.Handover", "contacts.MonitoredContact"):
        model = apps.get_model(label)
        changed += without_words(
            model._default_manager.filter(interaction__in=ids), _TEXTS[label], words
        )
    changed += Handover.objects.filter(interaction__in=ids).exclude(place="").update(place="")
    return changed


def _lately(since: datetime) -> QuerySet[Interaction, Any]:
    rows = Interaction.objects.filter(offered_at__gte=since, contact__isnull=False)
    return rows.values("contact_id")


def _old(before: datetime) -> QuerySet[Interaction]:
    held = ~Q(address="") | ~Q(note="") | Q(conversation__phone__gt="")
    return Interaction.objects.filter(held, ended_at__lt=before)


def _empty(before: datetime, limit: int) -> int:
    """Numbers and words go; when, how long and what about stay for the figures."""
    keys = list(_old(before).order_by("pk").values_list("pk", flat=True)[:limit])
    rows = Interaction.objects.filter(pk__in=keys)
    talks = Conversation.objects.filter(interaction__in=keys)
    IncomingText.objects.filter(conversation__in=talks).update(text="", answer="")
    talks.update(phone="", memory={}, draft_key="")
    CallBack.objects.filter(interaction__in=keys).update(phone="", about="")
    Call.objects.filter(interaction__in=keys).update(phone="")
    Handover.objects.filter(interaction__in=keys).update(place="")
    rows.update(address="", note="")
    return len(keys)


def hold() -> None:
    """Tell people what the contact center keeps."""
    register(Holder(name="contacts", export=export, erase=erase, texts=_TEXTS, lately=_lately))
    retention.register(Keeper(Retained.INTERACTIONS, lambda before: _old(before).count(), _empty))
