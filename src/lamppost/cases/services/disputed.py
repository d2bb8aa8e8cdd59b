"""What cannot be done to a case while the 311 center looks at its last closing."""

from __future__ import annotations

from django.utils.translation import gettext as _

from lamppost.cases.choices import RedressState
from lamppost.cases.models import Case, Redress
from lamppost.kernel.refusals import Conflict


def is_disputed(case: Case) -> bool:
    """Return whether the last closing of ``case`` is in doubt and not decided on."""
    if not case.reopen_count:
        return False
    return Redress.objects.filter(case=case, state=RedressState.OPEN).exists()


def refuse_while_disputed(case: Case) -> None:
    """Raise ``Conflict`` while the closing of a case the caller has locked is in doubt."""
    if is_disputed(case):
        raise Conflict(
            _(
                "Somebody said that this case is not fixed. Until the 311 center has decided, it "
                "can be worked on, but neither closed nor made to wait."
            )
        )
