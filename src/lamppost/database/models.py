"""The abstract base of every model whose rows belong to one city."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from lamppost.database.managers import ScopedManager
from lamppost.database.scope import current_city_id


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

    objects: ClassVar[ScopedManager[models.Model]] = ScopedManager()

    class Meta:
        abstract = True
        # Related access, save() and delete() go through the base manager: lock those too.
        base_manager_name = "objects"
