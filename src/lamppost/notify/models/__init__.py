"""The tables of what is sent to people."""

from __future__ import annotations

from lamppost.notify.models.gateway import Gateway, LineOutage
from lamppost.notify.models.message import Message, Stop
from lamppost.notify.models.subscription import (
    DigestItem,
    PushDevice,
    QuietHours,
    Recipient,
    Subscription,
    SurveyAnswer,
)
from lamppost.notify.models.wording import NoticeText

__all__ = [
    "DigestItem",
    "Gateway",
    "LineOutage",
    "Message",
    "NoticeText",
    "PushDevice",
    "QuietHours",
    "Recipient",
    "Stop",
    "Subscription",
    "SurveyAnswer",
]
