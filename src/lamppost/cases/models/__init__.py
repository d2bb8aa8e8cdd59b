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
from lamppost.cases.models.quality import BulkCase, BulkRun, QualityDay, QualitySample
from lamppost.cases.models.redress import Redress
from lamppost.cases.models.suggestion import LearnedCase, SuggestionAnswer
from lamppost.cases.models.view import SavedView
from lamppost.cases.models.words import TextCheck, TextMark

__all__ = [
    "Attachment",
    "BulkCase",
    "BulkRun",
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
    "QualityDay",
    "QualitySample",
    "Redress",
    "SavedView",
    "SuggestionAnswer",
    "TextCheck",
    "TextMark",
    "Transfer",
]
