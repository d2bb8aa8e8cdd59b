"""Who acts: the value every service that changes something is given."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser

from lamppost.people.choices import Role
from lamppost.people.models import Membership, User


@dataclass(frozen=True, slots=True)
class Actor:
    """A person or program acting in the city in scope.

    ``user_id`` is set for people with an account, ``api_key_id`` for programs,
    ``partner_link_id`` for who holds a partner's signed link (its service has proved it); none
    of them for an anonymous resident. ``department_id`` is set for department roles.
    """

    role: Role
    user_id: int | None = None
    api_key_id: int | None = None
    partner_link_id: int | None = None
    department_id: int | None = None
    name: str = ""
    is_system: bool = False

    @property
    def is_staff(self) -> bool:
        """Whether the actor works for the city."""
        return self.user_id is not None and self.role not in {Role.RESIDENT, Role.LIAISON}


ANONYMOUS = Actor(role=Role.RESIDENT)
# Background work, imports, the engine itself. No face ever hands this out.
SYSTEM = Actor(role=Role.ADMIN, is_system=True)


def actor_of(user: AbstractBaseUser | AnonymousUser) -> Actor:
    """Return the actor for an account in the city in scope; a stranger is a resident."""
    if not isinstance(user, User):
        return ANONYMOUS
    membership = Membership.objects.filter(user=user, is_active=True).first()
    if membership is None:
        return Actor(role=Role.RESIDENT, user_id=user.pk, name=user.name)
    return Actor(
        role=Role(membership.role),
        user_id=user.pk,
        department_id=membership.department_id,
        name=user.name,
    )
