"""Taking a work item to change it: permission first, then the case's lock, then the item's."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.utils.translation import gettext as _

from lamppost.cases.services.locking import locked
from lamppost.catalog.choices import State
from lamppost.kernel.refusals import Conflict, NotFound
from lamppost.people.actors import Actor
from lamppost.people.permissions import Permission, may, require
from lamppost.work.models import WorkItem


@contextmanager
def locked_item(item_id: int, actor: Actor, *, owner_too: bool = False) -> Iterator[WorkItem]:
    """Open a transaction, lock the item's case and the item, and hand the item over.

    Its ``case`` is the locked case. The actor must work for the item's department; with
    ``owner_too`` the department that owns the case may as well. Raises ``NotFound`` for an
    unknown item, ``Forbidden`` without the right and ``Conflict`` when the case is closed.
    """
    found = WorkItem.objects.filter(pk=item_id).values_list("case_id", "department_id").first()
    if found is None:
        raise NotFound(_("This work item does not exist here."))
    case_id, department_id = found
    with locked(case_id, None, actor) as case:
        owner_may = owner_too and may(actor, Permission.CASE_WORK, department_id=case.department_id)
        if not owner_may and not actor.is_system:
            require(actor, Permission.CASE_WORK, department_id=department_id, detail=case.number)
        if case.state == State.CLOSED:
            raise Conflict(_("This case is closed: reopen it first."))
        item = WorkItem.objects.select_for_update(of=("self",)).get(pk=item_id)
        item.case = case
        yield item
