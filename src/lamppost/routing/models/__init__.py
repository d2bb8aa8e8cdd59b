"""The models of routing, one module per noun."""

from __future__ import annotations

from lamppost.routing.models.alarm import RoutingAlarm
from lamppost.routing.models.rules import (
    PastCondition,
    RoutingAnswer,
    RoutingArea,
    RoutingRule,
    RoutingService,
    RuleSet,
)
from lamppost.routing.models.trial import RoutingTrial, TrialFlow, TrialRule, TrialSample
from lamppost.routing.models.words import WordCount, WordHint, WordModel, WordTotal

__all__ = [
    "PastCondition",
    "RoutingAlarm",
    "RoutingAnswer",
    "RoutingArea",
    "RoutingRule",
    "RoutingService",
    "RoutingTrial",
    "RuleSet",
    "TrialFlow",
    "TrialRule",
    "TrialSample",
    "WordCount",
    "WordHint",
    "WordModel",
    "WordTotal",
]
