"""Personal data in free text: where a phone, an address of mail, a name, a plate, a home stands.

Pure. What is written about a place stays: house numbers, routes, dates, prices, numbers of
cases. A miss can be hidden by hand, a false hit shown again; ``hidden`` applies either.

A stranger's text is read in time linear in its length: what may repeat is bounded, or
possessive (``*+``: what it took it never gives back).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

import phonenumbers
from phonenumbers import Leniency, PhoneNumberMatcher, PhoneNumberType

from lamppost.kernel.personal_words import (
    CALL,
    GREETINGS,
    HOME,
    HOME_ENDS,
    NAME_IS,
    NAME_MAY_FOLLOW,
    NO_NAME,
    PLATE,
    PLATE_BETWEEN,
    RECORD,
    VEHICLES,
)
from lamppost.kernel.phone import e164
from lamppost.kernel.removal import MARK


class DataKind(StrEnum):
    """What kind of personal data it is."""

    PHONE = "phone"
    EMAIL = "email"
    NAME = "name"
    PLATE = "plate"
    HOME = "home"
    IDENTITY = "identity"
    CHOSEN = "chosen"


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Characters ``start`` up to, not including, ``end`` of a text."""

    start: int
    end: int
    kind: DataKind


@dataclass(frozen=True, slots=True)
class Public:
    """Addresses everybody may know: the city's own numbers (E.164), mail and its domains."""

    phones: frozenset[str] = frozenset()
    emails: frozenset[str] = frozenset()
    domains: frozenset[str] = frozenset()


NOTHING_PUBLIC = Public()
# Counted up when rules change, so that texts from before are looked at again.
RULES = 1
_SHARED = {PhoneNumberType.TOLL_FREE, PhoneNumberType.SHARED_COST, PhoneNumberType.PREMIUM_RATE}
_MAX_NAME_WORDS = 4

_ENDINGS = r"(?:com|org|net|edu|gov|info|[a-z]{2})"
_SPELLED_DOT = r"(?: ?[(\[{](?:dot|punto)[)\]}] ?| (?:dot|punto) )"
_EMAIL = re.compile(
    # As long as an address and its parts may be: RFC 5321, 4.5.3.1.
    r"[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,20}"
    rf"|[\w.+-]{{2,64}} ?[(\[{{](?:at|arroba)[)\]}}] ?[\w-]{{2,63}}"
    rf"(?:{_SPELLED_DOT}|\.){_ENDINGS}\b"
    rf"|[\w.+-]{{2,64}} (?:at|arroba) [\w-]{{2,63}}{_SPELLED_DOT}{_ENDINGS}\b",
    re.IGNORECASE,
)
_SHORT_NUMBER = re.compile(r"(?<![\w$€-])\d{3}[-. ]\d{4}(?![\w-])|(?<![\w$])\d{7}(?!\w)")
_IDENTITY = re.compile(
    r"(?<![\w-])\d{3}-\d{2}-\d{4}(?![\w-])"
    r"|(?<![\w.])\d{1,2}\.\d{3}\.\d{3}-[\dkK](?!\w)"
    r"|(?:(?<=rut )|(?<=RUT )|(?<=Rut )|(?<=rut: )|(?<=RUT: ))\d{7,8}-?[\dkK]\b",
)
_LATIN = r"[^\W\d_](?:[^\W\d_]|['’.-](?=[^\W\d_]))*"
_WORD = re.compile(rf"{_LATIN}\.?")
_NAME_IS = re.compile(rf"(?<!\w)(?:{'|'.join(NAME_IS)})[\s:,]*", re.IGNORECASE)
_NAME_LABEL = re.compile(
    r"(?:^|[\n.;][^\S\n]*+)"
    r"(?:full name|name|nombre(?: completo)?|الاسم(?: الكامل)?|nome)\s*[:：-]\s*",
    re.IGNORECASE,
)
_NAME_MAY_FOLLOW = re.compile(rf"(?<!\w)(?:{'|'.join(NAME_MAY_FOLLOW)})\s+", re.IGNORECASE)
_THIS_IS = re.compile(
    rf"(?<!\w)(?i:this is|hi,? it's)\s+(?P<name>{_LATIN}(?:\s+{_LATIN})?)"
    r"(?=\s+(?:calling|speaking|here|again|from|at|writing)\b)"
)
_SIGNED = re.compile(
    rf"(?:(?<!\w)(?:{GREETINGS})(?:\s*+[,.!،-]++)?+\s++|\n[^\S\n]*+[-–—]{{1,2}}+\s*+)"
    r"(?P<name>[^\n,.;:!?]{2,60})\s*+(?:\.\s*+)?$",
    re.IGNORECASE,
)
_HAN_NAME = re.compile(r"(?:我叫|我的名字是|我姓)\s*(?P<name>[\u4e00-\u9fff]{2,3})")
_HOME = re.compile(rf"(?<!\w)(?:{'|'.join(HOME)})\s*", re.IGNORECASE)
_HOME_ENDS = re.compile(HOME_ENDS, re.IGNORECASE)
_DOOR = re.compile(
    r"(?<![\w.,-])\d{1,5}[A-Za-z]?(?![\w%]|[.,]\d)(?!\s*(?:years|yrs|block|años|سن))"
)
_PLATE = re.compile(
    rf"(?<!\w)(?:{'|'.join(PLATE)}){PLATE_BETWEEN}(?P<plate>"
    r"(?=[A-Z0-9·\- ]{0,24}\d)[A-Z0-9]{1,4}"
    r"(?:[·-]?[A-Z0-9]{1,5}| [A-Z0-9]{0,4}\d[A-Z0-9]{0,4}| [A-Z]{2,3}(?=[ ·-]\d)){0,2}(?![\w-])"
    r"|(?:[\u0621-\u064a]\s?){0,4}\s?[-]?\s?[0-9٠-٩]{3,6}(?!\w)"
    r"|[0-9٠-٩]{1,6}\s?(?:[\u0621-\u064a]\s){0,3}[\u0621-\u064a](?!\w))",
    re.IGNORECASE,
)
_LOUD_PLATE = re.compile(
    rf"(?<!\w)(?i:licen[cs]e plates?|placa|patente)(?i:{PLATE_BETWEEN})"
    r"(?P<plate>[A-Z]{4,8})(?!\w)"
)
_PLATE_OF_CAR = re.compile(
    rf"(?<!\w)(?i:{VEHICLES})(?!\w)[^.\n]{{0,40}}?(?<![\w-])"
    r"(?P<plate>[A-Z]{3}[- ]?\d{4}|[BCDFGHJKLPRSTVWXYZ]{2}[·-]?[BCDFGHJKLPRSTVWXYZ]{2}[·-]?\d{2}"
    r"|[A-Z]{2}[·-]\d{4})(?![\w-])"
)
_RECORD = re.compile(rf"(?<!\w){RECORD}", re.IGNORECASE)
_CALL = re.compile(rf"(?<!\w){CALL}", re.IGNORECASE)
_BLANKS = re.compile(r"[ \u00a0]+")
# How far a home may reach, and the longest words that end it.
_HOME_LENGTH, _END_LENGTH = 80, 20
_INITIAL = 3
_PLATE_LENGTHS = (3, 8)
_MIN_PLATE_DIGITS = 2
_DIGITS_ALONE = 5
_PLAIN_WORDS = 2
_WORDS_WITHOUT_CASE = 3
_PARTICLES = frozenset(
    ["de", "la", "las", "del", "los", "da", "dos", "van", "von", "der", "bin", "ibn", "al", "el"]
)
_ENDS = re.compile(r"\s*(?:[,.;!\n]|$|\s(?:and|from|y|de|from apartment|calling|at)\b)")


