"""The operations face."""

from __future__ import annotations

from django.apps import AppConfig


class OperationsConfig(AppConfig):
    """Registers the face with Django."""

    name = "lamppost.faces.operations"
    label = "operations_face"
