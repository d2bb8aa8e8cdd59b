"""HTML mail as text a person can read, with what it quotes told apart."""

from __future__ import annotations

import re

from inscriptis import get_text
from inscriptis.css_profiles import CSS_PROFILES
from inscriptis.model.config import ParserConfig
from lxml import etree, html

# What mail programs wrap the mail before in.
_QUOTES = (
    '//blockquote[@type="cite"]',
    '//*[contains(concat(" ", @class, " "), " gmail_quote ")]',
    '//*[contains(concat(" ", @class, " "), " gmail_extra ")]',
    '//*[contains(concat(" ", @class, " "), " moz-cite-prefix ")]',
    '//*[contains(concat(" ", @class, " "), " yahoo_quoted ")]',
    '//*[contains(concat(" ", @class, " "), " protonmail_quote ")]',
    '//*[@id="isForwardContent" or @id="reply-intro"]',
)
# Outlook marks where it begins, not what it is: everything after belongs to it.
_FROM_HERE = '//*[@id="divRplyFwdMsg" or @id="appendonsend" or @id="x_divRplyFwdMsg"]'
_INVISIBLE = (
    "script", "style", "head", "title", "noscript", "template", "object", "embed", "iframe",
)  # fmt: skip
_ENCODING = re.compile(r"^\s*<\?xml[^>]*\?>", re.IGNORECASE)
_BLANKS = re.compile(r"\n{3,}")
_MOST = 2_000_000
_CONFIG = ParserConfig(css=CSS_PROFILES["strict"], display_links=False, display_images=False)


def as_text(source: str, *, apart: bool = True) -> tuple[str, str]:
    """Return the text of an HTML mail, and of what it quotes ('' unless ``apart``).

    What is hidden (scripts, styles) is in neither; pictures and addresses of links are not.
    """
    try:
        tree = _tree(source[:_MOST])
        if tree is None:
            return "", ""
        # What follows an element stays; taken out one by one, each would copy it again.
        etree.strip_elements(tree, *_INVISIBLE, with_tail=False)
        quoted = _taken_out(tree) if apart else ""
        return _shown(tree), quoted
    except (etree.LxmlError, ValueError, RecursionError):
        # No tree at all: what is between the tags is better than nothing.
        return re.sub(r"<[^<>]{0,2000}>", " ", source[:_MOST]).strip(), ""


def _tree(source: str) -> html.HtmlElement | None:
    source = _ENCODING.sub("", source.replace("\x00", "")).strip()
    if not source:
        return None
    parser = html.HTMLParser(remove_comments=True, remove_pis=True)
    return html.document_fromstring(source, parser=parser)


def _taken_out(tree: html.HtmlElement) -> str:
    texts = []
    for path in _QUOTES:
        for element in tree.xpath(path):
            # One inside another has gone with it.
            if tree is not element and element.getparent() is not None and _is_in(tree, element):
                texts.append(_shown(element, keeps_tail=False))
                element.drop_tree()
    for mark in tree.xpath(_FROM_HERE):
        if _is_in(tree, mark):
            texts += _cut_from(mark)
    return "\n\n".join(text for text in texts if text)


def _is_in(tree: html.HtmlElement, element: html.HtmlElement) -> bool:
    top = element
    while top.getparent() is not None:
        top = top.getparent()
    return top is tree.getroottree().getroot()


def _cut_from(mark: html.HtmlElement) -> list[str]:
    texts = [_shown(mark, keeps_tail=False)]
    for after in list(mark.itersiblings()):
        texts.append(_shown(after, keeps_tail=False))
        after.drop_tree()
    mark.drop_tree()
    return texts


def _shown(element: html.HtmlElement, *, keeps_tail: bool = True) -> str:
    source = etree.tostring(element, encoding="unicode", method="html", with_tail=keeps_tail)
    text = get_text(source, _CONFIG).replace("\xa0", " ")
    lines = (line.rstrip() for line in text.splitlines())
    return _BLANKS.sub("\n\n", "\n".join(lines)).strip("\n")
