"""Reading sets of rules for people: sentences, what changed, what is wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from lamppost.catalog.book import book
from lamppost.kernel.refusals import NotFound
from lamppost.kernel.text import in_language
from lamppost.people.actors import Actor
from lamppost.people.models import Team
from lamppost.people.permissions import Permission, require
from lamppost.routing.choices import SetState
from lamppost.routing.faults import Fault, FaultKind, faults
from lamppost.routing.models import RoutingAlarm, RoutingRule, RuleSet
from lamppost.routing.reach import shadows
from lamppost.routing.values import rows_of, values_of
from lamppost.routing.wording import sentence
from lamppost.routing.world import world

_MOST_NAMES = 8
_MOST_ALARMS = 100


@dataclass(frozen=True, slots=True)
class ShownRule:
    """A rule with its sentence, what is wrong with it, and the rules that leave it nothing."""

    row: RoutingRule
    place: int
    sentence: str
    faults: tuple[str, ...] = ()
    shadowed_by: tuple[str, ...] = ()
    is_never: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """A rule that differs between two sets; '' for what one of them has not got."""

    code: str
    before: str
    after: str
    has_moved: bool = False


def sets_for_desk(*, actor: Actor, limit: int = 50) -> list[RuleSet]:
    """Return the city's sets, newest first. Raises ``Forbidden`` without the right."""
    require(actor, Permission.ROUTING_EDIT)
    rows = RuleSet.objects.select_related("activated_by", "changed_by", "created_by", "based_on")
    return list(rows.order_by("-number")[:limit])


def set_for_desk(number: int, *, actor: Actor) -> RuleSet:
    """Return one set by its number. Raises ``Forbidden``, ``NotFound``."""
    require(actor, Permission.ROUTING_EDIT)
    found = (
        RuleSet.objects.select_related("activated_by", "changed_by", "created_by", "based_on")
        .filter(number=number)
        .first()
    )
    if found is None:
        raise NotFound(_("There are no such rules here."))
    return found


def shown_rules(rule_set: RuleSet, language: str) -> list[ShownRule]:
    """Return the rules of a set as people read them; a fixed number of queries.

    Faults and shadows are looked for in a draft and in the set in force only.
    """
    rows = rows_of(rule_set)
    wrong: dict[int, list[str]] = {}
    dead: dict[int, tuple[str, ...]] = {}
    if rule_set.state != SetState.RETIRED:
        values = values_of(rows)
        teams = {team.pk: team for team in Team.objects.all()}
        for fault in faults(values, world()):
            wrong.setdefault(fault.rule.id, []).append(fault_text(fault, teams, language))
        places = {row.pk: str(place) for place, row in enumerate(rows, start=1)}
        for shadow in shadows(values):
            dead[shadow.rule.id] = tuple(places[each.id] for each in shadow.by)
    return [
        ShownRule(
            row=row,
            place=place,
            sentence=sentence(row, language, most=_MOST_NAMES),
            faults=tuple(wrong.get(row.pk, ())),
            shadowed_by=dead.get(row.pk, ()),
            is_never=row.pk in dead and not dead[row.pk],
        )
        for place, row in enumerate(rows, start=1)
    ]


def changes(before: Sequence[ShownRule], after: Sequence[ShownRule], language: str) -> list[Change]:
    """Return what differs between two sets, rule by rule, by code."""
    old = {one.row.code: one for one in before}
    new = {one.row.code: one for one in after}
    common_before = [code for code in old if code in new]
    common_after = [code for code in new if code in old]
    found = []
    for code, one in new.items():
        was = old.get(code)
        text = sentence(one.row, language)
        if was is None:
            found.append(Change(code, "", text))
        elif sentence(was.row, language) != text:
            found.append(Change(code, sentence(was.row, language), text))
        elif common_before.index(code) != common_after.index(code):
            found.append(Change(code, text, text, has_moved=True))
    found += [
        Change(code, sentence(one.row, language), "")
        for code, one in old.items()
        if code not in new
    ]
    return found


def fault_text(fault: Fault, teams: dict[int, Team], language: str) -> str:
    """Return what is wrong with a rule, in words."""
    pages = book()
    if fault.kind is FaultKind.NO_DEPARTMENT:
        department = pages.departments.get(fault.subject_id)
        name = in_language(department.name, language) if department else "?"
        return _("The department %(name)s is closed.") % {"name": name}
    if fault.kind in (FaultKind.NO_TEAM, FaultKind.FOREIGN_TEAM):
        team = teams.get(fault.subject_id)
        name = (in_language(team.name, language) or team.code) if team else "?"
        if fault.kind is FaultKind.NO_TEAM:
            return _("The team %(name)s is not at work any more.") % {"name": name}
        return _("The team %(name)s belongs to another department.") % {"name": name}
    service = pages.services_by_id.get(fault.subject_id)
    name = in_language(service.name, language) if service else "?"
    if fault.kind is FaultKind.NO_SERVICE:
        return _("The service %(name)s is not offered any more.") % {"name": name}
    return _("It asks for an answer of %(name)s, which is not among its services.") % {"name": name}


def open_alarms(*, actor: Actor) -> list[RoutingAlarm]:
    """Return the alarms that are not over, newest first, a hundred at most.

    Raises ``Forbidden`` without the right.
    """
    require(actor, Permission.ROUTING_EDIT)
    return list(_alarms().filter(closed_at__isnull=True)[:_MOST_ALARMS])


def past_alarms(*, actor: Actor, before: int | None, limit: int) -> list[RoutingAlarm]:
    """Return alarms that are over, newest first, those older than ``before`` when given."""
    require(actor, Permission.ROUTING_EDIT)
    rows = _alarms().filter(closed_at__isnull=False).order_by("-id")
    if before is not None:
        rows = rows.filter(pk__lt=before)
    return list(rows[:limit])


def _alarms() -> QuerySet[RoutingAlarm]:
    return RoutingAlarm.objects.select_related("department", "team", "acknowledged_by")
