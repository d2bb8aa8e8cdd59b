"""The console face as a Django app, so that its templates are found."""

from __future__ import annotations

from django.apps import AppConfig


class ConsoleConfig(AppConfig):
    """Phone and walk-in agents, and those who supervise them."""

    name = "lamppost.faces.console"
    label = "console"
