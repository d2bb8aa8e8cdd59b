"""Query sets that only ever see the city in scope.

The filter is an expression that looks the city up when SQL is made, not when the query set is:
a form or a view may build a query set at import, and it still raises `UnscopedQuery` when it
runs outside a city and always agrees with row security in PostgreSQL.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any, TypeVar

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.expressions import Expression
from django.db.models.sql.compiler import SQLCompiler
from django.db.models.sql.query import Query
from typing_extensions import override

from lamppost.database.scope import UnscopedQuery, require_city_id

_Row = TypeVar("_Row", bound=models.Model, covariant=True)


class CurrentCity(Expression):
    """The id of the city in scope at the moment the SQL is made."""

    output_field = models.BigIntegerField()

    @override
    def as_sql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper
    ) -> tuple[str, tuple[int]]:
        """Raises `UnscopedQuery` when no city is in scope."""
        return "%s", (require_city_id(),)


class ScopedQuerySet(models.QuerySet[_Row, _Row]):
    """A query set of rows that belong to a city."""

    def _insert(self, objs: Iterable[Any], *args: Any, **kwargs: Any) -> Any:
        # Every way to insert (save, create, bulk_create, related managers) ends here.
        city_id = require_city_id()
        rows = list(objs)
        for row in rows:
            if row.city_id is None:
                row.city_id = city_id
            elif row.city_id != city_id:
                raise UnscopedQuery(
                    f"A {row._meta.label} of city {row.city_id} was to be written "
                    f"while working for city {city_id}."
                )
        return super()._insert(rows, *args, **kwargs)  # type: ignore[misc]

    _insert.queryset_only = False  # type: ignore[attr-defined]

    @override
    def raw(self, *args: Any, **kwargs: Any) -> models.query.RawQuerySet[Any]:
        """As in Django; only row security filters it. Raises `UnscopedQuery` without a city."""
        require_city_id()
        return super().raw(*args, **kwargs)


class ScopedManager(models.Manager[_Row]):
    """The manager of every tenant model; own query sets: `ScopedManager.from_queryset(...)`."""

    _queryset_class = ScopedQuerySet

    @override
    def get_queryset(self) -> ScopedQuerySet[_Row]:
        """Rows of the city in scope when the query runs."""
        rows = super().get_queryset()
        if not isinstance(rows, ScopedQuerySet):
            raise TypeError(f"{self!r} is made from a query set that is not a ScopedQuerySet.")
        rows.query = _scoped(self.model).chain()
        return rows


@cache
def _scoped(model: type[models.Model]) -> Query:
    """The query every query set of ``model`` begins with, a copy each: to put a filter together
    takes as long as all the rest of a short query. The city is still looked up as SQL is made.
    """
    return models.QuerySet(model).filter(city_id=CurrentCity()).query
