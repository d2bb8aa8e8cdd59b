"""The format of ``contact_center.yaml``: rules of the center, and its codes. See docs/packs.md."""

from __future__ import annotations

import re

from lamppost.contacts.choices import DispositionKind
from lamppost.contacts.services.surge import MOST_CHARACTERS
from lamppost.packs import center_content
from lamppost.packs.kinds import FLAG, Plain, Ref, Translated, Unfit, choice, code, whole
from lamppost.packs.schema import Key, Shape


def _key(text: str) -> str:
    if not re.fullmatch(r"[0-9]", text):
        raise Unfit(f'"{text}" is not a key.', "Write one digit in quotes, or leave it out.")
    return text


CENTER_RULES = Shape(
    "rules of the center",
    center_content.CenterRules,
    (
        Key("answer_seconds", whole(1, 3600), 20),
        Key("answer_percent", whole(1, 100), 80),
        Key("wrap_limit_seconds", whole(5, 3600), 90),
        Key("call_back_minutes", whole(5, 14_400), 120),
        Key("answer_mail_minutes", whole(5, 14_400), 960),
        Key("inquiries", Ref("service"), ""),
    ),
    code="",
)
DISPOSITION = Shape(
    "disposition",
    center_content.Disposition,
    (
        Key("code", code()),
        Key("name", Translated()),
        Key("kind", choice(DispositionKind.values)),
        Key("key", Plain(_key), ""),
        Key("resolved", FLAG, False, "is_resolved"),
    ),
    is_ordered=True,
)
MONITORING_QUESTION = Shape(
    "question of monitoring",
    center_content.MonitoringQuestion,
    (
        Key("code", code()),
        Key("text", Translated(200)),
        Key("points", whole(1, 10), 2),
    ),
    is_ordered=True,
)
SURGE_TEXT = Shape(
    "surge text",
    center_content.SurgeText,
    (
        Key("code", code()),
        Key("name", Translated()),
        Key("message", Translated(MOST_CHARACTERS)),
        Key("article", Plain(str), ""),
    ),
    is_ordered=True,
)
