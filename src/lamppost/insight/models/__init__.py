"""Counts kept up to date, and the meetings that look at them."""

from __future__ import annotations

from lamppost.insight.models.center import (
    AgentHalfHour,
    CenterCoding,
    CenterHalfHour,
    CenterMark,
    ChannelCost,
)
from lamppost.insight.models.daily import DailyClosings, DailyRequests, MeasureMark
from lamppost.insight.models.onboarding import OnboardingRecord
from lamppost.insight.models.review import (
    Review,
    ReviewAction,
    ReviewAttendance,
    ReviewFigure,
    ReviewSubject,
    StatFigure,
)

__all__ = [
    "AgentHalfHour",
    "CenterCoding",
    "CenterHalfHour",
    "CenterMark",
    "ChannelCost",
    "DailyClosings",
    "DailyRequests",
    "MeasureMark",
    "OnboardingRecord",
    "Review",
    "ReviewAction",
    "ReviewAttendance",
    "ReviewFigure",
    "ReviewSubject",
    "StatFigure",
]
