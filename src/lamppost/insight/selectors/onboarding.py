"""What each department has and lacks before it works with the 311 center."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from lamppost.catalog.book import DepartmentEntry, book
from lamppost.catalog.choices import CaseKind
from lamppost.insight.choices import OnboardingItem
from lamppost.insight.models import OnboardingRecord
from lamppost.insight.selectors.calendar import today
from lamppost.partners.choices import ConnectionState
from lamppost.partners.models import Connection
from lamppost.people.choices import Role
from lamppost.people.models import Membership
from lamppost.sla.models import AgreementProposal, EscalationStep
from lamppost.sla.selectors import versions_in_force


@dataclass(frozen=True, slots=True)
class Item:
    """One line of the list: met or not, how many of how many, what people wrote down.

    ``record`` is set for what only people can say; ``page`` names the address that proves or
    mends the others.
    """

    code: str
    title: str | Promise
    is_met: bool
    part: int | None = None
    whole: int | None = None
    record: OnboardingRecord | None = None
    page: str = ""


@dataclass(frozen=True, slots=True)
class Onboarding:
    """A department's list."""

    department: DepartmentEntry
    items: tuple[Item, ...]

    @property
    def missing(self) -> int:
        """How many items are not met."""
        return sum(not one.is_met for one in self.items)


def onboarding(*, department_id: int | None = None) -> list[Onboarding]:
    """Return the list of every active department, or of one. Six queries."""
    facts = _Facts.of_city(today())
    return [
        Onboarding(one, tuple(facts.items(one)))
        for one in sorted(book().departments.values(), key=lambda one: one.code)
        if one.is_active and department_id in (None, one.id)
    ]


@dataclass(frozen=True, slots=True)
class _Facts:
    staff: Mapping[int, list[str]]
    promised: frozenset[int]
    by_both: frozenset[int]
    has_steps: bool
    broken: frozenset[int]
    records: Mapping[tuple[int, str], OnboardingRecord]

    @classmethod
    def of_city(cls, day: date) -> _Facts:
        staff: dict[int, list[str]] = defaultdict(list)
        members = Membership.objects.filter(
            is_active=True, user__is_active=True, department__isnull=False
        )
        for department_id, role in members.values_list("department_id", "role"):
            staff[department_id].append(role)
        in_force = versions_in_force(day)
        published = AgreementProposal.objects.filter(version__isnull=False)
        newest: dict[tuple[int, str], OnboardingRecord] = {}
        for record in OnboardingRecord.objects.select_related("person", "recorded_by"):
            newest.setdefault((record.department_id, record.item), record)
        return cls(
            staff=staff,
            promised=frozenset(in_force.values_list("agreement__service_id", flat=True)),
            by_both=frozenset(published.values_list("agreement__service_id", flat=True)),
            has_steps=EscalationStep.objects.exists(),
            broken=frozenset(
                Connection.objects.filter(
                    state=ConnectionState.ACTIVE, broken_since__isnull=False
                ).values_list("department_id", flat=True)
            ),
            records=newest,
        )

    def items(self, department: DepartmentEntry) -> list[Item]:
        roles = self.staff.get(department.id, [])
        services = [
            service.id
            for service in book().public_services()
            if service.department_id == department.id and service.kind is not CaseKind.INQUIRY
        ]
        promised = sum(one in self.promised for one in services)
        by_both = sum(one in self.by_both for one in services)
        return [
            self._said(department, OnboardingItem.LIAISON),
            self._said(department, OnboardingItem.DATA_SHARING),
            self._said(department, OnboardingItem.TRAINING),
            Item("staff", _("People who work the cases"), bool(roles), len(roles)),
            Item(
                "manager", _("A manager who approves service levels and is told of late cases"),
                Role.MANAGER in roles,
            ),
            Item(
                "agreements", _("A published service level for each of its services"),
                promised == len(services), promised, len(services), page="desk:agreements",
            ),
            Item(
                "both_sides", _("Service levels approved by both sides"),
                by_both == len(services), by_both, len(services), page="desk:agreements",
            ),
            Item(
                "escalation", _("Somebody is told when a promise is about to be missed"),
                self.has_steps and Role.MANAGER in roles, page="desk:agreements",
            ),
            Item(
                "delivery", _("Cases reach it: by the desk, or by a partner system that answers"),
                department.id not in self.broken, page="desk:partners",
            ),
        ]  # fmt: skip

    def _said(self, department: DepartmentEntry, item: OnboardingItem) -> Item:
        record = self.records.get((department.id, item))
        is_met = record is not None and record.done_on is not None
        return Item(item.value, item.label, is_met, record=record)
