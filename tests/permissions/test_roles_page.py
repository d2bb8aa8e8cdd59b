"""The matrix in words: every permission has some, and the guide's table is current."""

from __future__ import annotations

from pathlib import Path

from django.utils import translation

from lamppost.people.choices import Role
from lamppost.people.matrix_page import mark, markdown
from lamppost.people.permission_words import WORDS, in_words
from lamppost.people.permissions import ALL_DEPARTMENTS, MATRIX, Permission

PAGE = Path(__file__).parents[2] / "docs" / "roles.md"


def test_every_permission_is_said_in_words_of_its_own() -> None:
    assert set(WORDS) == set(Permission)
    assert len({str(words) for words in WORDS.values()}) == len(WORDS)
    assert in_words("own_case") != "own_case"
    assert in_words("never.heard") == "never.heard"


def test_every_role_has_its_row_in_the_matrix() -> None:
    assert set(MATRIX) == set(Role)


def test_a_mark_says_how_far_a_right_goes() -> None:
    assert mark(Role.WORKER, Permission.CASE_CLOSE) == "○"
    assert mark(Role.SUPERVISOR, Permission.CASE_CLOSE) == "●"
    assert mark(Role.WORKER, Permission.CASE_FILE) == "●"
    assert mark(Role.COUNCIL, Permission.CASE_CLOSE) == ""
    assert Role.MANAGER not in ALL_DEPARTMENTS


def test_the_guide_is_current() -> None:
    with translation.override("en"):
        assert PAGE.read_text(encoding="utf-8") == markdown(), "run `make docs`"
