"""A center in a test city: dispositions with their keys, a call at a known moment."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from lamppost.contacts.choices import DispositionKind
from lamppost.contacts.models import CenterRules, Disposition
from lamppost.knowledge.models import Article
from lamppost.knowledge.tests.writing import publish

# A Tuesday; ten in the morning in New York.
START = datetime(2026, 3, 10, 14, 0, tzinfo=UTC)

_CODES = (
    ("information", "1", True),
    ("request", "2", False),
    ("status", "3", True),
    ("transfer", "5", False),
    ("call_back", "6", False),
    ("nobody", "8", False),
    ("emergency", "9", False),
)


def make_dispositions() -> None:
    """Give the city in scope a disposition per kind, coded by the kind's own name."""
    for order, (kind, key, is_resolved) in enumerate(_CODES, start=1):
        Disposition.objects.create(
            code=kind,
            name={"en": str(DispositionKind(kind).label)},
            kind=kind,
            key=key,
            is_resolved=is_resolved,
            order=order,
        )
    CenterRules.objects.create()


def later(seconds: float) -> datetime:
    """Return the moment so many seconds after ``START``."""
    return START + timedelta(seconds=seconds)


def make_article() -> Article:
    """Publish an article on trash days, which can start a request for a pothole."""
    version = publish("trash-day", "When is my trash day?", spoken="On the same day every week.")
    return version.article
