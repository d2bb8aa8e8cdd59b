"""``lamppost partners``: how departments' own systems are reached, for scripts and operators."""

from __future__ import annotations

import argparse
import getpass
import json
import os
import sys
from datetime import datetime
from typing import Any

from django.utils import timezone

from lamppost.cities.rounds import each_city
from lamppost.commands.installation import chosen_city
from lamppost.database.scope import city_scope
from lamppost.kernel.refusals import NotFound
from lamppost.partners.choices import AttemptResult, ConnectionKind
from lamppost.partners.models import Connection, Finding, Reconciliation
from lamppost.partners.selectors import health_of
from lamppost.partners.services.connections import Settings, create, set_state
from lamppost.partners.services.reconciling import reconcile
from lamppost.partners.services.testing import send_test
from lamppost.people.actors import SYSTEM

SECRET_VARIABLE = "LAMPPOST_PARTNER_SECRET"  # noqa: S105 - the variable's name


def register(subparsers: Any) -> None:
    """Add the command."""
    parser = subparsers.add_parser(
        "partners",
        help="reach departments' own systems: list, add, test, pause, compare",
        description="Connections to departments' own systems. The desk does the same with a mouse.",
        epilog="Example: lamppost partners reconcile --json",
    )
    steps = parser.add_subparsers(title="steps", metavar="STEP", required=True)
    _listing(steps)
    _adding(steps)
    for name, text, run in (
        ("test", "send a test", run_test),
        ("start", "let deliveries leave", run_start),
        ("pause", "hold deliveries back; none is lost", run_pause),
    ):
        step = _step(steps, name, text, f"Example: lamppost partners {name} streets-works", run)
        step.add_argument("code")
    compare = _step(
        steps,
        "reconcile",
        "compare with the partners' lists now; exit code 1 when something is amiss",
        "Example: lamppost partners reconcile --json",
        run_reconcile,
    )
    compare.add_argument("--json", action="store_true", help="print the result as JSON")


def _listing(steps: Any) -> None:
    step = _step(
        steps, "list", "show every connection", "Example: lamppost partners list", run_list
    )
    step.add_argument("--json", action="store_true", help="print them as JSON")


def _adding(steps: Any) -> None:
    step = _step(
        steps,
        "add",
        "make a connection, paused",
        "Example: lamppost partners add streets-works --department streets --kind webhook "
        "--address https://works.example/hook",
        run_add,
    )
    step.description = (
        "Make a connection, paused. The key of an Open311 server is asked for, or read from "
        f"{SECRET_VARIABLE}; a webhook's secret is made and printed once."
    )
    step.add_argument("code")
    step.add_argument("--department", required=True, help="the department's code")
    step.add_argument("--kind", required=True, choices=ConnectionKind.values)
    step.add_argument("--address", required=True)
    step.add_argument("--name", default="", help="shown to staff; the code unless given")
    step.add_argument("--acknowledge-within", type=int, default=None, metavar="MINUTES")
    step.add_argument("--interval", type=int, default=15, metavar="MINUTES", help="files")
    step.add_argument("--list-url", default="", help="webhooks: where their list is")
    step.add_argument("--jurisdiction", default="", help="Open311: jurisdiction_id")
    step.add_argument("--service", action="append", default=[], help="only this service code")


def _step(steps: Any, name: str, text: str, example: str, run: Any) -> argparse.ArgumentParser:
    step: argparse.ArgumentParser = steps.add_parser(name, help=text, epilog=example)
    step.add_argument("--city", default="", help="which city, where there are several")
    step.set_defaults(run=run)
    return step


def run_list(arguments: argparse.Namespace) -> int:
    """Print the connections with how they do."""
    with city_scope(chosen_city(arguments.city).pk):
        rows = list(Connection.objects.select_related("department").order_by("code"))
        health = health_of(rows)
        found = [
            {
                "code": row.code,
                "department": row.department.code,
                "kind": row.kind,
                "state": row.state,
                "failures": row.failures,
                "waiting": health[row.pk].waiting,
                "needs_person": health[row.pk].needs_person,
            }
            for row in rows
        ]
    if arguments.json:
        sys.stdout.write(json.dumps(found, indent=1) + "\n")
        return 0
    for one in found:
        sys.stdout.write(
            f"{one['code']}: {one['department']} by {one['kind']}, {one['state']}, "
            f"{one['waiting']} waiting, {one['needs_person']} need a person\n"
        )
    return 0


