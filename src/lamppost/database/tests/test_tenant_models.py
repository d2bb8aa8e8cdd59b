from __future__ import annotations

from copy import deepcopy
from typing import Any, ClassVar

import pytest
from django.db import DatabaseError, models

from lamppost.database.backend.base import DatabaseWrapper
from lamppost.database.managers import ScopedManager, ScopedQuerySet
from lamppost.database.models import TenantModel
from lamppost.database.scope import UnscopedQuery, city_scope


class NoteQuerySet(ScopedQuerySet["Note"]):
    def short(self) -> NoteQuerySet:
        return self.filter(text__regex="^.{1,5}$")


class Note(TenantModel):
    text = models.CharField(max_length=100)
    parent = models.ForeignKey("self", null=True, on_delete=models.CASCADE, related_name="children")

    children: Any
    objects: ClassVar[Any] = ScopedManager.from_queryset(NoteQuerySet)()

    class Meta:
        # Not derived from TenantModel.Meta, as a hurried author would write it.
        app_label = "scratch"
        managed = False


def _rows() -> Any:
    return Note.objects.using("scratch")


def _texts() -> list[str]:
    return sorted(_rows().values_list("text", flat=True))


@pytest.fixture
def notes(scratch: DatabaseWrapper) -> dict[int, Note]:
    """One note in each city."""
    made = {}
    for city_id in (1, 2):
        with city_scope(city_id):
            made[city_id] = _rows().create(text=f"of {city_id}")
    return made


# Built once without a city, as a form does at import.
_EARLY = Note.objects.using("scratch").order_by("text")

_READS_AND_WRITES: dict[str, Any] = {
    "list": lambda: list(_rows().all()),
    "get": lambda: _rows().get(pk=1),
    "count": lambda: _rows().count(),
    "exists": lambda: _rows().exists(),
    "aggregate": lambda: _rows().aggregate(models.Max("id")),
    "iterator": lambda: list(_rows().iterator()),
    "values": lambda: list(_rows().values("text")),
    "in bulk": lambda: _rows().in_bulk([1]),
    "union": lambda: list(_rows().all().union(_rows().all())),
    "subquery": lambda: list(_rows().filter(parent__in=_rows().all())),
    "own method": lambda: list(_rows().short()),
    "raw": lambda: list(_rows().raw("SELECT * FROM scratch_note")),
    "base manager": lambda: list(Note._base_manager.using("scratch")),
    "update": lambda: _rows().update(text="x"),
    "delete": lambda: _rows().all().delete(),
    "create": lambda: _rows().create(text="x"),
    "create for a named city": lambda: _rows().create(text="x", city_id=1),
    "bulk create": lambda: _rows().bulk_create([Note(text="x", city_id=1)]),
    "get or create": lambda: _rows().get_or_create(text="x"),
    "save": lambda: Note(text="x", city_id=1).save(using="scratch"),
    "early": lambda: list(_EARLY.all()),
}


@pytest.mark.parametrize("act", _READS_AND_WRITES.values(), ids=list(_READS_AND_WRITES))
def test_without_a_city_every_way_in_is_refused(notes: dict[int, Note], act: Any) -> None:
    with pytest.raises(UnscopedQuery):
        act()


def test_without_a_city_a_row_at_hand_can_be_neither_changed_nor_read_again(
    notes: dict[int, Note],
) -> None:
    note = notes[1]
    for act in (note.save, note.delete, note.refresh_from_db, lambda: list(note.children.all())):
        with pytest.raises(UnscopedQuery):
            act()


@pytest.mark.parametrize(
    "act",
    [
        lambda: _rows().create(text="x", city_id=2),
        lambda: _rows().bulk_create([Note(text="x"), Note(text="x", city_id=2)]),
        lambda: Note(text="x", city_id=2).save(using="scratch"),
    ],
)
def test_a_row_of_another_city_is_refused_before_the_database(
    notes: dict[int, Note], act: Any
) -> None:
    with city_scope(1):
        with pytest.raises(UnscopedQuery, match="of city 2"):
            act()
        assert _texts() == ["of 1"]


def test_another_citys_row_at_hand_cannot_be_changed_or_removed(notes: dict[int, Note]) -> None:
    foreign = notes[2]
    with city_scope(1):
        foreign.text = "mine now"
        with pytest.raises((DatabaseError, UnscopedQuery)):
            foreign.save(using="scratch")
        with pytest.raises((DatabaseError, UnscopedQuery)):
            foreign.save(using="scratch", update_fields=["text"])
        with pytest.raises(UnscopedQuery, match="belongs to city 2"):
            foreign.delete()
        with pytest.raises(Note.DoesNotExist):
            foreign.refresh_from_db(using="scratch")
        assert _rows().filter(pk=foreign.pk).update(text="x") == 0
        assert _rows().filter(pk=foreign.pk).delete()[0] == 0
    with city_scope(2):
        assert _texts() == ["of 2"]


def test_the_city_is_filled_in_from_the_scope(notes: dict[int, Note]) -> None:
    with city_scope(2):
        assert Note(text="x").city_id == 2
        made = _rows().bulk_create([Note(text="a"), Note(text="b")])
        assert [note.city_id for note in made] == [2, 2]
        child = notes[2].children.using("scratch").create(text="c", parent=notes[2])
        assert child.city_id == 2
    outside = Note(text="made before its scope")
    assert outside.city_id is None
    with city_scope(1):
        outside.save(using="scratch")
    assert outside.city_id == 1


def test_a_query_set_made_early_follows_the_scope_it_runs_in(notes: dict[int, Note]) -> None:
    copy = deepcopy(_EARLY)
    for city_id in (1, 2):
        with city_scope(city_id):
            assert [note.text for note in _EARLY.all()] == [f"of {city_id}"]
            assert [note.text for note in copy.all()] == [f"of {city_id}"]


def test_related_rows_of_another_city_stay_out_of_sight(notes: dict[int, Note]) -> None:
    # A key across cities is wrong data; row security hides its far end even from a join.
    with city_scope(1):
        child = _rows().create(text="child", parent_id=notes[2].pk)
        assert _rows().filter(parent__text="of 2").count() == 0
        assert _rows().select_related("parent").get(pk=child.pk).parent is None
        child.refresh_from_db(using="scratch")
        with pytest.raises(Note.DoesNotExist):
            child.parent.text  # noqa: B018


def test_the_filter_in_python_stands_without_row_security(
    notes: dict[int, Note], monkeypatch: pytest.MonkeyPatch
) -> None:
    # As the database's own lock would be, were it ever lost.
    monkeypatch.setattr(
        "lamppost.database.backend.connection.TenantConnection.apply_current_city",
        lambda connection: connection.apply_city(2),
    )
    with city_scope(1):
        assert _texts() == []
        assert not _rows().filter(text="of 2").exists()
        assert _rows().update(text="x") == 0
