"""Background work: every periodic task is wired, and a killed worker's job is done after all."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from procrastinate import App
from procrastinate.contrib.django import app as django_app

from lamppost.commands.worker import requeue_stalled
from lamppost.faces.operations.state import queue

PERIODIC = {
    "lamppost.cases.tasks.mark_breaches_everywhere",
    "lamppost.cases.tasks.drop_expired_drafts",
    "lamppost.cases.tasks.sweep_photos_without_a_row",
    "lamppost.cases.tasks.watch_routing_everywhere",
    "lamppost.cases.tasks.learn_words_everywhere",
    "lamppost.cases.tasks.mark_late_redress",
    "lamppost.cases.tasks.sample_closings",
    "lamppost.cases.tasks.check_old_texts_everywhere",
    "lamppost.contacts.tasks.draw_contacts_everywhere",
    "lamppost.contacts.tasks.end_due_surges_everywhere",
    "lamppost.contacts.tasks.mark_late_call_backs",
    "lamppost.faces.channels.tasks.tend_talks",
    "lamppost.faces.operations.tasks.remove_old_jobs",
    "lamppost.insight.tasks.count_measures",
    "lamppost.insight.tasks.open_reviews",
    "lamppost.knowledge.tasks.review_articles_everywhere",
    "lamppost.mailbox.tasks.fetch_round",
    "lamppost.mailbox.tasks.mail_round",
    "lamppost.notify.tasks.messages_round",
    "lamppost.notify.tasks.write_digests_everywhere",
    "lamppost.partners.tasks.partners_round",
    "lamppost.partners.tasks.sound_partner_alarms",
    "lamppost.partners.tasks.reconcile_partners",
    "lamppost.people.tasks.mail_unread_notices_everywhere",
    "lamppost.people.tasks.remove_old_personal_data",
    "lamppost.work.tasks.mark_late_items_everywhere",
}


@pytest.fixture(autouse=True)
def _committed(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """The worker has connections of its own, so jobs are committed, and taken away again."""
    with django_db_blocker.unblock():
        yield
        _clean()
        connection.close()


def _clean() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_events")
        cursor.execute("DELETE FROM procrastinate_periodic_defers")
        cursor.execute("DELETE FROM procrastinate_jobs")
        cursor.execute("DELETE FROM procrastinate_workers")


def worker_app() -> App:
    return django_app.with_connector(django_app.connector.get_worker_connector())


def run_queue() -> None:
    async def run() -> None:
        async with worker_app().open_async() as app:
            await app.run_worker_async(
                wait=False, listen_notify=False, install_signal_handlers=False
            )

    asyncio.run(run())


def requeue() -> int:
    async def run() -> int:
        async with worker_app().open_async() as app:
            return await requeue_stalled(app)

    return asyncio.run(run())


def abandon(lock: str = "mark_breaches") -> int:
    """A job in hand of a worker that was killed a minute ago."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_workers (last_heartbeat) "
            "VALUES (now() - interval '1 minute') RETURNING id"
        )
        worker = cursor.fetchone()[0]
        cursor.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, queueing_lock, args, status, "
            "worker_id) VALUES ('default', 'lamppost.cases.tasks.mark_breaches_everywhere', %s, "
            """'{"timestamp": 0}', 'doing', %s) RETURNING id""",
            [lock, worker],
        )
        return int(cursor.fetchone()[0])


def status_of(job: int) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT status FROM procrastinate_jobs WHERE id = %s", [job])
        return str(cursor.fetchone()[0])


def test_every_periodic_task_is_registered_where_the_worker_looks() -> None:
    registered = {name for name, _id in worker_app().periodic_registry.periodic_tasks}
    assert registered >= PERIODIC
    assert not [name for name in registered if name not in worker_app().tasks]


def test_the_job_of_a_killed_worker_is_queued_again_and_done() -> None:
    job = abandon()
    assert queue().stuck == 1
    assert requeue() == 1
    assert status_of(job) == "todo"
    run_queue()
    assert status_of(job) == "succeeded"
    assert queue().stuck == 0


def test_when_the_same_work_was_queued_meanwhile_it_is_done_once() -> None:
    job = abandon()
    again = django_app.tasks["lamppost.cases.tasks.mark_breaches_everywhere"].defer(timestamp=1)
    assert requeue() == 0
    assert status_of(job) == "aborted"
    run_queue()
    assert (status_of(job), status_of(again)) == ("aborted", "succeeded")


def test_the_job_of_a_living_worker_is_left_alone() -> None:
    job = abandon()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_workers SET last_heartbeat = now()")
    assert requeue() == 0
    assert status_of(job) == "doing"
