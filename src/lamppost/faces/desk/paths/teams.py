"""Addresses of the desk for teams, saved views, absences, notices."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver

urlpatterns: list[URLPattern | URLResolver] = []
