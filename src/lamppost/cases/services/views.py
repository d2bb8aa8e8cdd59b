"""Saved views: named parts of the queue, one's own or the department's."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Max, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from lamppost.cases.models import SavedView
from lamppost.cases.selectors.views import views_for
from lamppost.kernel.refusals import Conflict, Forbidden, Invalid, NotFound
from lamppost.kernel.text import clean_line
from lamppost.people.actors import Actor
from lamppost.people.models import Department, User
from lamppost.people.permissions import Permission, require
from lamppost.people.teams import require_manager

MAX_NAME = 60
# More than these is a list to search, not a row of links.
MAX_VIEWS = 20


def save_view(
    *,
    name: str,
    query: str,
    actor: Actor,
    for_department: bool = False,
    is_default: bool = False,
) -> SavedView:
    """Save a part of the queue under a name; return it. The same name is overwritten.

    ``query`` is the filter as the desk normalizes it: the caller has read and checked it, and
    has left out words searched for. For the department by who manages its people, for oneself
    by everybody at the desk. Raises ``Invalid``, ``Conflict`` for too many, ``Forbidden``.
    """
    require(actor, Permission.DESK_SEE)
    if actor.user_id is None:
        raise Forbidden(_("Your role does not allow this."))
    if for_department:
        require_manager(actor, actor.department_id)
        if actor.department_id is None:
            raise Invalid(_("You belong to no department."), field="for_department")
    name = clean_line(name)
    if not name or len(name) > MAX_NAME:
        message = _("Give the view a name of at most %(limit)d characters.") % {"limit": MAX_NAME}
        raise Invalid(message, field="name")
    with transaction.atomic():
        held = _held_by(actor, for_department)
        view = held.filter(name=name).first()
        if view is None:
            if held.count() >= MAX_VIEWS:
                message = _("There are %(limit)d views already: delete one first.")
                raise Conflict(message % {"limit": MAX_VIEWS}, field="name")
            last = held.aggregate(last=Max("order"))["last"]
            view = SavedView(
                owner_id=None if for_department else actor.user_id,
                department_id=actor.department_id if for_department else None,
                name=name,
                order=0 if last is None else last + 1,
                created_at=timezone.now(),
            )
        view.query, view.created_by_id = query, actor.user_id
        if is_default:
            held.exclude(pk=view.pk).filter(is_default=True).update(is_default=False)
        view.is_default = is_default
        view.save()
    return view


def change_view(*, view_id: int, step: str, actor: Actor) -> None:
    """Change a saved view: ``delete``, ``default``, ``no-default``, ``up`` or ``down``.

    Raises ``NotFound`` for a view that is neither one's own nor one's department's,
    ``Forbidden`` for a department's by who does not manage it, ``Invalid`` for another step.
    """
    if step not in {"delete", "default", "no-default", "up", "down"}:
        raise Invalid(_("There is no such step."), field="step")
    view = next((one for one in views_for(actor) if one.pk == view_id), None)
    if view is None:
        raise NotFound(_("This view does not exist here."))
    if view.department_id is not None:
        require_manager(actor, view.department_id)
    with transaction.atomic():
        held = _held_by(actor, view.department_id is not None)
        if step == "delete":
            held.filter(pk=view_id).delete()
        elif step in {"up", "down"}:
            _swap(list(held), view_id, -1 if step == "up" else 1)
        else:
            held.filter(is_default=True).update(is_default=False)
            held.filter(pk=view_id).update(is_default=step == "default")


def _held_by(actor: Actor, for_department: bool) -> QuerySet[SavedView]:
    """The views of one holder, with that holder locked: changes come one by one."""
    if for_department:
        Department.objects.select_for_update(no_key=True).get(pk=actor.department_id or 0)
        return SavedView.objects.filter(department_id=actor.department_id or 0)
    User.objects.select_for_update(no_key=True).get(pk=actor.user_id or 0)
    return SavedView.objects.filter(owner_id=actor.user_id or 0)


def _swap(views: list[SavedView], view_id: int, by: int) -> None:
    at = next(place for place, view in enumerate(views) if view.pk == view_id)
    to = at + by
    if 0 <= to < len(views):
        views[at], views[to] = views[to], views[at]
    for place, view in enumerate(views):
        view.order = place
    SavedView.objects.bulk_update(views, ["order"])
