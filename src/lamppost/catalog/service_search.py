"""Finding a service by the words a resident has for the problem. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from lamppost.kernel.text import fold, in_language

_WORD = re.compile(r"\w+")
_NAME, _KEYWORD, _TEXT = 3.0, 2.0, 1.0
# Shorter words have too many neighbors one letter away.
_TYPO_FROM = 4


@dataclass(frozen=True, slots=True)
class Findable:
    """A service as the search sees it; texts by language."""

    code: str
    name: Mapping[str, str]
    description: Mapping[str, str]
    keywords: Mapping[str, str]


def search_services(query: str, services: Iterable[Findable], language: str) -> list[str]:
    """Return codes of services that fit ``query``, best first.

    Words count in the visitor's language and in English, without accents or case; the
    beginning of a word fits, and so does one slip of the finger in a longer word. A service
    that fits more of the words asked comes first; the city's order decides the rest.
    """
    asked = _WORD.findall(fold(query))[:12]
    if not asked:
        return []
    ranked = []
    for order, service in enumerate(services):
        weighted = _weighted(service, language)
        points = [_best(word, weighted) for word in asked]
        fitting = sum(point > 0 for point in points)
        if fitting:
            ranked.append((-fitting, -sum(points), order, service.code))
    most = min((rank[0] for rank in ranked), default=0)
    # A service fitting one word of three is noise where another fits all three.
    return [code for fitting, _points, _order, code in sorted(ranked) if 2 * fitting <= most]


def _weighted(service: Findable, language: str) -> list[tuple[float, set[str]]]:
    return [
        (weight, _words(texts, language))
        for weight, texts in (
            (_NAME, service.name),
            (_KEYWORD, service.keywords),
            (_TEXT, service.description),
        )
    ]


def _words(texts: Mapping[str, str], language: str) -> set[str]:
    both = f"{in_language(texts, language)} {in_language(texts, 'en')}"
    return set(_WORD.findall(fold(both)))


def _best(asked: str, fields: list[tuple[float, set[str]]]) -> float:
    return max(
        weight * max((_fit(asked, word) for word in words), default=0.0) for weight, words in fields
    )


def _fit(asked: str, word: str) -> float:
    if word == asked:
        return 1.0
    if len(asked) >= 3 and word.startswith(asked):
        return 0.8
    if min(len(asked), len(word)) < _TYPO_FROM:
        return 0.0
    if asked.startswith(word) and len(asked) - len(word) <= 2:
        return 0.7  # a plural asked, the singular written
    return 0.5 if one_slip(asked, word) else 0.0


def one_slip(one: str, other: str) -> bool:
    """Return whether the words differ by one letter added, left out, changed or swapped."""
    if one == other or abs(len(one) - len(other)) > 1:
        return False
    at = 0
    while at < min(len(one), len(other)) and one[at] == other[at]:
        at += 1
    rest, other_rest = one[at:], other[at:]
    if len(one) == len(other):
        swapped = other_rest[1:2] + other_rest[0:1] + other_rest[2:]
        return rest[1:] == other_rest[1:] or rest == swapped
    longer, shorter = (rest, other_rest) if len(one) > len(other) else (other_rest, rest)
    return longer[1:] == shorter
