"""A macro for many cases at once: what the pages of ``views.bulk`` need for it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from lamppost.cases.models import Case
from lamppost.faces.desk.fields import Fields
from lamppost.faces.desk.frame import localized
from lamppost.kernel.refusals import Invalid
from lamppost.people.actors import Actor
from lamppost.people.permissions import ALL_DEPARTMENTS
from lamppost.work.playbook import MacroEntry, playbook
from lamppost.work.services.macros import preview_macro


def macros_of_desk(actor: Actor) -> list[MacroEntry]:
    """Return the macros somebody may do to their queue: everybody's and the department's."""
    return [
        entry
        for entry in playbook().macros.values()
        if actor.role in ALL_DEPARTMENTS or entry.department_id in {None, actor.department_id}
    ]


def macro_choice(fields: Fields, actor: Actor) -> list[dict[str, Any]]:
    """Return the fields that ask which macro, and why."""
    choices = [("", _("Choose")), *((str(e.id), localized(e.title)) for e in macros_of_desk(actor))]
    hint = _("For colleagues, in the history of every one of these cases.")
    return [
        fields.select("target", _("Macro"), choices),
        fields.area("reason", _("Reason"), required=True, hint=hint, attrs={"rows": 2}),
    ]


def chosen_macro(target: str) -> MacroEntry:
    """Return the macro chosen. Raises ``Invalid`` for none."""
    is_id = target.isascii() and target.isdecimal() and len(target) < 19
    entry = playbook().macros.get(int(target)) if is_id else None
    if entry is None:
        raise Invalid(_("Choose a macro."), field="target")
    return entry


def expected_of_macro(
    cases: Sequence[Case], *, target: str, reason: str, actor: Actor
) -> tuple[dict[int, str], str]:
    """Return, by id, why each case would be refused ('' where it would not), and the name."""
    entry = chosen_macro(target)
    ids = [case.pk for case in cases]
    expected = preview_macro(case_ids=ids, macro_id=entry.id, reason=reason, actor=actor)
    return expected, localized(entry.title)
