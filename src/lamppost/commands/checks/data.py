"""The database, its structure, and the background work."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator

from django.conf import settings
from django.core.mail.backends.smtp import EmailBackend
from django.db import connection

from lamppost.cities.models import City
from lamppost.commands.checks import Finding, failure, fine, warning
from lamppost.database.binaries import OLDEST_MAJOR
from lamppost.database.rls import missing_row_security
from lamppost.database.scope import city_scope
from lamppost.faces.operations import state
from lamppost.people.choices import Role
from lamppost.people.models import Membership

_WAITING_LIMIT_S = 300.0
_APART_S = 5.0
_MAIL_ANSWER_S = 5


def server() -> Iterator[Finding]:
    """Is the server new enough, and does it keep what it acknowledged?"""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('server_version_num')::int / 10000, "
            "current_setting('server_version'), current_setting('fsync'), "
            "current_setting('full_page_writes'), current_setting('synchronous_commit')"
        )
        major, version, fsync, pages, commit = cursor.fetchone()
    kind = "yours" if os.environ.get("DATABASE_URL", "").strip() else "embedded"
    if major < OLDEST_MAJOR:
        yield failure(
            "database",
            f"PostgreSQL {version} is too old",
            f"Upgrade the server to PostgreSQL {OLDEST_MAJOR} or newer.",
        )
    elif "off" in (fsync, pages, commit):
        yield failure(
            "database",
            "the server may lose what it acknowledged: fsync, full_page_writes or "
            "synchronous_commit is off",
            "Set all three to on in postgresql.conf (local.conf for the embedded server).",
        )
    else:
        yield fine("database", f"PostgreSQL {version}, {kind}")


def same_time() -> Iterator[Finding]:
    """Does the database's machine agree with this one about the time? Both write due dates."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT extract(epoch FROM clock_timestamp())")
        apart_s = float(cursor.fetchone()[0]) - time.time()
    if abs(apart_s) > _APART_S:
        yield failure(
            "clock",
            f"the database's clock is {abs(apart_s):.0f} seconds "
            f"{'ahead of' if apart_s > 0 else 'behind'} this machine's",
            "Switch time synchronization on, on both machines: timedatectl set-ntp true",
        )


def separation() -> Iterator[Finding]:
    """Are cities kept apart by the database itself?"""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_user, rolsuper OR rolbypassrls FROM pg_roles "
            "WHERE rolname = current_user"
        )
        role, bypasses = cursor.fetchone()
    unlocked = missing_row_security(connection)
    if bypasses:
        yield failure(
            "separation",
            f"the role {role} passes row security",
            "Run `lamppost migrate`, or log in as a role without SUPERUSER and BYPASSRLS.",
        )
    elif unlocked:
        yield failure(
            "separation",
            f"row security does not close {', '.join(unlocked)}",
            "Run `lamppost migrate`; if it stays so, report it as a fault of Lamppost.",
        )
    else:
        yield fine("separation", f"row security closes every table to {role}")


def structure() -> Iterator[Finding]:
    """Has the database the structure this program needs?"""
    pending = state.pending_migrations()
    unknown = state.unknown_migrations()
    if pending:
        yield failure(
            "migrations",
            f"{len(pending)} are missing, the first is {pending[0]}",
            "Run: lamppost migrate",
        )
    elif unknown:
        yield warning(
            "migrations",
            f"the database is newer than this program: it has {unknown[0]}",
            "Install the Lamppost that made it; going back needs a backup from before.",
        )
    else:
        yield fine("migrations", "none is missing")


def worker() -> Iterator[Finding]:
    """Does anybody do the background work?"""
    queue = state.queue()
    restart = "Look at the log of `lamppost serve` (or the worker's unit) and restart it."
    if not queue.workers:
        yield failure("worker", "no worker was heard of in the last 45 seconds", restart)
    else:
        yield fine("worker", f"{queue.workers} running")
    if queue.waiting_s > _WAITING_LIMIT_S:
        yield failure("jobs", f"a job has waited {queue.waiting_s / 60:.0f} minutes", restart)
    if queue.stuck:
        yield failure(
            "jobs",
            f"{queue.stuck} are stuck",
            f"A running worker takes those of a dead one back within a minute. {restart}",
        )
    yield from _failed_jobs()


