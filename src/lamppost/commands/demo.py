"""``lamppost demo``: a city to look at, complete, on this machine."""

from __future__ import annotations

import argparse
import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.conf import settings
from tqdm import tqdm

from lamppost.cities.models import City
from lamppost.cities.selectors import forget_cities
from lamppost.commands.migrate import migrate
from lamppost.commands.serve import add_server_arguments, supervise
from lamppost.commands.static import collect_static
from lamppost.database.scope import city_scope
from lamppost.kernel.refusals import Invalid
from lamppost.kernel.shipped import shipped
from lamppost.packs.apply import apply_pack
from lamppost.packs.check import check_pack
from lamppost.simulator.fill import fill_demo
from lamppost.simulator.lines import make_demo_lines
from lamppost.simulator.people import DEMO_KEY, DEMO_PASSWORD, DEMO_PEOPLE, make_demo_people

DEFAULT_CASES = 20_000


def register(subparsers: Any) -> None:
    """Add the command."""
    parser = subparsers.add_parser(
        "demo",
        help="a whole city with a year of requests, to look at",
        description=(
            "Set up a demo city from a pack with people to sign in as and a simulated year, "
            "then run it until Ctrl-C. A second run starts at once on the same data."
        ),
        epilog="Example: lamppost demo --cases 20000 --port 8311",
    )
    parser.add_argument(
        "--cases",
        type=int,
        default=_cases_of_environment(),
        help=f"how many requests the year has (default {DEFAULT_CASES}, or DEMO_CASES)",
    )
    parser.add_argument(
        "--pack",
        type=Path,
        default=None,
        help="folder of the city's pack (default: the reference city)",
    )
    parser.add_argument("--seed", type=int, default=311, help="another number, another year")
    parser.add_argument(
        "--prepare-only", action="store_true", help="set everything up and exit without serving"
    )
    add_server_arguments(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Set up what is missing and serve."""
    if arguments.cases < 0:
        raise Invalid(f"--cases cannot be negative, as {arguments.cases} is")
    _say("database")
    migrate()
    collect_static()
    city = _city(arguments.pack or shipped("cities") / _reference())
    with city_scope(city.pk):
        make_demo_people(city)
        make_demo_lines(city)
        _fill(city, arguments)
    if arguments.prepare_only:
        return 0
    supervise(arguments, announcement=_announcement(arguments, city))


def _reference() -> str:
    """The name of the shipped pack that the demo shows."""
    return (shipped("cities") / "REFERENCE").read_text(encoding="utf-8").strip()


def _city(folder: Path) -> City:
    """Apply the pack to a demo city, and to a sandbox beside it for trying Open311 out."""
    _say(f"city pack {folder.name}")
    reading = check_pack(folder)
    if reading.pack is None or reading.unreadable:
        raise Invalid(f"{folder}: the pack has errors; see `lamppost pack check {folder}`")
    slug = reading.pack.city.slug
    if City.objects.filter(slug=slug, is_demo=False).exists():
        raise Invalid(
            f"{slug} is a real city here: the demo does not touch it. "
            "Use another LAMPPOST_HOME for the demo."
        )
    city = apply_pack(pack=reading.pack).city
    sandbox = replace(
        reading.pack,
        city=replace(
            reading.pack.city,
            slug=f"{slug}-sandbox",
            jurisdiction_id=f"test.{reading.pack.city.jurisdiction_id}",
            hosts=(),
        ),
    )
    apply_pack(pack=sandbox, is_sandbox=True)
    City.objects.filter(slug__in=[slug, sandbox.city.slug]).update(is_demo=True)
    forget_cities()
    city.refresh_from_db()
    return city


def _fill(city: City, arguments: argparse.Namespace) -> None:
    with tqdm(
        total=arguments.cases, unit=" requests", desc="a simulated year", disable=None, leave=False
    ) as bar:

        def progress(done: int) -> None:
            bar.update(done - bar.n)

        fill_demo(
            city,
            cases=arguments.cases,
            seed=arguments.seed,
            progress=progress,
        )


def _announcement(arguments: argparse.Namespace, city: City) -> str:
    address = f"http://{arguments.host}:{arguments.port}"
    people = "\n".join(f"    {email:<32} {what}" for email, what in DEMO_PEOPLE)
    return f"""
  Lamppost is running: {city.name.get("en", city.slug)}, a demo.

  Residents    {address}/
  Telephone    {address}/demo/phone/   (texts and calls to the city)
  Staff        {address}/desk/
  Open311      {address}/open311/discovery.json   api_key {DEMO_KEY}
  API          {address}/api/v1/openapi.json

  Sign in at /desk/ with password {DEMO_PASSWORD}
{people}

  Data: {settings.HOME}     Stop: Ctrl-C
"""


def _say(step: str) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(f"lamppost: {step}\n")


def _cases_of_environment() -> int:
    raw = os.environ.get("DEMO_CASES", "").strip()
    if not raw:
        return DEFAULT_CASES
    try:
        return int(raw)
    except ValueError:
        raise Invalid(f"DEMO_CASES must be a number, not {raw!r}") from None
