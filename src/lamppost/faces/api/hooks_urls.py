"""Addresses partner systems call."""

from __future__ import annotations

from django.urls import re_path

from lamppost.faces.api import hooks

app_name = "hooks"
urlpatterns = [re_path(r"^partner/(?P<code>[-\w]{1,63})/?\Z", hooks.partner, name="partner")]
