"""Publishing what an agreement promises from one day on: the one way a version comes to be."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from django.contrib.postgres.functions import TransactionNow
from django.db import transaction
from django.utils import timezone

from lamppost.cities.models import City
from lamppost.cities.selectors import forget_cities
from lamppost.database.scope import require_city_id
from lamppost.sla.choices import DayEndRule
from lamppost.sla.models import AgreementVersion, SlaTarget


@dataclass(frozen=True, slots=True)
class TargetFacts:
    """One target as it is to be written: empty area and priority mean everywhere and any."""

    kind: str
    amount: int
    unit: str
    day_end: str = DayEndRule.CLOSE
    area_id: int | None = None
    priority: str = ""

    @property
    def scope(self) -> tuple[str, int | None, str]:
        """For which cases it holds; two of one version never share it."""
        return (self.kind, self.area_id, self.priority)


def write_version(
    *,
    agreement_id: int,
    effective_from: date,
    effective_to: date | None,
    calendar_id: int,
    targets: Collection[TargetFacts],
    approved_by: str,
    evidence: str,
) -> AgreementVersion:
    """Write a version with its targets, in one transaction; return it.

    The caller has checked what is promised and by whom it was approved, and says that the
    city's catalogue changed. From its first day on the database refuses to change it.
    """
    with transaction.atomic():
        version = AgreementVersion.objects.create(
            agreement_id=agreement_id,
            effective_from=effective_from,
            effective_to=effective_to,
            calendar_id=calendar_id,
            approved_by=approved_by,
            evidence=evidence,
            # By the database's clock: it lets targets in only while this transaction lasts.
            published_at=TransactionNow(),
        )
        version.refresh_from_db(fields=["published_at"])
        write_targets(version, targets)
    return version


def write_targets(version: AgreementVersion, targets: Collection[TargetFacts]) -> None:
    """Write the targets of a version that is not in force yet."""
    SlaTarget.objects.bulk_create(
        SlaTarget(
            version=version,
            kind=target.kind,
            amount=target.amount,
            unit=target.unit,
            day_end=target.day_end,
            area_id=target.area_id,
            priority=target.priority,
        )
        for target in targets
    )


def stamp_catalogue() -> None:
    """Tell every process that what it remembers of this city's promises is out of date.

    This one at once, and again when the transaction ends: a request beside it may have read
    the old row in between.
    """
    City.objects.filter(pk=require_city_id()).update(catalog_changed_at=timezone.now())
    forget_cities()
    transaction.on_commit(forget_cities)
