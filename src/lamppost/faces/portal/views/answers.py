"""Answers to what people ask: search, topics, one article, whether it helped."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.http import urlencode
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from lamppost.catalog.book import book
from lamppost.catalog.choices import Channel
from lamppost.faces.portal.drafting import name_of
from lamppost.faces.portal.web import PortalRequest, page, told
from lamppost.kernel.markdown import as_html
from lamppost.kernel.refusals import Invalid, NotFound
from lamppost.kernel.text import clean_line, clean_text, in_language
from lamppost.knowledge.choices import AskedAt
from lamppost.knowledge.selectors import directory, lists
from lamppost.knowledge.selectors.articles import Shown, article
from lamppost.knowledge.selectors.search import search
from lamppost.knowledge.services import asking, citing
from lamppost.knowledge.services.asking import Asking

_MAX_QUERY = 200
_MAX_WORDS = 500


@require_safe
@told
def answers(request: PortalRequest) -> HttpResponseBase:
    """Show what is asked most and all topics, or what fits the words asked."""
    language = _language(request)
    query = clean_line(request.GET.get("q", ""))[:_MAX_QUERY]
    context: dict[str, object] = {"query": query}
    if query:
        hits = search(query, language=language, limit=20)
        token = asking.note_search(query, hits=len(hits), asking=_asking(request))
        found = directory.find(query, language=language, limit=3)
        more = f"?{urlencode({'s': token})}" if token else ""
        context |= {"hits": hits, "found": found, "more": more}
    else:
        context["featured"] = lists.featured(language=language, limit=10)
    return page(request, "answers/list", context | {"topics": lists.topics(language=language)})


@require_safe
@told
def topic(request: PortalRequest, code: str) -> HttpResponseBase:
    """Show the articles of one topic."""
    language = _language(request)
    known = lists.topics(language=language)
    shown = next((one for one in known if one.code == code), None)
    if shown is None:
        raise NotFound(_("This page does not exist here."))
    context = {
        "topic": shown,
        "topics": known,
        "lines": lists.under(code, language=language),
        "crumbs": [(_("Answers"), reverse("portal:answers")), (shown.name, "")],
    }
    return page(request, "answers/topic", context)


@require_safe
@told
def one_answer(request: PortalRequest, code: str) -> HttpResponseBase:
    """Show one article. Opening it is counted, without who did."""
    shown = article(code, language=_language(request))
    if request.method == "GET":
        citing.opened(code, channel=Channel.WEB, language=_language(request))
        if request.GET.get("s"):
            asking.note_opened(request.GET["s"][:200], code)
    return _article_page(request, shown)


@never_cache
@require_POST
@told
def helped(request: PortalRequest, code: str) -> HttpResponseBase:
    """Take whether the article answered the question, and the words about it."""
    said = request.POST.get("helped", "")
    if said not in {"yes", "no"}:
        raise Invalid(_("Say yes or no."), field="helped")
    words = clean_text(request.POST.get("words", ""))[:_MAX_WORDS]
    asking.say_helped(code, helped=said == "yes", asking=_asking(request), words=words)
    query = {"said": said} | ({"at": "report"} if _is_reporting(request) else {})
    return redirect(f"{reverse('portal:answer', args=[code])}?{urlencode(query)}#helped")


@require_safe
@told
def numbers(request: PortalRequest) -> HttpResponseBase:
    """Show the directory: whom else people ask for."""
    entries = directory.every(language=_language(request))
    return page(request, "answers/directory", {"entries": entries})


@require_safe
@told
def feed(request: PortalRequest) -> HttpResponseBase:
    """Answer the articles published last as an Atom feed (RFC 4287)."""
    language = _language(request)
    city = in_language(request.city.name, language, request.city.default_language)
    made = Atom1Feed(
        title=f"{_('Answers')} · {city}",
        link=request.build_absolute_uri(reverse("portal:answers")),
        description="",
        language=language,
        feed_url=request.build_absolute_uri(),
        author_name=city,
    )
    for line in lists.changed(language=language):
        address = reverse("portal:answer", args=[line.code])
        made.add_item(
            title=line.question,
            link=request.build_absolute_uri(address),
            description=line.spoken,
            pubdate=line.changed_at,
            updateddate=line.changed_at,
            # The same in every language: the address without the language's prefix.
            unique_id=request.build_absolute_uri(f"/answers/{line.code}/"),
        )
    return HttpResponse(
        made.writeString("utf-8"), content_type="application/atom+xml; charset=utf-8"
    )


def _article_page(request: PortalRequest, shown: Shown) -> HttpResponse:
    language = _language(request)
    known = {one.code: one for one in lists.topics(language=language)}
    under = known.get(shown.topic)
    crumbs = [(_("Answers"), reverse("portal:answers"))]
    if under is not None:
        crumbs.append((under.name, reverse("portal:topic", args=[under.code])))
    context = {
        "article": shown,
        "text": as_html(shown.answer),
        "eligibility": as_html(shown.eligibility) if shown.eligibility else "",
        "related": lists.named(shown.related, language=language),
        "start": _start(shown),
        "said": request.GET.get("said", ""),
        "is_reporting": _is_reporting(request),
        "crumbs": [*crumbs, (shown.question, "")],
    }
    return page(request, "answers/one", context)


def _start(shown: Shown) -> dict[str, str] | None:
    """Return the button that begins the request this article leads to, answers filled in."""
    service = book().services.get(shown.service_code)
    if service is None or not service.is_public:
        return None
    filled = urlencode([(f"attribute[{question}]", value) for question, value in shown.answers])
    address = reverse("portal:report_details", args=[service.code])
    return {"name": name_of(service), "url": f"{address}?{filled}" if filled else address}


def _asking(request: PortalRequest) -> Asking:
    place = AskedAt.REPORT if _is_reporting(request) else AskedAt.ANSWERS
    return Asking(Channel.WEB, place, _language(request))


def _is_reporting(request: PortalRequest) -> bool:
    return "report" in {request.GET.get("at"), request.POST.get("at")}


def _language(request: PortalRequest) -> str:
    return get_language() or request.city.default_language
