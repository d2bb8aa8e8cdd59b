"""Whether the articles of a pack lead where they say."""

from __future__ import annotations

from lamppost.knowledge.choices import Readers
from lamppost.packs.content import Pack
from lamppost.packs.findings import Findings, did_you_mean
from lamppost.packs.knowledge_content import Article

# What is read out in one breath; longer ones are cut short by callers.
SPOKEN_WORDS = 60


def check_knowledge(pack: Pack, findings: Findings) -> None:
    """Note what no single line of an article shows."""
    values = {
        (service.code, question.code, value.code)
        for service in pack.services
        for question in service.questions
        for value in question.values
    }
    staff = {row.code for row in pack.articles if row.audience == Readers.STAFF}
    for row in pack.articles:
        _check_answers(row, values, findings)
        _check_words(row, pack.city.default_language, findings)
        if row.code in row.related:
            findings.error(row.at, f'The article "{row.code}" is related to itself.')
        if row.code not in staff and (hidden := staff.intersection(row.related)):
            findings.warn(
                row.at,
                f'The article "{row.code}" names {", ".join(sorted(hidden))}, for staff only: '
                "residents do not see that.",
            )


def _check_answers(row: Article, values: set[tuple[str, str, str]], findings: Findings) -> None:
    if row.answers and not row.service:
        findings.error(
            row.at,
            f'The article "{row.code}" fills in answers of no service.',
            'Name the "service" whose form they are of.',
        )
        return
    for question, value in row.answers:
        if (row.service, question, value) not in values:
            known = [
                last
                for service, first, last in values
                if (service, first) == (row.service, question)
            ]
            findings.error(
                row.at,
                f'The article "{row.code}": {row.service} has no answer "{question}: {value}".',
                did_you_mean(value, known),
            )


def _check_words(row: Article, language: str, findings: Findings) -> None:
    for tag in row.question:
        if tag != language and not row.answer.get(tag):
            findings.warn(
                row.at,
                f'The question "{row.code}" is translated into "{tag}" and its answer is not: '
                "neither is shown.",
            )
    for tag, text in row.spoken.items():
        if len(text.split()) > SPOKEN_WORDS:
            findings.warn(
                row.at,
                f'The spoken answer of "{row.code}" ({tag}) has {len(text.split())} words; '
                f"{SPOKEN_WORDS} are about what a caller can take in.",
            )
