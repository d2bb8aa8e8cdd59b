"""What the words of a case suggest about its service."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import QueryDict
from django.urls import reverse

from lamppost.cases.models import Case
from lamppost.cases.selectors.suggestions import suggestion_for
from lamppost.catalog.book import book
from lamppost.faces.desk.fields import Typed
from lamppost.faces.desk.frame import localized
from lamppost.faces.desk.panels import Panel
from lamppost.people.actors import Actor


def suggestion_panel(case: Case, actor: Actor, query: str) -> Panel | None:
    """Return the suggestion of another service, or None; one to four queries."""
    del query
    found = suggestion_for(case, actor=actor)
    if found is None:
        return None
    context = {
        "url": reverse("desk:routing_suggestion", args=[case.number]),
        "code": found.service.code,
        "service": localized(found.service.name) or found.service.code,
        "words": found.words,
    }
    return Panel("desk/panels/suggestion.html", context)


def taken_up(data: QueryDict) -> dict[str, Typed]:
    """Return the form that changes the service, open and filled in, when one was taken up."""
    code = data.get("suggested", "")
    if code not in book().services:
        return {}
    return {"recategorize": Typed(QueryDict(urlencode({"service_code": code})))}
