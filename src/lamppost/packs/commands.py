"""``lamppost pack check|apply|diff|export``."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lamppost.cities.models import City
from lamppost.database.scope import city_scope
from lamppost.kernel.refusals import Refusal
from lamppost.packs.apply import apply_pack
from lamppost.packs.check import check_pack
from lamppost.packs.content import Pack
from lamppost.packs.diff import compare
from lamppost.packs.export import write_pack
from lamppost.packs.findings import Finding
from lamppost.packs.reader import Reading
from lamppost.packs.stored import stored_pack

DONE, REFUSED, MISUSED = 0, 1, 2
Run = Callable[[argparse.Namespace], int]


@dataclass(frozen=True, slots=True)
class _Command:
    name: str
    help: str
    example: str
    run: Run
    path: str


def register(subparsers: Any) -> None:
    """Add ``pack`` with its four commands to an argparse subparsers object.

    Each sets ``run``: a function from the parsed arguments to an exit code, 0 done,
    1 refused or failed, 2 wrong use.
    """
    parser = subparsers.add_parser(
        "pack",
        help="check, apply, compare or export a city pack",
        description=__doc__,
        epilog="Example: lamppost pack check mycity",
    )
    commands = parser.add_subparsers(dest="pack_command", required=True, metavar="COMMAND")
    for command in (
        _Command(
            "check",
            "report every error of a pack with file, line and column; writes nothing",
            "lamppost pack check mycity",
            run_check,
            "the folder of the pack",
        ),
        _Command(
            "apply",
            "put a pack into force in one transaction; repeating it changes nothing",
            "lamppost pack apply mycity",
            run_apply,
            "the folder of the pack",
        ),
        _Command(
            "diff",
            "list what applying a pack would change; exit code 1 when there is something",
            "lamppost pack diff mycity",
            run_diff,
            "the folder of the pack",
        ),
        _Command(
            "export",
            "write a city out as a pack, into a new or empty folder",
            "lamppost pack export copy --city mycity",
            run_export,
            "the folder to write, new or empty",
        ),
    ):
        _add(commands, command)


def _add(commands: Any, command: _Command) -> None:
    parser = commands.add_parser(
        command.name,
        help=command.help,
        description=command.help,
        epilog=f"example: {command.example}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("path", type=Path, metavar="PATH", help=command.path)
    parser.add_argument("--json", action="store_true", help="print JSON for scripts")
    if command.name == "apply":
        parser.add_argument(
            "--replace-routing",
            action="store_true",
            help="give up routing rules that were edited at the desk and are not in the pack",
        )
        parser.add_argument(
            "--replace-articles",
            action="store_true",
            help="write over articles that were changed at the desk and in the pack",
        )
    if command.name == "export":
        parser.add_argument("--city", metavar="SLUG", help="which city, when there are several")
    parser.set_defaults(run=command.run)


def _as_dict(finding: Finding) -> dict[str, Any]:
    return {
        "severity": str(finding.severity),
        "file": finding.mark.file,
        "line": finding.mark.line,
        "column": finding.mark.column,
        "message": finding.message,
        "hint": finding.hint,
    }


def _print_json(value: Any) -> None:
    print(json.dumps(value, ensure_ascii=False, indent=2))


def _print_findings(reading: Reading, path: Path) -> None:
    for finding in (*reading.findings.errors, *reading.findings.warnings):
        print(f"{path.as_posix().rstrip('/')}/{finding}", file=sys.stderr)


def _usable(arguments: argparse.Namespace) -> Pack | None:
    """Return the pack when it has no errors; otherwise print them and return None."""
    reading = check_pack(arguments.path)
    errors = reading.findings.errors
    if reading.pack is not None and not errors:
        return reading.pack
    if arguments.json:
        _print_json({"errors": [_as_dict(each) for each in errors]})
    else:
        _print_findings(reading, arguments.path)
        print(f"{_count(len(errors), 'error')}. Nothing was written.", file=sys.stderr)
    return None


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def run_check(arguments: argparse.Namespace) -> int:
    """Print every finding; exit code 1 when one of them is an error."""
    reading = check_pack(arguments.path)
    errors, warnings = reading.findings.errors, reading.findings.warnings
    if arguments.json:
        _print_json(
            {
                "errors": [_as_dict(each) for each in errors],
                "warnings": [_as_dict(each) for each in warnings],
            }
        )
    else:
        _print_findings(reading, arguments.path)
        services = len(reading.pack.services) if reading.pack else 0
        print(
            f"{_count(len(errors), 'error')}, {_count(len(warnings), 'warning')}, "
            f"{_count(services, 'service')}."
        )
    return REFUSED if errors else DONE


def run_apply(arguments: argparse.Namespace) -> int:
    """Apply the pack and print what changed; exit code 1 when it was refused."""
    pack = _usable(arguments)
    if pack is None:
        return REFUSED
    try:
        applied = apply_pack(
            pack=pack,
            replace_routing=arguments.replace_routing,
            replace_articles=arguments.replace_articles,
        )
    except Refusal as refusal:
        return _refused(refusal, as_json=arguments.json)
    if arguments.json:
        _print_json({"city": applied.city.slug, "counts": applied.tally.as_dict()})
        return DONE
    if not applied.tally.has_changes:
        print(f"{applied.city.slug}: nothing to change.")
        return DONE
    print(f"{applied.city.slug}: applied.")
    for noun, counts in applied.tally.as_dict().items():
        print(f"  {noun}: " + ", ".join(f"{number} {word}" for word, number in counts.items()))
    return DONE


def _refused(refusal: Refusal, *, as_json: bool) -> int:
    if as_json:
        _print_json(
            {
                "errors": [
                    {"field": each.field, "message": each.message} for each in refusal.problems
                ]
            }
        )
    else:
        for problem in refusal.problems:
            print(problem.message, file=sys.stderr)
        print("Nothing was written.", file=sys.stderr)
    return REFUSED


def run_diff(arguments: argparse.Namespace) -> int:
    """Print what applying the pack would change; exit code 1 when there is something."""
    pack = _usable(arguments)
    if pack is None:
        return REFUSED
    city = City.objects.filter(slug=pack.city.slug).first()
    stored = None
    if city is not None:
        with city_scope(city.pk):
            stored = stored_pack(city)
    differences = compare(stored, pack)
    if arguments.json:
        _print_json(
            [
                {
                    "path": list(each.path),
                    "action": each.action,
                    "stored": each.stored,
                    "wanted": each.wanted,
                }
                for each in differences
            ]
        )
    else:
        for each in differences:
            print(each)
        if not differences:
            print(f"{pack.city.slug}: no difference.")
    return REFUSED if differences else DONE


def _city_to_export(slug: str | None) -> City | str:
    """Return the city, or a sentence that says why there is none to export."""
    cities = list(City.objects.order_by("slug"))
    if slug:
        named = [city for city in cities if city.slug == slug]
        return named[0] if named else f'There is no city "{slug}".'
    if len(cities) == 1:
        return cities[0]
    if not cities:
        return "There is no city yet. Apply a pack first."
    return "Say which city with --city: " + ", ".join(city.slug for city in cities) + "."


def run_export(arguments: argparse.Namespace) -> int:
    """Write the city's pack; exit code 1 when it cannot be written, 2 for no such city."""
    city = _city_to_export(arguments.city)
    if isinstance(city, str):
        print(city, file=sys.stderr)
        return MISUSED
    with city_scope(city.pk):
        pack = stored_pack(city)
    try:
        names = write_pack(pack, arguments.path)
    except OSError as error:
        print(f"{error} Choose a new or empty folder.", file=sys.stderr)
        return REFUSED
    if arguments.json:
        _print_json({"city": city.slug, "files": names})
    else:
        print(f"{city.slug}: {_count(len(names), 'file')} written to {arguments.path}.")
    return DONE
