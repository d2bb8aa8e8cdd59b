"""All that is known of a person, given to them; and taken out of everything.

The cases stay, the person goes: also from free text, whoever wrote it. A merged contact and
those merged into it are one person. What a backup still holds is erased again when it is
restored: ``erasures.py``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import phonenumbers
from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from lamppost.cities.models import City
from lamppost.database.scope import city_scope
from lamppost.kernel.refusals import Conflict, Invalid, NotFound
from lamppost.kernel.removal import Number, Words
from lamppost.kernel.text import clean_line
from lamppost.people import audit, erasures, retention
from lamppost.people.actors import SYSTEM, Actor
from lamppost.people.choices import AuditWhat, PointKind, Retained, Role
from lamppost.people.contacts import standing
from lamppost.people.holders import Holder, holders, register, swept
from lamppost.people.models import (
    Contact,
    ContactMerge,
    ContactPoint,
    Erasure,
    Household,
    Membership,
    StaffNotice,
    User,
)
from lamppost.people.permissions import Permission, require
from lamppost.people.retention import Keeper

MAX_REASON = 300
_NUMBERS = {PointKind.PHONE, PointKind.SMS}


@dataclass(frozen=True, slots=True)
class Person:
    """One person: the contact that stands for them, and everything merged into it."""

    contact: Contact
    contact_ids: frozenset[int]


def person(contact_id: int) -> Person:
    """Return the person ``contact_id`` belongs to. Raises ``NotFound``."""
    contact = Contact.objects.filter(pk=contact_id).first()
    if contact is None:
        raise NotFound(_("This contact does not exist here."))
    contact = standing(contact)
    ids, fresh = {contact.pk}, [contact.pk]
    while fresh:
        below = Contact.objects.filter(merged_into__in=fresh).exclude(pk__in=ids)
        fresh = list(below.values_list("pk", flat=True))
        ids.update(fresh)
    return Person(contact, frozenset(ids))


def words_of(contact_ids: Iterable[int]) -> Words:
    """Return names, numbers and addresses of these contacts, as words to be found in text."""
    names, phones, emails, others = set(), set(), set(), set()
    rows = Contact.objects.filter(pk__in=contact_ids).select_related("user")
    for row in rows:
        names.add(row.name)
        phones.add(row.phone)
        emails.add(row.email)
        others |= {row.device_id, row.external_account}
        if row.user is not None and _is_only_resident(row.user):
            names.add(row.user.name)
            emails.add(row.user.email)
    for point in ContactPoint.objects.filter(contact__in=rows):
        (phones if point.kind in _NUMBERS else emails if point.kind == "email" else others).add(
            point.value
        )
    numbers = {number for phone in phones if (number := _number(phone))}
    odd = {phone for phone in phones if phone and _number(phone) is None}
    return Words(
        names=tuple(sorted(name for name in names if name)),
        phones=tuple(sorted(numbers, key=lambda one: one.national)),
        emails=tuple(sorted(email.casefold() for email in emails if email)),
        others=tuple(sorted(one for one in others | odd if len(one) >= _MIN_OTHER)),
    )


_MIN_OTHER = 6


def _number(phone: str) -> Number | None:
    try:
        parsed = phonenumbers.parse(phone, None)
    except phonenumbers.NumberParseException:
        return None
    return Number(str(parsed.country_code), phonenumbers.national_significant_number(parsed))


def export(*, contact_id: int, actor: Actor, is_own_wish: bool = False) -> dict[str, Any]:
    """Return everything known of the person, as plain JSON values; it is put on record.

    ``is_own_wish``: the caller has proven that the person asks. Staff needs to be allowed to
    erase. Raises ``NotFound``, ``Forbidden``.
    """
    if not is_own_wish:
        require(actor, Permission.CONTACT_ERASE, detail=f"contact {contact_id}")
    who = person(contact_id)
    data: dict[str, Any] = {
        "format": "lamppost-person-1",
        "made_at": timezone.now().isoformat(),
        "contacts": [_contact_row(row) for row in _rows(who)],
    }
    for holder in holders():
        for name, rows in holder.export(who.contact_ids).items():
            data[name] = [dict(row) for row in rows]
    audit.note(
        what=AuditWhat.EXPORT,
        label=f"contact {who.contact.pk}",
        actor=SYSTEM if is_own_wish else actor,
    )
    return data


def pending(contact_id: int) -> list[str]:
    """Return what is still open for the person, by number."""
    ids = person(contact_id).contact_ids
    return [name for holder in holders() for name in holder.pending(ids)]


def erase(
    *,
    contact_id: int,
    reason: str,
    actor: Actor,
    is_own_wish: bool = False,
    elsewhere: bool = False,
    despite_open: bool = False,
) -> Erasure:
    """Take the person out of everything the city in scope holds; return the record of it.

    The person's own cases, messages and interactions lose every name, number and address of
    theirs. Numbers and addresses go from all other text, too, unless somebody else has given
    them as well; ``elsewhere`` takes the full name out of all other text. Raises ``Conflict``
    under a legal hold, or with open cases unless ``despite_open``; ``Invalid`` without a
    reason; ``NotFound``; ``Forbidden``. Once erased, the same again changes nothing more.
    """
    if not is_own_wish:
        require(actor, Permission.CONTACT_ERASE, detail=f"contact {contact_id}")
    reason = _reason(reason)
    with transaction.atomic():
        who = person(contact_id)
        rows = list(Contact.objects.select_for_update().filter(pk__in=who.contact_ids))
        if any(row.held_since for row in rows):
            raise Conflict(_("A legal hold is on this contact: nothing may be erased."))
        if all(row.erased_at for row in rows):
            raise Conflict(_("This contact has been erased already."))
        if not despite_open and (numbers := pending(contact_id)):
            raise Conflict(
                _("Still open: %(numbers)s. Close or withdraw, or confirm that they go on "
                  "without the person.") % {"numbers": ", ".join(numbers[:10])},
                field="despite_open",
            )  # fmt: skip
        words = words_of(who.contact_ids)
        if is_own_wish:
            words = replace(words, sure=_proven(who))
        count = _take_out(who, words, elsewhere=elsewhere)
        erasure = Erasure.objects.create(
            contact=who.contact,
            at=timezone.now(),
            by_id=None if is_own_wish else actor.user_id,
            is_own_wish=is_own_wish,
            reason=reason,
            digest=erasures.digest_of(who.contact),
            row_count=count,
        )
        audit.note(
            what=AuditWhat.ERASED,
            label=f"contact {who.contact.pk}",
            actor=SYSTEM if is_own_wish else actor,
            detail=str(count),
        )
        transaction.on_commit(lambda: erasures.keep(rows, erasure, elsewhere=elsewhere))
        return erasure


def erase_again(contact_ids: Iterable[int], *, elsewhere: bool) -> int:
    """Erase contacts whose erasure a restored backup does not know; return the rows changed."""
    changed = 0
    for contact_id in contact_ids:
        with transaction.atomic():
            who = person(contact_id)
            changed += _take_out(who, words_of(who.contact_ids), elsewhere=elsewhere)
    return changed


def erase_old(before: datetime, limit: int) -> int:
    """Erase contacts nobody has heard of since ``before``, without hold or open matter.

    For retention: the contact's own rows only. Returns how many.
    """
    done = 0
    for contact_id in _old_contacts(before)[: limit * 2]:
        who = person(contact_id)
        if any(holder.pending(who.contact_ids) for holder in holders()):
            continue
        _take_out(who, words_of(who.contact_ids), elsewhere=False)
        done += 1
        if done == limit:
            break
    return done


def _old_contacts(before: datetime) -> QuerySet[Contact, int]:
    rows = Contact.objects.filter(
        created_at__lt=before, erased_at=None, held_since=None, merged_into=None, user=None
    )
    for holder in holders():
        if holder.lately is not None:
            rows = rows.exclude(pk__in=holder.lately(before))
    return rows.order_by("pk").values_list("pk", flat=True)


def _old_notices(before: datetime) -> QuerySet[StaffNotice]:
    return StaffNotice.objects.filter(read_at__lt=before)


def _remove_notices(before: datetime, limit: int) -> int:
    keys = list(_old_notices(before).order_by("pk").values_list("pk", flat=True)[:limit])
    StaffNotice.objects.filter(pk__in=keys).delete()
    return len(keys)


def _reason(reason: str) -> str:
    reason = clean_line(reason)
    if not reason:
        raise Invalid(_("Say why the contact is erased."), field="reason")
    if len(reason) > MAX_REASON:
        raise Invalid(
            _("Use at most %(limit)d characters.") % {"limit": MAX_REASON}, field="reason"
        )
    return reason


def _take_out(who: Person, words: Words, *, elsewhere: bool) -> int:
    changed = sum(holder.erase(who.contact_ids, words) for holder in holders())
    alone = _theirs_alone(who, words)
    changed += swept(alone, names=elsewhere)
    changed += _jobs(alone, names=elsewhere)
    changed += _accounts(who)
    return changed + _contacts(who)


def _proven(who: Person) -> frozenset[str]:
    """What the person has proven to be theirs: a claim must not empty somebody else's rows."""
    points = ContactPoint.objects.filter(contact__in=who.contact_ids, proven_at__isnull=False)
    return frozenset(points.values_list("value", flat=True))


