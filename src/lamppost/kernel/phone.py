"""Telephone numbers in the one form they are kept and compared in (ITU-T E.164)."""

from __future__ import annotations

import phonenumbers


def e164(text: str, country: str) -> str | None:
    """Return the number in ``text`` as ``+12155550100``; None when it cannot be dialed.

    ``country`` (ISO 3166, two letters) is whose numbers are written without a prefix.
    """
    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def as_kept(text: str, country: str) -> str:
    """Return ``text`` in E.164 where it can be, otherwise as it was sent; '' stays ''."""
    return (e164(text, country) or text) if text else ""
