"""The format of ``channels.yaml``: the SMS and voice lines. See docs/packs.md."""

from __future__ import annotations

from lamppost.packs import channel_content
from lamppost.packs.content import Texts
from lamppost.packs.kinds import LANGUAGE, URL, Ref, Translated, code, free_code
from lamppost.packs.schema import Key, Shape

_NO_TEXTS: Texts = {}

PHONE_LINE = Shape(
    "line",
    channel_content.PhoneLine,
    (
        Key("welcome", Translated(500), _NO_TEXTS),
        Key("sms_welcome", Translated(160), _NO_TEXTS),
        Key("closed", Translated(500), _NO_TEXTS),
        Key("music", URL, ""),
        Key("calendar", Ref("calendar"), ""),
    ),
    code="",
)
SPOKEN_LANGUAGE = Shape(
    "spoken language",
    channel_content.SpokenLanguage,
    (
        Key("code", LANGUAGE),
        Key("tag", free_code(20)),
        Key("voice", free_code(60), ""),
    ),
    is_ordered=True,
)
KEYWORD = Shape(
    "keyword",
    channel_content.Keyword,
    (
        Key("code", code()),
        Key("words", Translated()),
        Key("text", Translated(600), _NO_TEXTS),
        Key("article", Ref("article"), ""),
    ),
    is_ordered=True,
)