def run_add(arguments: argparse.Namespace) -> int:
    """Make a connection."""
    with city_scope(chosen_city(arguments.city).pk):
        wanted = Settings(
            name=arguments.name or arguments.code,
            kind=arguments.kind,
            address=arguments.address,
            department_code=arguments.department,
            secret=_secret(arguments.kind),
            acknowledge_within_min=arguments.acknowledge_within,
            interval_min=arguments.interval,
            list_url=arguments.list_url,
            jurisdiction_id=arguments.jurisdiction,
            service_codes=tuple(arguments.service),
        )
        made = create(code=arguments.code, wanted=wanted, actor=SYSTEM)
    if made.new_secret:
        sys.stdout.write(f"the secret, shown this once: {made.new_secret}\n")
    sys.stdout.write(
        f"{made.connection.code} is made and paused; next: lamppost partners test, then start\n"
    )
    return 0


def run_test(arguments: argparse.Namespace) -> int:
    """Send a test; 1 when it was not taken."""
    with city_scope(chosen_city(arguments.city).pk):
        answer = send_test(_connection(arguments.code), actor=SYSTEM)
    is_taken = answer.result == AttemptResult.TAKEN
    code = f" ({answer.code})" if answer.code else ""
    words = "taken" if is_taken else f"not taken: {answer.reason}"
    sys.stdout.write(f"{arguments.code}: {words}{code}\n")
    return 0 if is_taken else 1


def run_start(arguments: argparse.Namespace) -> int:
    """Let deliveries leave."""
    return _set_state(arguments, "active")


def run_pause(arguments: argparse.Namespace) -> int:
    """Hold deliveries back."""
    return _set_state(arguments, "paused")


def run_reconcile(arguments: argparse.Namespace) -> int:
    """Compare every connection now; 1 when something is amiss or could not be read."""
    wanted = chosen_city(arguments.city).pk if arguments.city else None
    results: list[dict[str, Any]] = []
    for city in each_city():
        if wanted in {None, city.pk}:
            results += [
                _compared(city.slug, connection, timezone.now())
                for connection in Connection.objects.order_by("code")
            ]
    if arguments.json:
        sys.stdout.write(json.dumps(results, indent=1) + "\n")
    else:
        for one in results:
            sys.stdout.write(
                f"{one['city']} {one['connection']}: {one['result']}, {one['confirmed']} of "
                f"{one['handed_over']} there, {len(one['findings'])} amiss\n"
            )
    return 1 if any(one["findings"] or one["result"] == "failed" for one in results) else 0


def _compared(city: str, connection: Connection, now: datetime) -> dict[str, Any]:
    run: Reconciliation = reconcile(connection, now=now)
    found = Finding.objects.filter(run=run, sent_again_at=None).select_related("case")
    return {
        "city": city,
        "connection": connection.code,
        "result": run.result,
        "reason": run.reason,
        "handed_over": run.handed_over,
        "confirmed": run.confirmed,
        "findings": [{"kind": row.kind, "number": row.case.number} for row in found],
    }


def _set_state(arguments: argparse.Namespace, state: str) -> int:
    with city_scope(chosen_city(arguments.city).pk):
        connection = _connection(arguments.code)
        set_state(connection_id=connection.pk, state=state, actor=SYSTEM)
    sys.stdout.write(f"{arguments.code} is {state}\n")
    return 0


def _connection(code: str) -> Connection:
    found = Connection.objects.filter(code=code).first()
    if found is None:
        known = ", ".join(Connection.objects.values_list("code", flat=True)) or "none yet"
        raise NotFound(f"there is no connection {code!r}; connections here: {known}")
    return found


def _secret(kind: str) -> str:
    if kind != ConnectionKind.OPEN311:
        return ""
    given = os.environ.get(SECRET_VARIABLE, "")
    return given or (getpass.getpass("api_key: ") if sys.stdin.isatty() else "")
