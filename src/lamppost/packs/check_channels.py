"""Whether what a pack says of its SMS and voice lines can work."""

from __future__ import annotations

from lamppost.contacts.talk.commands import BUILT_IN
from lamppost.kernel.text import fold
from lamppost.packs.channel_content import Keyword
from lamppost.packs.content import Pack
from lamppost.packs.findings import Findings

# The keys of a telephone: one each, without zero.
_MOST_LANGUAGES = 9


def check_channels(pack: Pack, findings: Findings) -> None:
    """Note what no single line of ``channels.yaml`` shows."""
    for spoken in pack.spoken_languages:
        if spoken.code not in pack.city.languages:
            findings.error(
                spoken.at,
                f'Callers could choose "{spoken.code}", which the city does not list.',
                "Add it to `languages` in city.yaml, or leave it out here.",
            )
    if len(pack.spoken_languages) > _MOST_LANGUAGES:
        findings.error(
            pack.spoken_languages[_MOST_LANGUAGES].at,
            f"Callers can choose from {_MOST_LANGUAGES} languages: one for each key.",
        )
    taken = {fold(word): code for code, words in BUILT_IN.items() for word in words}
    for row in pack.keywords:
        _check_keyword(row, taken, findings)


def _check_keyword(row: Keyword, taken: dict[str, str], findings: Findings) -> None:
    answers = any(row.text.values()) or row.article
    if row.code in BUILT_IN and answers:
        findings.error(
            row.at,
            f'"{row.code}" answers by itself.',
            "Leave text and article out; words add to the English ones.",
        )
    if row.code not in BUILT_IN and not answers:
        findings.error(
            row.at,
            f'Nothing is said to the keyword "{row.code}".',
            f"Write text or article, or use one of the codes {', '.join(BUILT_IN)}.",
        )
    for language, words in row.words.items():
        for word in words.split(","):
            held = taken.setdefault(fold(word.strip()), row.code)
            if held != row.code:
                findings.error(
                    row.at,
                    f'"{word.strip()}" ({language}) means "{held}" already.',
                    "Choose another word.",
                )
