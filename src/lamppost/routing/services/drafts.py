"""Drafting a set of rules: a copy of the set in force, edited until it is put into force.

Every edit names the version its editor has seen (``seen``, from ``version_of``); an edit of
something older is refused, so that nobody overwrites somebody else unawares.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from lamppost.catalog.book import book
from lamppost.catalog.models import QuestionValue
from lamppost.kernel.refusals import Conflict, Invalid, NotFound, Problem
from lamppost.kernel.text import clean_line
from lamppost.people.actors import Actor
from lamppost.people.models import Team
from lamppost.people.permissions import Permission, require
from lamppost.places.models import Area
from lamppost.routing.choices import SetState
from lamppost.routing.models import RoutingRule, RuleSet
from lamppost.routing.services.conditions import Asked, drop_conditions, write_conditions
from lamppost.routing.services.copying import copy_rules
from lamppost.routing.services.versions import lock_routing, new_set

MAX_RULES = 1000
MAX_NOTE = 300
_DAY_MINUTES = 1440


@dataclass(frozen=True, slots=True)
class RuleWish:
    """A rule as its editor wants it, by ids; empty means any.

    ``weekdays`` holds 0 for Monday; the window is in minutes after local midnight and may run
    past it.
    """

    department_id: int
    team_id: int | None = None
    services: frozenset[int] = frozenset()
    areas: frozenset[int] = frozenset()
    values: frozenset[int] = frozenset()
    weekdays: frozenset[int] = frozenset()
    window: tuple[int, int] | None = None
    hazard_only: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class Begun:
    """A new draft, and the codes of rules left out since nothing they asked for exists now."""

    rule_set: RuleSet
    left_out: tuple[str, ...] = ()


def version_of(rule_set: RuleSet) -> str:
    """Return what a form carries to say which state of the draft its editor has seen."""
    return rule_set.changed_at.isoformat()


def begin_draft(*, actor: Actor, from_set_id: int | None = None) -> Begun:
    """Begin a draft as a copy of the set in force, or of an earlier one to go back to it.

    Raises ``Conflict`` when there is a draft already, ``NotFound`` for an unknown set.
    """
    require(actor, Permission.ROUTING_EDIT)
    with transaction.atomic():
        lock_routing()
        if RuleSet.objects.filter(state=SetState.DRAFT).exists():
            raise Conflict(_("There is a draft already. Work on that one, or discard it first."))
        source = _source(from_set_id)
        draft = new_set(
            state=SetState.DRAFT, at=timezone.now(), user_id=actor.user_id, based_on=source
        )
        left_out = copy_rules(source, draft) if source is not None else ()
        return Begun(draft, left_out)


def discard_draft(*, rule_set_id: int, seen: str, actor: Actor) -> None:
    """Throw the draft away; what is in force stays. No case was ever routed by a draft."""
    require(actor, Permission.ROUTING_EDIT)
    with transaction.atomic():
        _draft(rule_set_id, seen).delete()


def save_rule(
    *,
    rule_set_id: int,
    seen: str,
    wish: RuleWish,
    actor: Actor,
    rule_id: int | None = None,
    before_id: int | None = None,
) -> RoutingRule:
    """Add a rule to the draft, or change the one named; return it.

    ``before_id`` is the rule it is to stand before; None leaves a rule where it is and puts a
    new one at the end. Raises ``Invalid`` naming every wrong field, ``Conflict`` when the draft
    was changed meanwhile, ``NotFound`` for an unknown rule.
    """
    require(actor, Permission.ROUTING_EDIT)
    wish = _checked(wish)
    with transaction.atomic():
        draft = _draft(rule_set_id, seen)
        rules = list(draft.rules.order_by("order", "code"))
        if rule_id is None:
            if len(rules) >= MAX_RULES:
                raise Invalid(_("A set holds at most %(count)d rules.") % {"count": MAX_RULES})
            code = _free_code(wish.note, {each.code for each in rules})
            rule = RoutingRule(rule_set=draft, code=code, order=len(rules) + 1)
            rules.append(rule)
        else:
            rule = _rule(rules, rule_id)
        _write(rule, wish)
        if before_id is not None and before_id != rule.pk:
            _place(rules, rule, before_id)
        _touch(draft, actor)
        return rule


def delete_rule(*, rule_set_id: int, rule_id: int, seen: str, actor: Actor) -> None:
    """Take a rule out of the draft. Sets that were in force keep theirs."""
    require(actor, Permission.ROUTING_EDIT)
    with transaction.atomic():
        draft = _draft(rule_set_id, seen)
        rules = list(draft.rules.order_by("order", "code"))
        rule = _rule(rules, rule_id)
        rules.remove(rule)
        rule.delete()
        _number(rules)
        _touch(draft, actor)


def move_rule(*, rule_set_id: int, rule_id: int, steps: int, seen: str, actor: Actor) -> None:
    """Move a rule up (negative) or down by so many places, at most to the end of the list."""
    require(actor, Permission.ROUTING_EDIT)
    with transaction.atomic():
        draft = _draft(rule_set_id, seen)
        rules = list(draft.rules.order_by("order", "code"))
        rule = _rule(rules, rule_id)
        at = rules.index(rule)
        rules.remove(rule)
        rules.insert(max(0, min(len(rules), at + steps)), rule)
        _number(rules)
        _touch(draft, actor)


def _source(set_id: int | None) -> RuleSet | None:
    if set_id is None:
        return RuleSet.objects.filter(state=SetState.ACTIVE).first()
    found = RuleSet.objects.filter(pk=set_id).first()
    if found is None:
        raise NotFound(_("There are no such rules here."))
    return found


def _draft(rule_set_id: int, seen: str) -> RuleSet:
    draft = RuleSet.objects.select_for_update(of=("self",)).filter(pk=rule_set_id).first()
    if draft is None:
        raise NotFound(_("There are no such rules here."))
    if draft.state != SetState.DRAFT:
        raise Conflict(_("Only a draft can be changed. Begin a new one."))
    if version_of(draft) != seen:
        raise Conflict(
            _(
                "Somebody changed this draft while you had it open. Look at what is new, then "
                "send your change again: what you typed is still here."
            )
        )
    return draft


def _rule(rules: list[RoutingRule], rule_id: int) -> RoutingRule:
    rule = next((each for each in rules if each.pk == rule_id), None)
    if rule is None:
        raise NotFound(_("There is no such rule in this draft."))
    return rule


def _touch(draft: RuleSet, actor: Actor) -> None:
    draft.changed_at = timezone.now()
    draft.changed_by_id = actor.user_id
    draft.save(update_fields=["changed_at", "changed_by"])


def _number(rules: list[RoutingRule]) -> None:
    for order, rule in enumerate(rules, start=1):
        rule.order = order
    RoutingRule.objects.bulk_update(rules, ["order"])


def _place(rules: list[RoutingRule], rule: RoutingRule, before_id: int) -> None:
    other = _rule(rules, before_id)
    rules.remove(rule)
    rules.insert(rules.index(other), rule)
    _number(rules)


def _free_code(note: str, taken: set[str]) -> str:
    base = slugify(note)[:50].strip("-_").replace("_", "-") or "rule"
    if base not in taken and base != "rule":
        return base
    return next(code for n in range(1, MAX_RULES + 2) if (code := f"{base}-{n}") not in taken)


def _write(rule: RoutingRule, wish: RuleWish) -> None:
    rule.note = wish.note
    rule.department_id = wish.department_id
    rule.team_id = wish.team_id
    rule.weekdays = "".join(str(day) for day in sorted(wish.weekdays))
    rule.from_minute, rule.to_minute = wish.window or (None, None)
    rule.hazard_only = wish.hazard_only
    rule.save()
    drop_conditions(RoutingRule.objects.filter(pk=rule.pk))
    write_conditions([(rule, Asked(wish.services, wish.areas, wish.values))])


def _checked(wish: RuleWish) -> RuleWish:
    wish = replace(wish, note=clean_line(wish.note))
    problems = [*_owner_problems(wish), *_condition_problems(wish), *_time_problems(wish)]
    if len(wish.note) > MAX_NOTE:
        message = _("Use at most %(limit)d characters.") % {"limit": MAX_NOTE}
        problems.append(Problem("note", message, "too_long"))
    if problems:
        raise Invalid(problems)
    return wish


def _owner_problems(wish: RuleWish) -> list[Problem]:
    department = book().departments.get(wish.department_id)
    if department is None or not department.is_active:
        return [Problem("owner", _("Choose who gets the cases."))]
    if wish.team_id is None:
        return []
    team = Team.objects.filter(pk=wish.team_id, department=department.id, is_active=True)
    return [] if team.exists() else [Problem("owner", _("This team does not exist here."))]


def _condition_problems(wish: RuleWish) -> list[Problem]:
    problems = []
    pages = book()
    known = {each.id for each in pages.services.values() if each.is_active}
    if not wish.services <= known:
        problems.append(Problem("services", _("One of these services does not exist here.")))
    if Area.objects.filter(pk__in=wish.areas).count() != len(wish.areas):
        problems.append(Problem("areas", _("One of these areas does not exist here.")))
    owners = dict(
        QuestionValue.objects.filter(pk__in=wish.values).values_list("pk", "question__service")
    )
    if len(owners) != len(wish.values):
        problems.append(Problem("values", _("One of these answers does not exist here.")))
    elif wish.services and not set(owners.values()) <= wish.services:
        problems.append(
            Problem("values", _("An answer belongs to a service that is not chosen above."))
        )
    return problems


def _time_problems(wish: RuleWish) -> list[Problem]:
    problems = []
    if not wish.weekdays <= set(range(7)):
        problems.append(Problem("weekdays", _("There are seven weekdays.")))
    if wish.window is not None:
        start, end = wish.window
        if not (0 <= start < _DAY_MINUTES and 0 <= end <= _DAY_MINUTES):
            problems.append(Problem("from", _("Write times from 00:00 to 24:00.")))
        elif start == end:
            message = _("The time begins when it ends. Leave both empty for always.")
            problems.append(Problem("from", message))
    return problems
