"""Bringing in cases that happened before, or elsewhere."""
