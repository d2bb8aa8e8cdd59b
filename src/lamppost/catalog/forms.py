"""A service's form as plain values, and checking answers against it. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation

from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext as _

from lamppost.catalog.choices import LIST_DATATYPES, Datatype
from lamppost.kernel.refusals import Problem
from lamppost.kernel.text import clean_line, clean_text

MAX_STRING = 500
MAX_TEXT = 4000


@dataclass(frozen=True, slots=True)
class FormValue:
    """One choice: its row, its key, its name in the reader's language."""

    id: int
    key: str
    name: str


@dataclass(frozen=True, slots=True)
class FormQuestion:
    """One question as asked in the reader's language.

    ``only_if`` are ids of values; empty means always asked.
    """

    id: int
    code: str
    order: int
    text: str
    help: str
    datatype: Datatype
    is_variable: bool
    is_required: bool
    is_public: bool
    values: tuple[FormValue, ...] = ()
    only_if: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Answer:
    """A checked answer: rows chosen for list questions, text for the others."""

    question: FormQuestion
    values: tuple[FormValue, ...] = ()
    text: str = ""

    @property
    def shown(self) -> str:
        """The answer as a person reads it."""
        return ", ".join(value.name for value in self.values) or self.text


def check_answers(
    questions: Iterable[FormQuestion], sent: Mapping[str, tuple[str, ...]]
) -> tuple[list[Answer], list[Problem]]:
    """Return the checked answers and every problem found.

    ``sent`` maps question codes to what was sent; blanks count as not sent. A question whose
    condition does not hold is skipped and its answer dropped. Unknown codes are dropped: a
    client may hold an older form. Problem fields are ``attribute[CODE]`` as in Open311.
    """
    answers: list[Answer] = []
    problems: list[Problem] = []
    chosen: set[int] = set()
    for question in questions:
        if not question.is_variable or (question.only_if and not question.only_if & chosen):
            continue
        raw = [clean_text(item) for item in sent.get(question.code, ())]
        raw = [item for item in raw if item]
        field = f"attribute[{question.code}]"
        if not raw:
            if question.is_required:
                message = _("Please answer: %(question)s") % {"question": question.text}
                problems.append(Problem(field, message, "required"))
            continue
        answer = _check(question, raw)
        if isinstance(answer, Answer):
            answers.append(answer)
            chosen.update(value.id for value in answer.values)
        else:
            problems.append(Problem(field, answer))
    return answers, problems


def _check(question: FormQuestion, raw: list[str]) -> Answer | str:
    if question.datatype in LIST_DATATYPES:
        return _check_list(question, raw)
    if len(raw) > 1:
        return _("Give one answer to: %(question)s") % {"question": question.text}
    return _check_text(question, raw[0])


def _check_list(question: FormQuestion, raw: list[str]) -> Answer | str:
    if question.datatype is Datatype.SINGLEVALUELIST and len(set(raw)) > 1:
        return _("Choose one answer to: %(question)s") % {"question": question.text}
    by_key = {value.key: value for value in question.values}
    picked = [by_key.get(key) for key in dict.fromkeys(raw)]
    if None in picked:
        return _("Choose from the list for: %(question)s (%(choices)s)") % {
            "question": question.text,
            "choices": ", ".join(by_key),
        }
    return Answer(question, values=tuple(value for value in picked if value))


def _check_text(question: FormQuestion, raw: str) -> Answer | str:
    if question.datatype is Datatype.NUMBER:
        try:
            number = Decimal(raw)
        except InvalidOperation:
            number = Decimal("NaN")
        # A double must hold it: that is what every reader of it has.
        if not number.is_finite() or len(raw) > 50 or not math.isfinite(float(number)):
            return _("Write a number for: %(question)s") % {"question": question.text}
        return Answer(question, text=raw)
    if question.datatype is Datatype.DATETIME:
        if not _is_datetime(raw):
            return _(
                "Write a date like 2026-03-09, with a time if you know it, for: %(question)s"
            ) % {"question": question.text}
        return Answer(question, text=raw)
    limit = MAX_STRING if question.datatype is Datatype.STRING else MAX_TEXT
    if len(raw) > limit:
        return _("Use at most %(limit)d characters for: %(question)s") % {
            "limit": limit,
            "question": question.text,
        }
    return Answer(question, text=clean_line(raw) if question.datatype is Datatype.STRING else raw)


def _is_datetime(raw: str) -> bool:
    try:
        moment: datetime | object | None = parse_datetime(raw) or parse_date(raw)
    except ValueError:
        return False
    return moment is not None
