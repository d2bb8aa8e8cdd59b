"""Prepared replies in the forms of a case: chosen from a list, put into the text by a button.

The button sends the form back to its own page, so it works without a script: what was typed
stays, the text is filled in, nothing is done to the case.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from lamppost.cases.models import Case
from lamppost.catalog.book import book
from lamppost.faces.desk.fields import Fields, Typed
from lamppost.faces.desk.frame import localized
from lamppost.work.playbook import ReplyEntry, playbook
from lamppost.work.selectors.replies import replies_for, words_for

# Which field of each form the text goes into.
_TEXT_FIELDS = {"move": "note", "close": "text", "note": "text"}


def reply_field(case: Case, slug: str, typed: Typed) -> Mapping[str, Any] | None:
    """Return the list of replies for one form of ``case``, or None without any; no query."""
    if slug not in _TEXT_FIELDS:
        return None
    entries = [entry for entry in replies_for(case) if _is_for(entry, slug)]
    if not entries:
        return None
    choices = [("", _("Choose")), *((str(entry.id), _name(entry)) for entry in entries)]
    return Fields(f"{slug}-prepared", typed).select("reply", _("Prepared text"), choices)


def with_reply(data: QueryDict, case: Case, slug: str) -> QueryDict:
    """Return what was typed with the reply chosen in it; without a choice, as it was.

    The text is in the reporter's language. A reply for one outcome chooses that outcome.
    """
    filled = data.copy()
    chosen = data.get("reply", "")
    entry = playbook().replies.get(int(chosen)) if chosen.isdecimal() and len(chosen) < 19 else None
    if entry is None or entry not in replies_for(case) or slug not in _TEXT_FIELDS:
        return filled
    filled[_TEXT_FIELDS[slug]] = words_for(entry, case)
    outcome = book().outcomes.get(entry.outcome_id) if entry.outcome_id is not None else None
    if slug == "close" and outcome is not None:
        filled["outcome"] = outcome.code
    return filled


def _is_for(entry: ReplyEntry, slug: str) -> bool:
    """A text about an outcome is only for closing."""
    return slug == "close" or entry.outcome_id is None


def _name(entry: ReplyEntry) -> str:
    title = localized(entry.title)
    outcome = book().outcomes.get(entry.outcome_id) if entry.outcome_id is not None else None
    if outcome is None:
        return title
    return _("%(title)s (%(outcome)s)") % {"title": title, "outcome": localized(outcome.name)}
