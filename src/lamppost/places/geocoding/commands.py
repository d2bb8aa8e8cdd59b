"""``lamppost import streets|intersections|addresses|landmarks|street-names FILE``."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any, TypeVar

from django.utils.translation import gettext as _
from tqdm import tqdm

from lamppost.cities.models import City
from lamppost.database.scope import city_scope
from lamppost.kernel.refusals import Refusal
from lamppost.places.command_line import DONE, REFUSED, WRONG_USE, WrongUse, city_named
from lamppost.places.geocoding import reading, services
from lamppost.places.geocoding.files import BadFile, FileRow, read_rows
from lamppost.places.geocoding.grammar import grammar_of
from lamppost.places.geocoding.lookup import place_from_text
from lamppost.places.geocoding.reading import BadRow, Columns
from lamppost.places.geocoding.rows import MICRO, LandmarkRow

_MOST_SHOWN = 10
RowT = TypeVar("RowT")


@dataclass(frozen=True, slots=True)
class _Kind:
    """One thing to import: its options and an example."""

    help: str
    options: tuple[tuple[str, str], ...]
    example: str
    needed: tuple[str, ...] = ()


_KINDS = {
    "streets": _Kind(
        "blocks of streets with the numbers of both sides",
        (
            ("name", "column of the street's name; a+b joins several"),
            ("ranges", "four columns: left from, left to, right from, right to"),
            ("zips", "two columns: postcode left, right"),
        ),
        "lamppost import streets street_segments.geojson.gz --name street \\\n"
        "      --ranges l_f_add,l_t_add,r_f_add,r_t_add",
        ("name",),
    ),
    "intersections": _Kind(
        "corners and the two streets that meet there",
        (("streets", "two columns: one street, the other"),),
        "lamppost import intersections intersections.csv --streets street_1,street_2",
        ("streets",),
    ),
    "addresses": _Kind(
        "addresses that exist, with or without a place",
        (
            ("address", "column of the whole address"),
            ("number", "column of the house number, if apart"),
            ("street", "column of the street, if apart"),
            ("zipcode", "column of the postcode"),
        ),
        "lamppost import addresses address_points.csv.gz --number ADDR_NUM \\\n"
        "      --street ST_DIR+ST_NAME+ST_TYPE",
    ),
    "landmarks": _Kind(
        "places people know by name, by point or by address",
        (("name", "column of the name"), ("address", "column of its address")),
        "lamppost import landmarks landmarks.csv --name name --address address",
        ("name",),
    ),
    "street-names": _Kind(
        "other ways the names of streets are written",
        (
            ("written", "column of the other spelling; a+b joins several"),
            ("name", "column of the street's name as the street file has it"),
            ("ranges", "columns of the numbers between which it holds"),
        ),
        "lamppost import street-names spellings.csv --no-header --written 2 --name 1",
        ("written", "name"),
    ),
}
_COUNTS = {"ranges": (4,), "zips": (2,), "streets": (2,)}


def add_street_parsers(
    import_subparsers: Any, *, database: Callable[[], AbstractContextManager[None]] = nullcontext
) -> None:
    """Add the parsers of streets and addresses to those of ``lamppost import``.

    ``database`` gives a context in which there is a database to work with.
    """

    def run_with_database(args: argparse.Namespace) -> int:
        with database():
            return run(args)

    for name, kind in _KINDS.items():
        parser = import_subparsers.add_parser(
            name,
            help=kind.help,
            description=(
                f"Read {kind.help} from GeoJSON, CSV (both also .gz) or Parquet, WGS 84 degrees. "
                "What an earlier file of this kind brought is replaced. Rows that cannot be "
                "taken are reported and stop nothing."
            ),
            epilog=f"example:\n  {kind.example}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        parser.add_argument("file", type=Path, metavar="FILE")
        for option, text in kind.options:
            parser.add_argument(f"--{option}", default="", metavar="COLUMN", help=text)
        parser.add_argument("--no-header", action="store_true", help="columns are called 1, 2, 3")
        parser.add_argument("--source", default="", help="who publishes it (the file's name)")
        parser.add_argument("--city", default="", metavar="SLUG", help="which city, if several")
        parser.add_argument("--json", action="store_true", help="print the result as JSON")
        parser.set_defaults(run=run_with_database, what=name)


def run(args: argparse.Namespace) -> int:
    """Import the file; return 0 when done, 1 when it was refused, 2 for wrong use."""
    try:
        city = city_named(args.city)
        columns = _columns(args)
        rows = _checked(read_rows(args.file, header=not args.no_header), columns)
        tally = _Tally()
        with city_scope(city.pk):
            count = _import(args, city, columns, rows, tally)
    except WrongUse as error:
        return _fail(args, [str(error)], WRONG_USE)
    except Refusal as refusal:
        return _fail(args, [problem.message for problem in refusal.problems], REFUSED)
    except BadFile as error:
        return _fail(args, [str(error)], REFUSED)
    except OSError as error:
        return _fail(args, [error.strerror or str(error)], REFUSED)
    _report(args, count, tally)
    return DONE


@dataclass
class _Tally:
    """How many rows could not be taken, and the first of them with the reason."""

    rejected: int = 0
    shown: list[tuple[int, str]] = field(default_factory=list)

    def reject(self, number: int, reason: str) -> None:
        self.rejected += 1
        if len(self.shown) < _MOST_SHOWN:
            self.shown.append((number, reason))


def _columns(args: argparse.Namespace) -> Columns:
    kind = _KINDS[args.what]
    for option in kind.needed:
        if not getattr(args, option):
            raise WrongUse(_("Say which column it is: --%(option)s") % {"option": option})
    given: dict[str, Any] = {}
    for option, _help in kind.options:
        value = getattr(args, option)
        if option in ("ranges", "zips", "streets"):
            value = tuple(part.strip() for part in value.split(",") if part.strip())
            if args.what != "street-names" and value and len(value) not in _COUNTS[option]:
                raise WrongUse(
                    _("--%(option)s takes %(count)s columns, with commas between them")
                    % {"option": option, "count": _COUNTS[option][0]}
                )
        given[option] = value
    columns = Columns(**given)
    if args.what == "addresses" and not (columns.address or (columns.number and columns.street)):
        raise WrongUse(_("Say which column it is: --address, or --number and --street"))
    return columns


def _checked(rows: Iterator[FileRow], columns: Columns) -> Iterator[FileRow]:
    """Return the rows; raises ``WrongUse`` when the first has not the columns named."""
    first = next(rows, None)
    if first is None:
        return iter(())
    missing = [name for name in columns.named() if name not in first.columns]
    if missing:
        words = {"missing": ", ".join(missing), "found": ", ".join(map(str, first.columns))}
        raise WrongUse(_("No column %(missing)s. Columns found: %(found)s.") % words)
    return chain([first], rows)


def _import(
    args: argparse.Namespace, city: City, columns: Columns, rows: Iterator[FileRow], tally: _Tally
) -> int:
    source = args.source or args.file.name
    hidden = args.json or not sys.stderr.isatty()
    shown: Iterator[FileRow] = iter(tqdm(rows, unit=" rows", unit_scale=True, disable=hidden))
    if args.what == "streets":
        blocks = _taken(shown, tally, lambda row: reading.segment(row, columns))
        return services.replace_streets(rows=blocks, source=source)
    if args.what == "intersections":
        corners = _taken(shown, tally, lambda row: reading.crossing(row, columns))
        return services.replace_intersections(rows=corners, source=source)
    if args.what == "addresses":
        grammar = grammar_of(city.country)
        known = _taken(shown, tally, lambda row: reading.known(row, columns, grammar))
        return services.replace_addresses(rows=known, source=source)
    if args.what == "landmarks":
        places = _taken(shown, tally, lambda row: _landmark(row, columns, city))
        return services.replace_landmarks(rows=places, source=source)
    aliases = _taken(shown, tally, lambda row: reading.alias(row, columns))
    return services.replace_street_names(rows=aliases, source=source)


def _taken(
    rows: Iterator[FileRow], tally: _Tally, take: Callable[[FileRow], RowT]
) -> Iterator[RowT]:
    for row in rows:
        try:
            yield take(row)
        except BadRow as error:
            tally.reject(row.number, str(error))


def _landmark(row: FileRow, columns: Columns, city: City) -> LandmarkRow:
    landmark, is_placed = reading.landmark(row, columns)
    if is_placed:
        return landmark
    point = place_from_text(city, landmark.address)
    if point is None:
        raise BadRow(_("has an address that is not found: import the streets first"))
    return landmark._replace(x=round(point.long * MICRO), y=round(point.lat * MICRO))


def _fail(args: argparse.Namespace, messages: list[str], code: int) -> int:
    if args.json:
        print(json.dumps({"errors": messages}, ensure_ascii=False))
    for message in messages:
        print(f"{args.file}: {message}", file=sys.stderr)
    return code


def _report(args: argparse.Namespace, count: int, tally: _Tally) -> None:
    for number, reason in tally.shown:
        print(f"{args.file}: row {number} {reason}", file=sys.stderr)
    if tally.rejected > len(tally.shown):
        more = tally.rejected - len(tally.shown)
        print(f"{args.file}: … and {more:,} rows more", file=sys.stderr)
    if args.json:
        print(json.dumps({"what": args.what, "taken": count, "rejected": tally.rejected}))
        return
    print(f"{args.what}: {count:,} taken, {tally.rejected:,} rejected")
