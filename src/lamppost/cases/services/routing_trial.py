"""Trying a draft of the routing rules on the cases that came in last.

Both the draft and the set in force decide every case anew by the very function that intake
uses, so what differs is what the draft would change. Nothing of a case is touched.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from lamppost.cases.selectors.past import PastCase, last_cases
from lamppost.catalog.book import Book, book
from lamppost.kernel.refusals import Conflict, Invalid, NotFound
from lamppost.people.actors import Actor
from lamppost.people.permissions import Permission, require
from lamppost.routing.choices import SetState
from lamppost.routing.decide import Decision, choose
from lamppost.routing.matcher import RuleValue
from lamppost.routing.models import RoutingTrial, RuleSet, TrialFlow, TrialRule, TrialSample
from lamppost.routing.services.drafts import version_of
from lamppost.routing.values import active_set, content_digest, rules_of
from lamppost.routing.world import world

USUAL_CASES = 1_000
MOST_CASES = 10_000
_SAMPLES = 5
_CATCH_ALL_SAMPLES = 10

Owner = tuple[int, int | None]


@dataclass(slots=True)
class Tried:
    """What deciding cases anew gave so far; its size depends on rules, not on cases."""

    cases: int = 0
    changed: int = 0
    catch_all_now: int = 0
    catch_all_then: int = 0
    oldest: datetime | None = None
    newest: datetime | None = None
    flows: Counter[tuple[Owner, Owner]] = field(default_factory=Counter)
    settled: Counter[tuple[Owner, Owner]] = field(default_factory=Counter)
    samples: dict[tuple[Owner, Owner], list[tuple[PastCase, Decision, Decision]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    stranded: list[tuple[PastCase, Decision, Decision]] = field(default_factory=list)
    matched: Counter[int] = field(default_factory=Counter)


def run_trial(
    *, rule_set_id: int, seen: str, actor: Actor, last: int = USUAL_CASES
) -> RoutingTrial:
    """Try the draft on the last so many cases (1 to 10,000) and keep what it showed; return it.

    Raises ``Invalid`` for another number, ``NotFound`` for an unknown set, ``Conflict`` for one
    that is no draft or was changed meanwhile.
    """
    require(actor, Permission.ROUTING_EDIT)
    if not 1 <= last <= MOST_CASES:
        raise Invalid(_("Choose from 1 to %(most)d cases.") % {"most": MOST_CASES}, field="last")
    with transaction.atomic():
        draft = RuleSet.objects.filter(pk=rule_set_id).first()
        if draft is None:
            raise NotFound(_("There are no such rules here."))
        if draft.state != SetState.DRAFT:
            raise Conflict(_("Only a draft can be tried."))
        if version_of(draft) != seen:
            raise Conflict(_("Somebody changed this draft while you had it open. Look again."))
        against = active_set()
        rules = rules_of(draft)
        before = rules_of(against) if against is not None else ()
        tried = try_rules(rules, before, last_cases(last))
        return _write(draft, against, content_digest(rules), tried, last, actor)


def try_rules(
    rules: Iterable[RuleValue], before: Iterable[RuleValue], batches: Iterable[list[PastCase]]
) -> Tried:
    """Return how ``rules`` would decide these cases, beside ``before``; writes nothing."""
    rules, before = tuple(rules), tuple(before)
    pages, teams = book(), world().teams

    def is_live(team_id: int, department_id: int) -> bool:
        team = teams.get(team_id)
        return team is not None and team.is_active and team.department_id == department_id

    tried = Tried()
    for batch in batches:
        for case in batch:
            _try_case(case, rules, before, pages, is_live, tried)
    return tried


def _try_case(
    case: PastCase,
    rules: tuple[RuleValue, ...],
    before: tuple[RuleValue, ...],
    pages: Book,
    is_live: Callable[[int, int], bool],
    tried: Tried,
) -> None:
    service = pages.services_by_id[case.facts.service_id]
    now = choose(before, service, case.facts, pages, is_live=is_live)
    then = choose(rules, service, case.facts, pages, is_live=is_live)
    tried.cases += 1
    tried.newest = max(tried.newest or case.requested_at, case.requested_at)
    tried.oldest = min(tried.oldest or case.requested_at, case.requested_at)
    catch_all = pages.catch_all().id
    # The catch-all's own services belong there; what counts is what it gets of others.
    if service.department_id != catch_all:
        tried.catch_all_now += now.department_id == catch_all
        if then.department_id == catch_all:
            tried.catch_all_then += 1
            if len(tried.stranded) < _CATCH_ALL_SAMPLES:
                tried.stranded.append((case, now, then))
    if then.rule_id is not None:
        tried.matched[then.rule_id] += 1
    flow = ((now.department_id, now.team_id), (then.department_id, then.team_id))
    if flow[0] == flow[1]:
        return
    tried.changed += 1
    tried.flows[flow] += 1
    tried.settled[flow] += _is_settled(case, then)
    if len(tried.samples[flow]) < _SAMPLES:
        tried.samples[flow].append((case, now, then))


def _is_settled(case: PastCase, then: Decision) -> bool:
    """Whether staff have sent the case to where the draft would send it."""
    same = case.department_id == then.department_id
    return same and (then.team_id is None or case.team_id == then.team_id)


def _write(
    draft: RuleSet, against: RuleSet | None, digest: str, tried: Tried, asked: int, actor: Actor
) -> RoutingTrial:
    # A trial of older content is of no use to anybody any more.
    RoutingTrial.objects.filter(rule_set=draft).delete()
    trial = RoutingTrial.objects.create(
        rule_set=draft,
        against=against,
        digest=digest,
        asked=asked,
        cases=tried.cases,
        changed=tried.changed,
        catch_all_now=tried.catch_all_now,
        catch_all_then=tried.catch_all_then,
        oldest_at=tried.oldest,
        newest_at=tried.newest,
        run_by_id=actor.user_id,
        run_at=timezone.now(),
    )
    pairs = [pair for pair, _count in tried.flows.most_common()]
    flows = TrialFlow.objects.bulk_create(
        TrialFlow(
            trial=trial,
            from_department_id=source[0],
            from_team_id=source[1],
            to_department_id=target[0],
            to_team_id=target[1],
            count=tried.flows[source, target],
            settled=tried.settled[source, target],
        )
        for source, target in pairs
    )
    samples = [
        _sample(trial, flow, *each)
        for pair, flow in zip(pairs, flows, strict=True)
        for each in tried.samples[pair]
    ]
    samples += [_sample(trial, None, *each) for each in tried.stranded]
    TrialSample.objects.bulk_create(samples)
    TrialRule.objects.bulk_create(
        TrialRule(trial=trial, rule_id=rule_id, matched=count)
        for rule_id, count in sorted(tried.matched.items())
    )
    return trial


def _sample(
    trial: RoutingTrial, flow: TrialFlow | None, case: PastCase, now: Decision, then: Decision
) -> TrialSample:
    return TrialSample(
        trial=trial,
        flow=flow,
        case_number=case.number,
        service_id=case.facts.service_id,
        before=now.reason,
        after=then.reason,
    )
