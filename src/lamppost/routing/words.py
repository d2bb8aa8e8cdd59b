"""Which service a report's words speak for. Pure.

Multinomial naive Bayes over whether a token occurs (S. Wang and C. D. Manning, "Baselines and
bigrams: simple, good sentiment and topic classification", ACL 2012: for short texts presence
does at least as well as counts), with Laplace smoothing (C. D. Manning, P. Raghavan, H. Schütze,
"Introduction to Information Retrieval", 2008, section 13.2). Tokens are the words of the text,
whatever the language, and the trigrams of characters of each word, which carry misspellings,
inflections and scripts written without spaces. A letter is in up to three trigrams, so each of
them counts a third; still neighbors depend on each other and the scores are too sure of
themselves, so they are compared with a margin and never shown as a probability.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from lamppost.kernel.text import fold

# A word and a trigram are told apart by a first letter no folded word begins with.
WORD, TRIGRAM = "w:", "t:"
MAX_TOKENS = 400
_LETTERS = re.compile(r"[^\W\d_]+")
_WITH_DIGITS = re.compile(r"(?<!\S)\S*[\d@]\S*")
_LONGEST = 32
_SHORTEST = 2
_SMOOTHING = 0.5
_TRIGRAM_WEIGHT = 1 / 3


def tokens(text: str) -> frozenset[str]:
    """Return the tokens of a text: folded words of letters, and their trigrams.

    What holds a digit or an @ (numbers of houses and phones, e-mail addresses, plates) is
    left out altogether: it says nothing of the service and much of a person.
    """
    found: dict[str, None] = {}
    for word in _LETTERS.findall(fold(_WITH_DIGITS.sub(" ", text))):
        if len(word) < _SHORTEST:
            continue
        # A longer one is a sentence of a script without spaces: its trigrams speak for it.
        if len(word) <= _LONGEST:
            found[WORD + word] = None
        padded = f"_{word}_"
        for at in range(len(padded) - 2):
            found[TRIGRAM + padded[at : at + 3]] = None
        if len(found) > MAX_TOKENS:
            break
    return frozenset(list(found)[:MAX_TOKENS])


@dataclass(frozen=True, slots=True)
class Learned:
    """What is known of the tokens of one text.

    ``counts``: token to service to weight, ``cases`` and ``tokens`` the sums per service,
    ``vocabulary`` how many tokens are known in all.
    """

    counts: Mapping[str, Mapping[int, int]]
    cases: Mapping[int, int]
    tokens: Mapping[int, int]
    vocabulary: int


@dataclass(frozen=True, slots=True)
class Score:
    """A service with how well the words fit it, in natural logarithms; only differences count."""

    service_id: int
    score: float


@dataclass(frozen=True, slots=True)
class Bounds:
    """When a suggestion is worth a person's look: the margin over the chosen service (20 to 1
    as the model reckons), how many words of the text must speak for it, and the weight of
    cases its service was learned from."""

    margin: float = 3.0
    words: int = 2
    cases: int = 9


@dataclass(frozen=True, slots=True)
class Likely:
    """A service that fits clearly better than the chosen one, and the words that say so."""

    service_id: int
    words: tuple[str, ...]
    margin: float


def ranked(text: Iterable[str], learned: Learned) -> list[Score]:
    """Return the services by how well the tokens fit them, best first; empty for no knowledge.

    Tokens nothing is known of count for nobody.
    """
    known = [token for token in sorted(text) if learned.counts.get(token)]
    total = sum(learned.cases.values())
    services = [service for service, cases in learned.cases.items() if cases > 0]
    if not known or not total:
        return []
    scores: dict[int, float] = defaultdict(float)
    for service in services:
        scores[service] = math.log(learned.cases[service] / total) + sum(
            _evidence(token, service, learned) for token in known
        )
    best = [Score(service, score) for service, score in scores.items()]
    return sorted(best, key=lambda each: (-each.score, each.service_id))


def likely(
    text: Iterable[str], chosen: int, learned: Learned, bounds: Bounds | None = None
) -> Likely | None:
    """Return the service the text clearly fits better than the chosen one, or None."""
    bounds = bounds or Bounds()
    text = tuple(text)
    order = ranked(text, learned)
    if not order or order[0].service_id == chosen:
        return None
    best = order[0]
    if learned.cases.get(best.service_id, 0) < bounds.cases:
        return None
    own = next((each.score for each in order if each.service_id == chosen), None)
    # Nothing was ever learned of the chosen service: compare with what a new one would get.
    rival = own if own is not None else order[-1].score
    margin = best.score - rival
    words = _speaking(text, best.service_id, chosen, learned)
    if margin < bounds.margin or len(words) < bounds.words:
        return None
    return Likely(best.service_id, tuple(words[:4]), margin)


def _speaking(text: Iterable[str], best: int, chosen: int, learned: Learned) -> list[str]:
    gains = {
        token: _evidence(token, best, learned) - _evidence(token, chosen, learned)
        for token in text
        if token.startswith(WORD) and learned.counts.get(token, {}).get(best)
    }
    # More than chance: at least twice as usual there.
    strong = [token for token, gain in gains.items() if gain > math.log(2)]
    strong.sort(key=lambda token: (-gains[token], token))
    return [token.removeprefix(WORD) for token in strong]


def _evidence(token: str, service: int, learned: Learned) -> float:
    weight = 1.0 if token.startswith(WORD) else _TRIGRAM_WEIGHT
    count = learned.counts.get(token, {}).get(service, 0)
    room = learned.tokens.get(service, 0) + _SMOOTHING * max(learned.vocabulary, 1)
    return weight * math.log((count + _SMOOTHING) / room)
