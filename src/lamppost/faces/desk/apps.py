"""The desk face."""

from __future__ import annotations

from django.apps import AppConfig


class DeskConfig(AppConfig):
    """Registers the face with Django."""

    name = "lamppost.faces.desk"
    label = "desk_face"
