"""Migrations at a bearable pace.

Before each step of a migration Django builds anew, in memory, the changed model and every model
that is in any way connected with it. Here every model hangs on the city, so each of several
hundred steps would build all models again: minutes, for a schema PostgreSQL makes in seconds.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db.migrations.state import ProjectState

_Key = tuple[str, str]


@contextmanager
def building_what_changed() -> Iterator[None]:
    """Until the block ends, steps build anew the changed model and those that point to it.

    Enough for steps that change tables: a foreign key needs the table and the key it points
    to. A step that runs Python still gets every model, since the state counts as delayed, which
    makes ``RunPython`` build all of them first.
    """
    django_s = ProjectState._find_reload_model  # type: ignore[attr-defined]
    ProjectState._find_reload_model = _changed  # type: ignore[attr-defined]
    try:
        yield
    finally:
        ProjectState._find_reload_model = django_s  # type: ignore[attr-defined]


def _changed(
    state: Any,
    app_label: str,
    model_name: str,
    delay: bool = False,  # noqa: ARG001 - Django's signature
) -> set[_Key]:
    state.is_delayed = True
    found: set[_Key] = {(app_label, model_name)}
    try:
        before = state.apps.get_model(app_label, model_name)
    except LookupError:
        return found
    pointing = [
        relation.related_model
        for relation in before._meta.get_fields(include_hidden=True)
        if relation.auto_created and not relation.concrete and relation.is_relation
    ]
    return found | {
        (model._meta.app_label, model._meta.model_name)
        for model in [*pointing, *before.__subclasses__()]
        if not isinstance(model, str)
    }
