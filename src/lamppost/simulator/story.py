"""Cases with a rich history: filed and worked on through the services, by the demo's people.

What happens stands in the pack's ``demo/story.yaml``. Each story is one transaction, known by
its idempotency key, so a filling that was cut off goes on with the next one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random
from typing import Any

from django.db import transaction
from django.utils import translation

from lamppost.cases.choices import EventAudience, LinkKind, OnDanger
from lamppost.cases.models import Case, IdempotencyKey
from lamppost.cases.reports import Report, Reporter
from lamppost.cases.services import lifecycle, links, transfers
from lamppost.cases.services.assignment import assign
from lamppost.cases.services.intake import submit
from lamppost.cases.services.notes import add_note
from lamppost.cases.services.photos import add_staff_photo
from lamppost.cases.services.redress import dispute
from lamppost.catalog.book import book
from lamppost.catalog.choices import Channel, LocationRule
from lamppost.cities.models import City
from lamppost.kernel.refusals import Invalid
from lamppost.people.actors import ANONYMOUS, Actor
from lamppost.simulator.drawing import draw_photo
from lamppost.simulator.ground import Spot
from lamppost.simulator.people import demo_actor
from lamppost.simulator.profile import Profile

CALLER = "demo"


@dataclass(slots=True)
class _Telling:
    """One story being told: its case, who acts, and when the next step is."""

    case: Case
    copy: int
    dice: Random
    at: datetime | None
    """None once a step could only happen now: nothing after it may lie in the past."""

    def number_of(self, code: str) -> str:
        return _filed(code, self.copy).number

    def moment(self, step: Mapping[str, Any]) -> datetime | None:
        if self.at is not None:
            self.at += timedelta(hours=float(step.get("after_hours", 1)))
        return self.at


def tell_stories(city: City, profile: Profile, *, seed: int, now: datetime) -> int:
    """File and work the stories of ``profile`` in ``city``, in scope; return how many are new.

    Raises ``Invalid`` when a story names what the city does not have.
    """
    told = 0
    with translation.override(city.default_language):
        for story in profile.story.get("stories", ()):
            for copy in range(int(story.get("copies", 1))):
                key = _key(story["code"], copy)
                if IdempotencyKey.objects.filter(caller=CALLER, key=key).exists():
                    continue
                with transaction.atomic():
                    _tell(story, copy, profile, Random(f"{seed} {key}"), now)  # noqa: S311
                told += 1
    return told


def _tell(
    story: Mapping[str, Any], copy: int, profile: Profile, dice: Random, now: datetime
) -> None:
    days = float(story.get("days_ago", 1)) * dice.uniform(0.6, 1.4)
    requested = now - timedelta(days=days)
    report = _report(story, copy, profile, dice, requested)
    filed = submit(report, actor=_actor(story.get("by", "")))
    if filed.case_id is None:
        raise Invalid(f"story {story['code']}: triage stopped it: {filed.triage.text}")
    case = Case.objects.get(pk=filed.case_id)
    telling = _Telling(case=case, copy=copy, dice=dice, at=requested)
    for step in story.get("steps", ()):
        moment = telling.moment(step)
        if moment is not None and moment > now:
            return  # what lies in the future has not happened
        _STEPS[step["do"]](telling, step, _actor(step.get("by", "")))


def _report(
    story: Mapping[str, Any], copy: int, profile: Profile, dice: Random, requested: datetime
) -> Report:
    service = book().services.get(str(story["service"]))
    if service is None:
        raise Invalid(f"story {story['code']}: there is no service {story['service']!r} here")
    said = story["says"][copy % len(story["says"])]
    report = Report(
        service_code=service.code,
        channel=Channel(story.get("channel", "web")),
        description=said,
        language=story.get("language", "en"),
        answers={
            str(code): tuple(str(value) for value in values)
            for code, values in story.get("answers", {}).items()
        },
        reporter=Reporter(**story.get("reporter", {})),
        photos=tuple(draw_photo(scene, dice) for scene in story.get("photos", ())),
        requested_at=requested,
        idempotency_key=_key(story["code"], copy),
        caller=CALLER,
        source=CALLER,
        on_danger=OnDanger.UNHEEDED,
    )
    if service.location is LocationRule.NONE:
        return report
    if "same_place_as" in story:
        earlier = _filed(story["same_place_as"], copy)
        return replace(
            report, point=earlier.location, address=earlier.address, zipcode=earlier.zipcode
        )
    spot: Spot = profile.ground.spot(dice)
    return replace(
        report, point=spot.point, address=profile.ground.address(spot), zipcode=spot.zipcode
    )


def _key(code: str, copy: int) -> str:
    return f"{code}-{copy + 1}"


def _filed(code: str, copy: int) -> Case:
    key = _key(code, copy)
    row = IdempotencyKey.objects.select_related("case").filter(caller=CALLER, key=key).first()
    if row is None:
        raise Invalid(f"story {code}: it has to be told before the story that refers to it")
    return row.case


def _actor(code: str) -> Actor:
    return demo_actor(code) if code else ANONYMOUS


def _move(telling: _Telling, step: Mapping[str, Any], actor: Actor) -> None:
    lifecycle.move(
        case_id=telling.case.pk,
        status_code=step["to"],
        note=step.get("text", ""),
        public=bool(step.get("public", True)),
        actor=actor,
        at=telling.at,
    )


def _close(telling: _Telling, step: Mapping[str, Any], actor: Actor) -> None:
    lifecycle.close(
        case_id=telling.case.pk,
        outcome_code=step["outcome"],
        text=step["text"],
        actor=actor,
        at=telling.at,
    )


def _reopen(telling: _Telling, step: Mapping[str, Any], actor: Actor) -> None:
    lifecycle.reopen(case_id=telling.case.pk, reason=step["text"], actor=actor, at=telling.at)


def _dispute(telling: _Telling, step: Mapping[str, Any], actor: Actor) -> None:
    dispute(case_id=telling.case.pk, text=step["text"], actor=actor, at=telling.at)


def _note(telling: _Telling, step: Mapping[str, Any], actor: Actor) -> None:
    telling.at = None
    audience = EventAudience.PUBLIC if step.get("public", False) else EventAudience.STAFF
    add_note(case_id=telling.case.pk, text=step["text"], actor=actor, audience=audience)


def _photo(telling: _Telling, step: Mapping[str, Any], actor: Actor) -> None:
    telling.at = None
    photo = draw_photo(step["scene"], telling.dice)
    add_staff_photo(telling.case.pk, photo, actor=actor, alt=step.get("alt", ""))


def _assign(telling: _Telling, _step: Mapping[str, Any], actor: Actor) -> None:
    telling.at = None
    assign(case_id=telling.case.pk, user_id=actor.user_id, actor=actor)


def _transfer(telling: _Telling, step: Mapping[str, Any], actor: Actor) -> None:
    telling.at = None
    departments = book().departments.values()
    department = next((one for one in departments if one.code == step["to"]), None)
    if department is None:
        raise Invalid(f"a story names the department {step['to']!r}, which is not here")
    offer = transfers.offer_transfer(
        case_id=telling.case.pk, department_id=department.id, reason=step["text"], actor=actor
    )
    if "accepted_by" in step:
        transfers.accept_transfer(transfer_id=offer.pk, actor=_actor(step["accepted_by"]))


def _duplicate(telling: _Telling, step: Mapping[str, Any], actor: Actor) -> None:
    telling.at = None
    links.mark_duplicate(
        case_id=telling.case.pk, of_number=telling.number_of(step["of"]), actor=actor
    )


def _relate(telling: _Telling, step: Mapping[str, Any], actor: Actor) -> None:
    telling.at = None
    number = telling.number_of(step["to"])
    links.relate(case_id=telling.case.pk, to_number=number, kind=LinkKind.RELATED, actor=actor)


def _follow(telling: _Telling, _step: Mapping[str, Any], actor: Actor) -> None:
    telling.at = None
    links.follow(number=telling.case.number, actor=actor)


_STEPS: dict[str, Callable[[_Telling, Mapping[str, Any], Actor], None]] = {
    "move": _move,
    "close": _close,
    "reopen": _reopen,
    "dispute": _dispute,
    "note": _note,
    "photo": _photo,
    "assign": _assign,
    "transfer": _transfer,
    "duplicate": _duplicate,
    "relate": _relate,
    "follow": _follow,
}
