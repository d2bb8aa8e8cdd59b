"""What was said to the result of a case, on its page; taking it down for a caller."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from lamppost.cases.choices import RedressSource, RedressState
from lamppost.cases.models import Case, Redress
from lamppost.cases.selectors.redress import redresses_of, words_of
from lamppost.catalog.choices import State
from lamppost.faces.desk.fields import Fields, Typed
from lamppost.faces.desk.panels import Panel
from lamppost.people.actors import Actor
from lamppost.people.permissions import Permission, may


def redress_panel(case: Case, actor: Actor, query: str) -> Panel | None:
    """Return the panel of redress: two queries where the case was reopened, else none."""
    del query
    found = redresses_of(case)
    takes_down = case.state == State.CLOSED and may(actor, Permission.CASE_FILE_FOR_OTHERS)
    if not found and not takes_down:
        return None
    words = words_of(found) if found else {}
    decides = may(actor, Permission.REDRESS_DECIDE)
    area = Fields("redress", Typed()).area(
        "text", _("What is still wrong, in the caller's words"), required=True
    )
    context = {
        "rows": [_row(one, words.get(one.pk, ""), decides) for one in found],
        "field": area if takes_down else None,
        "take_down_url": reverse("desk:redress_for", args=[case.number]),
    }
    return Panel("desk/panels/redress.html", context)


def _row(one: Redress, words: str, decides: bool) -> dict[str, Any]:
    return {
        "redress": one,
        "words": words,
        "source": RedressSource(one.source).label,
        "state": RedressState(one.state).label,
        "is_open": one.state == RedressState.OPEN,
        "url": reverse("desk:redress_one", args=[one.pk]) if decides else "",
    }
