"""Accounts of the people who work for a city: made, given a password. The only writer of them."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext as _

from lamppost.kernel.refusals import Conflict, Forbidden, Invalid, NotFound, Problem
from lamppost.kernel.text import clean_line
from lamppost.people import audit
from lamppost.people.actors import SYSTEM, Actor
from lamppost.people.choices import AuditWhat, Role
from lamppost.people.models import Department, Membership, User
from lamppost.people.permissions import Permission, require

_IN_A_DEPARTMENT = frozenset({Role.WORKER, Role.MANAGER})


def create_account(
    *,
    email: str,
    name: str,
    role: Role,
    actor: Actor,
    ask_password: Callable[[], str],
    department_code: str = "",
    language: str = "",
) -> User:
    """Make somebody a member of the city in scope; return the account.

    An account that exists already, from another city of the installation, gets the
    membership and keeps its own password and name; ``ask_password`` is called for a new one
    only. Raises ``Invalid`` naming every wrong field, ``Conflict`` when the person is a member
    already, ``Forbidden`` without the right to administer the city.
    """
    require(actor, Permission.CITY_ADMIN)
    email, name = clean_line(email).lower(), clean_line(name)
    department = _department(department_code)
    known = User.objects.filter(email__iexact=email).first()
    name = name or (known.name if known else "")
    problems = _problems(email, name, role, department, department_code)
    if problems:
        raise Invalid(problems)
    password = "" if known else _new_password(ask_password, email, name)
    with transaction.atomic():
        user = known or _new_user(email, name, password, language)
        if Membership.objects.filter(user=user).exists():
            raise Conflict(_("This person has an account here already."), field="email")
        Membership.objects.create(user=user, role=role, department=department)
        audit.note(what=AuditWhat.ROLE, label=f"account {user.pk}", actor=actor, detail=role)
    return user


def make_administrator(*, email: str, name: str, ask_password: Callable[[], str]) -> User:
    """Make somebody an administrator of the city in scope, whatever they were; return the account.

    For whoever has the machine's command line: the first person of a city. An account that
    exists keeps its password and name; ``ask_password`` is called for a new one only. Raises
    ``Invalid`` naming what is wrong with address, name or password.
    """
    email, name = clean_line(email).lower(), clean_line(name)
    user = User.objects.filter(email__iexact=email).first()
    if user is None:
        name = name or email.partition("@")[0]
        problems = _problems(email, name, Role.ADMIN, None, "")
        if problems:
            raise Invalid(problems)
        password = _new_password(ask_password, email, name)
    with transaction.atomic():
        user = user or _new_user(email, name, password, "")
        Membership.objects.update_or_create(
            user=user, defaults={"role": Role.ADMIN, "department": None, "is_active": True}
        )
        audit.note(what=AuditWhat.ROLE, label=f"account {user.pk}", actor=SYSTEM, detail="admin")
    return user


def set_password(*, user_id: int, password: str, actor: Actor) -> User:
    """Give an account a new password; return it.

    Anybody may change their own; somebody else's only who administers the city, and only
    that of a member of it. Raises ``Invalid`` for a weak password, ``NotFound`` for an
    unknown account, ``Forbidden`` otherwise.
    """
    own = actor.user_id == user_id
    if not own:
        require(actor, Permission.CITY_ADMIN)
    user = User.objects.filter(pk=user_id, is_active=True).first()
    if user is None or not (own or Membership.objects.filter(user=user).exists()):
        raise NotFound(_("This account does not exist here."))
    problems = _password_problems(password, user)
    if problems:
        raise Invalid(problems)
    user.set_password(password)
    user.save(update_fields=["password"])
    return user


def change_own_password(*, user_id: int, old: str, new: str, repeated: str, actor: Actor) -> User:
    """Change one's own password, proving the old one; return the account.

    Raises ``Invalid`` naming the field: ``old_password``, ``password`` or ``repeated``.
    """
    if actor.user_id != user_id:
        raise Forbidden(_("Your role does not allow this."))
    user = User.objects.get(pk=user_id)
    if not user.check_password(old):
        raise Invalid(_("This is not your present password."), field="old_password")
    if new != repeated:
        raise Invalid(_("The two passwords are not the same."), field="repeated")
    return set_password(user_id=user_id, password=new, actor=actor)


def _new_password(ask: Callable[[], str], email: str, name: str) -> str:
    password = ask()
    problems = _password_problems(password, User(email=email, name=name))
    if problems:
        raise Invalid(problems)
    return password


def _new_user(email: str, name: str, password: str, language: str) -> User:
    user = User(email=email, name=name, language=language)
    user.set_password(password)
    user.save()
    return user


def _department(code: str) -> Department | None:
    return Department.objects.filter(code=code, is_active=True).first() if code else None


def _problems(
    email: str, name: str, role: Role, department: Department | None, department_code: str
) -> list[Problem]:
    problems = []
    try:
        validate_email(email)
    except ValidationError:
        problems.append(Problem("email", _("Write an e-mail address like name@example.org.")))
    if not name or len(name) > 150:
        problems.append(Problem("name", _("Write the name, at most 150 characters.")))
    if department is None and (department_code or role in _IN_A_DEPARTMENT):
        problems.append(Problem("department", _("Choose a department of the city.")))
    return problems


def _password_problems(password: str, user: User) -> list[Problem]:
    try:
        validate_password(password, user)
    except ValidationError as error:
        return [Problem("password", message) for message in error.messages]
    return []
