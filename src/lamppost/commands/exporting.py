"""``lamppost export``: what the city has, in the formats others read."""

from __future__ import annotations

import argparse
import io
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, TextIO

from tqdm import tqdm

from lamppost.cases.exporting.export import (
    Wanted,
    requests_wanted,
    write_csv,
    write_json,
    write_removed,
)
from lamppost.cases.exporting.layout import Layout, find_layout
from lamppost.cities.models import City, CityHost
from lamppost.commands.installation import chosen_city
from lamppost.database.scope import city_scope
from lamppost.kernel.refusals import Invalid


def register(subparsers: Any) -> None:
    """Add the command."""
    parser = subparsers.add_parser(
        "export",
        help="write requests and other data to files",
        epilog="Example: lamppost export requests --format open311-bulk --out requests.csv",
    )
    kinds = parser.add_subparsers(title="what", metavar="WHAT", required=True)
    requests = kinds.add_parser(
        "requests",
        help="requests, as published",
        description=(
            "Write the requests the public may see, in UTF-8 and every script as it was typed. "
            "A copy elsewhere stays right by --since and --removed."
        ),
        epilog="Example: lamppost export requests --format open311-bulk --out requests.csv",
    )
    requests.add_argument(
        "--format", required=True, metavar="NAME|FORMAT.yaml", help="a format with an `export:`"
    )
    requests.add_argument("--city", default="", help="which city, where there are several")
    requests.add_argument(
        "--since",
        metavar="YYYY-MM-DD[THH:MM]",
        help="only what has changed since, in the city's time",
    )
    requests.add_argument(
        "--out", type=Path, help="a .csv or .json file (default: CSV to standard output)"
    )
    requests.add_argument(
        "--removed",
        type=Path,
        metavar="FILE.csv",
        help="also write the numbers of requests that were public and are not any more",
    )
    requests.add_argument(
        "--site",
        metavar="URL",
        help="the address before /photos/ in links (default: the city's first host name)",
    )
    requests.add_argument(
        "--include-private",
        action="store_true",
        help="everything, private requests and the details of limited ones too: not for "
        "publication",
    )
    requests.add_argument("--json", action="store_true", help="print the result as JSON")
    requests.set_defaults(run=run_requests)


def run_requests(arguments: argparse.Namespace) -> int:
    """Write the requests; a file is there whole or not at all."""
    layout = find_layout(arguments.format)
    if arguments.include_private:
        layout = layout.with_private()
    if arguments.json and arguments.out is None:
        raise Invalid("--json needs --out: the result and the requests cannot share a stream")
    city = chosen_city(arguments.city)
    with city_scope(city.pk):
        wanted = Wanted(
            since=_since(arguments.since, city),
            include_private=arguments.include_private,
            site=_site(arguments.site, city),
        )
        count = _write_requests(arguments.out, layout, wanted, hidden=arguments.json)
        removed = None
        if arguments.removed is not None:
            with _whole_file(arguments.removed) as file:
                removed = write_removed(file, layout, wanted)
    _report(count, removed, arguments)
    return 0


def _write_requests(path: Path | None, layout: Layout, wanted: Wanted, *, hidden: bool) -> int:
    hide = hidden or not sys.stderr.isatty()
    total = None if hide else requests_wanted(wanted).count()
    with tqdm(total=total, unit=" rows", unit_scale=True, disable=hide) as bar:

        def progress(more: int) -> None:
            bar.update(more)

        if path is None:
            # Whatever the terminal's encoding: no script is harmed on the way into a pipe.
            if isinstance(sys.stdout, io.TextIOWrapper):
                sys.stdout.reconfigure(encoding="utf-8")
            return write_csv(sys.stdout, layout, wanted, progress=progress)
        write: Callable[..., int] = write_json if path.suffix == ".json" else write_csv
        with _whole_file(path) as file:
            return write(file, layout, wanted, progress=progress)


@contextmanager
def _whole_file(path: Path) -> Iterator[TextIO]:
    """A file that gets its name when it is finished: nobody reads half of one."""
    draft = path.with_name(f"{path.name}.part")
    try:
        with draft.open("w", encoding="utf-8", newline="") as file:
            yield file
        draft.replace(path)
    except OSError as error:
        raise Invalid(f"{path}: {error.strerror or error}; nothing was written") from error
    finally:
        draft.unlink(missing_ok=True)


def _since(text: str | None, city: City) -> datetime | None:
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise Invalid(f"--since: {text!r} is not a day or time such as 2026-01-31") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=city.zone)


def _site(given: str | None, city: City) -> str:
    if given:
        return given.rstrip("/")
    host = CityHost.objects.filter(city=city).order_by("id").values_list("host", flat=True).first()
    return f"https://{host}" if host else ""


def _report(count: int, removed: int | None, arguments: argparse.Namespace) -> None:
    if arguments.json:
        figures = {
            "written": count,
            "removed": removed,
            "file": str(arguments.out),
            "removed_file": str(arguments.removed) if arguments.removed else None,
        }
        sys.stdout.write(json.dumps(figures) + "\n")
    elif arguments.out is not None:
        sys.stdout.write(f"{count:,} requests written to {arguments.out}\n")
        if removed is not None:
            sys.stdout.write(f"{removed:,} removed ones named in {arguments.removed}\n")
