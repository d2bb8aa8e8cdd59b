"""What cases keep of a resident: given to them, and taken out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.apps import apps
from django.db.models import Q, QuerySet

from lamppost.cases.models import (
    Case,
    Draft,
    EventText,
    Follower,
    TextMark,
)
from lamppost.cases.selectors.audience import public_events
from lamppost.catalog.choices import State
from lamppost.kernel.removal import Words
from lamppost.people import retention
from lamppost.people.choices import Retained
from lamppost.people.holders import Holder, register, without_words
from lamppost.people.retention import Keeper

_TEXTS = {
    "cases.Case": (
        "description",
        "public_description",
        "status_note",
        "public_note",
        "subject",
        "media_url",
    ),
    "cases.EventText": ("text", "public_text"),
    "cases.CaseAnswer": ("text", "public_text"),
    "cases.Transfer": ("reason", "answer"),
    "cases.Attachment": ("alt",),
    "cases.IdempotencyKey": ("key",),
    "cases.QualitySample": ("note",),
    "cases.Redress": ("decision",),
    "cases.BulkRun": ("reason",),
    "cases.SavedView": ("name", "query"),
}
_OF_ONE_CASE = (
    "cases.CaseAnswer",
    "cases.Transfer",
    "cases.Attachment",
    "cases.IdempotencyKey",
    "cases.QualitySample",
    "cases.Redress",
)


def export(contact_ids: frozenset[int]) -> dict[str, list[dict[str, Any]]]:
    """Return the person's cases with what they wrote and were told, and their drafts."""
    cases = Case.objects.filter(contact__in=contact_ids).order_by("pk")
    rows = cases.select_related("service", "status", "outcome")
    follows = Follower.objects.filter(contact__in=contact_ids).select_related("case")
    return {
        "cases": [_case_row(case) for case in rows],
        "follows": [
            {"number": row.case.number, "since": row.created_at.isoformat()}
            for row in follows.order_by("pk")
        ],
    }


def _case_row(case: Case) -> dict[str, Any]:
    answers = case.answers.select_related("question", "value").order_by("pk")
    return {
        "number": case.number,
        "service": case.service.code,
        "state": case.state,
        "status": case.status.code,
        "outcome": case.outcome.code if case.outcome else None,
        "channel": case.channel,
        "language": case.language,
        "description": case.description,
        "address": case.address,
        "unit": case.unit,
        "place": list(case.location) if case.location else None,
        "status_note": case.status_note,
        "requested_at": case.requested_at.isoformat(),
        "closed_at": case.closed_at.isoformat() if case.closed_at else None,
        "answers": [
            {"question": row.question.code, "answer": row.value.key if row.value else row.text}
            for row in answers
        ],
        "photos": [photo.token for photo in case.attachments.order_by("pk")],
        "events": _events(case),
    }


def _events(case: Case) -> list[dict[str, Any]]:
    rows = public_events(case, is_reporter=True).select_related("words").order_by("seq")
    return [
        {
            "kind": row.kind,
            "at": row.at.isoformat(),
            "by": row.actor,
            "state": row.state,
            "text": row.words.text if hasattr(row, "words") else "",
        }
        for row in rows
    ]


def pending(contact_ids: frozenset[int]) -> Sequence[str]:
    """Return the numbers of the person's open cases."""
    rows = Case.objects.filter(contact__in=contact_ids).exclude(state=State.CLOSED)
    return list(rows.order_by("pk").values_list("number", flat=True))


def erase(contact_ids: frozenset[int], words: Words) -> int:
    """Take the person out of their cases and drafts; return how many rows changed."""
    cases = Case.objects.filter(contact__in=contact_ids)
    ids = list(cases.values_list("pk", flat=True))
    changed = without_words(cases, _TEXTS["cases.Case"], words)
    for label in _OF_ONE_CASE:
        rows = apps.get_model(label)._default_manager.filter(case__in=ids)
        changed += without_words(rows, _TEXTS[label], words)
    said = EventText.objects.filter(event__case__in=ids)
    changed += without_words(said, _TEXTS["cases.EventText"], words)
    # Places in texts that have changed; what was hidden by hand has gone from the public form.
    TextMark.objects.filter(case__in=ids).delete()
    changed += _drafts(words, ids)
    return changed + Follower.objects.filter(contact__in=contact_ids).update(contact=None)


def _drafts(words: Words, case_ids: list[int]) -> int:
    """Drafts that became a case of theirs, or hold one of their addresses: nothing stays."""
    held = Q(case__in=case_ids)
    for address in words.addresses:
        held |= Q(fields__email__iexact=address) | Q(fields__phone=address)
    if words.distinct:
        held |= Q(fields__iregex=words.distinct)
    return Draft.objects.filter(held).exclude(fields={}).update(fields={})


def _lately(since: datetime) -> QuerySet[Case, Any]:
    """Who has an open case, or had one that changed since."""
    rows = Case.objects.filter(contact__isnull=False)
    return rows.filter(~Q(state=State.CLOSED) | Q(updated_at__gte=since)).values("contact_id")


def _old_drafts(before: datetime) -> QuerySet[Draft]:
    return Draft.objects.filter(created_at__lt=before).exclude(fields={})


def _empty_drafts(before: datetime, limit: int) -> int:
    keys = list(_old_drafts(before).order_by("pk").values_list("pk", flat=True)[:limit])
    return Draft.objects.filter(pk__in=keys).update(fields={})


def hold() -> None:
    """Tell people what cases keep."""
    register(
        Holder(
            name="cases", export=export, erase=erase, texts=_TEXTS, pending=pending, lately=_lately
        )
    )
    retention.register(
        Keeper(Retained.DRAFTS, lambda before: _old_drafts(before).count(), _empty_drafts)
    )
