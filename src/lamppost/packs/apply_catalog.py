"""Services with their questions and triage tables."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from lamppost.catalog.models import (
    Question,
    QuestionCondition,
    QuestionValue,
    Service,
    ServiceGroup,
    TriageArea,
    TriageCondition,
    TriageRule,
)
from lamppost.packs.apply_areas import AreaRows
from lamppost.packs.content import Pack
from lamppost.packs.content import Question as QuestionFacts
from lamppost.packs.content import Service as ServiceFacts
from lamppost.packs.content import TriageRule as TriageFacts
from lamppost.packs.sync import Sync

ValueRows = dict[tuple[str, str, str], Any]
SERVICE_FIELDS = (
    "code",
    "kind",
    "type",
    "location",
    "photos",
    "visibility",
    "duplicate_radius_m",
    "duplicate_days",
    "reopen_days",
    "order",
    "is_public",
)
SERVICE_TEXTS = ("name", "description", "keywords", "notice")


def apply_catalog(
    pack: Pack, sync: Sync, departments: Mapping[str, Any], areas: AreaRows
) -> tuple[dict[str, Any], ValueRows]:
    """Carry over groups and services; return services by code, values by their three codes."""
    groups = sync.rows(
        "group",
        ServiceGroup,
        {row.code: row for row in ServiceGroup.objects.all()},
        {
            row.code: {"code": row.code, "name": dict(row.name), "order": order}
            for order, row in enumerate(pack.groups)
        },
    )
    services = sync.rows(
        "service",
        Service,
        {row.code: row for row in Service.objects.all()},
        {
            row.code: {
                **{name: getattr(row, name) for name in SERVICE_FIELDS},
                **{name: dict(getattr(row, name)) for name in SERVICE_TEXTS},
                "group_id": groups[row.group].pk,
                "department_id": departments[row.department].pk,
                "is_active": True,
            }
            for row in pack.services
        },
    )
    values = _questions(pack, sync, services)
    _triage(pack, sync, services, areas, values)
    return services, values


def _question_fields(row: QuestionFacts, service_id: int, order: int) -> dict[str, Any]:
    return {
        "service_id": service_id,
        "code": row.code,
        "order": order,
        "text": dict(row.text),
        "help": dict(row.help),
        "datatype": row.datatype,
        "is_variable": row.is_variable,
        "is_required": row.is_required,
        "is_public": row.is_public,
    }


def _questions(pack: Pack, sync: Sync, services: Mapping[str, Any]) -> ValueRows:
    live = list(services)
    existing: dict[str, dict[tuple[str, str], Any]] = defaultdict(dict)
    for row in Question.objects.filter(service__code__in=live).select_related("service"):
        existing[row.service.code][(row.service.code, row.code)] = row
    questions: dict[tuple[str, str], Any] = {}
    for service in pack.services:
        wanted = {
            (service.code, row.code): _question_fields(row, services[service.code].pk, order)
            for order, row in enumerate(service.questions, start=1)
        }
        questions |= sync.rows(
            "question", Question, existing[service.code], wanted, is_numbered=True
        )
    values = _values(pack, sync, questions)
    _conditions(pack, sync, questions, values)
    return values


def _values(pack: Pack, sync: Sync, questions: Mapping[tuple[str, str], Any]) -> ValueRows:
    rows = QuestionValue.objects.filter(
        question_id__in=[row.pk for row in questions.values()]
    ).select_related("question__service")
    return sync.rows(
        "value",
        QuestionValue,
        {(row.question.service.code, row.question.code, row.key): row for row in rows},
        {
            (service.code, question.code, value.code): {
                "question_id": questions[service.code, question.code].pk,
                "key": value.code,
                "name": dict(value.name),
                "order": order,
            }
            for service in pack.services
            for question in service.questions
            for order, value in enumerate(question.values, start=1)
        },
    )


def _conditions(
    pack: Pack, sync: Sync, questions: Mapping[tuple[str, str], Any], values: ValueRows
) -> None:
    wanted = {}
    for service in pack.services:
        for question in service.questions:
            row = questions[service.code, question.code]
            for other, value in question.only_if:
                pair = (row.pk, values[service.code, other, value].pk)
                wanted[pair] = {"question_id": pair[0], "value_id": pair[1]}
    rows = QuestionCondition.objects.filter(question_id__in=[q.pk for q in questions.values()])
    sync.rows(
        "question condition",
        QuestionCondition,
        {(row.question_id, row.value_id): row for row in rows},
        wanted,
    )


def _rule_fields(row: TriageFacts, service_id: int, order: int) -> dict[str, Any]:
    return {
        "service_id": service_id,
        "code": row.code,
        "order": order,
        "outcome": row.outcome,
        "text": dict(row.text),
        "refer_to": dict(row.refer_to),
        "refer_phone": row.refer_phone,
        "refer_url": row.refer_url,
        "is_hazard": row.is_hazard,
    }


def _triage(
    pack: Pack, sync: Sync, services: Mapping[str, Any], areas: AreaRows, values: ValueRows
) -> None:
    live = TriageRule.objects.filter(service__code__in=list(services)).select_related("service")
    rules = sync.rows(
        "triage rule",
        TriageRule,
        {(row.service.code, row.code): row for row in live},
        {
            (service.code, row.code): _rule_fields(row, services[service.code].pk, order)
            for service in pack.services
            for order, row in enumerate(service.triage, start=1)
        },
    )
    conditions: dict[tuple[int, int], dict[str, int]] = {}
    places: dict[tuple[int, int], dict[str, int]] = {}
    for service in pack.services:
        for row in service.triage:
            _rule_parts(service, row, rules, values, areas, conditions, places)
    ids = [row.pk for row in rules.values()]
    sync.rows(
        "triage condition",
        TriageCondition,
        {
            (row.rule_id, row.value_id): row
            for row in TriageCondition.objects.filter(rule_id__in=ids)
        },
        conditions,
    )
    sync.rows(
        "triage area",
        TriageArea,
        {(row.rule_id, row.area_id): row for row in TriageArea.objects.filter(rule_id__in=ids)},
        places,
    )


def _rule_parts(
    service: ServiceFacts,
    row: TriageFacts,
    rules: Mapping[tuple[str, str], Any],
    values: ValueRows,
    areas: AreaRows,
    conditions: dict[tuple[int, int], dict[str, int]],
    places: dict[tuple[int, int], dict[str, int]],
) -> None:
    rule_id = rules[service.code, row.code].pk
    for question, value in row.conditions:
        value_id = values[service.code, question, value].pk
        conditions[rule_id, value_id] = {"rule_id": rule_id, "value_id": value_id}
    for kind, area in row.areas:
        area_id = areas[kind, area].pk
        places[rule_id, area_id] = {"rule_id": rule_id, "area_id": area_id}
