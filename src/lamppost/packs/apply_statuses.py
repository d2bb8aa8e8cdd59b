"""Statuses, the moves between them, what pauses a clock, and how a case may end."""

from __future__ import annotations

from lamppost.catalog.models import Move, Outcome, Status
from lamppost.packs.content import Pack
from lamppost.packs.sync import Sync
from lamppost.sla.models import PauseReason, PausingStatus


def apply_statuses(pack: Pack, sync: Sync) -> None:
    """Carry over everything in ``statuses.yaml``."""
    reasons = sync.rows(
        "pause reason",
        PauseReason,
        {row.code: row for row in PauseReason.objects.all()},
        {row.code: {"code": row.code, "name": dict(row.name)} for row in pack.pause_reasons},
    )
    statuses = sync.rows(
        "status",
        Status,
        {row.code: row for row in Status.objects.all()},
        {
            row.code: {
                "code": row.code,
                "state": row.state,
                "name": dict(row.name),
                "description": dict(row.description),
                "is_default": row.is_default,
                "order": order,
            }
            for order, row in enumerate(pack.statuses)
        },
        one_of="is_default",
    )
    sync.rows(
        "pausing status",
        PausingStatus,
        {row.status.code: row for row in PausingStatus.objects.select_related("status")},
        {
            row.code: {
                "status_id": statuses[row.code].pk,
                "reason_id": reasons[row.pauses].pk,
            }
            for row in pack.statuses
            if row.pauses
        },
    )
    sync.rows(
        "move",
        Move,
        {
            (row.from_status.code, row.to_status.code): row
            for row in Move.objects.select_related("from_status", "to_status")
        },
        {
            (row.from_status, row.to_status): {
                "from_status_id": statuses[row.from_status].pk,
                "to_status_id": statuses[row.to_status].pk,
                "needs_reason": row.needs_reason,
            }
            for row in pack.moves
        },
    )
    sync.rows(
        "outcome",
        Outcome,
        {row.code: row for row in Outcome.objects.all()},
        {
            row.code: {
                "code": row.code,
                "kind": row.kind,
                "name": dict(row.name),
                "sentence": dict(row.sentence),
                "invites_reply": row.invites_reply,
                "order": order,
            }
            for order, row in enumerate(pack.outcomes)
        },
    )
