"""The format of ``retention.yaml``: how long personal data is kept. See docs/packs.md."""

from __future__ import annotations

from lamppost.packs import retention_content
from lamppost.packs.kinds import choice, whole
from lamppost.packs.schema import Key, Shape
from lamppost.people.choices import Retained

RETENTION_RULE = Shape(
    "retention rule",
    retention_content.RetentionRule,
    (
        Key("what", choice(Retained.values)),
        Key("after_months", whole(1, 1200)),
    ),
    code="what",
)
