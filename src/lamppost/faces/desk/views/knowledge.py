"""Articles at the desk: what is to do, one article with its history, signing, gaps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from lamppost.cities.selectors import city_in_scope
from lamppost.faces.desk.access import actor_at, at_desk
from lamppost.faces.desk.actions import id_in
from lamppost.faces.desk.fields import Fields, Typed
from lamppost.faces.desk.frame import KNOWLEDGE, frame, name_of_department
from lamppost.kernel.markdown import as_html
from lamppost.kernel.refusals import Forbidden, NotFound, Refusal
from lamppost.kernel.text import clean_line, clean_text
from lamppost.knowledge.choices import VersionState
from lamppost.knowledge.differences import pieces
from lamppost.knowledge.models import Article, ArticleVersion
from lamppost.knowledge.selectors import editing
from lamppost.knowledge.services import editing as changes
from lamppost.knowledge.services import gaps
from lamppost.people.actors import Actor
from lamppost.people.permissions import Permission, may

_COMPARED = ("question", "keywords", "spoken", "answer", "eligibility")
_STATES = {state.value: state.label for state in VersionState}


def state_words(state: str) -> str:
    """Return the state of a version, or of an article out of use, in words."""
    return _("Out of use") if state == "retired" else str(_STATES[VersionState(state).value])


@at_desk("GET", "HEAD", needs=KNOWLEDGE)
def overview(request: HttpRequest) -> HttpResponse:
    """Show one list: what is mine, to sign, due, stale, missing, or everything."""
    actor = actor_at(request)
    tabs = _tabs(actor)
    tab = request.GET.get("tab", "")
    if tab not in dict(tabs):
        tab = tabs[0][0]
    context: dict[str, Any] = {
        **frame(actor, here="knowledge"),
        "tab": tab,
        "tabs": [
            {"label": label, "url": f"?tab={name}", "current": name == tab} for name, label in tabs
        ],
        "may_edit": may(actor, Permission.KNOWLEDGE_EDIT),
    }
    if tab == "gaps":
        context["gaps"] = editing.open_gaps()
    elif tab == "nothing":
        context["nothing"] = editing.found_nothing()
    elif tab == "all":
        context |= _every(request, actor)
    else:
        context["rows"] = _rows(_LISTS[tab](actor))
    return render(request, "desk/knowledge/overview.html", context)


_LISTS: dict[str, Callable[[Actor], list[editing.Row]]] = {
    "mine": editing.in_work,
    "sign": editing.to_sign,
    "due": editing.review_due,
    "stale": editing.stale_translations,
}


def _tabs(actor: Actor) -> list[tuple[str, str]]:
    signs = may(actor, Permission.KNOWLEDGE_APPROVE)
    writes = may(actor, Permission.KNOWLEDGE_EDIT)
    return [
        *([("mine", _("My drafts"))] if writes else []),
        *([("sign", _("To sign"))] if signs else []),
        ("due", _("Due for review")),
        ("stale", _("Stale translations")),
        ("gaps", _("Gaps")),
        ("nothing", _("Found nothing")),
        ("all", _("All articles")),
    ]


def _every(request: HttpRequest, actor: Actor) -> dict[str, Any]:
    words = clean_line(request.GET.get("q", ""))[:100]
    after = clean_line(request.GET.get("after", ""))[:63]
    rows, last = editing.every_article(actor, words=words, after=after)
    older = urlencode({"tab": "all", "q": words, "after": last}) if last else ""
    return {"rows": _rows(rows), "words": words, "older_url": f"?{older}" if older else ""}


def _rows(rows: list[editing.Row]) -> list[dict[str, Any]]:
    return [
        {
            "row": row,
            "url": reverse("desk:knowledge_article", args=[row.code]),
            "department": name_of_department(row.department_id),
            "state": state_words(row.state),
        }
        for row in rows
    ]


@at_desk("GET", "HEAD", needs=KNOWLEDGE)
def show(request: HttpRequest, code: str) -> HttpResponse:
    """Show an article: what is published, what is in work, its languages and its history."""
    actor = actor_at(request)
    article = article_of(code)
    history = editing.history(article)
    drafts = [one for one in history if one.state in {"draft", "proposed"}]
    context = {
        **frame(actor, here="knowledge"),
        "article": article,
        "title": (article.current or drafts[0]).question if article.current or drafts else code,
        "department": name_of_department(article.department_id),
        "text": as_html(article.current.answer) if article.current else "",
        "is_due": bool(article.review_by and article.review_by < editing.today()),
        "drafts": [_draft(one, actor, article) for one in drafts],
        "translations": _translations(article, actor),
        "history": [
            {
                "version": one,
                "state": state_words(one.state),
                "url": reverse("desk:knowledge_version", args=[code, one.pk]),
            }
            for one in history
        ],
        "fares": editing.fares(article),
        "words": editing.words_about(article),
        "edit_url": reverse("desk:knowledge_edit", args=[code]),
        "may_edit": _writes(actor, article),
        "may_sign": _signs(actor, article),
    }
    return render(request, "desk/knowledge/article.html", context)


@at_desk("POST", needs=KNOWLEDGE)
def act(request: HttpRequest, code: str, action: str) -> HttpResponse:
    """Do one thing with an article or a version of it."""
    actor, article = actor_at(request), article_of(code)
    _DO[action](request, article, actor)
    messages.success(request, _("Done."))
    return HttpResponseRedirect(reverse("desk:knowledge_article", args=[code]))


Act = Callable[[HttpRequest, Article, Actor], None]
_DO: dict[str, Act] = {
    "propose": lambda request, article, actor: changes.propose(
        version_id=_version_in(request, article), actor=actor
    ),
    "take-back": lambda request, article, actor: changes.take_back(
        version_id=_version_in(request, article), actor=actor
    ),
    "sign": lambda request, article, actor: changes.sign(
        version_id=_version_in(request, article), actor=actor
    ),
    "send-back": lambda request, article, actor: changes.send_back(
        version_id=_version_in(request, article),
        why=clean_text(request.POST.get("why", "")),
        actor=actor,
    ),
    "drop": lambda request, article, actor: changes.drop(
        version_id=_version_in(request, article), actor=actor
    ),
    "confirm": lambda _request, article, actor: changes.confirm(article_id=article.pk, actor=actor),
    "retire": lambda _request, article, actor: changes.set_active(
        article_id=article.pk, is_active=False, actor=actor
    ),
    "restore": lambda _request, article, actor: changes.set_active(
        article_id=article.pk, is_active=True, actor=actor
    ),
}


@at_desk("GET", "HEAD", needs=KNOWLEDGE)
def version(request: HttpRequest, code: str, version_id: str) -> HttpResponse:
    """Show one version, and what it changed against the one before in its language."""
    article = article_of(code)
    rows = ArticleVersion.objects.filter(article=article)
    shown = rows.filter(pk=int(version_id)).select_related("written_by", "signed_by").first()
    if shown is None:
        raise NotFound(_("There is no such version."))
    earlier = rows.filter(language=shown.language, n__lt=shown.n).exclude(state="dropped")
    before = earlier.order_by("-n").first()
    context = {
        **frame(actor_at(request), here="knowledge"),
        "article": article,
        "version": shown,
        "state": state_words(shown.state),
        "before": before,
        "parts": [
            {
                "label": label,
                "pieces": pieces(getattr(before, name) if before else "", getattr(shown, name)),
            }
            for name, label in zip(_COMPARED, _labels(), strict=True)
            if getattr(shown, name) or (before and getattr(before, name))
        ],
        "steps": pieces(_lines(before), _lines(shown)),
    }
    return render(request, "desk/knowledge/version.html", context)


@at_desk("POST", needs=KNOWLEDGE)
def gap(request: HttpRequest, gap_id: str, verdict: str) -> HttpResponse:
    """Close a gap: with an article that answers it, or as nothing to answer."""
    actor = actor_at(request)
    try:
        if verdict == "answer":
            code = clean_line(request.POST.get("article", ""))[:63]
            gaps.answer_gap(gap_id=int(gap_id), article_code=code, actor=actor)
        else:
            gaps.dismiss_gap(gap_id=int(gap_id), actor=actor)
    except (Forbidden, NotFound):
        raise
    except Refusal as refusal:
        for problem in refusal.problems:
            messages.error(request, problem.message)
    else:
        messages.success(request, _("Done."))
    return HttpResponseRedirect(f"{reverse('desk:knowledge')}?tab=gaps")


def article_of(code: str) -> Article:
    """Return an article with its published version. Raises ``NotFound``."""
    article = Article.objects.select_related("current").filter(code=code).first()
    if article is None:
        raise NotFound(_("There is no such article."))
    return article


def _version_in(request: HttpRequest, article: Article) -> int:
    version_id = id_in(request.POST, "version")
    if not ArticleVersion.objects.filter(pk=version_id, article=article).exists():
        raise NotFound(_("There is no such version."))
    return version_id


def _writes(actor: Actor, article: Article) -> bool:
    is_own = changes.writes_for(actor, article.department_id)
    return may(actor, Permission.KNOWLEDGE_EDIT) and is_own


def _signs(actor: Actor, article: Article) -> bool:
    return may(actor, Permission.KNOWLEDGE_APPROVE, department_id=article.department_id)


def _draft(version: ArticleVersion, actor: Actor, article: Article) -> dict[str, Any]:
    waits = version.state == VersionState.PROPOSED
    is_own = version.authors.filter(user=actor.user_id).exists()
    fields = Fields(f"back-{version.pk}", Typed())
    return {
        "version": version,
        "state": state_words(version.state),
        "url": reverse("desk:knowledge_version", args=[article.code, version.pk]),
        "edit_url": _edit_url(article, version.language),
        "may_edit": _writes(actor, article) and not waits,
        "may_take_back": _writes(actor, article) and waits,
        "may_sign": waits and _signs(actor, article) and not is_own,
        "is_own": is_own and waits and _signs(actor, article),
        "why": fields.area("why", _("What should be different"), required=True, attrs={"rows": 2}),
    }


def _translations(article: Article, actor: Actor) -> list[dict[str, Any]]:
    if article.current is None:
        return []
    return [
        {
            "row": row,
            "url": _edit_url(article, row.language) if _writes(actor, article) else "",
        }
        for row in editing.translations(article)
    ]


def _edit_url(article: Article, language: str) -> str:
    address = reverse("desk:knowledge_edit", args=[article.code])
    is_original = language == city_in_scope().default_language
    return address if is_original else f"{address}?{urlencode({'language': language})}"


def _labels() -> tuple[str, ...]:
    return (_("Question"), _("Other words"), _("Spoken"), _("Answer"), _("Who can have it"))


def _lines(version: ArticleVersion | None) -> str:
    if version is None:
        return ""
    steps = [step.text for step in version.steps.all()]
    return "\n".join([*steps, *(f"{link.text} {link.url}" for link in version.links.all())])
