"""Taking an interaction to change it: permission first, then the lock, then whose it is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction
from django.utils.translation import gettext as _

from lamppost.contacts.models import Interaction
from lamppost.kernel.refusals import Conflict, Forbidden, NotFound
from lamppost.people import denials
from lamppost.people.actors import Actor
from lamppost.people.permissions import Permission, may, require


@contextmanager
def held(
    interaction_id: int, actor: Actor, *, is_open: bool = False, by_supervisor: bool = False
) -> Iterator[Interaction]:
    """Open a transaction, lock the actor's own interaction and hand it over.

    ``is_open`` asks that the line is still open, ``by_supervisor`` lets who leads the center
    in, too. Raises ``NotFound`` for an unknown one, ``Forbidden`` without the console or for a
    colleague's (the denial is kept), ``Conflict`` when the line is gone.
    """
    with denials.kept_to_the_end(), transaction.atomic():
        require(actor, Permission.CONSOLE_USE)
        row = (
            Interaction.objects.select_for_update(of=("self",))
            .select_related("contact", "disposition")
            .filter(pk=interaction_id)
            .first()
        )
        if row is None:
            raise NotFound(_("This interaction does not exist here."))
        leads = by_supervisor and may(actor, Permission.CENTER_SUPERVISE)
        if not actor.is_system and row.agent_id != actor.user_id and not leads:
            denials.keep(actor, Permission.CONSOLE_USE, detail=f"interaction {row.pk}")
            raise Forbidden(_("This is a colleague's call."))
        if is_open and row.ended_at is not None:
            raise Conflict(_("This call has ended."))
        yield row
