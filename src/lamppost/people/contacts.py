"""Residents as we know them."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from lamppost.people.models import Contact


class Person(Protocol):
    """What a filing says of its reporter."""

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


def contact_for(person: Person, *, user_id: int | None, now: datetime) -> int | None:
    """Return the id of the contact for ``person``, made when new; None for an anonymous one.

    A contact is never changed by an unproven claim: the same e-mail with another name is
    another row until somebody proves they are one person (merging is the contact center's).
    """
    if person.is_anonymous and user_id is None:
        return None
    key = {
        "name": person.name,
        "email": person.email.lower(),
        "phone": person.phone,
        "device_id": person.device_id,
        "external_account": person.account_id,
        "user_id": user_id,
    }
    if person.email or person.phone:
        known = Contact.objects.filter(erased_at=None, **key).order_by("-id").first()
        if known is not None:
            return known.pk
    return Contact.objects.create(
        **key,
        language=person.language,
        may_notify=person.may_notify,
        created_at=now,
    ).pk
