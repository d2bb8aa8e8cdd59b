"""Putting right what was recorded wrongly: service, place, words, visibility."""

from __future__ import annotations

from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from lamppost.cases.choices import EventAudience, EventKind
from lamppost.cases.models import Case, CaseArea
from lamppost.cases.services import clocks
from lamppost.cases.services.checking import MAX_DESCRIPTION, service_for
from lamppost.cases.services.events import record
from lamppost.cases.services.intake import write_areas
from lamppost.cases.services.lifecycle import withdraw_transfers
from lamppost.cases.services.locking import locked
from lamppost.cases.services.notes import checked_note
from lamppost.cases.services.public_words import describe
from lamppost.cases.services.text_marks import forget_marks
from lamppost.catalog.choices import State, Visibility
from lamppost.cities.selectors import city_in_scope
from lamppost.database.fields import Point
from lamppost.kernel.geo import check_place
from lamppost.kernel.refusals import Conflict, Invalid, Problem
from lamppost.kernel.text import clean_line, clean_text
from lamppost.people.actors import Actor
from lamppost.people.permissions import Permission
from lamppost.places.locate import areas_at, is_outside
from lamppost.routing.decide import decide
from lamppost.routing.matcher import Facts

_LIMITS = {"description": MAX_DESCRIPTION, "address": 300}


def recategorize(*, case_id: int, service_code: str, reason: str, actor: Actor) -> Case:
    """Give the case another service: it is routed and its clocks start anew; return it.

    The new clocks run from the original request with the same pauses; the old ones stay as
    superseded. Answers stay as they were given. Raises ``Conflict`` for a closed case,
    ``Invalid`` for the same service or without a reason.
    """
    reason = checked_note(reason, field="reason")
    if not reason:
        raise Invalid(_("Say why the service is changed."), field="reason")
    service = service_for(service_code, actor=actor)
    with locked(case_id, Permission.CASE_EDIT, actor) as case:
        if case.state == State.CLOSED:
            raise Conflict(_("A closed case cannot change its service."))
        if case.service_id == service.id:
            raise Invalid(_("The case already has this service."), field="service_code")
        previous, case.service_id = case.service_id, service.id
        case.kind = service.kind
        decision = decide(service, _facts(case, service.id))
        case.department_id = decision.department_id
        case.team_id = decision.team_id
        case.routed_by_id = decision.rule_id
        case.routing_reason = decision.reason
        case.assignee_id = None
        # A private service makes the case private; none makes it more public than it was.
        if _rank(service.visibility) > _rank(case.visibility):
            case.visibility = service.visibility
        now = timezone.now()
        # The offer was the former owner's; the department it went to may own the case now.
        withdraw_transfers(case, actor, now)
        clocks.restart_clocks(case, at=now, actor=actor)
        case.updated_at = now
        case.save()
        record(
            case,
            EventKind.RECATEGORIZED,
            actor=actor,
            audience=EventAudience.PUBLIC,
            at=now,
            text=reason,
            language=get_language() or "",
            data={"from": previous, "to": service.id, "reason": decision.reason},
        )
        return case


def correct(
    *,
    case_id: int,
    actor: Actor,
    description: str | None = None,
    address: str | None = None,
    point: Point | None = None,
) -> Case:
    """Correct words or place of a case; what is None or as it was stays. Return the case.

    Raises ``Invalid`` naming the field: a text that is too long, a place that cannot be or
    lies outside the city, or nothing to correct.
    """
    words = _words(description, address)
    if point is not None:
        check_place(point.long, point.lat)
        if is_outside(city_in_scope(), point):
            raise Invalid(_("This place is outside the city."), field="location")
    with locked(case_id, Permission.CASE_EDIT, actor) as case:
        changed = [name for name, text in words.items() if getattr(case, name) != text]
        for name in changed:
            if name == "description":
                describe(case, words[name])
                forget_marks(case)
            else:
                setattr(case, name, words[name])
        if point is not None and point != case.location:
            set_place(case, point)
            changed.append("location")
        if not changed:
            raise Invalid(_("Nothing was changed."))
        case.updated_at = timezone.now()
        case.save()
        record(
            case,
            EventKind.EDITED,
            actor=actor,
            audience=EventAudience.STAFF,
            data={"fields": changed},
        )
        return case


def set_visibility(*, case_id: int, visibility: Visibility, reason: str, actor: Actor) -> Case:
    """Make a case public, limited or private, with a reason; return it.

    Raises ``Invalid`` without a reason or for the visibility it has.
    """
    reason = checked_note(reason, field="reason")
    if not reason:
        raise Invalid(_("Say why the visibility is changed."), field="reason")
    with locked(case_id, Permission.CASE_VISIBILITY, actor) as case:
        if case.visibility == visibility:
            raise Invalid(_("The case has this visibility already."), field="visibility")
        previous, case.visibility = case.visibility, visibility
        case.updated_at = timezone.now()
        case.save()
        record(
            case,
            EventKind.VISIBILITY,
            actor=actor,
            audience=EventAudience.STAFF,
            text=reason,
            language=get_language() or "",
            data={"from": previous, "to": visibility},
        )
        return case


def _words(description: str | None, address: str | None) -> dict[str, str]:
    problems, words = [], {}
    if description is not None:
        words["description"] = clean_text(description)
    if address is not None:
        words["address"] = clean_line(address)
    for name, text in words.items():
        limit = _LIMITS[name]
        if len(text) > limit:
            message = _("Use at most %(limit)d characters.") % {"limit": limit}
            problems.append(Problem(name, message, "too_long"))
    if problems:
        raise Invalid(problems)
    return words


def set_place(case: Case, point: Point) -> None:
    """Put a case the caller has locked at ``point``, inside the city; the caller saves it."""
    case.location = point
    areas = areas_at(city_in_scope(), point)
    case.is_boundary_doubtful = any(located.is_doubtful for located in areas)
    CaseArea.objects.filter(case=case).delete()
    write_areas(case, areas)


def _facts(case: Case, service_id: int) -> Facts:
    return Facts(
        service_id=service_id,
        chosen=frozenset(
            value for value in case.answers.values_list("value_id", flat=True) if value
        ),
        areas=frozenset(case.areas.values_list("area_id", flat=True)),
        local_time=case.requested_at.astimezone(city_in_scope().zone),
        is_hazard=case.is_hazard,
    )


def _rank(visibility: str) -> int:
    return list(Visibility.values).index(visibility)
