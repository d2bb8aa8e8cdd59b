"""What every page of the desk shows around its content."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from lamppost.cases.selectors.waiting import COUNT_LIMIT, waiting_for
from lamppost.catalog.book import book
from lamppost.kernel.text import in_language
from lamppost.people.absences import Away
from lamppost.people.actors import Actor
from lamppost.people.permissions import Permission, may

# Who comes to the articles: those who write them and those who sign them.
KNOWLEDGE = (Permission.KNOWLEDGE_EDIT, Permission.KNOWLEDGE_APPROVE)


def frame(actor: Actor, *, here: str = "") -> dict[str, Any]:
    """Return the variables of the base template for ``actor``; ``here`` is the page's name.

    Costs one query, for the open offers and the unread notices.
    """
    context: dict[str, Any] = {"actor": actor}
    if actor.user_id is not None:
        context["account"] = {
            "label": actor.name or _("Account"),
            "links": [{"label": _("Change password"), "url": reverse("desk:password")}],
            "sign_out_url": reverse("desk:sign_out"),
        }
    if not may(actor, Permission.DESK_SEE):
        return context | (_of_an_editor(actor, here) if _is_editor(actor) else {})
    return context | {
        "desk_home_url": reverse("desk:queue"),
        "desk_search_url": reverse("desk:search"),
        "desk_department": name_of_department(actor.department_id),
        "nav": _nav(actor, here),
    }


def home_of(actor: Actor) -> str:
    """Return where somebody begins at the desk: the queue, or the articles they write."""
    is_writer = not may(actor, Permission.DESK_SEE) and _is_editor(actor)
    return reverse("desk:knowledge") if is_writer else reverse("desk:queue")


def _is_editor(actor: Actor) -> bool:
    return any(may(actor, one) for one in KNOWLEDGE)


def _of_an_editor(actor: Actor, here: str) -> dict[str, Any]:
    """Return the frame of who writes articles and sees no case."""
    items = [
        ("knowledge", _("Articles"), ""),
        ("notices", _("Notices"), _up_to(waiting_for(actor).notices)),
    ]
    return {"desk_home_url": reverse("desk:knowledge"), "nav": _links(items, here)}


def localized(texts: Any) -> str:
    """Return a translated text in the language of the page."""
    return in_language(texts, get_language() or "en")


def name_of_department(department_id: int | None) -> str:
    """Return the name of a department, or '' for none."""
    entry = book().departments.get(department_id) if department_id is not None else None
    return (localized(entry.name) or entry.code) if entry else ""


def _nav(actor: Actor, here: str) -> list[dict[str, Any]]:
    waiting = waiting_for(actor)
    items: list[tuple[str, str, str]] = [
        ("queue", _("Queue"), ""),
        ("mine", _("My cases"), ""),
        ("transfers", _("Transfers"), _up_to(waiting.offers)),
        ("notices", _("Notices"), _up_to(waiting.notices)),
    ]
    if may(actor, Permission.CASE_FILE_FOR_OTHERS):
        items.append(("new", _("New case"), ""))
    items.append(("tools", _("Tools"), ""))
    nav = _links(items, here)
    if may(actor, Permission.CONSOLE_USE):
        nav.append(
            {"label": _("Console"), "url": reverse("console:home"), "current": False, "count": ""}
        )
    return nav


def _links(items: list[tuple[str, str, str]], here: str) -> list[dict[str, Any]]:
    return [
        {"label": label, "url": reverse(f"desk:{name}"), "current": name == here, "count": count}
        for name, label, count in items
    ]


def away_words(away: Away) -> str:
    """Return that somebody is away, until when, and who stands in, in a sentence."""
    until = date_format(away.until, "DATE_FORMAT")
    if away.cover is None:
        return _("Away up to and with %(day)s; nobody stands in.") % {"day": until}
    words = _("Away up to and with %(day)s; %(name)s stands in and is told too.")
    return words % {"day": until, "name": away.cover}


def _up_to(count: int) -> str:
    """A count as shown beside a page's name; '' for nothing."""
    return f"{count}+" if count >= COUNT_LIMIT else str(count or "")
