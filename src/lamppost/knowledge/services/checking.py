"""Checking the text of an article: everything it lacks is said at once, each beside its field."""

from __future__ import annotations

import re
from collections.abc import Callable

from django.utils.translation import gettext as _

from lamppost.catalog.book import book
from lamppost.kernel.refusals import Invalid, Problem
from lamppost.knowledge.choices import Readers
from lamppost.knowledge.models import Article, Topic
from lamppost.knowledge.services.publishing import Said

CODE = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*\Z")
_URL = re.compile(r"https?://[^\s/]+\.[^\s]+\Z")
_MOST_PARTS = 20
_LIMITS = {
    "question": 300,
    "keywords": 1000,
    "spoken": 1000,
    "answer": 8000,
    "eligibility": 2000,
}


def check(what: Said, *, is_original: bool) -> None:
    """Raise ``Invalid`` with everything a text lacks or has too much of."""
    problems = [
        Problem(name, _("At most %(limit)d characters fit.") % {"limit": limit})
        for name, limit in _LIMITS.items()
        if len(getattr(what, name)) > limit
    ]
    if not what.question.strip():
        problems.append(Problem("question", _("Write the question.")))
    if not what.answer.strip():
        problems.append(Problem("answer", _("Write the answer.")))
    problems += _check_parts(what)
    if is_original:
        problems += [problem for check in _ORIGINAL for problem in check(what)]
    if problems:
        raise Invalid(problems)


def _check_parts(what: Said) -> list[Problem]:
    problems = []
    for name, rows in (("steps", what.steps), ("links", what.links)):
        codes = [row[0] for row in rows]
        if len(rows) > _MOST_PARTS:
            problems.append(Problem(name, _("At most %(limit)d fit.") % {"limit": _MOST_PARTS}))
        if len(set(codes)) < len(codes):
            problems.append(Problem(name, _("A code stands here twice.")))
        if any(not CODE.match(code) or len(code) > 63 for code in codes):
            problems.append(
                Problem(name, _("Codes are small letters, digits and hyphens: first-step."))
            )
        if any(not row[1].strip() or len(row[1]) > 1000 for row in rows):
            problems.append(Problem(name, _("Each line needs words, at most 1000 characters.")))
    if any(not _URL.match(row[2]) or len(row[2]) > 200 for row in what.links):
        problems.append(Problem("links", _("A web address begins with https://.")))
    if any(len(row[1]) > 200 for row in what.links):
        problems.append(Problem("links", _("Shorten the words of the link.")))
    return problems


def _readers(what: Said) -> list[Problem]:
    known = what.readers in Readers.values
    return [] if known else [Problem("readers", _("Choose who may read it."))]


def _topic(what: Said) -> list[Problem]:
    if not what.topic or Topic.objects.filter(code=what.topic).exists():
        return []
    return [Problem("topic", _("Choose one of the topics."))]


def _months(what: Said) -> list[Problem]:
    if 1 <= what.review_months <= 60:
        return []
    return [Problem("review_months", _("Write a number from 1 to 60."))]


def _service(what: Said) -> list[Problem]:
    if what.service_id is None:
        return [Problem("answers", _("Choose the service first."))] if what.answers else []
    service = book().services_by_id.get(what.service_id)
    if service is None or not service.is_active:
        return [Problem("service", _("Choose one of the services."))]
    known = {
        (question.code, value.key) for question in service.form("en") for value in question.values
    }
    return [
        Problem(
            "answers",
            _("The form has no answer %(answer)s.") % {"answer": f"{question}: {value}"},
        )
        for question, value in what.answers
        if (question, value) not in known
    ]


def _related(what: Said) -> list[Problem]:
    known = set(Article.objects.filter(code__in=what.related).values_list("code", flat=True))
    return [
        Problem("related", _("There is no article %(code)s.") % {"code": code})
        for code in what.related
        if code not in known
    ]


_ORIGINAL: tuple[Callable[[Said], list[Problem]], ...] = (
    _readers,
    _topic,
    _months,
    _service,
    _related,
)
