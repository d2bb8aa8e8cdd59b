"""What is known of a person, found in free text however it is written, and taken out."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cached_property

# What stands where something was: says nothing in any language, and nothing finds it as words.
MARK = "▇▇▇"

# How digits of a number are kept apart: blanks, dots, dashes, brackets, slashes; not letters.
_APART = r"[\s().\-/‐-―  +*·]{0,4}"
_EASTERN = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
_PERSIAN = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")
_MIN_DIGITS = 6
_MIN_PART = 3


@dataclass(frozen=True, slots=True)
class Number:
    """A phone number's country code and national number, digits only."""

    country: str
    national: str

    @property
    def e164(self) -> str:
        """The number as it is kept."""
        return f"+{self.country}{self.national}"


@dataclass(frozen=True)
class Words:
    """Names, numbers and addresses of one person.

    ``others`` are what else is the person's own and found as it stands: a device, an account.
    ``sure`` narrows ``addresses`` to those proven: only by these are rows of nobody theirs.
    """

    names: tuple[str, ...] = ()
    phones: tuple[Number, ...] = ()
    emails: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    sure: frozenset[str] | None = None

    @property
    def addresses(self) -> frozenset[str]:
        """Numbers in E.164 and e-mail as they are kept: those surely the person's."""
        known = frozenset([*(one.e164 for one in self.phones), *self.emails])
        return known if self.sure is None else known & self.sure

    @property
    def is_empty(self) -> bool:
        """Whether nothing is known that could be found."""
        return not (self.names or self.phones or self.emails or self.others)

    @cached_property
    def distinct(self) -> str:
        """A pattern of what points to this person alone; '' without any.

        Read alike by Python and by PostgreSQL (without regard to case).
        """
        return "|".join(
            [*map(_number, self.phones), *map(_literal, self.emails), *map(_literal, self.others)]
        )

    @cached_property
    def full_names(self) -> str:
        """A pattern of the names of two words and more, either way round; '' without any."""
        spelled: list[str] = []
        for name in self.names:
            parts = name.split()
            if len(parts) < 2:
                continue
            turned = [parts[-1], *parts[:-1]]
            short = [parts[0], parts[-1]]
            spelled += [_words(parts), _words(turned), _words(short)]
        return "|".join(dict.fromkeys(spelled))

    def without(self, text: str, *, names: bool = True, parts: bool = False) -> str:
        """Return ``text`` with a mark for everything of the person found in it.

        ``names`` takes full names out too; ``parts`` single names as well, which is right
        only in what the person is known to have written or to be meant by.
        """
        found = [
            pattern for pattern in (self.distinct, self.full_names if names else "") if pattern
        ]
        if found:
            text = _bounded("|".join(found)).sub(MARK, text)
        if parts:
            for part in self._parts():
                text = _bounded(_spelling(part)).sub(MARK, text)
        return re.sub(rf"{MARK}(?:\s+{MARK})+", MARK, text)

    def _parts(self) -> list[str]:
        parts = {part for name in self.names for part in re.split(r"[\s.,;\-]+", name)}
        whole = {name for name in self.names if len(name.split()) == 1 and len(name) > 1}
        return sorted({part for part in parts if len(part) >= _MIN_PART} | whole, key=len)[::-1]


def _bounded(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{pattern})(?!\w)", re.IGNORECASE)


def _number(number: Number) -> str:
    """The national number with anything usual between the digits, any prefix before it."""
    if len(number.national) < _MIN_DIGITS:
        return _literal(f"+{number.country}{number.national}")
    digits = _APART.join(
        f"[{digit}{digit.translate(_EASTERN)}{digit.translate(_PERSIAN)}]"
        for digit in number.national
    )
    code = _APART.join(number.country)
    return rf"(?:(?:[+]|00)?{_APART}{code}{_APART}|[(]?0?)?[(]?{digits}"


def _literal(text: str) -> str:
    return re.sub(r"([^\w\s@])", r"\\\1", text)


def _words(parts: list[str]) -> str:
    return r"[\s,.]+".join(_spelling(part) for part in parts)


def _spelling(word: str) -> str:
    """A word with or without its accents."""
    spelled = ""
    for char in unicodedata.normalize("NFC", word):
        plain = "".join(
            part for part in unicodedata.normalize("NFKD", char) if not unicodedata.combining(part)
        )
        if len(plain) == 1 and plain != char:
            spelled += f"[{char}{plain}]"
        else:
            spelled += _literal(char)
    return spelled
