"""The same list, and one request's history, as Atom feeds (RFC 4287)."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from lamppost.cases.selectors.public import public_cases
from lamppost.cases.selectors.public_case import case_for_public, page_of
from lamppost.catalog.book import book
from lamppost.faces.portal.listing import asked_of, filters_of, in_words
from lamppost.faces.portal.numbers import number_of
from lamppost.faces.portal.web import PortalRequest, told
from lamppost.kernel.refusals import NotFound
from lamppost.kernel.text import in_language


@require_safe
@told
def list_feed(request: PortalRequest) -> HttpResponseBase:
    """Answer the newest requests of the filtered list."""
    asked, pages = asked_of(request.GET), book()
    listed = public_cases(filters_of(asked, pages, request.city.zone))
    feed = _feed(request, _("Requests"), reverse("portal:requests"))
    for view in in_words(listed.rows, pages):
        address = reverse("portal:request", args=[view.row.number])
        place = f" — {view.row.address}" if view.row.address else ""
        feed.add_item(
            title=f"#{view.row.number} {view.service}{place}",
            link=request.build_absolute_uri(address),
            description=f"{view.status}. {view.excerpt}".strip(),
            pubdate=view.row.requested_at,
            updateddate=view.row.updated_at,
            unique_id=request.build_absolute_uri(_plain(view.row.number)),
        )
    return _answer(feed)


@require_safe
@told
def request_feed(request: PortalRequest, number: str) -> HttpResponseBase:
    """Answer what happened to one request, newest first."""
    wanted = number_of(number)
    case = case_for_public(wanted) if wanted else None
    if case is None:
        raise NotFound(_("This case does not exist here."))
    shown = page_of(case)
    address = reverse("portal:request", args=[case.number])
    feed = _feed(request, f"#{case.number} {shown.service}", address)
    for at, entry in enumerate(reversed(shown.entries)):
        feed.add_item(
            title=entry.title,
            link=request.build_absolute_uri(address),
            description=entry.text or entry.by,
            pubdate=entry.at,
            updateddate=entry.at,
            unique_id=f"{request.build_absolute_uri(_plain(case.number))}#{at}",
        )
    return _answer(feed)


def _feed(request: PortalRequest, title: str, address: str) -> Atom1Feed:
    language = get_language() or "en"
    city = in_language(request.city.name, language, request.city.default_language)
    return Atom1Feed(
        title=f"{title} · {city}",
        link=request.build_absolute_uri(address),
        description="",
        language=language,
        feed_url=request.build_absolute_uri(),
        author_name=city,
    )


def _plain(number: str) -> str:
    """An id stays the same in every language: the address without the language's prefix."""
    return f"/requests/{number}/"


def _answer(feed: Atom1Feed) -> HttpResponse:
    return HttpResponse(
        feed.writeString("utf-8"), content_type="application/atom+xml; charset=utf-8"
    )
