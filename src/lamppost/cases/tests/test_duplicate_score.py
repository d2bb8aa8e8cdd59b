"""Which of two cases is likelier to be the problem just reported."""

from __future__ import annotations

from datetime import timedelta

import pytest

from lamppost.cases.duplicates import Candidate, score, similarity

WINDOW = timedelta(days=14)
DAY = timedelta(days=1)


def rate(candidate: Candidate, text: str = "deep hole near the corner") -> float:
    return score(candidate, radius_m=50, window=WINDOW, text=text)


@pytest.mark.parametrize(
    ("candidate", "why"),
    [
        (Candidate(50.1, DAY), "beyond the service's radius it is another place"),
        (Candidate(5, 15 * DAY, is_closed=True), "closed too long ago, it has come back"),
    ],
)
def test_what_is_no_duplicate_scores_nothing(candidate: Candidate, why: str) -> None:
    assert rate(candidate) == 0, why


@pytest.mark.parametrize(
    ("likelier", "other", "why"),
    [
        (Candidate(5, DAY), Candidate(40, DAY), "the nearer one"),
        (Candidate(20, DAY), Candidate(20, 30 * DAY), "at one place, the newer one"),
        (
            Candidate(20, DAY, "A deep hole by the corner"),
            Candidate(20, DAY, "Paint is gone"),
            "at one place and age, the one told in the same words",
        ),
        (Candidate(30, 60 * DAY), Candidate(30, DAY, is_closed=True), "open before closed"),
        (
            Candidate(5, 3 * DAY, "Something else"),
            Candidate(45, DAY, "deep hole near the corner"),
            "place counts more than words: two people rarely use the same ones",
        ),
    ],
)
def test_the_likelier_one_comes_first(likelier: Candidate, other: Candidate, why: str) -> None:
    assert rate(likelier) > rate(other) > 0, why


def test_an_open_case_is_never_too_old() -> None:
    assert rate(Candidate(10, 400 * DAY)) > 0


def test_on_the_rim_of_the_radius_it_still_counts() -> None:
    assert rate(Candidate(50, DAY)) > 0


@pytest.mark.parametrize("radius", [0, 50])
def test_the_same_spot_scores_whatever_the_radius(radius: int) -> None:
    assert score(Candidate(0, DAY), radius_m=radius, window=WINDOW) > 0.5


def test_a_clock_that_runs_ahead_changes_nothing() -> None:
    assert rate(Candidate(10, -DAY)) == rate(Candidate(10, timedelta(0)))


@pytest.mark.parametrize(
    ("one", "other", "share"),
    [
        ("", "a hole", 0.0),
        ("It is so", "It is so", 0.0),
        ("Bache profundo", "BACHE PROFUNDO", 1.0),
        ("árbol caído", "arbol caido", 1.0),
        ("deep hole", "deep water", 1 / 3),
    ],
)
def test_similarity_of_words(one: str, other: str, share: float) -> None:
    assert similarity(one, other) == pytest.approx(share)
