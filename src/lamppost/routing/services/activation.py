"""Putting a draft into force, once it was tried on what really came in."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from lamppost.cities.selectors import forget_cities
from lamppost.kernel.refusals import Conflict, Invalid, NotFound
from lamppost.kernel.text import clean_line
from lamppost.people.actors import Actor
from lamppost.people.audit import note
from lamppost.people.choices import AuditWhat
from lamppost.people.permissions import Permission, require
from lamppost.routing.choices import SetState
from lamppost.routing.faults import faults
from lamppost.routing.models import RoutingTrial, RuleSet
from lamppost.routing.services.drafts import version_of
from lamppost.routing.services.versions import lock_routing, retire, route_by_new_rules
from lamppost.routing.values import active_set, content_digest, rules_of
from lamppost.routing.world import world


def activate(*, rule_set_id: int, seen: str, title: str, actor: Actor) -> RuleSet:
    """Put the draft into force from the next case on; return it.

    ``title`` says in a line what the change is about. The set in force until now is retired;
    cases keep their owner. Raises ``Invalid`` without a title, ``NotFound`` for an unknown set
    and ``Conflict`` when it is no draft, was changed meanwhile, holds a rule that cannot work,
    or was not tried: exactly as it stands, against the rules in force now.
    """
    require(actor, Permission.ROUTING_ACTIVATE)
    title = clean_line(title)
    if not title:
        raise Invalid(_("Say in a line what this change is about."), field="title")
    if len(title) > 200:
        raise Invalid(_("Use at most %(limit)d characters.") % {"limit": 200}, field="title")
    with transaction.atomic():
        lock_routing()
        draft = _ready(rule_set_id, seen)
        before, now = active_set(), timezone.now()
        if before is not None:
            retire(before, at=now)
        draft.state = SetState.ACTIVE
        draft.title = title
        draft.activated_by_id = actor.user_id
        draft.activated_at = now
        draft.save(update_fields=["state", "title", "activated_by", "activated_at"])
        route_by_new_rules(at=now)
        note(
            what=AuditWhat.ROUTING,
            label=_("Rules %(number)d in force") % {"number": draft.number},
            actor=actor,
            detail=title,
        )
    # This process at once; the others find out by the city's row.
    forget_cities()
    return draft


def newest_trial(draft: RuleSet, *, digest: str) -> RoutingTrial | None:
    """Return the newest trial of exactly this content against the set in force, or None."""
    return (
        RoutingTrial.objects.filter(rule_set=draft, digest=digest, against=active_set())
        .order_by("-run_at", "-id")
        .first()
    )


def _ready(rule_set_id: int, seen: str) -> RuleSet:
    draft = RuleSet.objects.select_for_update(of=("self",)).filter(pk=rule_set_id).first()
    if draft is None:
        raise NotFound(_("There are no such rules here."))
    if draft.state != SetState.DRAFT:
        raise Conflict(_("Only a draft can be put into force."))
    if version_of(draft) != seen:
        raise Conflict(_("Somebody changed this draft while you had it open. Try it again first."))
    rules = rules_of(draft)
    wrong = sorted({fault.rule.code for fault in faults(rules, world())})
    if wrong:
        raise Conflict(_("These rules cannot work: %(codes)s.") % {"codes": ", ".join(wrong)})
    if newest_trial(draft, digest=content_digest(rules)) is None:
        raise Conflict(_("Try this draft on recent cases first, exactly as it stands."))
    return draft
