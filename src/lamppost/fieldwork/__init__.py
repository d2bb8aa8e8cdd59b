"""Inspections in the field, and partners who work through a signed link."""