def find(text: str, *, country: str, public: Public = NOTHING_PUBLIC) -> list[Span]:
    """Return where personal data stands in ``text``, in order and without overlaps.

    ``country`` (ISO 3166, two letters) is whose phone numbers need no prefix. Numbers and
    addresses in ``public`` and toll-free numbers are nobody's own.
    """
    spans = [
        *_phones(text, country, public),
        *_emails(text, public),
        *_names(text),
        *_plates(text),
        *_homes(text),
        *(Span(*match.span(), DataKind.IDENTITY) for match in _IDENTITY.finditer(text)),
    ]
    return without_overlaps(spans)


def hidden(text: str, spans: Iterable[Span]) -> str:
    """Return ``text`` with a mark for each of ``spans`` (in order, without overlaps)."""
    parts, at = [], 0
    for span in spans:
        parts += [text[at : span.start], MARK]
        at = span.end
    return "".join([*parts, text[at:]])


def without_overlaps(spans: Iterable[Span]) -> list[Span]:
    """Return ``spans`` in order; what overlaps becomes one, of the kind of the first."""
    kept: list[Span] = []
    for span in sorted(spans):
        if kept and span.start < kept[-1].end:
            last = kept[-1]
            kept[-1] = Span(last.start, max(last.end, span.end), last.kind)
        else:
            kept.append(span)
    return kept


def _phones(text: str, country: str, public: Public) -> Iterator[Span]:
    for match in PhoneNumberMatcher(text, country, leniency=Leniency.VALID, max_tries=200):
        number = phonenumbers.format_number(match.number, phonenumbers.PhoneNumberFormat.E164)
        is_shared = phonenumbers.number_type(match.number) in _SHARED
        if number in public.phones or is_shared or _is_record(text, match.start):
            continue
        yield Span(match.start, match.end, DataKind.PHONE)
    for short in _SHORT_NUMBER.finditer(text):
        before = text[max(0, short.start() - 40) : short.start()]
        if _CALL.search(before) and e164(short.group(), country) not in public.phones:
            yield Span(*short.span(), DataKind.PHONE)


