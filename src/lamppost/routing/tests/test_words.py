"""Tokens of a text, and which service they speak for."""

from __future__ import annotations

from collections import Counter, defaultdict

import pytest

from lamppost.kernel.text import fold
from lamppost.routing.words import MAX_TOKENS, Learned, likely, ranked, tokens

HOLE, TREE, LIGHT = 1, 2, 3
TEXTS = {
    HOLE: ["deep pothole in the road", "pothole damaged my tire", "big hole in the asphalt road"],
    TREE: ["fallen tree branch", "tree roots lift the sidewalk", "dead tree, branch hanging"],
    LIGHT: ["street light is out", "the lamp flickers at night", "light pole is dark"],
}


def learned(times: int = 4) -> Learned:
    counts: dict[str, Counter[int]] = defaultdict(Counter)
    cases: Counter[int] = Counter()
    sums: Counter[int] = Counter()
    for service, texts in TEXTS.items():
        for text in texts * times:
            cases[service] += 1
            for token in tokens(text):
                counts[token][service] += 1
                sums[service] += 1
    return Learned(counts, cases, sums, len(counts))


@pytest.mark.parametrize(
    ("text", "words", "why"),
    [
        ("Big HOLE", {"big", "hole"}, "case does not matter"),
        ("árbol caído", {"arbol", "caido"}, "accents do not matter"),
        ("call 215-555-0100 now", {"call", "now"}, "a phone number is nobody's business"),
        ("rosa.lee@mail.example please", {"please"}, "nor is an address of e-mail"),
        ("12B Elm", {"elm"}, "nor the number of a house"),
        ("حفرة في الطريق", {"حفرة", "في", "الطريق"}, "Arabic has words"),
        ("道路に穴があります", {"道路に穴があります"}, "a script without spaces is one word"),
        ("a . ! ?", set(), "single letters and marks say nothing"),
    ],
)
def test_tokens(text: str, words: set[str], why: str) -> None:
    assert _words(text) == {fold(word) for word in words}, why


def _words(text: str) -> set[str]:
    return {one[2:] for one in tokens(text) if one.startswith("w:")}


def test_a_sentence_without_spaces_speaks_by_its_trigrams() -> None:
    assert "t:路に穴" in tokens("道路に穴があります" * 5)
    assert not any(one.startswith("w:") for one in tokens("道路に穴があります" * 5))


def test_a_book_is_cut_short() -> None:
    assert (
        len(tokens(" ".join(f"{a}{b}word" for a in "abcdefghij" for b in "klmnopqrst")))
        <= MAX_TOKENS
    )


@pytest.mark.parametrize(
    ("text", "service"),
    [
        ("there is a pothole", HOLE),
        ("branch of a tree", TREE),
        ("the light is broken", LIGHT),
        ("huge potholle on our raod", HOLE),
    ],
)
def test_the_best_guess(text: str, service: int) -> None:
    assert ranked(tokens(text), learned())[0].service_id == service


@pytest.mark.parametrize(
    ("text", "chosen", "suggested", "why"),
    [
        ("fallen tree, branch on the road", HOLE, TREE, "two words speak clearly for another"),
        ("fallen tree, branch on the road", TREE, None, "it is chosen already"),
        ("tree", HOLE, None, "one word is not enough"),
        ("please come soon", HOLE, None, "nothing is known of these words"),
        ("", HOLE, None, "no words"),
        ("fallen tree branch", 99, TREE, "nothing was learned of the chosen service"),
    ],
)
def test_only_what_is_clearly_better_is_suggested(
    text: str, chosen: int, suggested: int | None, why: str
) -> None:
    found = likely(tokens(text), chosen, learned())
    assert (found.service_id if found else None) == suggested, why
    if found:
        assert {"tree", "branch"} <= set(found.words)


def test_little_knowledge_suggests_nothing() -> None:
    assert likely(tokens("fallen tree branch"), HOLE, learned(times=1)) is None
    assert ranked(tokens("tree"), Learned({}, {}, {}, 0)) == []
