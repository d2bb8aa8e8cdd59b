"""What every page of the desk shows around its content."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from lamppost.cases.selectors.desk import offer_count
from lamppost.catalog.book import book
from lamppost.kernel.text import in_language
from lamppost.people.actors import Actor
from lamppost.people.permissions import Permission, may


def frame(actor: Actor, *, here: str = "") -> dict[str, Any]:
    """Return the variables of the base template for ``actor``; ``here`` is the page's name.

    Costs one query, for the number of open offers.
    """
    context: dict[str, Any] = {"actor": actor}
    if actor.user_id is not None:
        context["account"] = {
            "label": actor.name or _("Account"),
            "links": [{"label": _("Change password"), "url": reverse("desk:password")}],
            "sign_out_url": reverse("desk:sign_out"),
        }
    if not may(actor, Permission.DESK_SEE):
        return context
    return context | {
        "desk_home_url": reverse("desk:queue"),
        "desk_search_url": reverse("desk:search"),
        "desk_department": name_of_department(actor.department_id),
        "nav": _nav(actor, here),
    }


def localized(texts: Any) -> str:
    """Return a translated text in the language of the page."""
    return in_language(texts, get_language() or "en")


def name_of_department(department_id: int | None) -> str:
    """Return the name of a department, or '' for none."""
    entry = book().departments.get(department_id) if department_id is not None else None
    return (localized(entry.name) or entry.code) if entry else ""


def _nav(actor: Actor, here: str) -> list[dict[str, Any]]:
    items: list[tuple[str, str, int | None]] = [
        ("queue", _("Queue"), None),
        ("mine", _("My cases"), None),
        ("transfers", _("Transfers"), offer_count(actor) or None),
    ]
    if may(actor, Permission.CASE_FILE_FOR_OTHERS):
        items.append(("new", _("New case"), None))
    items.append(("tools", _("Tools"), None))
    return [
        {"label": label, "url": reverse(f"desk:{name}"), "current": name == here, "count": count}
        for name, label, count in items
    ]