def _is_record(text: str, start: int) -> bool:
    return bool(_RECORD.search(text[max(0, start - 40) : start]))


def _emails(text: str, public: Public) -> Iterator[Span]:
    if "@" not in text and not re.search(r"\bat\b|arroba", text, re.IGNORECASE):
        return
    for match in _EMAIL.finditer(text):
        said = match.group().casefold()
        domain = said.rpartition("@")[2]
        if said in public.emails or domain in public.domains:
            continue
        yield Span(*match.span(), DataKind.EMAIL)


def _names(text: str) -> Iterator[Span]:
    for cue in (*_NAME_IS.finditer(text), *_NAME_LABEL.finditer(text)):
        yield from _name_at(text, cue.end(), min_capitals=0)
    for cue in _NAME_MAY_FOLLOW.finditer(text):
        yield from _name_at(text, cue.end(), min_capitals=1)
    for match in _HAN_NAME.finditer(text):
        yield Span(*match.span("name"), DataKind.NAME)
    for match in (*_THIS_IS.finditer(text), *_SIGNED.finditer(text)):
        words = match.group("name").split()
        if len(words) <= _MAX_NAME_WORDS and all(_begins_name(word) for word in words):
            start, end = match.span("name")
            yield Span(start, end - _trailing(match.group("name")), DataKind.NAME)


def _trailing(text: str) -> int:
    return len(text) - len(text.rstrip())


def _begins_name(word: str) -> bool:
    """Whether a word alone may be of a name: capital, or of a script without capitals."""
    bare = word.strip(".,'")
    return bool(bare) and not bare[0].islower() and bare[0].isalpha() and not _is_common(bare)


def _is_common(word: str) -> bool:
    return word.casefold().strip(".'’") in NO_NAME


def _name_at(text: str, start: int, *, min_capitals: int) -> Iterator[Span]:
    """The words of a name that begins at ``start``: those with a capital, or one or two without."""
    words: list[re.Match[str]] = []
    at = start
    while len(words) < _MAX_NAME_WORDS + 2:
        match = _WORD.match(text, at)
        if match is None or not _goes_on(match.group(), words):
            break
        words.append(match)
        if match.group().endswith(".") and len(match.group()) > _INITIAL:
            break
        space = _BLANKS.match(text, match.end())
        if space is None:
            break
        at = space.end()
    while words and words[-1].group().casefold() in _PARTICLES:
        words.pop()
    if not words:
        return
    end = words[-1].end() - len(words[-1].group()) + len(words[-1].group().rstrip("."))
    if not min_capitals or _is_sure(text, [match.group() for match in words], end):
        yield Span(start, end, DataKind.NAME)


def _goes_on(word: str, before: list[re.Match[str]]) -> bool:
    """Whether ``word`` belongs to the name that has begun with the words before it."""
    if not before:
        return not _is_common(word)
    if word.casefold() in _PARTICLES and before[0].group()[0].isupper():
        return True
    if not (word[0].isupper() or word[0].islower()):
        # Arabic: "and" is written together with what follows.
        return (
            len(before) < _WORDS_WITHOUT_CASE and not word.startswith("و") and not _is_common(word)
        )
    if before[0].group()[0].isupper():
        return word[0].isupper()
    return len(before) < _PLAIN_WORDS and not _is_common(word)


def _is_sure(text: str, words: list[str], end: int) -> bool:
    """After "I am" a name needs a capital, and a second word or an end behind it."""
    if not words[0][0].isupper() or words[0].isupper():
        return False
    return len(words) > 1 or bool(_ENDS.match(text, end))


def _plates(text: str) -> Iterator[Span]:
    for match in (
        *_PLATE.finditer(text),
        *_LOUD_PLATE.finditer(text),
        *_PLATE_OF_CAR.finditer(text),
    ):
        plate = match.group("plate")
        if _is_plate(plate):
            start, end = match.span("plate")
            yield Span(start, end - _trailing(plate), DataKind.PLATE)


def _is_plate(text: str) -> bool:
    """Whether letters and digits of this kind are a plate rather than a year or an amount."""
    digits = sum(char.isdigit() for char in text)
    length = sum(char.isalnum() for char in text)
    if not _PLATE_LENGTHS[0] <= length <= _PLATE_LENGTHS[1]:
        return False
    if not text.isascii() or not digits:
        return True
    return digits >= _MIN_PLATE_DIGITS and (length > digits or digits >= _DIGITS_ALONE)


def _homes(text: str) -> Iterator[Span]:
    for cue in _HOME.finditer(text):
        stop = _HOME_ENDS.search(text, cue.end(), cue.end() + _HOME_LENGTH + _END_LENGTH)
        end = min(stop.start() if stop else len(text), cue.end() + _HOME_LENGTH)
        said = text[cue.end() : end]
        if _DOOR.search(said):
            yield Span(cue.end(), end - _trailing(said), DataKind.HOME)
