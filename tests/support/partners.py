"""A partner system, for tests that walk every model and every address."""

from __future__ import annotations

from django.utils import timezone

from lamppost.cases.models import CaseEvent
from lamppost.catalog.models import Service
from lamppost.partners.models import (
    Attempt,
    ConnectionService,
    Delivery,
    Drop,
    Finding,
    HandOff,
    InboundUpdate,
    OutboxEntry,
    Reconciliation,
    StatusWord,
)
from lamppost.partners.services.connections import Settings, create
from lamppost.people.actors import SYSTEM


def add_partners(slug: str) -> None:
    """Make a connection with everything that can hang on one, in the city in scope.

    Its code and numbers are the city's own, so that one found elsewhere is a leak.
    """
    now = timezone.now()
    connection = create(
        code=f"works-{slug}",
        wanted=Settings(f"Works of {slug}", "email", f"{slug}@works.example", "parks"),
        actor=SYSTEM,
    ).connection
    service = Service.objects.get(code="TREE")
    ConnectionService.objects.create(connection=connection, service=service)
    StatusWord.objects.create(connection=connection, word="done", sentence={"en": slug})
    event = CaseEvent.objects.order_by("id")[0]
    handoff = HandOff.objects.create(
        connection=connection, case=event.case, external_number=f"X-{slug}", created_at=now
    )
    drop = Drop.objects.create(connection=connection, name=f"{slug}.csv", created_at=now)
    delivery = Delivery.objects.create(
        connection=connection, handoff=handoff, purpose="new", event=event, key=f"lp_{slug}",
        state="dead", created_at=now, due_at=now, drop=drop,
    )  # fmt: skip
    Attempt.objects.create(delivery=delivery, started_at=now, result="refused", code=400)
    InboundUpdate.objects.create(
        connection=connection, handoff=handoff, update_id=slug, word=slug, at=now,
        received_at=now, result="unmapped",
    )  # fmt: skip
    OutboxEntry.objects.create(event=event)
    run = Reconciliation.objects.create(
        connection=connection, day=now.date(), at=now, result="compared", handed_over=1,
        confirmed=0,
    )  # fmt: skip
    Finding.objects.create(run=run, kind="lost", case=event.case, external_number=slug)