def _theirs_alone(who: Person, words: Words) -> Words:
    """Without what another contact has given as well: that one's number stays in their texts."""
    others = ContactPoint.objects.exclude(contact__in=who.contact_ids).filter(
        value__in=words.addresses, contact__erased_at=None
    )
    sure = words.addresses - set(others.values_list("value", flat=True))
    return replace(
        words,
        phones=tuple(one for one in words.phones if one.e164 in sure),
        emails=tuple(one for one in words.emails if one in sure),
    )


def _jobs(words: Words, *, names: bool) -> int:
    """Background jobs hold ids; one that was given a person's words is dropped."""
    patterns = [part for part in (words.distinct, words.full_names if names else "") if part]
    if not patterns:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM procrastinate_jobs WHERE args::text ~* %s AND status <> 'doing'",
            ["|".join(patterns)],
        )
        return int(cursor.rowcount)


def _accounts(who: Person) -> int:
    changed = 0
    owners = Contact.objects.filter(pk__in=who.contact_ids, user__isnull=False)
    for user in User.objects.filter(pk__in=owners.values("user_id")):
        if not _is_only_resident(user):
            continue
        user.email, user.name, user.language = f"erased-{user.pk}@invalid", "", ""
        user.is_active = False
        # Another password ends every session of the account.
        user.set_unusable_password()
        user.save()
        changed += 1
    return changed


