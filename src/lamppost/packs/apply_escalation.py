"""Steps of escalation: who is told when a promise is about to be missed, or is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils import timezone

from lamppost.packs.content import EscalationStep as StepFacts
from lamppost.packs.content import Pack
from lamppost.packs.sync import Sync
from lamppost.sla.models import Agreement, EscalationAudience, EscalationStep

NOUN = "escalation step"
AUDIENCE_NOUN = "escalation audience"


def apply_escalation(
    pack: Pack, sync: Sync, services: Mapping[str, Any], departments: Mapping[str, Any]
) -> None:
    """Carry over the ladders of the city and of its agreements.

    A new step begins now: it never tells of a moment that lies before it.
    """
    owners = {service.code: service.department for service in pack.services}
    wanted = {
        (_agreement(facts, owners, services, departments), facts.code): facts
        for facts in pack.escalation
    }
    existing = {(row.agreement_id, row.code): row for row in EscalationStep.objects.all()}
    now = timezone.now()
    rows = sync.rows(
        NOUN,
        EscalationStep,
        existing,
        {
            key: {
                "agreement_id": key[0],
                "code": facts.code,
                "kind": facts.kind,
                "moment": facts.when,
                "amount": facts.amount,
                "unit": facts.unit,
                "wording": dict(facts.wording),
                "since": existing[key].since if key in existing else now,
            }
            for key, facts in wanted.items()
        },
    )
    ids = [row.pk for row in rows.values()]
    sync.rows(
        AUDIENCE_NOUN,
        EscalationAudience,
        {
            (row.step_id, row.whom): row
            for row in EscalationAudience.objects.filter(step_id__in=ids)
        },
        {
            (rows[key].pk, whom): {"step_id": rows[key].pk, "whom": whom}
            for key, facts in wanted.items()
            for whom in facts.tell
        },
    )


def _agreement(
    facts: StepFacts,
    owners: Mapping[str, str],
    services: Mapping[str, Any],
    departments: Mapping[str, Any],
) -> int | None:
    if not facts.service:
        return None
    department = facts.department or owners[facts.service]
    agreement, _made = Agreement.objects.get_or_create(
        service_id=services[facts.service].pk, department_id=departments[department].pk
    )
    return int(agreement.pk)
