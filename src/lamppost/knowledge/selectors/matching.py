"""The search itself: from words to ranked texts in at most three queries.

Score of a text: for every word asked, the best of its readings, each ``ts_rank`` of that one
lexeme with the field weights below, times how rare the word is (inverse document frequency as
in Okapi BM25, Robertson and Zaragoza 2009, 3.1), times how sure the reading is; summed over
the words.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from django.db import connection

from lamppost.database.scope import require_city_id
from lamppost.knowledge.words import is_pair, letters, nearest, slips, stemmer, words

# ts_rank's weights of D, C, B, A: full answer, spoken answer, keywords, question.
WEIGHTS = [0.08, 0.2, 0.65, 1.0]
MAX_WORDS = 12
MAX_PAIRS = 24
MAX_TELLING = 8
# The visitor's own language before another one the article also exists in.
OWN_LANGUAGE = 1.15
# What fits less than this share of the best is noise.
KEEP_FROM = 0.3
_PREFIX_FROM = 2
_PREFIX_SURE = 0.7


@dataclass(frozen=True, slots=True)
class Reading:
    """What the word at ``place`` may mean: a lexeme of one language, and how much it weighs."""

    place: int
    language: str
    lexeme: str
    weight: float


@dataclass(frozen=True, slots=True)
class Match:
    """Something that fits, by its id, the language it fits in, and how well."""

    id: int
    language: str
    score: float


@dataclass(frozen=True, slots=True)
class _Word:
    """A word in one language of the index: its stem, and how many texts have it of how many."""

    language: str
    stem: str
    documents: int
    texts: int

    @property
    def rarity(self) -> float:
        documents = min(self.documents, self.texts)
        return math.log1p((self.texts - documents + 0.5) / (documents + 0.5))


def match_articles(query: str, languages: Sequence[str], *, staff: bool, limit: int) -> list[Match]:
    """Return the articles that fit ``query`` in one of ``languages``, best first.

    The first language is the visitor's own. ``staff`` finds what only staff may read, too.
    """
    return _match(query, languages, staff=staff, articles=True, limit=limit)


def match_entries(query: str, languages: Sequence[str], *, limit: int) -> list[Match]:
    """Return the directory entries that fit ``query``, best first."""
    return _match(query, languages, staff=True, articles=False, limit=limit)


def _match(
    query: str, languages: Sequence[str], *, staff: bool, articles: bool, limit: int
) -> list[Match]:
    asked = _asked(query)
    if not asked:
        return []
    readings = _telling(_readings(asked, list(dict.fromkeys(languages))))
    if not readings:
        return []
    best: dict[int, Match] = {}
    for row in _scored(readings, staff=staff, articles=articles, limit=4 * limit):
        if row.language == languages[0]:
            row = replace(row, score=row.score * OWN_LANGUAGE)
        if row.id not in best or best[row.id].score < row.score:
            best[row.id] = row
    ranked = sorted(best.values(), key=lambda row: (-row.score, row.id))
    return [row for row in ranked[:limit] if row.score >= KEEP_FROM * ranked[0].score]


def _asked(query: str) -> list[str]:
    found = words(query[:500])
    plain = [word for word in found if not is_pair(word)]
    return plain[:MAX_WORDS] + [word for word in found if is_pair(word)][:MAX_PAIRS]


def _telling(readings: list[Reading]) -> list[Reading]:
    """Keep the words that tell most: a common one beside them costs time and changes little."""
    best: dict[int, float] = {}
    for row in readings:
        best[row.place] = max(best.get(row.place, 0.0), row.weight)
    kept = set(sorted(best, key=lambda place: (-best[place], place))[:MAX_TELLING])
    return [row for row in readings if row.place in kept]


def _readings(asked: list[str], languages: list[str]) -> list[Reading]:
    # "pot hole" may stand for "pothole": read in the place of its first word.
    joined = {
        first + second: place
        for place, (first, second) in enumerate(pairwise(asked))
        if not is_pair(first)
    }
    known = _looked_up([*asked, *joined], languages)
    found = [
        Reading(place, word.language, word.stem, word.rarity)
        for text, place in [*((text, place) for place, text in enumerate(asked)), *joined.items()]
        for word in known.get(text, ())
        if word.stem and word.documents
    ]
    texts = {word.language: word.texts for each in known.values() for word in each}
    unknown = [
        place
        for place, text in enumerate(asked)
        # A word without a stem is one every text has (the, and): nothing to find by it.
        if not any(word.documents or not word.stem for word in known.get(text, ()))
    ]
    if unknown:
        found += _meant(asked, unknown, languages, texts)
    return found


def _looked_up(asked: list[str], languages: list[str]) -> dict[str, list[_Word]]:
    known: dict[str, list[_Word]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH lang AS MATERIALIZED (
              SELECT tag, dictionary,
                     (SELECT count(*)::int FROM knowledge_indexedtext text
                      WHERE text.city_id = %(city)s AND text.language = tag) AS texts
              FROM unnest(%(tags)s::text[], %(stemmers)s::text[]) AS l (tag, dictionary)
            ), lexized AS MATERIALIZED (
              SELECT word, tag, texts, ts_lexize(dictionary::regdictionary, word) AS stems
              FROM lang, unnest(%(words)s::text[]) word
            ), asked AS MATERIALIZED (
              SELECT word, tag, texts,
                     CASE stems WHEN '{}' THEN '' ELSE coalesce(stems[1], word) END AS stem
              FROM lexized
            )
            SELECT word, tag, stem,
                   (SELECT coalesce(sum(known.documents), 0)::int
                    FROM knowledge_knownword known
                    WHERE known.city_id = %(city)s AND known.language = asked.tag
                      AND known.stem = asked.stem COLLATE "C"),
                   texts
            FROM asked
            """,
            {
                "city": require_city_id(),
                "tags": languages,
                "stemmers": [stemmer(language) for language in languages],
                "words": list(dict.fromkeys(asked)),
            },
        )
        for text, language, stem, documents, texts in cursor.fetchall():
            known[text].append(_Word(language, stem, documents, texts))
    return known


