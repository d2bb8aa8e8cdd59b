"""The database floor: embedded PostgreSQL, connections, and the two locks between cities."""

from __future__ import annotations
