"""The front page: what can I do here."""

from __future__ import annotations

from django.http import HttpResponseBase
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from lamppost.cases.selectors.public import Filters, popular_services, public_cases
from lamppost.catalog.book import ServiceEntry, book
from lamppost.contacts.selectors.surge import current_surge
from lamppost.faces.portal.listing import in_words
from lamppost.faces.portal.web import PortalRequest, page, told
from lamppost.faces.portal.words import city_words
from lamppost.knowledge.selectors.lists import featured

_POPULAR, _RECENT = 8, 5


@require_safe
@told
def home(request: PortalRequest) -> HttpResponseBase:
    """Show the ways in: report, find a number, what others reported lately."""
    recent = public_cases(Filters(), limit=_RECENT)
    context = {
        "surge": current_surge(),
        "welcome": city_words("welcome"),
        "popular": _popular(),
        "featured": featured(language=get_language() or "en", limit=6),
        "rows": in_words(recent.rows, book()),
    }
    return page(request, "home", context)


def _popular() -> list[ServiceEntry]:
    pages = book()
    public = {one.id: one for one in pages.public_services()}
    asked_for = [public.pop(one) for one in popular_services() if one in public]
    # A city that has just begun has no favorites yet: its own order stands in.
    return [*asked_for, *public.values()][:_POPULAR]
