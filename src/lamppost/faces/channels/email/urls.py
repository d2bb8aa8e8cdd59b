"""Addresses of the e-mail channel."""

from __future__ import annotations

from django.urls import URLPattern, path

from lamppost.faces.channels.email import hook

urlpatterns: list[URLPattern] = [
    path("email", hook.take_mail, name="email"),
]
