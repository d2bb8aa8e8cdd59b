"""The condition "lies in this box", in the form the point index answers."""

from __future__ import annotations

from typing import Any

from django.db.models import BooleanField, F, Func, Q, Value

from lamppost.kernel.geo import Box


class _Within(Func):
    """``point <@ box``: the operator a core GiST index on a point column serves."""

    template = "%(expressions)s"
    arg_joiner = " <@ "
    output_field = BooleanField()
    conditional = True


class _BoxValue(Func):
    """PostgreSQL's ``box`` from its text form ``((x1,y1),(x2,y2))``."""

    template = "%(expressions)s::box"


def in_box(field: str, box: Box) -> Q:
    """Return the condition that the point column ``field`` lies in ``box`` (WGS 84 degrees).

    A box across the 180th meridian becomes two.
    """
    if box.west > box.east:
        return Q(_within(field, box._replace(east=180.0))) | Q(
            _within(field, box._replace(west=-180.0))
        )
    return Q(_within(field, box))


def _within(field: str, box: Box) -> Any:
    text = f"(({box.west!r},{box.south!r}),({box.east!r},{box.north!r}))"
    return _Within(F(field), _BoxValue(Value(text)))
