"""What can go wrong with the database before a query runs."""

from __future__ import annotations


class DatabaseUnavailable(RuntimeError):
    """PostgreSQL cannot be used; `remedy` says what to do about it."""

    def __init__(self, problem: str, remedy: str) -> None:
        super().__init__(f"{problem} {remedy}")
        self.problem = problem
        self.remedy = remedy
