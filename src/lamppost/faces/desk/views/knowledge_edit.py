"""Writing an article: the form, its preview, a translation beside the original."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from lamppost.cities.selectors import city_in_scope, languages_of
from lamppost.faces.desk.access import actor_at, at_desk
from lamppost.faces.desk.actions import id_in
from lamppost.faces.desk.fields import Fields, Typed, names_of
from lamppost.faces.desk.frame import KNOWLEDGE, frame
from lamppost.faces.desk.knowledge_forms import (
    article_fields,
    note_field,
    place_fields,
    said_in,
    word_fields,
)
from lamppost.faces.desk.views.knowledge import article_of
from lamppost.kernel.markdown import as_html
from lamppost.kernel.refusals import Forbidden, NotFound, Refusal
from lamppost.kernel.text import clean_line
from lamppost.knowledge.models import Article
from lamppost.knowledge.selectors.editing import draft_of
from lamppost.knowledge.services.editing import (
    beginning,
    new_article,
    save_draft,
    stamp,
    writes_for,
)
from lamppost.knowledge.services.publishing import Said
from lamppost.people.permissions import Permission, require


@at_desk("GET", "HEAD", "POST", needs=KNOWLEDGE)
def new(request: HttpRequest) -> HttpResponse:
    """Begin an article."""
    actor = actor_at(request)
    require(actor, Permission.KNOWLEDGE_EDIT)
    language = city_in_scope().default_language
    what = Said(question=clean_line(request.GET.get("q", ""))[:300], answer="")
    typed = Typed()
    if request.method == "POST":
        what = said_in(request.POST, is_original=True)
        typed = Typed(request.POST)
        if "preview" not in request.POST:
            try:
                made = new_article(
                    code=clean_line(request.POST.get("code", "")),
                    department_id=id_in(request.POST, "department"),
                    what=what,
                    note=clean_line(request.POST.get("note", "")),
                    actor=actor,
                )
            except Forbidden:
                raise
            except Refusal as refusal:
                typed = Typed.of(request.POST, refusal)
            else:
                return _saved(request, made.article)
    first = article_fields(typed)
    return _form(request, typed, what, language, first=first, title=_("New article"))


@at_desk("GET", "HEAD", "POST", needs=KNOWLEDGE)
def edit(request: HttpRequest, code: str) -> HttpResponse:
    """Write the next draft of an article, or of its translation beside the original."""
    actor, article = actor_at(request), article_of(code)
    own = None if writes_for(actor, article.department_id) else article.department_id
    require(actor, Permission.KNOWLEDGE_EDIT, department_id=own, detail=code)
    city = city_in_scope()
    language = request.GET.get("language", city.default_language)
    if language not in languages_of(city):
        raise NotFound(_("This language is not one of the city's."))
    is_original = language == city.default_language
    seen = stamp(draft_of(article, language))
    typed, what = Typed(), beginning(article, language)
    if request.method == "POST":
        what = said_in(request.POST, is_original=is_original)
        typed = Typed(request.POST)
        seen = request.POST.get("seen", "")
        if "preview" not in request.POST:
            try:
                save_draft(
                    article_id=article.pk,
                    language=language,
                    what=what,
                    note=clean_line(request.POST.get("note", "")),
                    seen=seen,
                    actor=actor,
                )
            except Forbidden:
                raise
            except Refusal as refusal:
                typed = Typed.of(request.POST, refusal)
            else:
                return _saved(request, article)
    beside = None if is_original else article.current
    title = beside.question if beside else (what.question or code)
    return _form(request, typed, what, language, title=title, seen=seen, beside=beside,
                 article=article)  # fmt: skip


def _saved(request: HttpRequest, article: Article) -> HttpResponse:
    messages.success(request, _("Saved as a draft. Send it for sign-off when it is ready."))
    return HttpResponseRedirect(reverse("desk:knowledge_article", args=[article.code]))


def _form(
    request: HttpRequest,
    typed: Typed,
    what: Said,
    language: str,
    *,
    title: str,
    first: list[dict[str, Any]] | None = None,
    seen: str = "",
    beside: Any = None,
    article: Article | None = None,
) -> HttpResponse:
    fields = Fields("article", typed)
    is_original = language == city_in_scope().default_language
    shown = [
        *(first or []),
        *word_fields(fields, what, language),
        *(place_fields(fields, what) if is_original else []),
        note_field(fields),
    ]
    context = {
        **frame(actor_at(request), here="knowledge"),
        "title": title,
        "article": article,
        "language": language,
        "fields": shown,
        "errors": typed.other_errors(names_of(shown)),
        "has_errors": bool(typed.problems),
        "seen": seen,
        "beside": beside,
        "beside_text": as_html(beside.answer) if beside else "",
        "preview": as_html(what.answer) if "preview" in request.POST else "",
        "previewed": what,
        "cancel_url": reverse("desk:knowledge_article", args=[article.code])
        if article
        else reverse("desk:knowledge"),
    }
    status = 200
    if typed.problems:
        status = 422
    return render(request, "desk/knowledge/edit.html", context, status=status)
