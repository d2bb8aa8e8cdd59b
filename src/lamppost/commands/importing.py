"""``lamppost import``: requests, areas and what else a city already has."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

from tqdm import tqdm

from lamppost.cases.importing.mapping import find_mapping
from lamppost.cases.importing.run import Progress, draft_services, import_requests
from lamppost.cases.importing.tally import Tally
from lamppost.commands.basemap import add_basemap_parser
from lamppost.commands.installation import chosen_city
from lamppost.database.scope import city_scope
from lamppost.kernel.refusals import Invalid
from lamppost.places.commands import add_import_parser

_MOST_SHOWN = 10


def register(subparsers: Any) -> None:
    """Add the command."""
    parser = subparsers.add_parser(
        "import",
        help="bring in requests, areas and other data",
        epilog="Example: lamppost import requests requests.csv --format open311-bulk",
    )
    kinds = parser.add_subparsers(title="what", metavar="WHAT", required=True)
    add_import_parser(kinds)
    add_basemap_parser(kinds)
    requests = kinds.add_parser(
        "requests",
        help="requests of a system you had before",
        description=(
            "Bring in published or exported requests with their own numbers and dates. "
            "Rows that cannot be taken go to a rejects file and stop nothing; running the "
            "command again resumes or brings what changed, and doubles nothing."
        ),
        epilog="Example: lamppost import requests requests.csv --format open311-bulk",
    )
    requests.add_argument(
        "file", type=Path, help="CSV with a header, or JSON; plain or compressed (.gz)"
    )
    requests.add_argument(
        "--format",
        required=True,
        metavar="NAME|MAPPING.yaml",
        help="a format that comes with Lamppost, or a column mapping of your own "
        "(docs/importing.md)",
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
    requests.add_argument(
        "--draft-services",
        type=Path,
        metavar="FILE.yaml",
        help="write services the city does not have as a draft for its pack",
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
    with city_scope(chosen_city(arguments.city).pk):
        with _progress(path, hidden=arguments.json) as progress:
            tally = import_requests(
                path,
                mapping=mapping,
                rejects=rejects,
                local_until=arguments.local_until,
                restart=arguments.restart,
                progress=progress,
            )
        drafted = _write_draft(tally, arguments.draft_services)
    _report(tally, rejects, drafted, as_json=arguments.json)
    return 0


@contextmanager
def _progress(path: Path, *, hidden: bool) -> Iterator[Progress]:
    hide = hidden or not sys.stderr.isatty()
    with tqdm(total=path.stat().st_size, unit="B", unit_scale=True, disable=hide) as bar:

        def show(tally: Tally, position: int) -> None:
            bar.update(position - bar.n)
            bar.set_postfix_str(f"{tally.read:,} rows", refresh=False)

        yield show


def _write_draft(tally: Tally, path: Path | None) -> Path | None:
    text = draft_services(tally) if path is not None else None
    if path is None or text is None:
        return None
    path.write_text(text, encoding="utf-8")
    return path


def _report(tally: Tally, rejects: Path, drafted: Path | None, *, as_json: bool) -> None:
    # Rejects of the run that was cut off are in the file too.
    has_rejects = bool(tally.rejected) or (bool(tally.skipped) and _has_rows(rejects))
    if not has_rejects:
        rejects.unlink(missing_ok=True)
    counts = tally.unknown.counts
    if as_json:
        figures = {
            "read": tally.read,
            "new": tally.new,
            "changed": tally.changed,
            "unchanged": tally.unchanged,
            "repeated": tally.repeated,
            "rejected": tally.rejected,
            "skipped": tally.skipped,
            "rejects_file": str(rejects) if has_rejects else None,
            "unknown_services": counts,
            "draft_file": str(drafted) if drafted else None,
            "left_open": tally.left_open,
            "absent": {field: list(columns) for field, columns in tally.absent.items()},
        }
        sys.stdout.write(json.dumps(figures, ensure_ascii=False) + "\n")
        return
    if tally.skipped:
        sys.stdout.write(f"taken up after row {tally.skipped:,} of the run that was cut off\n")
    sys.stdout.write(
        f"{tally.read:,} rows read: {tally.new:,} new, {tally.changed:,} changed, "
        f"{tally.unchanged:,} as they were, {tally.repeated:,} repeated, "
        f"{tally.rejected:,} rejected\n"
    )
    if has_rejects:
        sys.stdout.write(f"rejected rows and why: {rejects}\n")
    _report_doubts(tally)
    if counts:
        sys.stdout.write("services the catalogue does not have (add them to the city's pack):\n")
        for name, count in sorted(counts.items(), key=lambda pair: -pair[1])[:_MOST_SHOWN]:
            sys.stdout.write(f"  {count:>8,}  {name}\n")
        sys.stdout.write(
            f"a draft of them: {drafted}\n"
            if drafted
            else "`--draft-services FILE.yaml` writes a draft of them\n"
        )


def _report_doubts(tally: Tally) -> None:
    """Say what a mapping may have got wrong without a row being rejected for it."""
    if tally.absent:
        lacking = (f"{field} ({' or '.join(names)})" for field, names in tally.absent.items())
        sys.stdout.write(f"the file has no column for: {', '.join(lacking)}\n")
    if tally.left_open:
        words = (f"{word!r} {count:,}" for word, count in tally.left_open.most_common(_MOST_SHOWN))
        sys.stdout.write(
            "taken as open in spite of a time of closing, for the status is not in the mapping's "
            f"closed_when: {', '.join(words)}\n"
        )


def _has_rows(rejects: Path) -> bool:
    with rejects.open(encoding="utf-8") as file:
        return sum(1 for _line in zip(range(2), file, strict=False)) > 1
