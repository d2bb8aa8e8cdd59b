"""Words a city writes in Markdown, shown as safe HTML."""

from __future__ import annotations

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

_MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table")
_TAGS = {
    "a", "blockquote", "br", "code", "em", "h2", "h3", "h4", "hr", "li", "ol", "p", "strong",
    "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip


def as_html(markdown: str) -> SafeString:
    """Return Markdown as HTML without scripts, styles, images or foreign protocols.

    A first-level heading becomes a second-level one: the page has its own.
    """
    html = _MARKDOWN.render(markdown).replace("<h1>", "<h2>").replace("</h1>", "</h2>")
    clean = nh3.clean(
        html,
        tags=_TAGS,
        attributes={"a": {"href"}},
        url_schemes={"http", "https", "mailto", "tel", "sms"},
        link_rel="noopener",
    )
    return mark_safe(clean)  # noqa: S308 - cleaned in the line above
