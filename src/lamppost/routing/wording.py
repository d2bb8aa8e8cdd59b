"""A rule in plain words."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.dates import WEEKDAYS
from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from lamppost.kernel.text import in_language
from lamppost.people.models import Department, Team
from lamppost.places.models import Area
from lamppost.routing.models import RoutingRule


def sentence(rule: RoutingRule, language: str, *, most: int | None = None) -> str:
    """Return the rule as one sentence in the language in force; names in ``language``.

    Takes a rule as ``values.rows_of`` loads it. ``most`` cuts long lists of names short. A rule
    of a replaced set gives the sentence kept then.
    """
    if rule.wording:
        return rule.wording
    owner = owner_name(rule.department, rule.team, language)
    conditions = _conditions(rule, language, most)
    if not conditions:
        return _("Everything goes to %(owner)s.") % {"owner": owner}
    joined = get_text_list(conditions, _("and"))
    return _("If %(conditions)s, then %(owner)s.") % {"conditions": joined, "owner": owner}


def owner_name(department: Department, team: Team | None, language: str) -> str:
    """Return the name of a department, with its team when there is one."""
    name = in_language(department.name, language) or department.code
    if team is None:
        return name
    crew = in_language(team.name, language) or team.code
    return _("%(department)s, %(team)s") % {"department": name, "team": crew}


def area_name(area: Area, language: str) -> str:
    """Return the name of an area; one that has none of its own is called by kind and code."""
    own = in_language(area.name, language)
    return own or f"{in_language(area.kind.name, language) or area.kind.code} {area.code}"


def clock(minute: int) -> str:
    """Return minutes after midnight as ``hh:mm``."""
    return f"{minute // 60:02d}:{minute % 60:02d}"


def _conditions(rule: RoutingRule, language: str, most: int | None) -> list[str]:
    found = []
    services = [in_language(each.name, language) or each.code for each in rule.services.all()]
    if services:
        found.append(_("the service is %(names)s") % {"names": _either(services, most)})
    for question, values in _answers(rule, language).items():
        found.append(
            _("“%(question)s” is answered %(values)s")
            % {"question": question, "values": _either(values, most)}
        )
    areas = [area_name(each, language) for each in rule.areas.all()]
    if areas:
        found.append(_("the place is in %(names)s") % {"names": _either(areas, most)})
    if rule.hazard_only:
        found.append(_("it is a hazard"))
    if rule.weekdays:
        days = [str(WEEKDAYS[int(day)]) for day in rule.weekdays]
        found.append(_("it comes on %(days)s") % {"days": _either(days, None)})
    if rule.from_minute is not None and rule.to_minute is not None:
        found.append(
            _("it comes between %(start)s and %(end)s")
            % {"start": clock(rule.from_minute), "end": clock(rule.to_minute)}
        )
    return found


def _answers(rule: RoutingRule, language: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for value in rule.answers.all():
        question = in_language(value.question.text, language) or value.question.code
        answer = in_language(value.name, language) or value.key
        found.setdefault(question, []).append(_("“%(answer)s”") % {"answer": answer})
    return found


def _either(names: Iterable[str], most: int | None) -> str:
    shown = sorted(names)
    if most is not None and len(shown) > most:
        more = len(shown) - most
        shown = [*shown[:most], _("one of %(count)d more") % {"count": more}]
    return get_text_list(shown, _("or"))
