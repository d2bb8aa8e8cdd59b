"""Which services a person's own words mean: by the catalog's words and by what was learned."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from lamppost.cases.selectors.suggestions import learned_of
from lamppost.catalog.book import ServiceEntry, book
from lamppost.catalog.service_search import Findable, search_services
from lamppost.kernel.text import fold, in_language
from lamppost.routing.words import ranked, tokens

_WORD = re.compile(r"\w+")
# A word that so many services have says nothing of any of them: "the", "street", "please".
_COMMON_SHARE = 0.2
_MOST_LEARNED = 3
_NOISE = 3


def likely_services(text: str, *, language: str, limit: int) -> list[ServiceEntry]:
    """Return the public services ``text`` may mean, likeliest first; four queries at most.

    A sentence, not a search: words that many services share are left out. What closed cases
    taught and what the catalog says are joined by the places a service has in both.
    """
    services = list(book().public_services())
    points: Counter[str] = Counter()
    findable = [Findable(one.code, one.name, one.description, one.keywords) for one in services]
    query = " ".join(_telling(text, services, language))
    for place, code in enumerate(search_services(query, findable, language)):
        points[code] += 1000 // (place + 1)
    by_id = {one.id: one.code for one in services}
    words = tokens(text)
    learned = [one for one in ranked(words, learned_of(words)) if one.service_id in by_id]
    for place, one in enumerate(learned[:_MOST_LEARNED]):
        points[by_id[one.service_id]] += 900 // (place + 1)
    by_code = {one.code: one for one in services}
    ranked_codes = points.most_common(limit)
    # What one source names far down is noise beside what both name first.
    return [by_code[code] for code, held in ranked_codes if _NOISE * held >= ranked_codes[0][1]]


def _telling(text: str, services: Iterable[ServiceEntry], language: str) -> list[str]:
    held: Counter[str] = Counter()
    count = 0
    for one in services:
        count += 1
        texts = (one.name, one.keywords, one.description)
        both = " ".join(
            f"{in_language(each, language)} {in_language(each, 'en')}" for each in texts
        )
        held.update(set(_WORD.findall(fold(both))))
    most = max(2, int(count * _COMMON_SHARE))
    words = dict.fromkeys(_WORD.findall(fold(text)))
    return [word for word in words if len(word) > 2 and 0 <= held[word] <= most]
