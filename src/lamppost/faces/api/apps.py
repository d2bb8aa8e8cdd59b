"""The api face."""

from __future__ import annotations

from django.apps import AppConfig


class ApiConfig(AppConfig):
    """Registers the face with Django."""

    name = "lamppost.faces.api"
    label = "api_face"
