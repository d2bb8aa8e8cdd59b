"""Which panels a case's page has, in the order they are shown."""

from __future__ import annotations

from lamppost.cases.models import Case
from lamppost.faces.desk.panels import Maker, Panel
from lamppost.faces.desk.panels.fieldwork import fieldwork_panel
from lamppost.faces.desk.panels.messages import messages_panel
from lamppost.faces.desk.panels.partners import partners_panel
from lamppost.faces.desk.panels.redress import redress_panel
from lamppost.faces.desk.panels.routed import routed_panel
from lamppost.faces.desk.panels.suggestion import suggestion_panel
from lamppost.faces.desk.panels.work import macro_panel, work_panel
from lamppost.people.actors import Actor

PANELS: tuple[Maker, ...] = (
    redress_panel,
    suggestion_panel,
    work_panel,
    macro_panel,
    fieldwork_panel,
    partners_panel,
    messages_panel,
    routed_panel,
)


def panels_of(case: Case, actor: Actor, query: str) -> list[Panel]:
    """Return the panels of ``case`` for ``actor``; ``query`` leads back to the queue."""
    made = (make(case, actor, query) for make in PANELS)
    return [panel for panel in made if panel is not None]
