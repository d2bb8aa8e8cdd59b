"""Learning which words speak for which service, from how cases ended and were corrected.

A case is learned when it is closed, and again at once, with three times the weight, when a
person gave it another service: the corrected service counts, the wrong one is taken back. What
is kept are counts of tokens. A token that fewer than three cases have is kept only as a digest
keyed with the installation's secret; it can be counted but not read.

Before a case is counted, its service is guessed without it, and how good that guess was is kept:
"test, then train" (J. Gama, R. Sebastião, P. P. Rodrigues, "On evaluating stream learning
algorithms", Machine Learning 90, 2013), so every case is a held-out one.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils.crypto import salted_hmac

from lamppost.cases.choices import EventKind
from lamppost.cases.models import Case, CaseEvent, LearnedCase
from lamppost.catalog.choices import State
from lamppost.database.scope import require_city_id
from lamppost.routing.models import WordCount, WordHint, WordModel, WordTotal
from lamppost.routing.words import Learned, likely, ranked, tokens

FLOOR = 3
# Each has 400 tokens at most, and PostgreSQL takes 65,535 parameters in a statement.
MOST_EVENTS = 100
_ROWS = 5_000
CORRECTED, PLAIN = 3, 1
_SALT = "lamppost.routing.words"
# Events are numbered before they are committed: what is so young may still get company.
_SETTLES = timedelta(minutes=2)
_HINTS_LAST = timedelta(days=180)
_DIGEST = 32


@dataclass(frozen=True, slots=True)
class _Lesson:
    """What one event says of one case: the true service, the one chosen before, how much."""

    case_id: int
    service_id: int
    chosen_id: int
    weight: int


def learn_words(*, now: datetime, limit: int = MOST_EVENTS) -> int:
    """Learn from the next ``limit`` events of the city in scope (a hundred at most); return how
    many were read.

    Safe to repeat and to be cut off: the counts and how far it read are one transaction.
    """
    with transaction.atomic():
        WordModel.objects.get_or_create()
        model = WordModel.objects.select_for_update(of=("self",)).get()
        events = _next_events(model, before=now - _SETTLES, limit=min(limit, MOST_EVENTS))
        if not events:
            return 0
        _learn(_lessons(events), model, now)
        last = events[-1]
        model.up_to, model.event_id, model.learned_at = last.recorded_at, last.pk, now
        model.save()
        return len(events)


def forget_old_hints(*, now: datetime) -> int:
    """Delete digests of tokens that no case had for half a year; return how many."""
    deleted, _by_model = WordHint.objects.filter(seen_at__lt=now - _HINTS_LAST).delete()
    return deleted


def keyed_digest(text: str) -> str:
    """Return a digest of ``text`` that nobody without the installation's secret can try out."""
    return salted_hmac(_SALT, f"{require_city_id()}:{text}", algorithm="sha256").hexdigest()[
        :_DIGEST
    ]


def _next_events(model: WordModel, *, before: datetime, limit: int) -> list[CaseEvent]:
    rows = CaseEvent.objects.filter(
        Q(kind__in=(EventKind.CLOSED, EventKind.RECATEGORIZED))
        | Q(kind=EventKind.IMPORTED, state=State.CLOSED),
        recorded_at__lte=before,
    )
    if model.up_to is not None:
        rows = rows.filter(recorded_at__gte=model.up_to).exclude(
            recorded_at=model.up_to, pk__lte=model.event_id
        )
    return list(
        rows.only("case_id", "kind", "service_id", "recorded_at", "data", "city_id").order_by(
            "recorded_at", "id"
        )[:limit]
    )


def _lessons(events: Iterable[CaseEvent]) -> list[_Lesson]:
    """One lesson per case: the last word counts, and a correction is one even when closed after."""
    found: dict[int, _Lesson] = {}
    for event in events:
        corrected = event.kind == EventKind.RECATEGORIZED
        before = found.get(event.case_id)
        chosen = int(event.data["from"]) if corrected else event.service_id
        weight = CORRECTED if corrected else PLAIN
        if before is not None:
            chosen, weight = before.chosen_id, max(weight, before.weight)
        found[event.case_id] = _Lesson(event.case_id, event.service_id, chosen, weight)
    return list(found.values())


def _learn(lessons: list[_Lesson], model: WordModel, now: datetime) -> None:
    ids = [lesson.case_id for lesson in lessons]
    texts = {
        case_id: f"{subject}\n{description}"
        for case_id, subject, description in Case.objects.filter(pk__in=ids).values_list(
            "pk", "subject", "description"
        )
    }
    known = {row.case_id: row for row in LearnedCase.objects.filter(case__in=ids)}
    of_case = {case_id: tokens(text) for case_id, text in texts.items()}
    book = _Counts(set().union(*of_case.values()), model, now)
    made: list[LearnedCase] = []
    for lesson in lessons:
        words = of_case.get(lesson.case_id)
        if not words:
            continue
        row = known.get(lesson.case_id)
        text_digest = keyed_digest(texts[lesson.case_id])
        if row is None:
            made.append(_tested(lesson, words, book.before, text_digest, now))
            book.add(words, lesson.service_id, 1, lesson.weight)
        elif row.service_id != lesson.service_id:
            if row.text_digest == text_digest:
                book.add(words, row.service_id, -1, -row.weight)
            book.add(words, lesson.service_id, 1, lesson.weight)
            row.service_id, row.weight = lesson.service_id, lesson.weight
            row.text_digest = text_digest
            row.save(update_fields=["service", "weight", "text_digest"])
    LearnedCase.objects.bulk_create(made)
    book.write()


