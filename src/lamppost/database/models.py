"""The abstract base of every model whose rows belong to one city."""

from __future__ import annotations

from typing import Any, ClassVar, Self

from django.db import models
from typing_extensions import override

from lamppost.database.managers import ScopedManager
from lamppost.database.scope import UnscopedQuery, current_city_id, require_city_id


class TenantModel(models.Model):
    """A row of one city.

    `city` is filled from the scope and can be neither omitted nor foreign to it. Its foreign
    key has no index of its own: an index of one value is dead weight in the usual one-city
    installation, so indexes that matter start with `city`.
    The migration that makes the table adds `rls.EnableRowSecurity`.
    """

    city = models.ForeignKey(
        "cities.City",
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        editable=False,
        default=current_city_id,
    )

    objects: ClassVar[ScopedManager[Self]] = ScopedManager()

    class Meta:
        abstract = True
        # Related access, save() and delete() go through the base manager: lock those too.
        base_manager_name = "objects"

    @override
    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """As in Django. Raises `UnscopedQuery` outside the row's own city."""
        # Django removes a single row by its key, past every manager.
        if self.city_id != require_city_id():
            raise UnscopedQuery(f"This {self._meta.label} belongs to city {self.city_id}.")
        return super().delete(*args, **kwargs)


def city_of_its_case() -> models.ForeignKey[Any, Any]:
    """Return the ``city`` of a row that hangs on another row of the same city.

    Without a foreign key of its own: the row it hangs on has one, and row security holds
    both to the city in scope. For tables that get several rows with every case.
    """
    return models.ForeignKey(
        "cities.City",
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        db_constraint=False,
        editable=False,
        default=current_city_id,
    )
