"""What a case's words suggest, and how good such suggestions have been."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, F, Q

from lamppost.cases.choices import SuggestionAnswerKind
from lamppost.cases.models import Case, LearnedCase, SuggestionAnswer
from lamppost.catalog.book import ServiceEntry, book
from lamppost.catalog.choices import State
from lamppost.people.actors import Actor
from lamppost.people.permissions import Permission, may, require
from lamppost.routing.models import WordCount, WordModel, WordTotal
from lamppost.routing.words import Learned, likely, tokens

HELD_OUT = 1_000


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Another service that fits the words of a case clearly better, and the words."""

    service: ServiceEntry
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Quality:
    """How good the guesses were on the last cases, each guessed before it was learned.

    Shares in parts of one, None without cases. ``first`` and ``third``: the true service was
    the best guess, or among the best three; ``usual``: always guessing the most frequent one.
    ``suggested`` of them would have shown a suggestion against the service first chosen, of
    which ``right`` named the true one. The answers are those of the same city's staff:
    ``taken_up`` the form was opened, ``came_true`` the case has that service today.
    """

    cases: int
    first: float | None
    third: float | None
    usual: float | None
    suggested: int
    right: int
    taken_up: int
    came_true: int
    dismissed: int
    learned_cases: int
    vocabulary: int
    learned_at: datetime | None


def suggestion_for(case: Case, *, actor: Actor) -> Suggestion | None:
    """Return what to suggest on an open case to somebody who may change its service, or None.

    At most four queries, one where nothing was learned yet. Nothing is suggested any more
    once somebody dismissed it for this case.
    """
    if case.state == State.CLOSED or not case.description:
        return None
    if not may(actor, Permission.CASE_EDIT, department_id=case.department_id):
        return None
    words = tokens(f"{case.subject}\n{case.description}")
    found = likely(words, case.service_id, learned_of(words))
    service = book().services_by_id.get(found.service_id) if found is not None else None
    if found is None or service is None or not service.is_active:
        return None
    if SuggestionAnswer.objects.filter(case=case, answer=SuggestionAnswerKind.DISMISSED).exists():
        return None
    return Suggestion(service, found.words)


def learned_of(words: Iterable[str]) -> Learned:
    """Return what is known of these tokens in the city in scope; three queries, or one."""
    totals = list(WordTotal.objects.filter(cases__gt=0).values_list("service", "cases", "tokens"))
    counts: dict[str, dict[int, int]] = defaultdict(dict)
    vocabulary = None
    if totals:
        rows = WordCount.objects.filter(token__in=list(words), weight__gt=0)
        for token, service, weight in rows.values_list("token", "service_id", "weight"):
            counts[token][service] = weight
        vocabulary = WordModel.objects.values_list("vocabulary", flat=True).first()
    return Learned(
        counts=counts,
        cases={service: cases for service, cases, _tokens in totals},
        tokens={service: held for service, _cases, held in totals},
        vocabulary=vocabulary or 0,
    )


def quality(*, actor: Actor) -> Quality:
    """Return how good suggestions are; four queries. Raises ``Forbidden`` without the right."""
    require(actor, Permission.ROUTING_EDIT)
    last = LearnedCase.objects.order_by("-id").values_list("pk", flat=True)[:HELD_OUT]
    tested = LearnedCase.objects.filter(pk__in=list(last)).aggregate(
        cases=Count("id"),
        first=Count("id", filter=Q(rank=1)),
        third=Count("id", filter=Q(rank__range=(1, 3))),
        usual=Count("id", filter=Q(was_usual=True)),
        offered=Count("id", filter=Q(suggested__isnull=False)),
        named=Count("id", filter=Q(suggested=F("service"))),
    )
    answers = SuggestionAnswer.objects.aggregate(
        taken_up=Count("id", filter=Q(answer=SuggestionAnswerKind.OPENED)),
        came_true=Count(
            "id", filter=Q(answer=SuggestionAnswerKind.OPENED, case__service=F("suggested"))
        ),
        dismissed=Count("id", filter=Q(answer=SuggestionAnswerKind.DISMISSED)),
    )
    model = WordModel.objects.first()
    cases = tested["cases"]
    return Quality(
        cases=cases,
        first=tested["first"] / cases if cases else None,
        third=tested["third"] / cases if cases else None,
        usual=tested["usual"] / cases if cases else None,
        suggested=tested["offered"],
        right=tested["named"],
        taken_up=answers["taken_up"],
        came_true=answers["came_true"],
        dismissed=answers["dismissed"],
        learned_cases=LearnedCase.objects.count(),
        vocabulary=model.vocabulary if model else 0,
        learned_at=model.learned_at if model else None,
    )
