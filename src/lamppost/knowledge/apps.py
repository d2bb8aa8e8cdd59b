"""The knowledge app."""

from __future__ import annotations

from django.apps import AppConfig


class KnowledgeConfig(AppConfig):
    """Answers to what people ask, and the directory of whom else they ask for."""

    name = "lamppost.knowledge"
    label = "knowledge"

    def ready(self) -> None:
        """Say what the app keeps of a resident."""
        from lamppost.knowledge.holding import hold

        hold()
