"""For those who run an installation: is it alive, is it ready, how is it."""

from __future__ import annotations
