"""What the contact center keeps."""

from __future__ import annotations

from lamppost.contacts.models.center import AgentState, CallBack, Surge
from lamppost.contacts.models.interaction import (
    Disposition,
    Handover,
    Interaction,
    InteractionCase,
)

__all__ = [
    "AgentState",
    "CallBack",
    "Disposition",
    "Handover",
    "Interaction",
    "InteractionCase",
    "Surge",
]
