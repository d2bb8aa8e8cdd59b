"""The notify app."""

from __future__ import annotations

from django.apps import AppConfig


class NotifyConfig(AppConfig):
    """What is sent to people: subscriptions, messages, deliveries."""

    name = "lamppost.notify"
    label = "notify"
