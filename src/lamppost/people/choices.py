"""The closed set of roles. What each may do stands in ``permissions.py``."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """What a person is in a city."""

    RESIDENT = "resident", _("Resident")
    LIAISON = "liaison", _("Neighborhood liaison")
    AGENT = "agent", _("311 agent")
    SUPERVISOR = "supervisor", _("311 supervisor")
    WORKER = "worker", _("Department worker")
    MANAGER = "manager", _("Department manager")
    EDITOR = "editor", _("Knowledge editor")
    DIRECTOR = "director", _("311 director")
    COUNCIL = "council", _("Council office")
    ADMIN = "admin", _("Administrator")
