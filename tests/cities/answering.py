"""Answers to a service's form, made up: all that fit, until one does what is wanted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product

from lamppost.catalog.book import ServiceEntry
from lamppost.catalog.choices import LIST_DATATYPES, Datatype, TriageOutcome
from lamppost.catalog.forms import FormQuestion, check_answers
from lamppost.catalog.triage import first_match

_TEXTS = {
    Datatype.STRING: "Texto / text 街",
    Datatype.TEXT: "Line one\nline two",
    Datatype.NUMBER: "42.5",
    Datatype.DATETIME: "2026-03-09T08:30:00",
}
Sent = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Filling:
    """Answers that the form takes, and the triage rule they meet (0: none) and where."""

    sent: Sent
    rule: int
    outcome: TriageOutcome
    areas: frozenset[int]


def fillings(service: ServiceEntry) -> Iterator[Filling]:
    """Yield ways to fill in the form with one choice per list, in and outside areas."""
    form = service.form("en")
    keys = [question.code for question in form]
    wheres = {frozenset[int]()} | {conditions.areas for _rule, conditions in service.triage}
    for choice in product(*(_choices(question, service) for question in form)):
        sent = {key: (value,) for key, value in zip(keys, choice, strict=True) if value}
        answers, problems = check_answers(form, sent)
        if problems:
            continue
        chosen = frozenset(value.id for answer in answers for value in answer.values)
        for areas in wheres:
            rule = first_match(service.triage, chosen, areas)
            yield Filling(
                sent,
                rule.id if rule else 0,
                rule.outcome if rule else TriageOutcome.ACCEPT,
                areas,
            )


def accepted(service: ServiceEntry, areas: frozenset[int]) -> Sent:
    """Return answers with which intake takes a report of this service in these areas."""
    form = service.form("en")
    for filling in fillings(service):
        answers, _problems = check_answers(form, filling.sent)
        chosen = frozenset(value.id for answer in answers for value in answer.values)
        rule = first_match(service.triage, chosen, areas)
        if rule is None or rule.outcome is TriageOutcome.ACCEPT:
            return filling.sent
    raise AssertionError(f"no answers lead to a case of {service.code}")


def _choices(question: FormQuestion, service: ServiceEntry) -> list[str]:
    if not question.is_variable:
        return [""]
    if question.datatype not in LIST_DATATYPES:
        return [_TEXTS[question.datatype]]
    if _matters(question, service):
        return ["", *(value.key for value in question.values)]
    return [question.values[0].key]


def _matters(question: FormQuestion, service: ServiceEntry) -> bool:
    """Whether a triage rule or another question asks what was chosen here."""
    ids = {value.id for value in question.values}
    asked = {value for other in service.form("en") for value in other.only_if}
    ruled = {
        value
        for _rule, conditions in service.triage
        for values in conditions.values.values()
        for value in values
    }
    return bool(ids & (asked | ruled))
