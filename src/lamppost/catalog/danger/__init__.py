"""Words of danger: what stops a filing whatever the language. See docs/decisions/0023."""

from __future__ import annotations

from lamppost.catalog.danger.looking import (
    NO_LOCAL_WORDS,
    Danger,
    LocalWords,
    look,
    shipped_languages,
)

__all__ = ["NO_LOCAL_WORDS", "Danger", "LocalWords", "look", "shipped_languages"]
