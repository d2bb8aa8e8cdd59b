"""The channels face as a Django app, so that its templates are found."""

from __future__ import annotations

from django.apps import AppConfig


class ChannelsConfig(AppConfig):
    """E-mail, SMS and voice coming in."""

    name = "lamppost.faces.channels"
    label = "channels"
