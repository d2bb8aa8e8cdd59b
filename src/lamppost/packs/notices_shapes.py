"""The format of ``notices.yaml``: what the city says in messages. See docs/packs.md."""

from __future__ import annotations

from lamppost.notify.words import NOTICES
from lamppost.packs import notices_content
from lamppost.packs.content import Texts
from lamppost.packs.kinds import Translated, choice
from lamppost.packs.schema import Key, Shape

NO_TEXTS: Texts = {}

NOTICE = Shape(
    "notice",
    notices_content.Notice,
    (
        Key("code", choice(list(NOTICES))),
        Key("subject", Translated(200), NO_TEXTS),
        Key("text", Translated(2000, is_block=True), NO_TEXTS),
        Key("sms", Translated(300), NO_TEXTS),
    ),
)
