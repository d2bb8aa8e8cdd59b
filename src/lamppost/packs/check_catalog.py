"""Services: their questions, their triage tables, their groups, and the routing rules."""

from __future__ import annotations

from lamppost.catalog.choices import LIST_DATATYPES, LocationRule, TriageOutcome
from lamppost.packs.content import Pack, Question, RoutingRule, Service, TriageRule
from lamppost.packs.findings import Findings, Mark


def check_catalog(pack: Pack, findings: Findings) -> None:
    """Note services nobody could use as they are written."""
    if not pack.services:
        findings.error(Mark("services"), "The pack has no service.", "Begin with one.")
    used = {service.group for service in pack.services}
    for group in pack.groups:
        if group.code not in used:
            findings.warn(group.at, f'No service stands in the group "{group.code}".')
    for service in pack.services:
        _check_questions(service, findings)
        _check_triage(service, findings)
    _check_routing(pack, findings)


def _check_questions(service: Service, findings: Findings) -> None:
    earlier: dict[str, Question] = {}
    for question in service.questions:
        _check_question(question, findings)
        for other, _value in question.only_if:
            _check_condition(other, question, earlier, service, findings)
        earlier[question.code] = question


def _check_question(question: Question, findings: Findings) -> None:
    is_list = question.datatype in LIST_DATATYPES
    if is_list and not question.values and question.is_variable:
        findings.error(question.at, f'The list question "{question.code}" has no values.')
    if question.values and not is_list:
        findings.error(
            question.at,
            f'"{question.code}" has values but asks for a {question.datatype}.',
            "Write `datatype: singlevaluelist` or `multivaluelist`.",
        )
    if not question.is_variable and (question.is_required or question.values):
        findings.error(question.at, f'"{question.code}" is a text to read; nobody can answer it.')


def _check_condition(
    other: str,
    question: Question,
    earlier: dict[str, Question],
    service: Service,
    findings: Findings,
) -> None:
    known = {each.code for each in service.questions}
    if other in known and other not in earlier:
        findings.error(
            question.at,
            f'"{question.code}" depends on "{other}", which is asked later.',
            "Put it after that question.",
        )


def _check_triage(service: Service, findings: Findings) -> None:
    seen: dict[object, TriageRule] = {}
    always: TriageRule | None = None
    for rule in service.triage:
        _check_rule(rule, findings)
        if always is not None:
            findings.error(
                rule.at,
                f'"{rule.code}" is never reached: "{always.code}" above holds always.',
                "Give that rule an `if`, or move it to the end.",
            )
        same = (frozenset(rule.conditions), frozenset(rule.areas))
        if same in seen and always is None:
            findings.error(
                rule.at,
                f'"{rule.code}" is never reached: "{seen[same].code}" has the same `if`.',
                "Rules are read from the top and the first match wins.",
            )
        seen.setdefault(same, rule)
        if not rule.conditions and not rule.areas:
            always = always or rule
        if rule.areas and service.location == LocationRule.NONE:
            findings.error(
                rule.at, f'"{rule.code}" asks for an area, but the service has no place.'
            )


def _check_rule(rule: TriageRule, findings: Findings) -> None:
    accepts = rule.outcome == TriageOutcome.ACCEPT
    if not accepts and not any(rule.text.values()):
        findings.error(
            rule.at,
            f'"{rule.code}" turns people away without a word.',
            "Write in `text` why, and what they can do.",
        )
    if rule.outcome == TriageOutcome.REFER and not any(rule.refer_to.values()):
        findings.error(rule.at, f'"{rule.code}" does not say who to go to.', "Add `refer_to`.")
    if rule.is_hazard and not accepts:
        findings.error(
            rule.at,
            f'"{rule.code}" cannot alarm a crew: with `then: {rule.outcome}` there is no case.',
            "Only accepting rules have `hazard`.",
        )


def _check_routing(pack: Pack, findings: Findings) -> None:
    always: RoutingRule | None = None
    for rule in pack.routing:
        if always is not None:
            findings.error(
                rule.at,
                f'"{rule.code}" is never reached: "{always.code}" above holds always.',
                "Move that rule to the end.",
            )
        has_condition = (
            rule.services
            or rule.areas
            or rule.answers
            or rule.weekdays
            or rule.window
            or rule.hazard_only
        )
        if not has_condition:
            always = always or rule
        asked = {service for service, _question, _value in rule.answers}
        if rule.services and asked - set(rule.services):
            findings.error(
                rule.at,
                f'"{rule.code}" wants answers of {", ".join(sorted(asked - set(rule.services)))}, '
                "which its `services` leave out.",
            )
