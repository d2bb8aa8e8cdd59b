"""The people of a demo: known passwords, and therefore only ever in a demo city."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils import timezone

from lamppost.cities.models import City
from lamppost.database.scope import city_scope
from lamppost.kernel.ids import digest
from lamppost.kernel.refusals import Forbidden, Invalid
from lamppost.people.actors import Actor, actor_of
from lamppost.people.choices import Role
from lamppost.people.models import ApiKey, Department, Membership, User
from lamppost.simulator.profile import Profile, demo_profile

DEMO_PASSWORD = "demo-demo"  # noqa: S105 - public, and refused in a real city
DEMO_KEY = "demo-key"
_DOMAIN = "demo.example"
_PER_MINUTE = 6000


@dataclass(frozen=True, slots=True)
class _Person:
    """One account: which role, in the profile's department or the contact center."""

    code: str
    role: Role
    what: str
    in_department: bool = False


_PEOPLE = (
    _Person("resident", Role.RESIDENT, "a resident with an account"),
    _Person("liaison", Role.LIAISON, "neighborhood liaison"),
    _Person("agent", Role.AGENT, "answers the phone"),
    _Person("supervisor", Role.SUPERVISOR, "leads the contact center"),
    _Person("streets", Role.WORKER, "department worker", in_department=True),
    _Person("streets-manager", Role.MANAGER, "department manager", in_department=True),
    _Person("editor", Role.EDITOR, "writes the knowledge base"),
    _Person("director", Role.DIRECTOR, "director of 311"),
    _Person("council", Role.COUNCIL, "council office"),
    _Person("admin", Role.ADMIN, "administrator"),
)
DEMO_PEOPLE = tuple((f"{person.code}@{_DOMAIN}", person.what) for person in _PEOPLE)


def make_demo_people(city: City, *, profile: Profile | None = None) -> None:
    """Make the demo's accounts and its Open311 key in ``city``; safe to repeat.

    ``profile`` names them and their department; the shipped one of the city by default.
    Raises ``Forbidden`` for a city that is not a demo, ``Invalid`` when the profile names a
    department the city has not.
    """
    refuse_real_city(city)
    profile = profile or demo_profile(city)
    with city_scope(city.pk), transaction.atomic():
        department = Department.objects.filter(code=profile.people.department).first()
        if department is None:
            raise Invalid(
                f"the demo profile of {city.slug} names the department "
                f"{profile.people.department!r}, which the pack does not have"
            )
        # Hashing is slow by design; ten accounts with one public password share its hash.
        password = make_password(DEMO_PASSWORD)
        for person in _PEOPLE:
            _make(person, department, password, profile.people.names.get(person.code, person.what))
        ApiKey.objects.get_or_create(
            key_digest=digest(DEMO_KEY),
            defaults={
                "name": "Demo",
                "per_minute": _PER_MINUTE,
                "may_update": True,
                "created_at": timezone.now(),
            },
        )


def demo_actor(code: str) -> Actor:
    """Return the demo person ``code`` (such as ``agent``) as an actor in the city in scope."""
    return actor_of(User.objects.get(email=f"{code}@{_DOMAIN}"))


def refuse_real_city(city: City) -> None:
    """Raise ``Forbidden`` unless the database itself says that ``city`` is a demo."""
    if not City.objects.filter(pk=city.pk, is_demo=True).exists():
        raise Forbidden(f"{city.slug} is a real city: the demo does not touch it")


def _make(person: _Person, department: Department, password: str, name: str) -> None:
    user, _made = User.objects.get_or_create(
        email=f"{person.code}@{_DOMAIN}", defaults={"name": name, "password": password}
    )
    Membership.objects.get_or_create(
        user=user,
        defaults={
            "role": person.role,
            "department": department if person.in_department else None,
        },
    )
