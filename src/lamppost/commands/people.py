"""``lamppost create-admin``: the first person of a real city."""

from __future__ import annotations

import argparse
import getpass
import os
import sys
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from lamppost.commands.installation import chosen_city
from lamppost.database.scope import city_scope
from lamppost.kernel.refusals import Invalid
from lamppost.people.choices import Role
from lamppost.people.models import Membership, User

PASSWORD_VARIABLE = "LAMPPOST_ADMIN_PASSWORD"  # noqa: S105 - the variable's name


def register(subparsers: Any) -> None:
    """Add the command."""
    parser = subparsers.add_parser(
        "create-admin",
        help="make somebody the administrator of a city",
        description=(
            "Create an account, or take an existing one, and make it administrator. The "
            f"password is asked for, or read from {PASSWORD_VARIABLE}."
        ),
        epilog="Example: lamppost create-admin director@city.example --name 'Rosa Diaz'",
    )
    parser.add_argument("email")
    parser.add_argument("--name", default="", help="shown to colleagues")
    parser.add_argument("--city", default="", help="which city, where there are several")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Create the administrator."""
    email = arguments.email.strip().lower()
    try:
        validate_email(email)
    except ValidationError:
        raise Invalid(f"{arguments.email!r} is not an e-mail address") from None
    city = chosen_city(arguments.city)
    with city_scope(city.pk), transaction.atomic():
        user = User.objects.filter(email__iexact=email).first()
        if user is None:
            user = User(email=email, name=arguments.name or email.partition("@")[0])
            user.set_password(_password())
            user.save()
        Membership.objects.update_or_create(
            user=user, defaults={"role": Role.ADMIN, "department": None, "is_active": True}
        )
    sys.stdout.write(f"{email} is now an administrator of {city.slug}\n")
    return 0


def _password() -> str:
    password = os.environ.get(PASSWORD_VARIABLE, "")
    if not password:
        if not sys.stdin.isatty():
            raise Invalid(f"set {PASSWORD_VARIABLE}, or run this in a terminal")
        password = getpass.getpass("Password: ")
        if password != getpass.getpass("Again: "):
            raise Invalid("the two passwords differ")
    try:
        validate_password(password)
    except ValidationError as error:
        raise Invalid(" ".join(error.messages)) from error
    return password
