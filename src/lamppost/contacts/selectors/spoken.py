"""Which language a person writes in, among those of the city."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from lamppost.catalog.book import book
from lamppost.contacts.models import Keyword
from lamppost.contacts.talk.scripts import language_by_script
from lamppost.kernel.text import fold

_WORD = re.compile(r"\w+")
# So many words more in one language than in any other: a single one may be a name.
_SURE = 2


def language_of_text(text: str, offered: Sequence[str]) -> str:
    """Return the offered language ``text`` is written in, '' where that is not sure.

    By its letters, else by a keyword that only one language has, else by the words of the
    catalog it shares with each language.
    """
    if len(offered) < 2:
        return ""
    by_script = language_by_script(text, offered)
    if by_script:
        return by_script
    said = fold(text).strip(" .!?¡¿")
    by_keyword = _keyword_language(said, offered)
    if by_keyword:
        return by_keyword
    votes = Counter(
        {language: len(set(_WORD.findall(said)) & _vocabulary(language)) for language in offered}
    )
    ranked = votes.most_common(2)
    if ranked[0][1] - ranked[1][1] >= _SURE:
        return ranked[0][0]
    return ""


def _keyword_language(said: str, offered: Sequence[str]) -> str:
    found = {
        language
        for row in Keyword.objects.filter(is_active=True)
        for language, words in row.words.items()
        if said in {fold(word.strip()) for word in words.split(",")}
    }
    named = [language for language in offered if language in found]
    return named[0] if len(named) == 1 else ""


def _vocabulary(language: str) -> set[str]:
    words: set[str] = set()
    for one in book().public_services():
        for texts in (one.name, one.keywords, one.description):
            words.update(_WORD.findall(fold(texts.get(language, ""))))
    return words
