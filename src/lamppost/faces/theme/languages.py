"""The language switch: the page at hand, at its address in each language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from django.utils.translation import get_language_info

# Names of languages in themselves, where Django has none or gives the English one.
_OWN_NAMES = {
    "am": "አማርኛ",
    "fr": "Français",
    "ht": "Kreyòl ayisyen",
    "id": "Bahasa Indonesia",
    "km": "ភាសាខ្មែរ",
    "pt": "Português",
    "pt-br": "Português (Brasil)",
    "ru": "Русский",
    "so": "Soomaali",
    "es": "Español",
    "tl": "Tagalog",
    "zh-hans": "简体中文",
    "zh-hant": "繁體中文",
}
_RIGHT_TO_LEFT = {"ar", "fa", "he", "ps", "ur"}


@dataclass(frozen=True)
class LanguageLink:
    """One line of the switch.

    ``tag`` is the BCP 47 tag for ``lang`` and ``hreflang``; ``name`` is the language's name in
    itself.
    """

    code: str
    tag: str
    name: str
    url: str
    dir: str
    current: bool


def language_tag(code: str) -> str:
    """Return ``code`` (``zh-hans``, ``pt-br``) as BCP 47 writes it (``zh-Hans``, ``pt-BR``)."""
    base, *rest = code.split("-")
    return "-".join(
        [base.lower()] + [part.upper() if len(part) == 2 else part.capitalize() for part in rest]
    )


def own_name(code: str) -> str:
    """Return the name of the language ``code`` in that language; the tag where none is known."""
    known = _OWN_NAMES.get(code)
    if known:
        return known
    try:
        name = str(get_language_info(code)["name_local"])
    except KeyError:
        return language_tag(code)
    return name[:1].upper() + name[1:]


def language_links(path: str, query: str, codes: Sequence[str], current: str) -> list[LanguageLink]:
    """Return a link to the page at ``path`` for each of ``codes``, in their order.

    ``path`` is a decoded URL path without its language part (``request.path_info`` after the
    language middleware), ``query`` an encoded query string without its question mark.
    """
    plain = quote(path)
    tail = f"?{query}" if query else ""
    return [
        LanguageLink(
            code=code,
            tag=language_tag(code),
            name=own_name(code),
            url=f"/{code}{plain}{tail}",
            dir="rtl" if code.split("-")[0] in _RIGHT_TO_LEFT else "ltr",
            current=code == current,
        )
        for code in codes
    ]
