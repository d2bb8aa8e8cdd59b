"""Routing of a city for tests with two of them: sets of rules, an alarm, words, a trial."""

from __future__ import annotations

from django.utils import timezone

from lamppost.cases.choices import SuggestionAnswerKind
from lamppost.cases.models import Case, LearnedCase, SuggestionAnswer
from lamppost.cases.services.routing_trial import run_trial
from lamppost.catalog.models import QuestionValue, Service
from lamppost.people.actors import SYSTEM
from lamppost.people.models import Department, Team
from lamppost.places.models import Area, AreaKind
from lamppost.routing.choices import AlarmKind, ConditionKind, SetState
from lamppost.routing.models import (
    PastCondition,
    RoutingAlarm,
    RoutingRule,
    RuleSet,
    WordCount,
    WordHint,
    WordModel,
    WordTotal,
)
from lamppost.routing.services.conditions import Asked, write_conditions
from lamppost.routing.services.drafts import version_of

# The id every address with a number in it is asked for in the other city.
FOREIGN_ID = 98_765_432
SECRET = "only in Shelbyville"


def add_routing(slug: str) -> None:
    """Give the city in scope a replaced set and a tried draft of rules that send nothing, an
    alarm that is over, and words of one case."""
    is_foreign = slug == "shelbyville"
    now = timezone.now()
    words = SECRET if is_foreign else slug
    service = Service.objects.get(code="TREE")
    streets = Department.objects.get(code="streets")
    past = RuleSet.objects.create(
        number=1, state=SetState.RETIRED, title=words, created_at=now, changed_at=now
    )
    old = RoutingRule.objects.create(
        rule_set=past, code="old", order=1, department=streets, wording=words
    )
    PastCondition.objects.create(rule=old, kind=ConditionKind.SERVICE, path="TREE")
    # The number of a set is what addresses say: the other city's is one nobody here has.
    draft = RuleSet.objects.create(
        number=98_765_432 if is_foreign else 2,
        state=SetState.DRAFT,
        title=words,
        created_at=now,
        changed_at=now,
    )
    rule = RoutingRule.objects.create(
        pk=FOREIGN_ID if is_foreign else None,
        rule_set=draft,
        code="never",
        order=1,
        department=streets,
        team=Team.objects.create(department=streets, code="routing-crew", name={"en": words}),
        note=words,
        hazard_only=True,
    )
    kind = AreaKind.objects.create(code="routing-ward", name={"en": "Ward"})
    area = Area.objects.create(kind=kind, code="1", name={"en": words})
    value = QuestionValue.objects.filter(question__service__code="POTHOLE")[0]
    write_conditions([(rule, Asked([value.question.service_id], [area.pk], [value.pk]))])
    run_trial(rule_set_id=draft.pk, seen=version_of(draft), actor=SYSTEM)
    RoutingAlarm.objects.create(
        pk=FOREIGN_ID if is_foreign else None,
        kind=AlarmKind.SHIFT,
        subject=words,
        department=streets,
        opened_at=now,
        seen_at=now,
        closed_at=now,
    )
    _words(service, words)


def _words(service: Service, words: str) -> None:
    now = timezone.now()
    WordCount.objects.create(token=f"w:{words}"[:40], service=service, weight=3)
    WordHint.objects.create(token_digest="0" * 32, service=service, cases=1, weight=1, seen_at=now)
    WordTotal.objects.create(service=service, cases=1, tokens=4)
    WordModel.objects.create(vocabulary=1)
    case = Case.objects.order_by("id")[0]
    LearnedCase.objects.create(
        case=case, service=service, chosen=service, weight=1, text_digest="", rank=1,
        was_usual=False, learned_at=now,
    )  # fmt: skip
    SuggestionAnswer.objects.create(
        case=case, answer=SuggestionAnswerKind.DISMISSED, chosen=case.service, suggested=service,
        at=now,
    )  # fmt: skip
