"""Saved views of the queue, as one person sees them."""

from __future__ import annotations

from django.db.models import F, Q

from lamppost.cases.models import SavedView
from lamppost.people.actors import Actor


def views_for(actor: Actor) -> list[SavedView]:
    """Return the views ``actor`` sees: their own, then their department's, each in order."""
    mine = Q(owner_id=actor.user_id or 0)
    if actor.department_id is not None:
        mine |= Q(department_id=actor.department_id)
    rows = SavedView.objects.filter(mine)
    return list(rows.order_by(F("department").asc(nulls_first=True), "order", "name", "id"))


def default_view(views: list[SavedView]) -> SavedView | None:
    """Return the view somebody starts with: their own choice, else their department's."""
    return next((view for view in views if view.is_default), None)
