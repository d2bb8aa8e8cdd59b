"""What is kept of residents in tests with two cities: a contact with all that hangs on one."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from lamppost.cases.models import Case, TextCheck, TextMark
from lamppost.people.models import (
    Contact,
    ContactMerge,
    ContactPoint,
    Erasure,
    Household,
    MovedRow,
    RetentionRule,
)
from tests.support.desk_day import FOREIGN_ID, SECRET


def add_persons(slug: str) -> None:
    """Give the city in scope a merged contact, a record of an erasure, a rule, a mark."""
    is_foreign = slug == "shelbyville"
    pk = FOREIGN_ID if is_foreign else None
    now = timezone.now()
    home = Household.objects.create(name=SECRET if is_foreign else slug, created_at=now)
    kept = Contact.objects.create(
        pk=pk, name=SECRET if is_foreign else slug, household=home, created_at=now
    )
    gone = Contact.objects.create(merged_into=kept, created_at=now)
    point = ContactPoint.objects.create(
        pk=pk, contact=kept, kind="email", value=f"{slug}@example.org", created_at=now
    )
    merge = ContactMerge.objects.create(
        pk=pk, kept=kept, gone=gone, reason="seed", merged_at=now - timedelta(days=1)
    )
    MovedRow.objects.create(
        merge=merge, table="people.ContactPoint", field="contact_id", row_id=point.pk
    )
    Erasure.objects.create(contact=gone, at=now, reason="seed", digest="0" * 64)
    RetentionRule.objects.create(what="searches", after_months=12)
    case = Case.objects.order_by("id")[0]
    TextMark.objects.create(case=case, start=0, end=1, is_hidden=True, at=now)
    TextCheck.objects.create(table="case", rules=1, done_at=now)
