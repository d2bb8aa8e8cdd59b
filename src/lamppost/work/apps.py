"""The work app."""

from __future__ import annotations

from django.apps import AppConfig
from typing_extensions import override


class WorkConfig(AppConfig):
    """Registers the app with Django, and its part in the life of a case."""

    name = "lamppost.work"
    label = "work"

    @override
    def ready(self) -> None:
        """Read the events of cases, and name the work that keeps one open."""
        from lamppost.cases.services.closing import name_work_with
        from lamppost.work.holding import hold
        from lamppost.work.selectors.items import open_required_names
        from lamppost.work.services.reactions import register

        register()
        hold()
        name_work_with(open_required_names)
