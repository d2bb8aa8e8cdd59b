"""Asking the questions of a service: which ones now, and as the fields that faces draw."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from lamppost.catalog.book import ServiceEntry
from lamppost.catalog.choices import Datatype
from lamppost.catalog.forms import Answer, FormQuestion, check_answers

# Radios up to here; a longer list is quicker as a menu.
_MOST_RADIOS = 10
_TEXT_KINDS: dict[Datatype, dict[str, Any]] = {
    Datatype.STRING: {"kind": "text", "attrs": {"maxlength": 500}},
    Datatype.TEXT: {"kind": "textarea", "attrs": {"maxlength": 4000, "rows": 4}},
    Datatype.NUMBER: {"kind": "text", "attrs": {"inputmode": "decimal", "maxlength": 50}},
    Datatype.DATETIME: {"kind": "date"},
}


def field_name(code: str) -> str:
    """Return the name under which the answer to a question is sent, as in Open311."""
    return f"attribute[{code}]"


def answered(
    service: ServiceEntry, answers: Mapping[str, tuple[str, ...]], language: str
) -> list[Answer]:
    """Return the good answers among ``answers``."""
    return check_answers(service.form(language), answers)[0]


def chosen_of(answers: list[Answer]) -> frozenset[int]:
    """Return the ids of the values chosen in list questions."""
    return frozenset(value.id for answer in answers for value in answer.values)


def asked_questions(
    service: ServiceEntry, answers: Mapping[str, tuple[str, ...]], language: str
) -> list[FormQuestion]:
    """Return the questions (and texts to read) that these answers call for, in order."""
    chosen = chosen_of(answered(service, answers, language))
    return [one for one in service.form(language) if not one.only_if or one.only_if & chosen]


def question_field(
    question: FormQuestion, sent: tuple[str, ...], errors: list[str]
) -> dict[str, Any]:
    """Return the question as the ``field`` tag draws it."""
    field: dict[str, Any] = {
        "name": field_name(question.code),
        "id": f"question-{question.code}",
        "label": question.text,
        "hint": question.help,
        "required": question.is_required,
        "errors": errors,
        "value": sent[0] if sent else "",
    }
    choices = [(value.key, value.name) for value in question.values]
    if question.datatype is Datatype.MULTIVALUELIST:
        # A browser would want every box: "required" stands for one of them.
        return field | {"kind": "checkboxes", "choices": choices, "value": list(sent)}
    if question.datatype is Datatype.SINGLEVALUELIST:
        if len(choices) > _MOST_RADIOS:
            return field | {"kind": "select", "choices": [("", _("Choose")), *choices]}
        if not question.is_required:
            choices.append(("", _("No answer")))
        return field | {"kind": "radios", "choices": choices}
    return field | _TEXT_KINDS[question.datatype]
