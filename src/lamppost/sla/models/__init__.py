"""The promise: calendars, agreements with their versions, proposals, escalation."""

from __future__ import annotations

from lamppost.sla.models.agreement import Agreement, AgreementVersion, SlaTarget
from lamppost.sla.models.calendar import (
    BusinessCalendar,
    CalendarDay,
    CalendarHours,
    PauseReason,
    PausingStatus,
)
from lamppost.sla.models.escalation import EscalationAudience, EscalationStep
from lamppost.sla.models.proposal import (
    OPEN_STATES,
    AgreementProposal,
    ProposalDecision,
    ProposedTarget,
)

__all__ = [
    "OPEN_STATES",
    "Agreement",
    "AgreementProposal",
    "AgreementVersion",
    "BusinessCalendar",
    "CalendarDay",
    "CalendarHours",
    "EscalationAudience",
    "EscalationStep",
    "PauseReason",
    "PausingStatus",
    "ProposalDecision",
    "ProposedTarget",
    "SlaTarget",
]
