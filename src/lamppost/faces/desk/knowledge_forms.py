"""The form of an article: what stands in it, and what was typed into it."""

from __future__ import annotations

from typing import Any

from django.http import QueryDict
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from lamppost.catalog.book import book
from lamppost.cities.selectors import city_in_scope
from lamppost.faces.desk.fields import Fields, Typed
from lamppost.faces.desk.frame import localized
from lamppost.kernel.text import clean_line, clean_text, in_language
from lamppost.knowledge.choices import Readers
from lamppost.knowledge.models import Topic
from lamppost.knowledge.services.publishing import Said


def word_fields(fields: Fields, what: Said, language: str) -> list[dict[str, Any]]:
    """Return the fields of the words of an article in one language."""
    own = {"lang": language, "dir": "auto"}
    return [
        fields.text("question", _("Question, as people ask it"), default=what.question,
                    required=True, attrs={"maxlength": 300, **own}),
        fields.area("keywords", _("Other words people use"), default=what.keywords,
                    hint=_("Separated by commas. Typing errors are forgiven by themselves."),
                    attrs={"rows": 2, "maxlength": 1000, **own}),
        fields.area("spoken", _("Spoken answer"), default=what.spoken,
                    hint=_("What an agent reads out: at most 45 words."),
                    attrs={"rows": 3, "maxlength": 1000, **own}),
        fields.area("answer", _("Full answer"), default=what.answer, required=True,
                    hint=_("Markdown: paragraphs, lists, **bold**, [links](https://…)."),
                    attrs={"rows": 12, "maxlength": 8000, **own}),
        fields.area("eligibility", _("Who can have it"), default=what.eligibility,
                    attrs={"rows": 3, "maxlength": 2000, **own}),
        fields.area("steps", _("What an agent asks or does, in order"),
                    default="\n".join(f"{code}: {text}" for code, text in what.steps),
                    hint=_("One line for each: a code, a colon, the words."),
                    attrs={"rows": 4, "maxlength": 8000, **own}),
        fields.area("links", _("Pages that say more"),
                    default="\n".join(f"{c}: {text} | {url}" for c, text, url in what.links),
                    hint=_("One line for each: a code, a colon, the words, a bar, the address."),
                    attrs={"rows": 3, "maxlength": 4000, **own}),
    ]  # fmt: skip


def place_fields(fields: Fields, what: Said) -> list[dict[str, Any]]:
    """Return the fields of an original beside its words: who reads it, where it leads."""
    language = get_language() or "en"
    default = city_in_scope().default_language
    topics = [(row.code, in_language(row.name, language, default)) for row in Topic.objects.all()]
    services = sorted(
        (localized(one.name), str(one.id)) for one in book().services.values() if one.is_active
    )
    return [
        fields.select("readers", _("Who may read it"), Readers.choices, default=what.readers),
        fields.select("topic", _("Topic"), [("", _("None")), *topics], default=what.topic),
        fields.box("featured", _("Show it among the first"), checked=what.is_featured),
        fields.text("review_months", _("Check again after how many months"),
                    default=str(what.review_months), required=True,
                    attrs={"inputmode": "numeric", "maxlength": 2}),
        fields.select("service", _("The request it leads to"),
                      [("", _("None")), *((value, name) for name, value in services)],
                      default=str(what.service_id or "")),
        fields.area("answers", _("Answers filled in already"),
                    default="\n".join(f"{question}: {value}" for question, value in what.answers),
                    hint=_("One line for each: the code of the question, a colon, that of the "
                           "answer."),
                    attrs={"rows": 2, "maxlength": 2000, "dir": "ltr"}),
        fields.text("related", _("Other articles, by code"), default=", ".join(what.related),
                    hint=_("Separated by commas."), attrs={"maxlength": 1000, "dir": "ltr"}),
    ]  # fmt: skip


def note_field(fields: Fields) -> dict[str, Any]:
    """Return the field for why it is changed."""
    return fields.text("note", _("What changed and why, for colleagues"), attrs={"maxlength": 500})


def article_fields(typed: Typed) -> list[dict[str, Any]]:
    """Return the fields only a new article has: its code and whose it is."""
    fields = Fields("article", typed)
    departments = [
        (str(one.id), localized(one.name)) for one in book().departments.values() if one.is_active
    ]
    return [
        fields.text("code", _("Code"), required=True,
                    hint=_("Small letters, digits and hyphens; part of the address for good."),
                    attrs={"maxlength": 63, "dir": "ltr"}),
        fields.select("department", _("Department that answers for it"), departments),
    ]  # fmt: skip


def said_in(data: QueryDict, *, is_original: bool) -> Said:
    """Return what was typed into the form; a translation has words only."""
    words = Said(
        question=clean_line(data.get("question", "")),
        answer=clean_text(data.get("answer", "")),
        keywords=clean_line(data.get("keywords", "")),
        spoken=clean_text(data.get("spoken", "")),
        eligibility=clean_text(data.get("eligibility", "")),
        steps=tuple(_coded(data.get("steps", ""), "step")),
        links=tuple(_links(data.get("links", ""))),
    )
    if not is_original:
        return words
    months = data.get("review_months", "").strip()
    service = data.get("service", "")
    return Said(
        **{name: getattr(words, name) for name in _WORDS},
        readers=data.get("readers", ""),
        topic=data.get("topic", ""),
        is_featured=bool(data.get("featured")),
        review_months=int(months) if months.isascii() and months.isdecimal() else 0,
        service_id=int(service) if service.isascii() and service.isdecimal() else None,
        answers=tuple(sorted(set(_coded(data.get("answers", ""), "answer")))),
        related=tuple(dict.fromkeys(code.strip() for code in _split(data.get("related", "")))),
    )


_WORDS = ("question", "answer", "keywords", "spoken", "eligibility", "steps", "links")


def _split(text: str) -> list[str]:
    return [part for part in text.split(",") if part.strip()]


def _coded(text: str, kind: str) -> list[tuple[str, str]]:
    """Read ``code: words`` lines; a line without a code gets one by its place."""
    found = []
    for place, line in enumerate((one for one in text.splitlines() if one.strip()), start=1):
        code, colon, words = line.partition(":")
        if colon and " " not in code.strip():
            found.append((code.strip(), clean_line(words)))
        else:
            found.append((f"{kind}-{place}", clean_line(line)))
    return found


def _links(text: str) -> list[tuple[str, str, str]]:
    found = []
    for code, rest in _coded(text, "link"):
        words, _bar, url = rest.rpartition("|")
        found.append((code, words.strip(), url.strip()))
    return found
