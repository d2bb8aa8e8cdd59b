"""How long personal data is kept: from the pack to the database, and back."""

from __future__ import annotations

from lamppost.packs import retention_content
from lamppost.packs.content import Pack
from lamppost.packs.sync import Sync
from lamppost.people.models import RetentionRule


def apply_retention(pack: Pack, sync: Sync) -> None:
    """Carry over the rules; one the pack does not name any more is deleted."""
    sync.rows(
        "retention rule",
        RetentionRule,
        {row.what: row for row in RetentionRule.objects.all()},
        {row.what: {"what": row.what, "after_months": row.after_months} for row in pack.retention},
    )


def stored_retention() -> tuple[retention_content.RetentionRule, ...]:
    """Return the rules the database holds."""
    return tuple(
        retention_content.RetentionRule(what=row.what, after_months=row.after_months)
        for row in RetentionRule.objects.order_by("what")
    )