def _is_only_resident(user: User) -> bool:
    """Whether the account is of the staff of no city: theirs is the employer's, not erased."""
    for city_id in City.objects.values_list("pk", flat=True):
        with city_scope(city_id):
            roles = Membership.objects.filter(user=user).values_list("role", flat=True)
            if any(role not in (Role.RESIDENT, Role.LIAISON) for role in roles):
                return False
    return True


def _contacts(who: Person) -> int:
    ids = who.contact_ids
    homes = set(Contact.objects.filter(pk__in=ids).values_list("household_id", flat=True)) - {None}
    ContactPoint.objects.filter(contact__in=ids).delete()
    ContactMerge.objects.filter(kept__in=ids).update(reason="")
    changed = Contact.objects.filter(pk__in=ids).update(
        name="",
        email="",
        phone="",
        language="",
        user=None,
        device_id="",
        external_account="",
        may_notify=False,
        preferred="",
        household=None,
        note="",
        hold_reason="",
        erased_at=timezone.now(),
    )
    Household.objects.filter(pk__in=homes, contacts=None).delete()
    return changed


def _rows(who: Person) -> list[Contact]:
    rows = Contact.objects.filter(pk__in=who.contact_ids).select_related("household", "user")
    return list(rows.prefetch_related("points").order_by("pk"))


def _contact_row(row: Contact) -> dict[str, Any]:
    return {
        "id": row.pk,
        "name": row.name,
        "email": row.email,
        "phone": row.phone,
        "language": row.language,
        "device_id": row.device_id,
        "account": row.external_account,
        "signs_in_as": row.user.email if row.user else "",
        "may_notify": row.may_notify,
        "preferred": row.preferred,
        "household": row.household.name if row.household else "",
        "note": row.note,
        "since": row.created_at.isoformat(),
        "addresses": [
            {
                "kind": point.kind,
                "value": point.value,
                "proven_at": point.proven_at.isoformat() if point.proven_at else None,
                "proven_by": point.proven_by,
                "consent_at": point.consent_at.isoformat() if point.consent_at else None,
                "consent_source": point.consent_source,
                "withdrawn_at": point.withdrawn_at.isoformat() if point.withdrawn_at else None,
            }
            for point in row.points.all()
        ],
    }


def hold() -> None:
    """Tell which texts people itself keeps, beside contacts."""
    texts = {
        "people.StaffNotice": ("subject", "text"),
        "people.Contact": ("note", "hold_reason"),
        "people.ContactMerge": ("reason",),
        "people.Erasure": ("reason",),
    }
    register(Holder(name="people", texts=texts))
    retention.register(
        Keeper(Retained.CONTACTS, lambda before: _old_contacts(before).count(), erase_old)
    )
    retention.register(
        Keeper(Retained.NOTICES, lambda before: _old_notices(before).count(), _remove_notices)
    )
