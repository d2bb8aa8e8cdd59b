"""No case closes over open required work; what it is, the floor above says."""

from __future__ import annotations

from collections.abc import Callable

from django.utils.translation import gettext as _

from lamppost.cases.models import Case
from lamppost.catalog.book import OutcomeEntry
from lamppost.catalog.choices import OutcomeKind
from lamppost.kernel.refusals import Conflict
from lamppost.people.actors import Actor

# Of a repeat the other case is worked on, and what was withdrawn is not to be done.
SETS_WORK_ASIDE = frozenset({OutcomeKind.DUPLICATE, OutcomeKind.WITHDRAWN})
_NAMES: list[Callable[[Case], list[str]]] = []


def name_work_with(names: Callable[[Case], list[str]]) -> None:
    """Have ``names`` say which required work of a case is open, in the reader's language."""
    if names not in _NAMES:
        _NAMES.append(names)


def is_held_open(case: Case, outcome: OutcomeEntry) -> bool:
    """Return whether open required work keeps the case from being closed with ``outcome``."""
    return bool(case.open_required) and outcome.kind not in SETS_WORK_ASIDE


def refuse_open_work(case: Case, outcome: OutcomeEntry, actor: Actor) -> None:
    """Raise ``Conflict`` if required work is open; its names are for the staff alone.

    The caller has locked the case. The database refuses it too (``case_closed_has_no_open_work``).
    """
    if not is_held_open(case, outcome):
        return
    names = [name for find in _NAMES for name in find(case)] if actor.is_staff else []
    if not names:
        raise Conflict(_("Required work on this case is still open."))
    raise Conflict(_("Required work is still open: %(items)s") % {"items": "; ".join(names)})
