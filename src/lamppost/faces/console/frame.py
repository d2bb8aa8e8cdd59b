"""What every page of the console shows around its content."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from lamppost.contacts.selectors.call_backs import open_count
from lamppost.kernel.text import in_language
from lamppost.people.actors import Actor
from lamppost.people.permissions import Permission, may

# Name of the address, what it is called, who may.
PAGES: tuple[tuple[str, str | Promise, Permission], ...] = (
    ("console:home", gettext_lazy("Console"), Permission.CONSOLE_USE),
    ("console:call_backs", gettext_lazy("Call backs"), Permission.CONSOLE_USE),
    ("console:mine", gettext_lazy("My contacts"), Permission.CONSOLE_USE),
    ("console:interactions", gettext_lazy("All contacts"), Permission.CENTER_SUPERVISE),
    ("console:board", gettext_lazy("Leading"), Permission.CENTER_SUPERVISE),
    ("desk:queue", gettext_lazy("Desk"), Permission.DESK_SEE),
)


def frame(actor: Actor, *, here: str = "") -> dict[str, Any]:
    """Return the variables of the base template for ``actor``; ``here`` is the page's name.

    Costs one query, for the open call backs.
    """
    context: dict[str, Any] = {"actor": actor, "keys": keys()}
    if actor.user_id is not None:
        context["account"] = {
            "label": actor.name or _("Account"),
            "links": [{"label": _("Change password"), "url": reverse("desk:password")}],
            "sign_out_url": reverse("desk:sign_out"),
        }
    if not (may(actor, Permission.CONSOLE_USE) or may(actor, Permission.CENTER_SUPERVISE)):
        return context
    counts = {"console:call_backs": str(open_count() or "")}
    return context | {
        "desk_home_url": reverse("console:home"),
        "desk_department": _("Contact center"),
        "nav": [
            {
                "label": label,
                "url": reverse(name),
                "current": name == f"console:{here}",
                "count": counts.get(name, ""),
            }
            for name, label, permission in PAGES
            if may(actor, permission)
        ],
    }


def keys() -> list[dict[str, str]]:
    """Return the console's own lines of the keyboard help."""
    return [
        {"key": "1 – 9", "label": _("End the contact and say what it was about")},
        {"key": "Alt 1 – 9", "label": _("The same while you are typing")},
        {"key": "Esc", "label": _("Leave a field, so that single keys work")},
        {"key": "↓ ↑", "label": _("From the search to its results, and among them")},
        {"key": "t", "label": _("Take who waits longest")},
        {"key": "b", "label": _("Begin a call by hand")},
        {"key": "w", "label": _("Begin a visit")},
        {"key": "h", "label": _("Hold, and speak again")},
        {"key": "p", "label": _("Pass the caller on")},
        {"key": "l", "label": _("Promise to call back")},
        {"key": "e", "label": _("End the call")},
        {"key": "a", "label": _("This answered it")},
        {"key": "n", "label": _("Ready for the next")},
        {"key": "Ctrl Enter", "label": _("File the request you are typing")},
        {"key": "Alt Shift 9", "label": _("Hand to the emergency number, at once")},
    ]


def localized(texts: Any) -> str:
    """Return a translated text in the language of the page."""
    return in_language(texts, get_language() or "en")
