"""Addresses of the desk, by what they are about."""
