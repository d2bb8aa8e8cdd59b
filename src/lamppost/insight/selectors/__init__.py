"""Reads of measures and reviews. ``review_standing`` is for pages of other parts."""

from __future__ import annotations

from lamppost.insight.selectors.calendar import (
    Standing,
    overdue_agreements,
    review_context,
    review_standing,
)

__all__ = ["Standing", "overdue_agreements", "review_context", "review_standing"]
