"""Django's database engine `lamppost.database.backend`: PostgreSQL under a tenant scope."""

from __future__ import annotations
