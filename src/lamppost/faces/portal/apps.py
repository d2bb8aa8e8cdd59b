"""The portal face."""

from __future__ import annotations

from django.apps import AppConfig


class PortalConfig(AppConfig):
    """Registers the face with Django."""

    name = "lamppost.faces.portal"
    label = "portal_face"
