"""What the city says of its center: rules and dispositions."""

from __future__ import annotations

from django.utils.translation import gettext as _

from lamppost.contacts.choices import DispositionKind
from lamppost.contacts.models import CenterRules, Disposition
from lamppost.kernel.refusals import Invalid


def center_rules() -> CenterRules:
    """Return the rules of the city in scope; the defaults where its pack says nothing."""
    return CenterRules.objects.first() or CenterRules()


def dispositions() -> list[Disposition]:
    """Return the dispositions in use, in the city's order."""
    return list(Disposition.objects.filter(is_active=True))


def disposition_of(kind: DispositionKind) -> Disposition | None:
    """Return the city's first disposition in use of ``kind``, or None."""
    return Disposition.objects.filter(is_active=True, kind=kind).first()


def disposition_in_use(code: str) -> Disposition:
    """Return the disposition an agent chose; raises ``Invalid`` for one the city does not use."""
    found = Disposition.objects.filter(is_active=True, code=code).first()
    if found is None:
        raise Invalid(_("Choose what it was about."), field="disposition")
    return found
