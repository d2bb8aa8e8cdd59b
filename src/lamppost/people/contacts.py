"""Residents as we know them: found by their addresses, made, and told apart."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Protocol

from django.db.models import Q

from lamppost.cities.selectors import city_in_scope
from lamppost.kernel.phone import as_kept
from lamppost.people.choices import Consent, PointKind, Proof
from lamppost.people.models import Contact, ContactPoint

_NUMBERS = (PointKind.PHONE, PointKind.SMS)


class Person(Protocol):
    """What a filing says of its reporter.

    ``contact_id`` is the contact an agent has chosen, ``proven`` the kinds of address the
    channel itself has proven (a text message comes from its number).
    """

    @property
    def name(self) -> str: ...
    @property
    def email(self) -> str: ...
    @property
    def phone(self) -> str: ...
    @property
    def language(self) -> str: ...
    @property
    def device_id(self) -> str: ...
    @property
    def account_id(self) -> str: ...
    @property
    def may_notify(self) -> bool: ...
    @property
    def is_anonymous(self) -> bool: ...
    @property
    def contact_id(self) -> int | None: ...
    @property
    def proven(self) -> frozenset[PointKind]: ...


def normal(kind: PointKind | str, value: str) -> str:
    """Return ``value`` in the form addresses of ``kind`` are kept and compared in.

    Numbers become E.164 by the country of the city in scope, e-mail is case-folded.
    """
    value = value.strip()
    if kind in _NUMBERS:
        return as_kept(value, city_in_scope().country)
    return value.casefold() if kind == PointKind.EMAIL else value


def find(*, phone: str = "", email: str = "", limit: int = 5) -> list[Contact]:
    """Return who is known by this phone or e-mail, in any spelling; who has proven it first.

    For the one who shows a caller's card, never for access: a claim is no proof. Merged and
    erased contacts are left out. Two queries.
    """
    wanted = Q()
    if phone:
        wanted |= Q(kind__in=_NUMBERS, value=normal(PointKind.PHONE, phone))
    if email:
        wanted |= Q(kind=PointKind.EMAIL, value=normal(PointKind.EMAIL, email))
    if not wanted:
        return []
    rows = ContactPoint.objects.filter(
        wanted, contact__erased_at=None, contact__merged_into=None
    ).order_by("contact_id")
    proven: dict[int, bool] = {}
    for row in rows[:200]:
        proven[row.contact_id] = proven.get(row.contact_id, False) or row.proven_at is not None
    order = sorted(proven, key=lambda key: (not proven[key], -key))[:limit]
    known = Contact.objects.select_related("household").in_bulk(order)
    return [known[key] for key in order]


def contact_for(person: Person, *, user_id: int | None, now: datetime) -> int | None:
    """Return the id of the contact for ``person``, made when new; None for an anonymous one.

    Who an agent has chosen is that one. Otherwise an account, or an address the channel has
    proven, leads to the contact that has proven it before. An unproven claim changes nobody:
    the same e-mail with another name is another row until somebody merges them.
    """
    if person.is_anonymous and user_id is None:
        return None
    contact = _chosen(person) or _proven(person, user_id) or _same(person, user_id)
    if contact is not None:
        _fill(contact, person)
        known = {(point.kind, point.value): point for point in contact.points.all()}
        _add_points(contact, person, known=known, now=now)
        return contact.pk
    contact = Contact.objects.create(
        name=person.name,
        email=normal(PointKind.EMAIL, person.email),
        phone=normal(PointKind.PHONE, person.phone),
        device_id=person.device_id,
        external_account=person.account_id,
        user_id=user_id,
        language=person.language,
        may_notify=person.may_notify,
        created_at=now,
    )
    _add_points(contact, person, known={}, now=now)
    return contact.pk


def standing(contact: Contact) -> Contact:
    """Return who stands for ``contact`` after all merges: itself, or who it went into."""
    seen = {contact.pk}
    while contact.merged_into_id is not None and contact.merged_into_id not in seen:
        contact = Contact.objects.get(pk=contact.merged_into_id)
        seen.add(contact.pk)
    return contact


def addresses(contact_ids: Iterable[int]) -> dict[int, list[ContactPoint]]:
    """Return the points of each of these contacts, the oldest first; one query."""
    found: dict[int, list[ContactPoint]] = {}
    for point in ContactPoint.objects.filter(contact_id__in=contact_ids).order_by("id"):
        found.setdefault(point.contact_id, []).append(point)
    return found


def _chosen(person: Person) -> Contact | None:
    if person.contact_id is None:
        return None
    contact = Contact.objects.filter(pk=person.contact_id, erased_at=None).first()
    return standing(contact) if contact else None


def _proven(person: Person, user_id: int | None) -> Contact | None:
    if user_id is not None:
        own = Contact.objects.filter(user_id=user_id, erased_at=None, merged_into=None)
        contact = own.order_by("id").first()
        if contact is not None:
            return contact
    said = [(kind, value) for kind, value in _claims(person) if kind in person.proven]
    for kind, value in said:
        kinds = _NUMBERS if kind in _NUMBERS else (kind,)
        point = (
            ContactPoint.objects.select_related("contact")
            .filter(kind__in=kinds, value=value, proven_at__isnull=False, contact__erased_at=None)
            .filter(contact__merged_into=None)
            .order_by("id")
            .first()
        )
        if point is not None:
            return point.contact
    return None


def _same(person: Person, user_id: int | None) -> Contact | None:
    if user_id is not None or person.proven or not (person.email or person.phone):
        return None
    known = (
        Contact.objects.filter(
            erased_at=None,
            name=person.name,
            email=normal(PointKind.EMAIL, person.email),
            phone=normal(PointKind.PHONE, person.phone),
            device_id=person.device_id,
            external_account=person.account_id,
            user=None,
        )
        .order_by("-id")
        .first()
    )
    return standing(known) if known else None


def _claims(person: Person) -> list[tuple[PointKind, str]]:
    claims = []
    if person.email:
        claims.append((PointKind.EMAIL, normal(PointKind.EMAIL, person.email)))
    if person.phone:
        kind = PointKind.SMS if PointKind.SMS in person.proven else PointKind.PHONE
        claims.append((kind, normal(kind, person.phone)))
    return claims


def _add_points(
    contact: Contact,
    person: Person,
    *,
    known: Mapping[tuple[str, str], ContactPoint],
    now: datetime,
) -> None:
    """Add what was said to the contact's addresses; what is known stays as it is."""
    new = []
    for kind, value in _claims(person):
        proven = kind in person.proven
        point = known.get((kind, value))
        if point is None:
            new.append(
                ContactPoint(
                    contact=contact,
                    kind=kind,
                    value=value,
                    proven_at=now if proven else None,
                    proven_by=Proof.CHANNEL if proven else "",
                    consent_at=now if person.may_notify else None,
                    consent_source=Consent.REPORT if person.may_notify else "",
                    created_at=now,
                )
            )
        elif proven and point.proven_at is None:
            ContactPoint.objects.filter(pk=point.pk).update(proven_at=now, proven_by=Proof.CHANNEL)
    if new:
        ContactPoint.objects.bulk_create(new)


def _fill(contact: Contact, person: Person) -> None:
    """What was not known of the contact's own, as it is said now."""
    said = {
        "name": person.name,
        "email": normal(PointKind.EMAIL, person.email),
        "phone": normal(PointKind.PHONE, person.phone),
        "language": person.language,
    }
    missing = {key: value for key, value in said.items() if value and not getattr(contact, key)}
    if missing:
        Contact.objects.filter(pk=contact.pk).update(**missing)
