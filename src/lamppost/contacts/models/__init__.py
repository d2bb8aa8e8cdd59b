"""What the contact center keeps."""

from __future__ import annotations

from lamppost.contacts.models.center import AgentState, CallBack, CenterRules, Surge
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
    "PhoneLine",
    "SpokenLanguage",
    "Surge",
]
