"""The field face as a Django app, so that its templates are found."""

from __future__ import annotations

from django.apps import AppConfig


class FieldConfig(AppConfig):
    """Rounds of inspectors, and partners with a signed link."""

    name = "lamppost.faces.field"
    label = "field"
