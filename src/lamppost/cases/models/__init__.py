"""The models of the case, one module per noun."""

from __future__ import annotations

from lamppost.cases.models.case import (
    Attachment,
    Case,
    CaseAnswer,
    CaseArea,
    CaseLink,
    Follower,
    PartnerUpdate,
    Transfer,
)
from lamppost.cases.models.clock import Clock, ClockEvent
from lamppost.cases.models.event import CaseChain, CaseEvent, EventText
from lamppost.cases.models.intake import (
    Diversion,
    Draft,
    DraftPhoto,
    IdempotencyKey,
    ImportRun,
    IntakeToken,
)
from lamppost.cases.models.participant import Participant
from lamppost.cases.models.suggestion import LearnedCase, SuggestionAnswer
from lamppost.cases.models.view import SavedView

__all__ = [
    "Attachment",
    "Case",
    "CaseAnswer",
    "CaseArea",
    "CaseChain",
    "CaseEvent",
    "CaseLink",
    "Clock",
    "ClockEvent",
    "Diversion",
    "Draft",
    "DraftPhoto",
    "EventText",
    "Follower",
    "IdempotencyKey",
    "ImportRun",
    "IntakeToken",
    "LearnedCase",
    "Participant",
    "PartnerUpdate",
    "SavedView",
    "SuggestionAnswer",
    "Transfer",
]