_PARTNER_LIMIT_S = 3600
_FAILED = """
SELECT j.task_name, count(*) FROM procrastinate_jobs j
JOIN procrastinate_events e ON e.job_id = j.id AND e.type = 'failed'
WHERE j.status = 'failed' AND e.at > now() - interval '7 days'
GROUP BY 1 ORDER BY 2 DESC
"""


def _failed_jobs() -> Iterator[Finding]:
    with connection.cursor() as cursor:
        cursor.execute(_FAILED)
        rows = cursor.fetchall()
    if rows:
        what = ", ".join(f"{count} of {name.rpartition('.')[2]}" for name, count in rows)
        yield warning(
            "jobs",
            f"failed in the last 7 days: {what}",
            "The worker's log says why. What recurs is done again by its next run.",
        )
    else:
        yield fine("jobs", "none failed in the last 7 days")


def clocks() -> Iterator[Finding]:
    """Are due dates looked at in time?"""
    for load in state.city_loads():
        if load.clocks_unchecked:
            yield failure(
                "clocks",
                f"{load.city}: {load.clocks_unchecked} passed their due time unchecked",
                "The worker checks them every minute: see that one is running.",
            )
        else:
            yield fine("clocks", f"{load.city}: all checked in time")


def partners() -> Iterator[Finding]:
    """Do deliveries to partner systems get through, and is there mail for those that need it?"""
    for load in state.city_loads():
        waits = load.partners
        if waits.dead:
            yield failure(
                "partners",
                f"{load.city}: {waits.dead} deliveries failed for good or got lost",
                "Look at /desk/partners/deliveries/?state=attention.",
            )
        elif waits.oldest_s > _PARTNER_LIMIT_S:
            yield warning(
                "partners",
                f"{load.city}: {waits.waiting} deliveries wait, {waits.oldest_s / 60:.0f} minutes",
                "Look at /desk/partners/: which partner does not answer, or is paused?",
            )
        else:
            yield fine("partners", f"{load.city}: {waits.waiting} deliveries wait")


def mail() -> Iterator[Finding]:
    """Is there a mail server, and does it let us in?"""
    if not settings.MAIL_IS_ON:
        yield warning(
            "mail",
            "off: no notices are mailed, no department is reached by e-mail",
            "Set LAMPPOST_SMTP_URL, for example smtp://user:password@mail.example:587",
        )
        return
    place = f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT}"
    try:
        with EmailBackend(timeout=_MAIL_ANSWER_S):
            pass
    except OSError as error:
        # What smtplib raises is one too.
        yield failure(
            "mail",
            f"{place} does not take mail from us: {error}",
            "Are host, port, tls, user and password of LAMPPOST_SMTP_URL right, and is the server "
            "running? Messages wait until it is.",
        )
    else:
        yield fine("mail", f"handed to {place}, which answers")


def demo_people() -> Iterator[Finding]:
    """Can the demo's people, whose password everybody knows, sign in to a real city?"""
    for city in City.objects.filter(is_demo=False, is_sandbox=False).order_by("slug"):
        with city_scope(city.pk):
            active = Membership.objects.filter(is_active=True)
            known = active.filter(user__email__iendswith="@demo.example").count()
            admins = active.filter(role=Role.ADMIN).count()
        if known:
            yield failure(
                "people",
                f"{city.slug}: {known} people of the demo can sign in",
                "Take them out at /desk/, or ask an administrator to.",
            )
        if not admins:
            yield warning(
                "people",
                f"{city.slug}: nobody is administrator",
                f"Run: lamppost create-admin EMAIL --city {city.slug}",
            )
        if admins and not known:
            yield fine("people", f"{city.slug}: {admins} administrators, nobody of the demo")


def home() -> Iterator[Finding]:
    """Which installation this is."""
    yield fine("home", str(settings.HOME))


# What holds of any database, and what needs the structure to be complete.
FIRST = (home, server, same_time, structure)
THEN = (separation, worker, clocks, partners, mail, demo_people)
