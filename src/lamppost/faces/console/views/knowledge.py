"""An answer to read out, in the agent's language and beside it in the caller's."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache

from lamppost.catalog.book import book
from lamppost.contacts.selectors.calls import current_call
from lamppost.faces.console.access import actor_at, at_console
from lamppost.faces.console.around import Shown, console_page
from lamppost.faces.console.frame import localized
from lamppost.kernel.markdown import as_html
from lamppost.knowledge.selectors.articles import article


@never_cache
@at_console("GET", "HEAD")
def answer(request: HttpRequest, code: str) -> HttpResponse:
    """Show one article: what to say large, then the steps and the whole answer."""
    call = current_call(actor_at(request).user_id or 0)
    own = get_language() or "en"
    shown = article(code, language=own, staff=True)
    context: dict[str, Any] = {"article": shown, "aside": None}
    context["answer_html"] = as_html(shown.answer)
    context["eligibility_html"] = as_html(shown.eligibility)
    if call is not None and call.language and call.language != own:
        aside = article(code, language=call.language, staff=True)
        context["aside"] = aside if not aside.is_original_instead else None
    entry = book().services.get(shown.service_code)
    if entry is not None:
        context["start_url"] = f"{reverse('console:service', args=[entry.code])}?from={shown.code}"
        context["start_name"] = localized(entry.name)
    return console_page(request, "answer", context, shown=Shown(article=shown.code))
