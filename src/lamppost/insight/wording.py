"""A measured value in words, in the language and number format of the page."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from lamppost.insight.measure import MeasureUnit

NOTHING = "–"
_MINUTE = 60


def in_words(value: Decimal | None, unit: MeasureUnit) -> str:
    """Return a value with its unit, by the number format of the page's language."""
    if value is None:
        return NOTHING
    if unit is MeasureUnit.SHARE:
        return _("%(number)s%%") % {"number": _tenth(value * 100)}
    if unit is MeasureUnit.DAYS:
        return _("%(number)s d") % {"number": _tenth(value)}
    if unit is MeasureUnit.HOURS:
        return _("%(number)s h") % {"number": _tenth(value)}
    if unit is MeasureUnit.SECONDS:
        return duration(value)
    if unit is MeasureUnit.MONEY:
        return number_format(value, 2, force_grouping=True)
    is_whole = value == value.to_integral_value()
    return number_format(value, 0 if is_whole else 1, force_grouping=True)


def _tenth(value: Decimal | int) -> str:
    """One decimal, half up: Django by itself would cut the rest off."""
    return number_format(Decimal(value).quantize(Decimal("0.1"), ROUND_HALF_UP), 1)


def duration(seconds: Decimal | int) -> str:
    """Return seconds as minutes and seconds: 3:24; under a minute with one decimal: 15.3 s."""
    if seconds < _MINUTE:
        is_whole = seconds == int(seconds)
        return _("%(number)s s") % {
            "number": number_format(seconds, 0) if is_whole else _tenth(seconds)
        }
    minutes, rest = divmod(round(seconds), _MINUTE)
    hours, minutes = divmod(minutes, _MINUTE)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
