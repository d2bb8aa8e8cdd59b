"""What the city says of its center: rules and dispositions."""

from __future__ import annotations

from collections.abc import Collection

from lamppost.contacts.choices import DispositionKind
from lamppost.contacts.models import CenterRules, Disposition


def center_rules() -> CenterRules:
    """Return the rules of the city in scope; the defaults where its pack says nothing."""
    return CenterRules.objects.first() or CenterRules()


def dispositions() -> list[Disposition]:
    """Return the dispositions in use, in the city's order."""
    return list(Disposition.objects.filter(is_active=True))


def disposition_of(kinds: Collection[DispositionKind]) -> Disposition | None:
    """Return the city's first disposition in use of one of ``kinds``, or None."""
    return Disposition.objects.filter(is_active=True, kind__in=kinds).first()
