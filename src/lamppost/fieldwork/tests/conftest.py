"""An inspector with a case on their round."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
from PIL import Image

from lamppost.cases.models import Case
from lamppost.fieldwork.models import Inspection
from lamppost.fieldwork.selectors.rounds import today
from lamppost.fieldwork.services.planning import plan_inspections
from lamppost.people.actors import Actor

PlanOne = Callable[..., Inspection]


def jpeg(shade: int = 100) -> bytes:
    """A photo; another shade is another photo."""
    out = io.BytesIO()
    Image.new("RGB", (320, 240), (shade, 60, 60)).save(out, "JPEG")
    return out.getvalue()


@pytest.fixture
def plan_one(worker: Actor) -> PlanOne:
    """Put a case on the worker's round of today (or as the keywords say)."""

    def make(case: Case, **changes: Any) -> Inspection:
        asked: dict[str, Any] = {"on": today(), "inspector_id": worker.user_id, "actor": worker}
        planned = plan_inspections(case_ids=[case.pk], **(asked | changes))
        assert planned.refused == {}
        return Inspection.objects.get(pk=planned.done[0])

    return make
