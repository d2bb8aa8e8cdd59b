"""Suggestions learn from how cases ended and were corrected; words stay counts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from lamppost.cases.choices import SuggestionAnswerKind
from lamppost.cases.models import Case, LearnedCase
from lamppost.cases.selectors.suggestions import learned_of, quality, suggestion_for
from lamppost.cases.services.corrections import recategorize
from lamppost.cases.services.lifecycle import close, reopen
from lamppost.cases.services.suggestions import answer_suggestion
from lamppost.cases.services.word_learning import forget_old_hints, learn_words
from lamppost.cities.models import City
from lamppost.database.scope import city_scope
from lamppost.kernel.refusals import Forbidden, Invalid
from lamppost.people.actors import SYSTEM, Actor
from lamppost.people.choices import Role
from lamppost.routing.models import WordCount, WordHint, WordModel, WordTotal
from lamppost.routing.words import tokens

pytestmark = pytest.mark.django_db
FileCase = Callable[..., Case]

BRANCH = "A fallen branch blocks the path"
HOLE = "Deep hole in the asphalt"


@pytest.fixture
def director(actor: Callable[..., Actor]) -> Actor:
    return actor(Role.DIRECTOR)


def learn() -> None:
    while learn_words(now=timezone.now() + timedelta(minutes=5)):
        pass


def closed(file_case: FileCase, text: str, service: str = "POTHOLE") -> Case:
    answers = {"WHERE": ("roadway",)} if service == "POTHOLE" else {}
    case = file_case(description=text, service_code=service, answers=answers)
    close(case_id=case.pk, outcome_code="not-done", text="x", actor=SYSTEM)
    return case


def corrected(file_case: FileCase, text: str, to: str, agent: Actor) -> Case:
    case = file_case(description=text)
    return recategorize(case_id=case.pk, service_code=to, reason="It is a tree", actor=agent)


def held_out(count: int, file_case: FileCase) -> None:
    """A past in which potholes are learned."""
    for _time in range(count):
        closed(file_case, HOLE)


def test_after_some_corrections_it_suggests(file_case: FileCase, agent: Actor) -> None:
    held_out(4, file_case)
    case = file_case(description=BRANCH)
    learn()
    assert suggestion_for(case, actor=agent) is None
    for _time in range(4):
        corrected(file_case, BRANCH, "TREE", agent)
    learn()
    found = suggestion_for(case, actor=agent)
    assert found is not None
    assert found.service.code == "TREE"
    assert {"fallen", "branch"} <= set(found.words)
    case.refresh_from_db()
    assert case.service.code == "POTHOLE", "a suggestion never changes a case"


def test_what_fits_is_left_alone(file_case: FileCase, agent: Actor) -> None:
    held_out(4, file_case)
    for _time in range(4):
        corrected(file_case, BRANCH, "TREE", agent)
    learn()
    assert suggestion_for(file_case(description=HOLE), actor=agent) is None
    assert suggestion_for(file_case(description=""), actor=agent) is None
    assert suggestion_for(file_case(description="zzz qqq"), actor=agent) is None
    tree = file_case(description=BRANCH, service_code="TREE", answers={})
    assert suggestion_for(tree, actor=agent) is None


def test_nobody_else_sees_it_and_a_closed_case_has_none(
    file_case: FileCase, agent: Actor, director: Actor, actor: Callable[..., Actor]
) -> None:
    held_out(4, file_case)
    for _time in range(4):
        corrected(file_case, BRANCH, "TREE", agent)
    learn()
    case = file_case(description=BRANCH)
    assert suggestion_for(case, actor=agent) is not None
    assert suggestion_for(case, actor=director) is None
    assert suggestion_for(case, actor=actor(Role.WORKER, "parks")) is None
    close(case_id=case.pk, outcome_code="not-done", text="x", actor=SYSTEM)
    case.refresh_from_db()
    assert suggestion_for(case, actor=agent) is None


def test_dismissed_stays_dismissed_for_that_case(file_case: FileCase, agent: Actor) -> None:
    held_out(4, file_case)
    for _time in range(4):
        corrected(file_case, BRANCH, "TREE", agent)
    learn()
    case, other = file_case(description=BRANCH), file_case(description=BRANCH)
    for _twice in range(2):
        answer_suggestion(
            case=case, service_code="TREE", answer=SuggestionAnswerKind.DISMISSED, actor=agent
        )
    corrected(file_case, BRANCH, "TREE", agent)
    learn()
    assert suggestion_for(case, actor=agent) is None
    assert suggestion_for(other, actor=agent) is not None
    assert case.suggestion_answers.get().user_id == agent.user_id


def test_answers_that_are_refused(file_case: FileCase, agent: Actor, director: Actor) -> None:
    case = file_case()
    opened = SuggestionAnswerKind.OPENED
    for code in ("POTHOLE", "NOTHING", ""):
        with pytest.raises(Invalid):
            answer_suggestion(case=case, service_code=code, answer=opened, actor=agent)
    with pytest.raises(Forbidden):
        answer_suggestion(case=case, service_code="TREE", answer=opened, actor=director)
    with pytest.raises(Forbidden):
        quality(actor=agent)


def test_the_corrected_service_counts_and_the_wrong_one_is_taken_back(
    file_case: FileCase, agent: Actor
) -> None:
    held_out(3, file_case)
    learn()
    case = closed(file_case, "asphalt")
    learn()
    before = _weights("w:asphalt")
    assert before == {"POTHOLE": 4}
    reopen(case_id=case.pk, reason="wrong", actor=SYSTEM)
    recategorize(case_id=case.pk, service_code="TREE", reason="x", actor=agent)
    learn()
    assert _weights("w:asphalt") == {"POTHOLE": 3, "TREE": 3}
    close(case_id=case.pk, outcome_code="not-done", text="x", actor=SYSTEM)
    learn()
    assert _weights("w:asphalt") == {"POTHOLE": 3, "TREE": 3}, "closing it adds nothing more"
    assert {row.service.code: row.cases for row in WordTotal.objects.select_related("service")} == {
        "POTHOLE": 3,
        "TREE": 3,
    }


def _weights(token: str) -> dict[str, int]:
    rows = WordCount.objects.filter(token=token, weight__gt=0).select_related("service")
    return {row.service.code: row.weight for row in rows}


def test_a_word_of_fewer_than_three_cases_cannot_be_read(file_case: FileCase) -> None:
    for name in ("Rosamunde", "Rosamunde"):
        closed(file_case, f"{name} hole")
    learn()
    assert not WordCount.objects.filter(token__contains="rosam").exists()
    assert WordHint.objects.exists()
    assert all(len(row.token_digest) == 32 for row in WordHint.objects.all())
    closed(file_case, "Rosamunde hole")
    learn()
    assert _weights("w:rosamunde") == {"POTHOLE": 3}
    assert not WordHint.objects.filter(cases__gte=3).exists()


def test_phones_and_addresses_are_never_counted(file_case: FileCase) -> None:
    for _time in range(4):
        closed(file_case, "hole, call 2155550100 or rosa@mail.example, 12B Elm")
    learn()
    kept = set(WordCount.objects.filter(token__startswith="w:").values_list("token", flat=True))
    assert kept == {"w:hole", "w:call", "w:or", "w:elm"}


def test_digests_of_rare_words_are_forgotten(file_case: FileCase) -> None:
    closed(file_case, "Rosamunde")
    learn()
    assert forget_old_hints(now=timezone.now() + timedelta(days=100)) == 0
    assert forget_old_hints(now=timezone.now() + timedelta(days=200)) > 0
    assert not WordHint.objects.exists()


def test_another_city_s_words_are_never_used(
    file_case: FileCase, agent: Actor, other_city: City
) -> None:
    held_out(4, file_case)
    for _time in range(4):
        corrected(file_case, BRANCH, "TREE", agent)
    learn()
    words = tokens(BRANCH)
    assert learned_of(words).counts
    with city_scope(other_city.pk):
        assert not learned_of(words).counts
        assert not WordHint.objects.exists()
        learn()
        assert not WordCount.objects.exists()


def test_reading_the_events_twice_counts_once(file_case: FileCase) -> None:
    held_out(5, file_case)
    learn()
    rows = list(WordCount.objects.order_by("id").values_list("token", "weight"))
    learn()
    assert list(WordCount.objects.order_by("id").values_list("token", "weight")) == rows
    # One event at a time gives what all at once gives.
    assert LearnedCase.objects.count() == 5


def test_small_steps_give_what_one_step_gives(file_case: FileCase, agent: Actor) -> None:
    held_out(3, file_case)
    corrected(file_case, BRANCH, "TREE", agent)
    learn()
    whole = set(WordCount.objects.values_list("token", "service", "weight"))
    hints = set(WordHint.objects.values_list("token_digest", "service", "cases", "weight"))
    for model in (WordCount, WordHint, WordTotal, WordModel, LearnedCase):
        model.objects.all().delete()
    while learn_words(now=timezone.now() + timedelta(minutes=5), limit=1):
        pass
    assert set(WordCount.objects.values_list("token", "service", "weight")) == whole
    found = set(WordHint.objects.values_list("token_digest", "service", "cases", "weight"))
    assert found == hints


def test_events_that_may_still_get_company_wait(file_case: FileCase) -> None:
    closed(file_case, HOLE)
    assert learn_words(now=timezone.now()) == 0
    assert learn_words(now=timezone.now() + timedelta(minutes=5)) == 1


def test_quality_is_measured_on_cases_not_yet_learned(
    file_case: FileCase, agent: Actor, director: Actor
) -> None:
    assert quality(actor=director).first is None
    held_out(4, file_case)
    learn()
    for _time in range(9):
        closed(file_case, BRANCH, "TREE")
        learn()
    found = quality(actor=director)
    # The very first of all, and the first branches, cannot be guessed.
    assert found.cases == 13
    assert found.first is not None
    assert found.usual is not None
    assert 0 < found.usual < found.first < 1
    corrected(file_case, BRANCH, "TREE", agent)
    learn()
    found = quality(actor=director)
    assert (found.suggested, found.right) == (1, 1)


def test_people_s_answers_are_counted(file_case: FileCase, agent: Actor, director: Actor) -> None:
    for to in ("TREE", None):
        case = file_case()
        answer_suggestion(
            case=case, service_code="TREE", answer=SuggestionAnswerKind.OPENED, actor=agent
        )
        if to:
            recategorize(case_id=case.pk, service_code=to, reason="x", actor=agent)
    found = quality(actor=director)
    assert (found.taken_up, found.came_true, found.dismissed) == (2, 1, 0)
