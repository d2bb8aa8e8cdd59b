"""What is wrong with rules by the city's book as it stands. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from lamppost.routing.matcher import RuleValue


class FaultKind(StrEnum):
    """A way in which a rule does not do what it says."""

    NO_DEPARTMENT = "no_department"
    NO_TEAM = "no_team"
    FOREIGN_TEAM = "foreign_team"
    NO_SERVICE = "no_service"
    SERVICE_OF_ANSWER = "service_of_answer"


@dataclass(frozen=True, slots=True)
class TeamFacts:
    """A team: whose it is and whether it is at work."""

    department_id: int
    is_active: bool


@dataclass(frozen=True, slots=True)
class World:
    """What rules may name: whether services and departments are in use, whose teams are whose
    and which service a question belongs to, each by id."""

    services: Mapping[int, bool]
    departments: Mapping[int, bool]
    teams: Mapping[int, TeamFacts]
    service_of_question: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class Fault:
    """``subject_id`` is the department, team or service the fault is about."""

    rule: RuleValue
    kind: FaultKind
    subject_id: int


def faults(rules: Iterable[RuleValue], world: World) -> list[Fault]:
    """Return everything in ``rules`` that is out of use or cannot go together."""
    return [fault for rule in rules for fault in _of_one(rule, world)]


def _of_one(rule: RuleValue, world: World) -> list[Fault]:
    found = []
    if not world.departments.get(rule.department_id, False):
        found.append(Fault(rule, FaultKind.NO_DEPARTMENT, rule.department_id))
    if rule.team_id is not None:
        team = world.teams.get(rule.team_id)
        if team is None or not team.is_active:
            found.append(Fault(rule, FaultKind.NO_TEAM, rule.team_id))
        elif team.department_id != rule.department_id:
            found.append(Fault(rule, FaultKind.FOREIGN_TEAM, rule.team_id))
    found += [
        Fault(rule, FaultKind.NO_SERVICE, service)
        for service in sorted(rule.services)
        if not world.services.get(service, False)
    ]
    asked = {world.service_of_question.get(question, 0) for question in rule.conditions.values}
    if rule.services:
        found += [
            Fault(rule, FaultKind.SERVICE_OF_ANSWER, service)
            for service in sorted(asked - rule.services)
        ]
    return found
