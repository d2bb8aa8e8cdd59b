"""The open311 face."""

from __future__ import annotations

from django.apps import AppConfig


class Open311Config(AppConfig):
    """Registers the face with Django."""

    name = "lamppost.faces.open311"
    label = "open311_face"
