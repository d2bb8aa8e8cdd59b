"""Two contacts that are one person: suggested, merged by staff, taken apart again.

Never by itself: the same phone claimed twice is no proof. What was moved is kept, so that a
mistake can be undone for a month.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from django.apps import apps
from django.db import IntegrityError, models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from lamppost.kernel.refusals import Conflict, Invalid, NotFound
from lamppost.kernel.text import clean_line
from lamppost.people import audit
from lamppost.people.actors import Actor
from lamppost.people.choices import AuditWhat
from lamppost.people.models import Contact, ContactMerge, ContactPoint, MovedRow
from lamppost.people.permissions import Permission, require

UNDO_FOR = timedelta(days=30)
_MAX_REASON = 300
_REPEATED = ("name", "email", "phone", "language", "device_id", "external_account", "preferred")


def suggestions(contact: Contact, *, limit: int = 10) -> list[Contact]:
    """Return others who have given, or proven, one of the same addresses; two queries."""
    values = list(contact.points.values_list("value", flat=True))
    if not values:
        return []
    same = ContactPoint.objects.filter(value__in=values).exclude(contact=contact)
    rows = Contact.objects.filter(
        pk__in=same.values("contact_id"), merged_into=None, erased_at=None
    )
    return list(rows.order_by("-id")[:limit])


def merge(*, kept_id: int, gone_id: int, reason: str, actor: Actor) -> ContactMerge:
    """Make ``gone`` one person with ``kept``: what hangs on it moves over; return the record.

    Consent withdrawn for an address stays withdrawn, whoever of the two had given it. Raises
    ``Invalid`` without a reason or for the same contact twice, ``NotFound``, ``Conflict`` for
    one that is merged or erased already, or has an account where the other has one, too.
    """
    require(actor, Permission.CONTACT_MERGE, detail=f"contact {kept_id}")
    reason = _reason(reason)
    if kept_id == gone_id:
        raise Invalid(_("These are the same contact."), field="other")
    with transaction.atomic():
        rows = Contact.objects.select_for_update().order_by("pk").in_bulk([kept_id, gone_id])
        if len(rows) != 2:
            raise NotFound(_("This contact does not exist here."), field="other")
        kept, gone = rows[kept_id], rows[gone_id]
        _require_mergeable(kept, gone)
        done = ContactMerge.objects.create(
            kept=kept,
            gone=gone,
            reason=reason,
            merged_by_id=actor.user_id,
            merged_at=timezone.now(),
        )
        _move_all(done)
        _move_points(done)
        filled = {
            name: getattr(gone, name)
            for name in _REPEATED
            if getattr(gone, name) and not getattr(kept, name)
        }
        if gone.user_id is not None:
            filled["user_id"] = gone.user_id
        Contact.objects.filter(pk=kept.pk).update(**filled)
        Contact.objects.filter(pk=gone.pk).update(merged_into=kept)
        audit.note(
            what=AuditWhat.CONTACT,
            label=f"contact {gone.pk}",
            actor=actor,
            detail=f"merged into {kept.pk}",
        )
        return done


def undo(*, merge_id: int, actor: Actor) -> ContactMerge:
    """Take two contacts apart again: what was moved goes back; return the record.

    Raises ``NotFound``, ``Conflict`` after ``UNDO_FOR``, when it is undone already, when one
    was erased, or when the contact was merged on into a third one.
    """
    require(actor, Permission.CONTACT_MERGE, detail=f"merge {merge_id}")
    with transaction.atomic():
        done = (
            ContactMerge.objects.select_for_update(of=("self",))
            .select_related("kept", "gone")
            .filter(pk=merge_id)
            .first()
        )
        if done is None:
            raise NotFound(_("This merge does not exist here."))
        _require_undoable(done)
        _move_back(done)
        Contact.objects.filter(pk=done.gone_id).update(merged_into=None)
        if done.gone.user_id is not None and done.kept.user_id == done.gone.user_id:
            Contact.objects.filter(pk=done.kept_id).update(user=None)
        done.undone_at, done.undone_by_id = timezone.now(), actor.user_id
        done.save()
        audit.note(
            what=AuditWhat.CONTACT,
            label=f"contact {done.gone_id}",
            actor=actor,
            detail=f"taken out of {done.kept_id}",
        )
        return done


def merges_of(contact: Contact) -> list[ContactMerge]:
    """Return the merges into ``contact`` that still hold, the newest first."""
    rows = ContactMerge.objects.filter(kept=contact, undone_at=None)
    return list(rows.select_related("gone", "merged_by").order_by("-merged_at"))


def can_undo(done: ContactMerge) -> bool:
    """Return whether a merge is young enough to be undone."""
    return done.undone_at is None and done.merged_at > timezone.now() - UNDO_FOR


def _reason(reason: str) -> str:
    reason = clean_line(reason)
    if not reason:
        raise Invalid(_("Say how you know that they are one person."), field="reason")
    if len(reason) > _MAX_REASON:
        raise Invalid(
            _("Use at most %(limit)d characters.") % {"limit": _MAX_REASON}, field="reason"
        )
    return reason


def _require_mergeable(kept: Contact, gone: Contact) -> None:
    for one in (kept, gone):
        if one.erased_at is not None:
            raise Conflict(_("This contact has been erased already."))
        if one.merged_into_id is not None:
            raise Conflict(_("This contact has been merged already."))
    if gone.held_since is not None:
        raise Conflict(_("A legal hold is on this contact: it stays by itself."))
    if None not in {kept.user_id, gone.user_id} and kept.user_id != gone.user_id:
        raise Conflict(_("Both have an account of their own: they stay two."))


def _require_undoable(done: ContactMerge) -> None:
    if done.undone_at is not None:
        raise Conflict(_("This merge has been undone already."))
    if not can_undo(done):
        raise Conflict(_("A merge can be undone for 30 days."))
    if done.kept.erased_at or done.gone.erased_at:
        raise Conflict(_("This contact has been erased already."))
    if done.kept.merged_into_id is not None:
        raise Conflict(_("This contact has been merged already."))


def _references() -> Iterator[tuple[type[models.Model], str]]:
    """Every key to a contact in any app, but for what people itself keeps."""
    for table in apps.get_models():
        if table._meta.app_label == Contact._meta.app_label:
            continue
        for field in table._meta.concrete_fields:
            if field.is_relation and field.related_model is Contact:
                yield table, field.attname


def _move_all(done: ContactMerge) -> None:
    for table, field in _references():
        rows = table._base_manager.filter(**{field: done.gone_id})
        moved = keys = list(rows.values_list("pk", flat=True))
        if keys and not _are_moved(table, field, keys, done):
            # The kept contact has some of the same already: one by one.
            moved = [key for key in keys if _are_moved(table, field, [key], done)]
        MovedRow.objects.bulk_create(
            MovedRow(merge=done, table=table._meta.label, field=field, row_id=key) for key in moved
        )


def _move_back(done: ContactMerge) -> None:
    """Give back what was moved and has not gone elsewhere since; a statement for each column."""
    columns = done.moved.values_list("table", "field").distinct()
    for label, field in columns:
        moved = done.moved.filter(table=label, field=field)
        rows = apps.get_model(label)._base_manager.filter(pk__in=moved.values("row_id"))
        rows.filter(**{field: done.kept_id}).update(**{field: done.gone_id})


def _are_moved(table: type[models.Model], field: str, keys: list[int], done: ContactMerge) -> bool:
    try:
        with transaction.atomic():
            table._base_manager.filter(pk__in=keys).update(**{field: done.kept_id})
    except IntegrityError:
        return False
    return True


def _move_points(done: ContactMerge) -> None:
    """Addresses move; one both had stays with each, and what was withdrawn is for both."""
    known = {(row.kind, row.value): row for row in ContactPoint.objects.filter(contact=done.kept)}
    moved = []
    for point in ContactPoint.objects.filter(contact=done.gone):
        same = known.get((point.kind, point.value))
        if same is None:
            ContactPoint.objects.filter(pk=point.pk).update(contact=done.kept)
            moved.append(
                MovedRow(merge=done, table=point._meta.label, field="contact_id", row_id=point.pk)
            )
        elif point.withdrawn_at is not None and same.withdrawn_at is None:
            ContactPoint.objects.filter(pk=same.pk).update(withdrawn_at=point.withdrawn_at)
    MovedRow.objects.bulk_create(moved)


def search(text: str, *, actor: Actor, limit: int = 20) -> list[Contact]:
    """Return contacts by phone, e-mail or part of the name, for who may merge or erase.

    Raises ``Forbidden``.
    """
    require_reader(actor)
    from lamppost.people.contacts import find

    text = clean_line(text)
    if "@" in text:
        return find(email=text, limit=limit)
    if sum(char.isdigit() for char in text) >= _MIN_DIGITS:
        return find(phone=text, limit=limit)
    if len(text) < _MIN_LETTERS:
        return []
    rows = Contact.objects.filter(
        name__has_part=text, merged_into=None, erased_at=None
    ).select_related("household")
    return list(rows.order_by("-id")[:limit])


_MIN_DIGITS = 6
_MIN_LETTERS = 2


def require_reader(actor: Actor) -> None:
    """Raise ``Forbidden`` unless the actor reads contacts of all departments."""
    from lamppost.people.permissions import may

    if not may(actor, Permission.CONTACT_ERASE):
        require(actor, Permission.CONTACT_MERGE)
