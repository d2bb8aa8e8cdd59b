"""The format of ``notices.yaml``: what the city says in messages. See docs/packs.md."""

from __future__ import annotations

from datetime import time

from lamppost.notify.choices import MessageChannel
from lamppost.notify.words import NOTICES
from lamppost.packs import notices_content
from lamppost.packs.content import Texts
from lamppost.packs.kinds import Plain, Translated, Unfit, choice, span
from lamppost.packs.schema import Key, Shape

# Minutes of a day: 24:00 is the midnight that begins the next.
_DAY = 24 * 60

NO_TEXTS: Texts = {}
_NEVER = (time(0), time(0))
_NONE = "none"


def _hours(text: str) -> tuple[time, time]:
    if text == _NONE:
        return _NEVER
    start, end = (each % _DAY for each in span(text))
    if start == end:
        raise Unfit(f'"{text}" ends when it begins.', f"For no quiet hours write: {_NONE}")
    return time(*divmod(start, 60)), time(*divmod(end, 60))


def _written(hours: tuple[time, time]) -> str:
    return _NONE if hours == _NEVER else f"{hours[0]:%H:%M}-{hours[1]:%H:%M}"


QUIET_HOURS = Shape(
    "quiet hours",
    notices_content.QuietHours,
    (
        Key("channel", choice(MessageChannel.values)),
        Key("hours", Plain(_hours, _written)),
    ),
    code="channel",
)

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
