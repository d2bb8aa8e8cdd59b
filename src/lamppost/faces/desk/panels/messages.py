"""The panel of a case that says what was sent to people about it."""

from __future__ import annotations

from lamppost.cases.models import Case
from lamppost.faces.desk.panels import Panel
from lamppost.faces.desk.views.messages import row_of
from lamppost.notify.selectors.log import sent_about
from lamppost.people.actors import Actor


def messages_panel(case: Case, actor: Actor, _query: str) -> Panel | None:
    """Return what was sent about the case, or nothing; one query."""
    rows = [row_of(one) for one in sent_about(case, actor)]
    return Panel("desk/panels/messages.html", {"rows": rows}) if rows else None