def _meant(
    asked: list[str], unknown: list[int], languages: list[str], texts: dict[str, int]
) -> list[Reading]:
    """Read words nobody wrote: as typing errors, and the last one as a word begun."""
    last = len(asked) - 1
    near: dict[tuple[int, str], dict[str, tuple[str, int]]] = defaultdict(dict)
    begun: list[Reading] = []
    for place, language, word, stem, documents in _near(asked, unknown, languages):
        if place == last and word.startswith(asked[place]):
            rarity = _Word(language, stem, documents, texts[language]).rarity
            begun.append(Reading(place, language, stem, _PREFIX_SURE * rarity))
        else:
            near[place, language][word] = (stem, documents)
    found = begun
    for (place, language), words_ in near.items():
        counted = ((word, documents) for word, (_stem, documents) in words_.items())
        for word, sure in nearest(asked[place], counted):
            stem, documents = words_[word]
            rarity = _Word(language, stem, documents, texts[language]).rarity
            found.append(Reading(place, language, stem, sure * rarity))
    return found


def _near(
    asked: list[str], unknown: list[int], languages: list[str]
) -> list[tuple[int, str, str, str, int]]:
    """Known words of about the length and letters of unknown ones: a slip changes two letters
    at most, in a set of letters as in the word."""
    last = len(asked) - 1
    begins = [
        place == last and len(asked[place]) >= _PREFIX_FROM and not is_pair(asked[place])
        for place in unknown
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT u.place, near.language, near.word, near.stem, near.documents
            FROM unnest(%(places)s::int[], %(words)s::text[], %(letters)s::bigint[],
                        %(slips)s::int[], %(begins)s::bool[])
                 AS u (place, word, letters, slips, begins),
            LATERAL (
              (SELECT language, word, stem, documents FROM knowledge_knownword known
               WHERE known.city_id = %(city)s AND known.language = ANY(%(tags)s::text[])
                 AND u.slips > 0
                 AND known.length BETWEEN length(u.word) - u.slips AND length(u.word) + u.slips
                 AND bit_count((known.letters # u.letters)::bit(64)) <= 2 * u.slips
               LIMIT 500)
              UNION
              (SELECT language, word, stem, documents FROM knowledge_knownword known
               WHERE known.city_id = %(city)s AND known.language = ANY(%(tags)s::text[])
                 AND u.begins
                 AND known.word >= u.word COLLATE "C"
                 AND known.word < (u.word || chr(1114109)) COLLATE "C"
               ORDER BY documents DESC LIMIT 12)
            ) near
            """,
            {
                "city": require_city_id(),
                "tags": languages,
                "places": unknown,
                "words": [asked[place] for place in unknown],
                "letters": [letters(asked[place]) for place in unknown],
                "slips": [slips(asked[place]) for place in unknown],
                "begins": begins,
            },
        )
        return [tuple(row) for row in cursor.fetchall()]


def _scored(readings: Iterable[Reading], *, staff: bool, articles: bool, limit: int) -> list[Match]:
    rows = list(readings)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT id, language, sum(best)
            FROM (
              SELECT text.id, asked.tag AS language, asked.place,
                     max(asked.weight * ts_rank(%(weights)s::real[], text.vector, asked.query))
                       AS best
              FROM (SELECT place, tag, weight, lexeme::tsquery AS query
                    FROM unnest(%(places)s::int[], %(tags)s::text[], %(lexemes)s::text[],
                                %(sure)s::float8[]) AS r (place, tag, lexeme, weight)) asked,
              -- OFFSET 0: each word by the index. Joined freely, every text was held against
              -- every word, since nobody knows beforehand how many texts a word is in.
              LATERAL (SELECT coalesce(article_id, entry_id) AS id, vector
                       FROM knowledge_indexedtext
                       WHERE city_id = %(city)s AND vector @@ asked.query
                         AND language = asked.tag
                         AND (article_id IS NOT NULL) = %(articles)s
                         AND (is_public OR %(staff)s) OFFSET 0) text
              GROUP BY 1, 2, 3
            ) per_word
            GROUP BY id, language ORDER BY sum(best) DESC, id LIMIT %(limit)s
            """,
            {
                "city": require_city_id(),
                "weights": WEIGHTS,
                "places": [row.place for row in rows],
                "tags": [row.language for row in rows],
                # Words are letters, marks and digits, so quotes are all a lexeme needs.
                "lexemes": [f"'{row.lexeme}'" for row in rows],
                "sure": [row.weight for row in rows],
                "articles": articles,
                "staff": staff,
                "limit": limit,
            },
        )
        return [Match(id_, language, float(score)) for id_, language, score in cursor.fetchall()]
