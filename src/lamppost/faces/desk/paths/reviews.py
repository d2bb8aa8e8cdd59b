"""Addresses of the desk for reviews, stat meetings, maturity."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver

urlpatterns: list[URLPattern | URLResolver] = []
