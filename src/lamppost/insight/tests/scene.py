"""Ten requests of one morning whose fate is known to the minute, for tests of measures.

All are made on Monday 3 June 2024 at 09:00 in New York, where a pothole is promised in three
business days: by Thursday 6 June, 17:00.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

from lamppost.cases.models import Case, Clock
from lamppost.cases.services import lifecycle, links, redress
from lamppost.cases.services.clocks import waive
from lamppost.cases.services.corrections import recategorize
from lamppost.people.actors import ANONYMOUS, SYSTEM, Actor
from lamppost.people.choices import Role

ZONE = ZoneInfo("America/New_York")
FileCase = Callable[..., Case]
MakeActor = Callable[..., Actor]


def at(day: int, hour: int = 9, minute: int = 0) -> datetime:
    """Return an instant of June 2024 by the clocks of New York."""
    return datetime(2024, 6, day, hour, minute, tzinfo=ZONE)


def close(case: Case, day: int, hour: int = 9) -> None:
    """Close a case as done."""
    lifecycle.close(
        case_id=case.pk, outcome_code="done", text="Filled.", actor=SYSTEM, at=at(day, hour)
    )


def move(case: Case, status: str, day: int) -> None:
    """Move a case at 09:00 of a day."""
    lifecycle.move(case_id=case.pk, status_code=status, note="Weather", actor=SYSTEM, at=at(day))


def tell(file_case: FileCase, actor: MakeActor) -> dict[str, Case]:
    """Make the scene in the city in scope; return its cases by what became of them."""

    def filed(**more: object) -> Case:
        return file_case(requested_at=at(3), **more)

    cases = {
        name: filed()
        for name in ("punctual", "late", "open", "paused", "resumed", "waived", "repeat", "twice")
    }
    cases["early"] = filed(language="es")
    cases["moved away"] = filed()
    close(cases["early"], 4)
    close(cases["punctual"], 6, 17)  # due at this very moment: on time
    close(cases["late"], 7)
    for name in ("paused", "resumed"):
        move(cases[name], "in-progress", 3)
        move(cases[name], "waiting-weather", 5)
    # Wednesday and Thursday were not counted: due on Monday 10 June, 17:00.
    move(cases["resumed"], "in-progress", 7)
    close(cases["resumed"], 10, 16)
    clock = Clock.objects.get(case=cases["waived"], kind="resolve")
    waive(clock, at=at(20), actor=actor(Role.DIRECTOR), reason="Blizzard")
    recategorize(case_id=cases["moved away"].pk, service_code="TREE", reason="A tree", actor=SYSTEM)
    links.mark_duplicate(case_id=cases["repeat"].pk, of_number=cases["early"].number, actor=SYSTEM)
    close(cases["twice"], 4)
    doubt = redress.dispute(
        case_id=cases["twice"].pk, text="Still there", at=at(5), actor=ANONYMOUS
    )
    redress.uphold(
        redress_id=doubt.pk, text="Indeed.", actor=actor(Role.SUPERVISOR, "center"), at=at(5, 10)
    )
    close(cases["twice"], 7)  # closed for one day, Tuesday does not count: due Friday, 17:00
    return cases
