"""The panel of a case that says which partner has it, since when, under which number."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from lamppost.cases.models import Case
from lamppost.faces.desk.panels import Panel
from lamppost.partners.models import HandOff
from lamppost.partners.selectors import handoffs_of
from lamppost.people.actors import Actor
from lamppost.people.permissions import Permission, may


def partners_panel(case: Case, actor: Actor, _query: str) -> Panel | None:
    """Return where the case was handed over, or nothing; one query."""
    handoffs = handoffs_of(case)
    if not handoffs:
        return None
    sees = may(actor, Permission.PARTNER_SEE, department_id=case.department_id)
    rows = [_row(handoff, case, sees=sees) for handoff in handoffs]
    return Panel("desk/panels/partners.html", {"rows": rows})


def _row(handoff: HandOff, case: Case, *, sees: bool) -> dict[str, Any]:
    listing = reverse("desk:partner_deliveries")
    return {
        "handoff": handoff,
        "partner": handoff.connection.name,
        "number": handoff.external_number,
        "url": f"{listing}?number={case.number}&connection={handoff.connection.code}"
        if sees
        else "",
    }
