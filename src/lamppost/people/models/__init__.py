"""The models of people, one module per kind of people."""

from __future__ import annotations

from lamppost.people.models.contact import (
    Contact,
    ContactMerge,
    ContactPoint,
    Erasure,
    Household,
    MovedRow,
)
from lamppost.people.models.retention import RetentionRule
from lamppost.people.models.staff import (
    Absence,
    ApiKey,
    AuditEntry,
    Denial,
    Department,
    Membership,
    RateWindow,
    StaffNotice,
    Team,
    TeamMember,
    User,
    UserManager,
)

__all__ = [
    "Absence",
    "ApiKey",
    "AuditEntry",
    "Contact",
    "ContactMerge",
    "ContactPoint",
    "Denial",
    "Department",
    "Erasure",
    "Household",
    "Membership",
    "MovedRow",
    "RateWindow",
    "RetentionRule",
    "StaffNotice",
    "Team",
    "TeamMember",
    "User",
    "UserManager",
]
