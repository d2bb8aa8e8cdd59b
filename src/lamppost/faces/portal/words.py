"""Passages a city words itself, written in Markdown, shown as safe HTML."""

from __future__ import annotations

from django.utils.safestring import SafeString
from django.utils.translation import get_language

from lamppost.cities.models import CityText
from lamppost.kernel.markdown import as_html
from lamppost.kernel.text import in_language


def city_words(key: str) -> SafeString:
    """Return the city's passage ``key`` in the active language as HTML; empty without one."""
    row = CityText.objects.filter(key=key).first()
    return as_html(in_language(row.text, get_language() or "en")) if row else SafeString("")
