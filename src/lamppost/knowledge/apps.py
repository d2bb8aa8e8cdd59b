"""The knowledge app."""

from __future__ import annotations

from django.apps import AppConfig


class KnowledgeConfig(AppConfig):
    """Answers to what people ask, and the directory of whom else they ask for."""

    name = "lamppost.knowledge"
    label = "knowledge"
