"""Numbers as the provider and people write them."""

from __future__ import annotations

import phonenumbers

from lamppost.cities.selectors import city_in_scope


def e164(number: str) -> str:
    """Return a number as E.164; a short code or a sender's name as it is, '' for nothing.

    What the provider says of a withheld number ("anonymous", "+266696687") counts as nothing.
    """
    number = number.strip()[:40]
    if number.lower().lstrip("+") in _WITHHELD:
        return ""
    try:
        parsed = phonenumbers.parse(number, city_in_scope().country)
    except phonenumbers.NumberParseException:
        return number
    return str(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164))


# ANONYMOUS, RESTRICTED, BLOCKED, UNKNOWN and UNAVAILABLE, also as keys of a telephone.
_WITHHELD = frozenset(
    {"anonymous", "restricted", "blocked", "unknown", "unavailable",
     "266696687", "7378742833", "2562533", "8656696", "86282452253"}
)  # fmt: skip
