"""Addresses of the sms channel."""

from __future__ import annotations

from django.urls import URLPattern, re_path

from lamppost.faces.channels.provider import hook
from lamppost.faces.channels.sms.receiving import take_text
from lamppost.faces.channels.sms.sent import take_state

urlpatterns: list[URLPattern] = [
    re_path(r"^sms/?\Z", hook(take_text), name="sms"),
    re_path(r"^sms/status/?\Z", hook(take_state), name="sms_sent"),
]
