"""Addresses of the voice channel."""

from __future__ import annotations

from django.urls import URLPattern, re_path

from lamppost.faces.channels.provider import hook
from lamppost.faces.channels.voice.steps import STEPS

urlpatterns: list[URLPattern] = [
    re_path(rf"^voice/{name}/?\Z" if name else r"^voice/?\Z", hook(answer),
            name=f"voice_{name}" if name else "voice")
    for name, answer in STEPS.items()
]  # fmt: skip
