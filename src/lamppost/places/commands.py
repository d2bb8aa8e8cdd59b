"""``lamppost import areas``: boundaries from any GeoJSON file; streets are in ``geocoding``."""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from lamppost.cities.models import City
from lamppost.database.scope import city_scope
from lamppost.kernel.refusals import Refusal
from lamppost.places.boundaries import (
    MAX_BYTES,
    BadBoundaries,
    Boundaries,
    Finding,
    parse_boundaries,
)
from lamppost.places.command_line import DONE, REFUSED, WRONG_USE, WrongUse, city_named
from lamppost.places.geocoding.commands import add_street_parsers
from lamppost.places.services import AreasReplaced, replace_areas
from lamppost.places.shapes import area_shapes, fields_of, suggested_code_field

_KIND = re.compile(r"[a-z0-9]+(?:[-_][a-z0-9]+)*")

_EXAMPLE = """\
examples:
  lamppost import areas districts.geojson --kind council_district \\
      --name "Council district" --code-field DISTRICT --name-field LABEL
  lamppost import areas limits.geojson.gz --kind city_limits --name "City limits" \\
      --code-field OBJECTID --limits

The file is a city's own, as it publishes it: GeoJSON in WGS 84 degrees, plain or gzip.
Areas are known by their code: importing a newer file keeps the rules that name them.
"""


def add_import_parser(
    import_subparsers: Any, *, database: Callable[[], AbstractContextManager[None]] = nullcontext
) -> None:
    """Add ``areas`` and what streets and addresses need to the parsers of ``lamppost import``.

    ``database`` gives a context in which there is a database to work with.
    """
    parser = import_subparsers.add_parser(
        "areas",
        help="boundaries of districts, neighborhoods, the city limits, from GeoJSON",
        description="Read the boundaries of one kind of area and make them the city's.",
        epilog=_EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("file", type=Path, metavar="FILE", help="a .geojson or .geojson.gz file")
    parser.add_argument("--kind", required=True, help="code of the kind: council_district")
    parser.add_argument("--name", default="", help="name of the kind, needed when it is new")
    parser.add_argument("--code-field", default="", help="property that holds the area's code")
    parser.add_argument("--name-field", default="", help="property that holds its name")
    parser.add_argument("--language", default="", help="language of the names (the city's own)")
    parser.add_argument("--source", default="", help="who publishes it (the file's name)")
    parser.add_argument("--limits", action="store_true", help="these are the city limits")
    parser.add_argument("--approximate", action="store_true", help="mark as not surveyed")
    parser.add_argument(
        "--join", action="store_true", help="features of the same code are parts of one area"
    )
    parser.add_argument("--city", default="", metavar="SLUG", help="which city, if several")
    parser.add_argument("--json", action="store_true", help="print the result as JSON")

    def run_with_database(args: argparse.Namespace) -> int:
        with database():
            return run(args)

    parser.set_defaults(run=run_with_database)
    add_street_parsers(import_subparsers, database=database)


def run(args: argparse.Namespace) -> int:
    """Import the file; return 0 when done, 1 when it was refused, 2 for wrong use."""
    try:
        if not _KIND.fullmatch(args.kind):
            raise WrongUse(_("--kind is a short code of small letters: council_district"))
        city = city_named(args.city)
        boundaries = _read(args.file)
        _check_fields(boundaries, args)
        result = _import(args, city, boundaries)
    except WrongUse as error:
        return _fail(args, [Finding(str(error))], WRONG_USE)
    except BadBoundaries as refusal:
        return _fail(args, list(refusal.findings), REFUSED)
    except Refusal as refusal:
        return _fail(args, [Finding(problem.message) for problem in refusal.problems], REFUSED)
    except OSError as error:
        return _fail(args, [Finding(error.strerror or str(error))], REFUSED)
    _report(args, boundaries, result)
    return DONE


def _read(path: Path) -> Boundaries:
    with path.open("rb") as file:
        return parse_boundaries(file.read(MAX_BYTES + 1))


def _check_fields(boundaries: Boundaries, args: argparse.Namespace) -> None:
    fields = fields_of(boundaries)
    for option, name in (("--code-field", args.code_field), ("--name-field", args.name_field)):
        if name in fields or (not name and option == "--name-field"):
            continue
        found = ", ".join(fields) or _("none")
        problem = (
            _("There is no property “%(name)s” in the file.") % {"name": name}
            if name
            else _("Say which property holds the code.")
        )
        words = [problem, _("Properties found: %(found)s.") % {"found": found}]
        suggested = suggested_code_field(boundaries)
        if suggested and option == "--code-field":
            words.append(_("Try: --code-field %(name)s") % {"name": suggested})
        raise WrongUse(" ".join(words))


def _import(args: argparse.Namespace, city: City, boundaries: Boundaries) -> AreasReplaced:
    language = args.language or city.default_language
    with city_scope(city.pk):
        return replace_areas(
            kind_code=args.kind,
            kind_name={language: args.name} if args.name else {},
            features=area_shapes(
                boundaries,
                code_field=args.code_field,
                name_field=args.name_field,
                language=language,
                join=args.join,
            ),
            source=args.source or args.file.name,
            is_limits=args.limits,
            approximate=args.approximate,
            keep_translations=True,
        )


def _fail(args: argparse.Namespace, findings: list[Finding], code: int) -> int:
    if args.json:
        print(json.dumps({"errors": [_as_json(finding) for finding in findings]}))
    for finding in findings:
        line = "" if finding.line is None else f":{finding.line}"
        print(f"{args.file}{line}: {finding}", file=sys.stderr)
    return code


def _report(args: argparse.Namespace, boundaries: Boundaries, result: AreasReplaced) -> None:
    for finding in boundaries.mended:
        line = "" if finding.line is None else f":{finding.line}"
        print(f"{args.file}{line}: {finding}", file=sys.stderr)
    counts = {
        "created": len(result.created),
        "changed": len(result.changed),
        "unchanged": len(result.unchanged),
        "deleted": len(result.deleted),
        "retired": len(result.retired),
    }
    if args.json:
        mended = [_as_json(finding) for finding in boundaries.mended]
        print(json.dumps({"kind": args.kind, **counts, "mended": mended}))
        return
    print(f"{args.kind}: " + ", ".join(f"{count} {what}" for what, count in counts.items()))
    if result.retired:
        print(
            _("Off the map, kept for the cases that name them: %(codes)s")
            % {"codes": ", ".join(result.retired)}
        )


def _as_json(finding: Finding) -> dict[str, Any]:
    return {"feature": finding.feature, "line": finding.line, "message": finding.message}
