"""Field work of a city under test: a row of every table, with names a query would notice."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from lamppost.cases.models import Attachment, Case
from lamppost.catalog.models import Outcome
from lamppost.fieldwork.models import (
    CompletionReport,
    Inspection,
    InspectionPhoto,
    InspectionRecord,
    PartnerEntry,
    PartnerLink,
)
from lamppost.kernel.ids import digest
from lamppost.people.models import User


def add_fieldwork(slug: str) -> None:
    """Give the newest case of the city in scope an inspection that was done, with its photo,
    and a partner's link through which the work was reported done."""
    now = timezone.now()
    case = Case.objects.order_by("-id")[0]
    inspector = User(email=f"inspector@{slug}.example", name=f"Inspector of {slug.title()}")
    inspector.set_unusable_password()
    inspector.save()
    inspection = Inspection.objects.create(
        case=case, department_id=case.department_id, inspector=inspector,
        planned_on=now.date(), state="done", planned_at=now, ended_at=now,
    )  # fmt: skip
    record = InspectionRecord.objects.create(
        inspection=inspection, key=f"seeded-{slug}", fingerprint="0" * 64, user=inspector,
        standing="taken", condition="found", note=f"seen in {slug}", at=now, received_at=now,
    )  # fmt: skip
    Inspection.objects.filter(pk=inspection.pk).update(record=record)
    photo = Attachment.objects.create(
        case=case, token=f"seeded-{slug}", path=f"photos/none/{slug}.jpg", sha256="0" * 64,
        width=1, height=1, size=1, is_hidden=True, created_at=now,
    )  # fmt: skip
    InspectionPhoto.objects.create(record=record, attachment=photo)
    link = PartnerLink.objects.create(
        case=case, organization=f"Works of {slug}", level="done", token_digest=digest(slug),
        created_at=now, expires_at=now + timedelta(days=30),
    )  # fmt: skip
    PartnerEntry.objects.create(link=link, key=f"seeded-{slug}", step="done", at=now)
    CompletionReport.objects.create(
        link=link, case=case, outcome=Outcome.objects.get(code="done"), text=f"done in {slug}",
        at=now, verdict="confirmed", decided_at=now,
    )  # fmt: skip