def _tested(
    lesson: _Lesson, words: frozenset[str], learned: Learned, text_digest: str, now: datetime
) -> LearnedCase:
    order = [score.service_id for score in ranked(words, learned)]
    usual = max(learned.cases, key=lambda each: (learned.cases[each], -each), default=None)
    hint = likely(words, lesson.chosen_id, learned)
    return LearnedCase(
        case_id=lesson.case_id,
        service_id=lesson.service_id,
        chosen_id=lesson.chosen_id,
        suggested_id=hint.service_id if hint else None,
        weight=lesson.weight,
        text_digest=text_digest,
        rank=order.index(lesson.service_id) + 1 if lesson.service_id in order else 0,
        was_usual=usual == lesson.service_id,
        learned_at=now,
    )


class _Counts:
    """The counts of some tokens, read once, changed in memory and written once."""

    def __init__(self, words: set[str], model: WordModel, now: datetime) -> None:
        self._model = model
        self._now = now
        self._digests = {keyed_digest(word): word for word in words}
        self._counts: dict[str, Counter[int]] = defaultdict(Counter)
        for token, service, weight in WordCount.objects.filter(token__in=words).values_list(
            "token", "service_id", "weight"
        ):
            self._counts[token][service] = weight
        self._hints: dict[str, dict[int, list[int]]] = defaultdict(dict)
        for hint in WordHint.objects.filter(token_digest__in=self._digests):
            self._hints[hint.token_digest][hint.service_id] = [hint.cases, hint.weight]
        self._totals = {row.service_id: row for row in WordTotal.objects.all()}
        self._by_word = {word: key for key, word in self._digests.items()}
        self._changed: set[tuple[str, int]] = set()
        self._touched: set[str] = set()
        self._promoted: set[str] = set()
        self.before = Learned(
            counts={token: dict(services) for token, services in self._counts.items()},
            cases={row.service_id: row.cases for row in self._totals.values()},
            tokens={row.service_id: row.tokens for row in self._totals.values()},
            vocabulary=model.vocabulary,
        )

    def add(self, words: Iterable[str], service: int, cases: int, weight: int) -> None:
        """Count a case's tokens for a service, or with negative figures take them back."""
        total = self._total(service)
        total.cases = max(0, total.cases + weight)
        for word in words:
            if word in self._counts:
                self._shift(word, service, weight)
            else:
                self._hint(word, service, cases, weight)

    def _total(self, service: int) -> WordTotal:
        if service not in self._totals:
            self._totals[service] = WordTotal(service_id=service, cases=0, tokens=0)
        return self._totals[service]

    def _shift(self, word: str, service: int, weight: int) -> None:
        had = self._counts[word][service]
        has = max(0, had + weight)
        self._counts[word][service] = has
        self._total(service).tokens = max(0, self._total(service).tokens + has - had)
        self._changed.add((word, service))

    def _hint(self, word: str, service: int, cases: int, weight: int) -> None:
        key = self._by_word[word]
        pair = self._hints[key].setdefault(service, [0, 0])
        pair[0], pair[1] = max(0, pair[0] + cases), max(0, pair[1] + weight)
        self._touched.add(key)
        if sum(each[0] for each in self._hints[key].values()) < FLOOR:
            return
        self._promoted.add(key)
        self._model.vocabulary += 1
        for owner, (_cases, held) in self._hints.pop(key).items():
            self._shift(word, owner, held)

    def write(self) -> None:
        """Write everything that changed."""
        WordCount.objects.bulk_create(
            [
                WordCount(token=word, service_id=service, weight=self._counts[word][service])
                for word, service in sorted(self._changed)
            ],
            batch_size=_ROWS,
            update_conflicts=True,
            unique_fields=["city", "token", "service"],
            update_fields=["weight"],
        )
        WordHint.objects.filter(token_digest__in=self._promoted).delete()
        WordHint.objects.bulk_create(
            [
                self._row(key, service, pair)
                for key in sorted(self._touched - self._promoted)
                for service, pair in self._hints[key].items()
            ],
            batch_size=_ROWS,
            update_conflicts=True,
            unique_fields=["city", "token_digest", "service"],
            update_fields=["cases", "weight", "seen_at"],
        )
        WordTotal.objects.bulk_create(
            [
                WordTotal(service_id=service, cases=row.cases, tokens=row.tokens)
                for service, row in sorted(self._totals.items())
            ],
            batch_size=_ROWS,
            update_conflicts=True,
            unique_fields=["city", "service"],
            update_fields=["cases", "tokens"],
        )

    def _row(self, key: str, service: int, pair: list[int]) -> WordHint:
        return WordHint(
            token_digest=key,
            service_id=service,
            cases=pair[0],
            weight=pair[1],
            seen_at=self._now,
        )
