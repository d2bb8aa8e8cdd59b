"""Whether what a pack says in messages can be filled in."""

from __future__ import annotations

from collections.abc import Iterator

from lamppost.kernel.segments import plain_for_sms, size_of
from lamppost.notify.words import NOTICES, names_in
from lamppost.packs.content import Pack
from lamppost.packs.findings import Findings
from lamppost.packs.notices_content import Notice

# With a link and a longer name filled in, more than this is three parts and dear.
_LONGEST_SMS = 2


def check_notices(pack: Pack, findings: Findings) -> None:
    """Note names in braces that nothing stands for, and SMS that are too long."""
    for row in pack.notices:
        known = NOTICES[row.code].names
        for where, text in _said(row):
            for name in sorted(names_in(text) - known):
                findings.error(
                    row.at,
                    f'"{{{name}}}" in {where} of "{row.code}" stands for nothing.',
                    f"Use one of {', '.join(f'{{{one}}}' for one in sorted(known))}.",
                )
            parts = size_of(plain_for_sms(text)).segments
            if where.startswith("sms") and parts > _LONGEST_SMS:
                findings.warn(
                    row.at,
                    f'The {where} of "{row.code}" is sent in {parts} parts.',
                    "Shorten it: every part costs.",
                )


def _said(row: Notice) -> Iterator[tuple[str, str]]:
    for part, texts in (("subject", row.subject), ("text", row.text), ("sms", row.sms)):
        for language, text in texts.items():
            yield f"{part} ({language})", text
