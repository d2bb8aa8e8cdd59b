"""What staff notes of a contact: language, channel, household, note, legal hold."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Value
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext as _

from lamppost.cities.models import CityLanguage
from lamppost.kernel.refusals import Conflict, Invalid, NotFound, Problem
from lamppost.kernel.text import clean_line, clean_text
from lamppost.people import audit
from lamppost.people.actors import Actor
from lamppost.people.choices import AuditWhat, Consent, PointKind, Proof
from lamppost.people.models import Contact, ContactPoint, Household
from lamppost.people.permissions import Permission, require

_MAX_NOTE = 2000
_MAX_NAME = 200


def change(
    *,
    contact_id: int,
    actor: Actor,
    name: str,
    language: str,
    preferred: str,
    household: str,
    is_organization: bool,
    note: str,
) -> Contact:
    """Correct what is noted of a contact; '' clears. Return it.

    A household or organization is found by its name, made when new. Raises ``Invalid`` naming
    each wrong field, ``NotFound``, ``Conflict`` for an erased one, ``Forbidden``.
    """
    require(actor, Permission.CONTACT_MERGE, detail=f"contact {contact_id}")
    name, household, note = clean_line(name), clean_line(household), clean_text(note)
    problems = _problems(name, language, preferred, household, note)
    if problems:
        raise Invalid(problems)
    with transaction.atomic():
        contact = _locked(contact_id)
        contact.name, contact.note = name, note
        contact.language, contact.preferred = language, preferred
        contact.household = _household(household, is_organization) if household else None
        contact.save()
        audit.note(what=AuditWhat.CONTACT, label=f"contact {contact.pk}", actor=actor)
        return contact


def hold(*, contact_id: int, reason: str, actor: Actor) -> Contact:
    """Put a legal hold on a contact: nothing of it is erased. Raises as ``change``."""
    require(actor, Permission.CONTACT_ERASE, detail=f"contact {contact_id}")
    reason = clean_line(reason)
    if not reason or len(reason) > _MAX_NOTE // 8:
        raise Invalid(_("Say in a sentence why."), field="reason")
    with transaction.atomic():
        contact = _locked(contact_id)
        contact.held_since = contact.held_since or timezone.now()
        contact.hold_reason = reason
        contact.save()
        audit.note(
            what=AuditWhat.CONTACT, label=f"contact {contact.pk}", actor=actor, detail="hold"
        )
        return contact


def lift(*, contact_id: int, actor: Actor) -> Contact:
    """Lift a legal hold. Raises as ``change``."""
    require(actor, Permission.CONTACT_ERASE, detail=f"contact {contact_id}")
    with transaction.atomic():
        contact = _locked(contact_id)
        if contact.held_since is None:
            raise Conflict(_("There is no hold on this contact."))
        contact.held_since, contact.hold_reason = None, ""
        contact.save()
        audit.note(
            what=AuditWhat.CONTACT, label=f"contact {contact.pk}", actor=actor, detail="hold lifted"
        )
        return contact


def confirm(*, point_id: int, actor: Actor) -> ContactPoint:
    """Note that the person has confirmed to an agent that an address is theirs."""
    require(actor, Permission.CONTACT_MERGE, detail=f"address {point_id}")
    with transaction.atomic():
        point = _point(point_id)
        if point.proven_at is None:
            point.proven_at, point.proven_by = timezone.now(), Proof.AGENT
            point.save()
            _note_of(point, actor, "confirmed")
        return point


def consent(*, point_id: int, given: bool, actor: Actor, source: Consent = Consent.AGENT) -> None:
    """Note that the person agrees, or no longer agrees, to be told news at an address."""
    require(actor, Permission.CONTACT_MERGE, detail=f"address {point_id}")
    with transaction.atomic():
        point, now = _point(point_id), timezone.now()
        if given:
            point.consent_at, point.consent_source, point.withdrawn_at = now, source, None
        elif point.may_notify:
            point.withdrawn_at = now
        point.save()
        still = [one for one in point.contact.points.all() if one.may_notify]
        Contact.objects.filter(pk=point.contact_id).update(may_notify=bool(still))
        _note_of(point, actor, "consent" if given else "consent withdrawn")


def _point(point_id: int) -> ContactPoint:
    """Return an address under its lock and that of its contact."""
    rows = ContactPoint.objects.select_for_update().select_related("contact").filter(pk=point_id)
    point = rows.filter(contact__erased_at=None).first()
    if point is None:
        raise NotFound(_("This address does not exist here."))
    return point


def _note_of(point: ContactPoint, actor: Actor, did: str) -> None:
    audit.note(
        what=AuditWhat.CONTACT,
        label=f"contact {point.contact_id}",
        actor=actor,
        detail=f"address {point.pk}: {did}",
    )


def _locked(contact_id: int) -> Contact:
    contact = Contact.objects.select_for_update().filter(pk=contact_id).first()
    if contact is None:
        raise NotFound(_("This contact does not exist here."))
    if contact.erased_at is not None:
        raise Conflict(_("This contact has been erased already."))
    return contact


def _household(name: str, is_organization: bool) -> Household:
    known = Household.objects.filter(any_case=Lower(Value(name))).order_by("pk").first()
    if known is not None:
        return known
    return Household.objects.create(
        name=name, is_organization=is_organization, created_at=timezone.now()
    )


def _problems(name: str, language: str, preferred: str, household: str, note: str) -> list[Problem]:
    problems = []
    for field, text, limit in (
        ("name", name, _MAX_NAME),
        ("household", household, _MAX_NAME),
        ("note", note, _MAX_NOTE),
    ):
        if len(text) > limit:
            problems.append(
                Problem(field, _("Use at most %(limit)d characters.") % {"limit": limit})
            )
    if language and not CityLanguage.objects.filter(code=language).exists():
        problems.append(Problem("language", _("Choose one of the languages.")))
    if preferred and preferred not in PointKind.values:
        problems.append(Problem("preferred", _("Choose one of the ways.")))
    return problems
