"""What the contact center keeps."""

from __future__ import annotations

from lamppost.contacts.models.center import (
    AgentState,
    CallBack,
    CenterRules,
    Shift,
    Surge,
    SurgeText,
)
from lamppost.contacts.models.conversation import (
    AgentPhone,
    Call,
    Conversation,
    IncomingText,
)
from lamppost.contacts.models.interaction import (
    Disposition,
    Handover,
    Interaction,
    InteractionAnswer,
    InteractionCase,
)
from lamppost.contacts.models.line import Keyword, PhoneLine, SpokenLanguage
from lamppost.contacts.models.monitoring import (
    MonitoredContact,
    MonitoringQuestion,
    MonitoringScore,
)

__all__ = [
    "AgentPhone",
    "AgentState",
    "Call",
    "CallBack",
    "CenterRules",
    "Conversation",
    "Disposition",
    "Handover",
    "IncomingText",
    "Interaction",
    "InteractionAnswer",
    "InteractionCase",
    "Keyword",
    "MonitoredContact",
    "MonitoringQuestion",
    "MonitoringScore",
    "PhoneLine",
    "Shift",
    "SpokenLanguage",
    "Surge",
    "SurgeText",
]
