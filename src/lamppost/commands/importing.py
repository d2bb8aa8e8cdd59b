"""``lamppost import``: requests, areas and what else a city already has."""

from __future__ import annotations

import argparse
import json
import sys
from datetime import date
from pathlib import Path
from typing import Any

from tqdm import tqdm

from lamppost.cases.importing.mapping import find_mapping
from lamppost.cases.importing.past import Tally
from lamppost.cases.importing.run import import_requests
from lamppost.commands.installation import chosen_city
from lamppost.database.scope import city_scope
from lamppost.kernel.refusals import Invalid
from lamppost.places.commands import add_import_parser

_MOST_SHOWN = 10


def register(subparsers: Any) -> None:
    """Add the command."""
    parser = subparsers.add_parser("import", help="bring in requests, areas and other data")
    kinds = parser.add_subparsers(title="what", metavar="WHAT", required=True)
    add_import_parser(kinds)
    requests = kinds.add_parser(
        "requests",
        help="requests of a system you had before",
        description=(
            "Bring in published or exported requests with their own numbers and dates. "
            "Rows that cannot be taken go to a rejects file and stop nothing; running the "
            "command again resumes or brings what changed, and doubles nothing."
        ),
        epilog="Example: lamppost import requests public_cases_fc.csv --format philadelphia",
    )
    requests.add_argument("file", type=Path, help="a CSV file with a header, plain or .gz")
    requests.add_argument(
        "--format",
        required=True,
        metavar="NAME|MAPPING.yaml",
        help="a format that comes with Lamppost, or a column mapping of your own",
    )
    requests.add_argument("--city", default="", help="which city, where there are several")
    requests.add_argument(
        "--rejects", type=Path, help="where rejected rows go (default: FILE.rejects.csv)"
    )
    requests.add_argument(
        "--local-until",
        type=date.fromisoformat,
        metavar="YYYY-MM-DD",
        help="times before this day are local, whatever offset the file gives them",
    )
    requests.add_argument(
        "--restart", action="store_true", help="begin at the first row even if a run was cut off"
    )
    requests.add_argument("--json", action="store_true", help="print the result as JSON")
    requests.set_defaults(run=run_requests)


def run_requests(arguments: argparse.Namespace) -> int:
    """Import requests; 0 when the file was read to its end, rejected rows or not."""
    path: Path = arguments.file
    if not path.is_file():
        raise Invalid(f"{path}: there is no such file")
    mapping = find_mapping(arguments.format)
    rejects = arguments.rejects or path.with_name(f"{path.name}.rejects.csv")
    with city_scope(chosen_city(arguments.city).pk), _bar(arguments.json) as bar:

        def progress(tally: Tally) -> None:
            bar.update(tally.read - bar.n)

        tally = import_requests(
            path,
            mapping=mapping,
            rejects=rejects,
            local_until=arguments.local_until,
            restart=arguments.restart,
            progress=progress,
        )
        progress(tally)
    _report(tally, rejects, as_json=arguments.json)
    return 0


def _bar(hidden: bool) -> Any:
    return tqdm(unit=" rows", unit_scale=True, disable=hidden or not sys.stderr.isatty())


def _report(tally: Tally, rejects: Path, *, as_json: bool) -> None:
    if as_json:
        figures = {
            "read": tally.read,
            "new": tally.new,
            "changed": tally.changed,
            "unchanged": tally.unchanged,
            "rejected": tally.rejected,
            "rejects_file": str(rejects) if tally.rejected else None,
            "unknown_services": tally.unknown_services,
        }
        sys.stdout.write(json.dumps(figures, ensure_ascii=False) + "\n")
        return
    sys.stdout.write(
        f"{tally.read:,} rows read: {tally.new:,} new, {tally.changed:,} changed, "
        f"{tally.unchanged:,} as they were, {tally.rejected:,} rejected\n"
    )
    if not tally.rejected:
        rejects.unlink(missing_ok=True)
        return
    sys.stdout.write(f"rejected rows and why: {rejects}\n")
    if tally.unknown_services:
        sys.stdout.write("services the catalogue does not have (add them to the city's pack):\n")
        ranked = sorted(tally.unknown_services.items(), key=lambda pair: -pair[1])
        for name, count in ranked[:_MOST_SHOWN]:
            sys.stdout.write(f"  {count:>8,}  {name}\n")
