"""Small pieces of a page that lists repeat by the dozen, drawn in Python.

A template file for each took two thirds of the time of a page of fifty cases. What depends on
nothing but its arguments and the language is kept, the most recent few thousand of it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from functools import lru_cache
from html import escape

from django.templatetags.static import static
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from lamppost.faces.theme.dates import DueState

_STATES = {
    "received": ("mail", _("Received")),
    "open": ("build", _("In progress")),
    "waiting": ("schedule", _("Waiting")),
    "closed": ("check_circle", _("Closed")),
    "overdue": ("warning", _("Overdue")),
    "soon": ("priority_high", _("Due soon")),
}
_FORMATS = {"datetime": "DATETIME_FORMAT", "date": "DATE_FORMAT", "short": "SHORT_DATE_FORMAT"}
_Text = str | Promise


def icon(name: str, label: _Text = "", css: str = "") -> SafeString:
    """Return an icon of the sprite; silent for screen readers unless it has a ``label``."""
    return _icon(name, _settled(label), css)


def _settled(text: _Text) -> str:
    """Text in the language of the page, as a key to keep what is drawn of it."""
    return str(text) if isinstance(text, Promise) else text


# Typed: text that is already HTML compares equal to text that is not.
@lru_cache(maxsize=1024, typed=True)
def _icon(name: str, label: str, css: str) -> SafeString:
    href = f"{static('dist/icons.svg')}#{name}"
    if label:
        return format_html(
            '<svg class="usa-icon {}" role="img" aria-label="{}"><use href="{}"></use></svg>',
            css, label, href,
        )  # fmt: skip
    return format_html(
        '<svg class="usa-icon {}" aria-hidden="true" focusable="false">'
        '<use href="{}"></use></svg>',
        css, href,
    )  # fmt: skip


def status_tag(state: str, label: _Text = "") -> SafeString:
    """Return the tag of a case's state: an icon, a color and always a text.

    ``label`` is the city's own name for the status; the kind's name stands in for it.
    """
    return _tag(state, _settled(label or _STATES.get(state, ("", state))[1]))


@lru_cache(maxsize=1024, typed=True)
def _tag(state: str, name: str) -> SafeString:
    known = _STATES.get(state)
    return format_html(
        '<span class="lp-tag lp-tag--{}" data-status="{}">{}<span>{}</span></span>',
        state if known else "plain", state, _icon(known[0] if known else "info", "", ""), name,
    )  # fmt: skip


def when(moment: datetime | date | None, form: str = "datetime") -> SafeString:
    """Return ``<time>`` for ``moment`` in the active zone; ``form`` is datetime, date or short.

    Nothing for None. Raises ``KeyError`` for another form.
    """
    if moment is None:
        return SafeString("")
    if isinstance(moment, datetime):
        moment = timezone.localtime(moment)
    elif form == "datetime":
        form = "date"
    return _time(moment.isoformat(), _FORMATS[form], get_language() or "en")


@lru_cache(maxsize=4096)
def _time(iso: str, form: str, language: str) -> SafeString:  # noqa: ARG001 - keeps them apart
    moment = datetime.fromisoformat(iso) if "T" in iso else date.fromisoformat(iso)
    return format_html('<time datetime="{}">{}</time>', iso, date_format(moment, form))


def due_line(due: datetime, standing: DueState, *, to_resident: bool) -> SafeString:
    """Return where a promise stands, in a sentence to a resident, short to staff."""
    inside = _told(due, standing.state) if to_resident else _noted(due, standing.text)
    return mark_safe(  # noqa: S308 - made of pieces that are escaped
        f'<span class="lp-due lp-due--{standing.state}" data-due="{standing.state}">{inside}</span>'
    )


def _noted(due: datetime, text: str) -> str:
    return f"<strong>{escape(text)}</strong> <span>{when(due)}</span>"


def _told(due: datetime, state: str) -> str:
    day = when(due, "date")
    if state in {"met", "late"}:
        words = gettext("Promised by")
        return f"<span>{escape(words)} {day}</span>"
    if state == "overdue":
        late, since = gettext("This is taking longer than promised."), gettext("It was due by")
        return f"<strong>{escape(late)}</strong> <span>{escape(since)} {day}</span>"
    words = gettext("Expected by")
    return f"<strong>{escape(words)} {day}</strong>"


def options(choices: Iterable[tuple[str, str, bool]]) -> SafeString:
    """Return the options of a list: value, label and whether it is chosen."""
    return mark_safe(  # noqa: S308 - every piece is escaped
        "\n".join(
            f'<option value="{conditional_escape(value)}"{" selected" if chosen else ""}>'
            f"{conditional_escape(label)}</option>"
            for value, label, chosen in choices
        )
    )


def forget_drawn() -> None:
    """Forget what is kept: it holds addresses of static files, which settings may change."""
    _icon.cache_clear()
    _tag.cache_clear()
