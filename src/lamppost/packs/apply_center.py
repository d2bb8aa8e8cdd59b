"""The rules of the contact center, and what its contacts are coded as."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lamppost.contacts.models import CenterRules, Disposition, MonitoringQuestion, SurgeText
from lamppost.packs import center_content
from lamppost.packs.content import Pack
from lamppost.packs.sync import Sync

_ONE = "rules"


def apply_center(pack: Pack, sync: Sync, services: Mapping[str, Any]) -> None:
    """Carry over the center's rules and dispositions; those in use are retired, not deleted."""
    rules = pack.center or center_content.CenterRules()
    row = CenterRules.objects.first()
    sync.rows(
        "rules of the center",
        CenterRules,
        {_ONE: row} if row else {},
        {
            _ONE: {
                "answer_seconds": rules.answer_seconds,
                "answer_percent": rules.answer_percent,
                "wrap_limit_seconds": rules.wrap_limit_seconds,
                "call_back_minutes": rules.call_back_minutes,
                "answer_mail_minutes": rules.answer_mail_minutes,
                "inquiry_service_id": services[rules.inquiries].pk if rules.inquiries else None,
            }
        },
    )
    held = {row.code: row for row in Disposition.objects.all()}
    _free_keys(pack, held)
    sync.rows(
        "disposition",
        Disposition,
        held,
        {
            row.code: {
                "code": row.code,
                "name": dict(row.name),
                "kind": row.kind,
                "key": row.key,
                "is_resolved": row.is_resolved,
                "order": order,
                "is_active": True,
            }
            for order, row in enumerate(pack.dispositions, start=1)
        },
    )
    _apply_monitoring(pack, sync)
    _apply_surge_texts(pack, sync)


def _apply_monitoring(pack: Pack, sync: Sync) -> None:
    sync.rows(
        "question of monitoring",
        MonitoringQuestion,
        {row.code: row for row in MonitoringQuestion.objects.all()},
        {
            row.code: {
                "code": row.code,
                "text": dict(row.text),
                "points": row.points,
                "order": order,
                "is_active": True,
            }
            for order, row in enumerate(pack.monitoring, start=1)
        },
    )


def _apply_surge_texts(pack: Pack, sync: Sync) -> None:
    sync.rows(
        "surge text",
        SurgeText,
        {row.code: row for row in SurgeText.objects.all()},
        {
            row.code: {
                "code": row.code,
                "name": dict(row.name),
                "message": dict(row.message),
                "article": row.article,
                "order": order,
                "is_active": True,
            }
            for order, row in enumerate(pack.surge_texts, start=1)
        },
    )


def _free_keys(pack: Pack, held: Mapping[str, Disposition]) -> None:
    """Take away the keys that change hands, so that two codes can trade them."""
    wanted = {row.code: row.key for row in pack.dispositions}
    for code, row in held.items():
        if row.key and wanted.get(code, "") != row.key:
            row.key = ""
            row.save(update_fields=["key"])
