"""Measurements and trials of a whole installation."""

from __future__ import annotations
