"""Dates as people read them: spans in words, and where a promise stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

SOON = timedelta(hours=24)


def span_in_words(span: timedelta) -> str:
    """Return the length of ``span``, sign dropped, in its largest whole unit.

    Minutes up to an hour, hours up to two days, days from there; never less than one minute.
    """
    seconds = abs(int(span.total_seconds()))
    if seconds < 3600:
        count = max(seconds // 60, 1)
        return ngettext("%(count)d minute", "%(count)d minutes", count) % {"count": count}
    if seconds < 2 * 86400:
        count = seconds // 3600
        return ngettext("%(count)d hour", "%(count)d hours", count) % {"count": count}
    count = seconds // 86400
    return ngettext("%(count)d day", "%(count)d days", count) % {"count": count}


@dataclass(frozen=True)
class DueState:
    """Where a promise stands: ``state`` is ahead, soon, overdue, met or late; ``text`` says it."""

    state: str
    text: str


def due_state(*, due: datetime, now: datetime, done_at: datetime | None = None) -> DueState:
    """Return where the promise ``due`` stands at ``now``; all times aware.

    Late is strictly after ``due``. Nothing is computed about working hours here: ``due`` is
    what the SLA engine stored.
    """
    if done_at is not None:
        if done_at <= due:
            return DueState("met", _("Done on time"))
        return DueState("late", _("Done late"))
    if now > due:
        return DueState("overdue", _("Overdue by %(span)s") % {"span": span_in_words(now - due)})
    state = "soon" if due - now <= SOON else "ahead"
    return DueState(state, _("Due in %(span)s") % {"span": span_in_words(due - now)})
