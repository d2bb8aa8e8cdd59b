"""How long personal data is kept, and what the rules would remove tonight."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from lamppost.faces.desk.access import actor_at, at_desk
from lamppost.faces.desk.frame import frame
from lamppost.people import retention
from lamppost.people.choices import Retained


@at_desk("GET", "HEAD")
def rules(request: HttpRequest) -> HttpResponse:
    """Show every rule with what it would remove now; nothing is removed here."""
    actor = actor_at(request)
    due = retention.dry_run(actor=actor)
    ruled = {one.rule.what for one in due}
    context = {
        **frame(actor, here="retention"),
        "due": due,
        "unruled": [kind.label for kind in retention.kinds() if Retained(kind) not in ruled],
    }
    return render(request, "desk/contacts/retention.html", context)
