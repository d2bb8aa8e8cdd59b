"""``lamppost create-admin``: the first person of a real city; ``create-account``: the others."""

from __future__ import annotations

import argparse
import getpass
import os
import sys
from typing import Any

from lamppost.commands.installation import chosen_city
from lamppost.database.scope import city_scope
from lamppost.kernel.refusals import Invalid
from lamppost.people.actors import SYSTEM
from lamppost.people.choices import Role
from lamppost.people.services import create_account, make_administrator

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
    account = subparsers.add_parser(
        "create-account",
        help="give somebody an account in a city",
        description=(
            "Create an account with a role, or take one that another city of this installation "
            f"has. For a new one the password is asked for, or read from {PASSWORD_VARIABLE}."
        ),
        epilog=(
            "Example: lamppost create-account ana@city.example --name 'Ana Ruiz' "
            "--role worker --department streets"
        ),
    )
    account.add_argument("email")
    account.add_argument("--name", default="", help="shown to colleagues")
    account.add_argument("--role", required=True, choices=[one.value for one in Role])
    account.add_argument("--department", default="", metavar="CODE", help="of a worker or manager")
    account.add_argument("--city", default="", help="which city, where there are several")
    account.set_defaults(run=run_account)


def run_account(arguments: argparse.Namespace) -> int:
    """Create the account."""
    city = chosen_city(arguments.city)
    with city_scope(city.pk):
        user = create_account(
            email=arguments.email,
            name=arguments.name,
            role=Role(arguments.role),
            department_code=arguments.department,
            actor=SYSTEM,
            ask_password=_password,
        )
    sys.stdout.write(f"{user.email} is now in {city.slug}: {arguments.role}\n")
    return 0


def run(arguments: argparse.Namespace) -> int:
    """Create the administrator."""
    city = chosen_city(arguments.city)
    with city_scope(city.pk):
        user = make_administrator(
            email=arguments.email, name=arguments.name, ask_password=_password
        )
    sys.stdout.write(f"{user.email} is now an administrator of {city.slug}\n")
    return 0


def _password() -> str:
    password = os.environ.get(PASSWORD_VARIABLE, "")
    if not password:
        if not sys.stdin.isatty():
            raise Invalid(f"set {PASSWORD_VARIABLE}, or run this in a terminal")
        password = getpass.getpass("Password: ")
        if password != getpass.getpass("Again: "):
            raise Invalid("the two passwords differ")
    return password
