"""Sending a message again, by a member of the staff: a new row, and it says who asked."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from lamppost.kernel.refusals import Conflict
from lamppost.notify.choices import UNSENT, Link, MessageChannel
from lamppost.notify.models import Message
from lamppost.notify.selectors.log import logged
from lamppost.notify.services.outbox import About, queue
from lamppost.notify.services.stops import stopped
from lamppost.people.actors import Actor
from lamppost.people.permissions import Permission, require


def resend(*, message_id: int, actor: Actor, now: datetime | None = None) -> Message:
    """Send a message again to the same address; return the new row.

    Raises ``Forbidden`` without ``MESSAGE_RESEND``, ``NotFound`` for a message the actor may
    not see, ``Conflict`` while it is still on its way, for an address that is left alone and
    for one that was erased. Pressed twice on one message: once.
    """
    require(actor, Permission.MESSAGE_RESEND)
    old = logged(message_id, actor).message
    require(
        actor,
        Permission.MESSAGE_RESEND,
        department_id=old.case.department_id if old.case else None,
        detail=f"message {old.pk}",
    )
    if old.state in UNSENT:
        raise Conflict(_("This message is still on its way."))
    if not old.address:
        raise Conflict(_("The person was erased: there is nobody to write to."))
    if stopped(old.channel, old.address) is not None:
        raise Conflict(_("This address wants no messages, or mail to it came back."))
    now = now or timezone.now()
    with transaction.atomic():
        new = queue(
            channel=MessageChannel(old.channel),
            address=old.address,
            subject=old.subject,
            text=old.text,
            language=old.language,
            once_key=f"again:{old.pk}",
            about=About(
                contact_id=old.contact_id,
                case_id=old.case_id,
                event_id=old.event_id,
                subscription_id=old.subscription_id,
                template=old.template,
                link=Link(old.link),
            ),
            now=now,
        )
        Message.objects.filter(pk=new.pk).update(again_of=old, resent_by_id=actor.user_id)
        return new
