"""The models of work within a case, one module per noun."""

from __future__ import annotations

from lamppost.work.models.item import ChecklistItem, WorkItem, WorkPause
from lamppost.work.models.template import TemplateAnswer, TemplateCheck, WorkTemplate
from lamppost.work.models.wording import Macro, MacroStep, ReplyTemplate

__all__ = [
    "ChecklistItem",
    "Macro",
    "MacroStep",
    "ReplyTemplate",
    "TemplateAnswer",
    "TemplateCheck",
    "WorkItem",
    "WorkPause",
    "WorkTemplate",
]
