"""``lamppost verify``: is the history of every case as it was written?"""

from __future__ import annotations

import argparse
import json
import sys
from typing import Any

from lamppost.cases.services.verify import count_events, verify
from lamppost.cities.models import City
from lamppost.commands.installation import chosen_city
from lamppost.database.scope import city_scope


def register(subparsers: Any) -> None:
    """Add the command."""
    parser = subparsers.add_parser(
        "verify",
        help="check that no case's history was altered",
        description="Recompute the hash chain of every case and name each that was altered.",
        epilog="Example: lamppost verify",
    )
    parser.add_argument("--city", default="", help="only this city (default: all)")
    parser.add_argument("--json", action="store_true", help="print the findings as JSON")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Verify; 0 when everything adds up, 1 when something was altered."""
    findings = []
    cities = [chosen_city(arguments.city)] if arguments.city else City.objects.order_by("slug")
    for city in cities:
        with city_scope(city.pk):
            cases, events = count_events()
            found = [
                {"city": city.slug, "case": item.number, "event": item.seq, "what": item.what}
                for item in verify()
            ]
        findings += found
        if not arguments.json:
            verdict = f"{len(found)} findings" if found else "nothing was altered"
            sys.stdout.write(f"{city.slug}: {cases:,} cases, {events:,} events: {verdict}\n")
            for item in found:
                sys.stdout.write(f"  case {item['case']}, event {item['event']}: {item['what']}\n")
    if arguments.json:
        sys.stdout.write(json.dumps(findings) + "\n")
    return 1 if findings else 0
