"""The evidence of a city's stage, read from what is in the system."""

from __future__ import annotations

from datetime import date, timedelta

from django.db.models import Count, Q

from lamppost.cases.choices import RedressState
from lamppost.cases.models import QualitySample, Redress
from lamppost.catalog.book import book
from lamppost.catalog.choices import CaseKind, Channel
from lamppost.cities.selectors import city_in_scope, languages_of
from lamppost.insight.choices import Section, SubjectKind
from lamppost.insight.maturity import Assessment, Evidence, assess
from lamppost.insight.models import Review, ReviewAction, StatFigure
from lamppost.insight.period import Period, add_months, midnight
from lamppost.insight.selectors.calendar import overdue_agreements, today
from lamppost.insight.selectors.measures import Scope, shares, totals
from lamppost.insight.selectors.reviews import participation
from lamppost.partners.choices import DeliveryState, FindingKind
from lamppost.partners.models import Delivery, Finding
from lamppost.people.models import Membership
from lamppost.sla.models import Agreement, AgreementProposal, EscalationStep

_RECENT = timedelta(days=90)
_LATELY = timedelta(days=30)


def assessment(*, on: date | None = None) -> Assessment:
    """Return the stage of the city in scope on a local day, today by default."""
    return assess(evidence_of_city(on=on))


def evidence_of_city(*, on: date | None = None) -> Evidence:
    """Return the figures of the city in scope. About twenty queries, none of which grows with
    the number of cases: requests are read from their daily counts.
    """
    day = on or today()
    return Evidence(**_set_up(), **_recent(day), **_year(day), **_checks(day), **_meetings(day))


def _set_up() -> dict[str, int]:
    pages = book()
    services = [
        service for service in pages.public_services() if service.kind is not CaseKind.INQUIRY
    ]
    departments = [one for one in pages.departments.values() if one.is_active]
    staffed = set(
        Membership.objects.filter(
            is_active=True, user__is_active=True, department__isnull=False
        ).values_list("department_id", flat=True)
    )
    return {
        "public_services": len(services),
        "departments": len(departments),
        "staffed_departments": sum(one.id in staffed for one in departments),
        "escalation_steps": EscalationStep.objects.count(),
        "languages": len(languages_of(city_in_scope())),
    }


def _recent(day: date) -> dict[str, int]:
    period = Period(day - _RECENT, day)
    counts, _waits = totals(period, Scope())
    stranded, _waits = totals(period, Scope(department_id=book().catch_all().id))
    channels = {code: number for code, number, _share in shares(period, "channel") if number}
    languages = {code: number for code, number, _share in shares(period, "language") if number}
    main = city_in_scope().default_language
    return {
        "received_90": counts.received,
        "promised_90": counts.promised,
        "closed_90": counts.closed,
        "stranded_90": stranded.received,
        "channels_90": len(channels.keys() - {Channel.IMPORT}),
        "through_programs_90": channels.get(Channel.API, 0),
        "other_languages_90": sum(
            number for code, number in languages.items() if code and code != main
        ),
    }


def _year(day: date) -> dict[str, int]:
    counts, _waits = totals(Period(add_months(day, -12) + timedelta(days=1), day), Scope())
    agreements = Agreement.objects.count()
    published = AgreementProposal.objects.filter(version__isnull=False)
    return {
        "judged_year": counts.judged,
        "on_time_year": counts.on_time,
        "agreements": agreements,
        "agreed_by_both": published.values("agreement_id").distinct().count(),
        "overdue_reviews": len(overdue_agreements(on=day)),
    }


def _checks(day: date) -> dict[str, int]:
    since = midnight(day - _RECENT, city_in_scope().zone)
    samples = QualitySample.objects.filter(day__gte=day - _RECENT).aggregate(
        drawn=Count("pk"), seen=Count("pk", filter=Q(reviewed_at__isnull=False))
    )
    redress = Redress.objects.filter(opened_at__gte=since).aggregate(
        opened=Count("pk"), decided=Count("pk", filter=~Q(state=RedressState.OPEN))
    )
    lost = Finding.objects.filter(
        run__day__gte=day - _LATELY,
        kind__in=[FindingKind.LOST, FindingKind.NEVER_SENT],
        sent_again_at=None,
    )
    return {
        "samples_90": samples["drawn"],
        "samples_seen_90": samples["seen"],
        "redress_90": redress["opened"],
        "redress_decided_90": redress["decided"],
        "lost_handoffs": lost.values("case_id").distinct().count(),
        "dead_deliveries": Delivery.objects.filter(state=DeliveryState.DEAD).count(),
    }


def _meetings(day: date) -> dict[str, int]:
    since = midnight(add_months(day, -12), city_in_scope().zone)
    held = Review.objects.filter(held_at__gte=since)
    budget = StatFigure.objects.filter(
        section=Section.BUDGET, actual__isnull=False, period_to__gt=add_months(day, -15)
    )
    actions = ReviewAction.objects.filter(due_on__lt=day, due_on__gte=add_months(day, -12))
    found = actions.aggregate(due=Count("pk"), done=Count("done_at"))
    return {
        "reviews_year": held.filter(subject__kind=SubjectKind.AGREEMENT)
        .values("subject__agreement_id")
        .distinct()
        .count(),
        "stat_meetings_year": held.filter(subject__kind=SubjectKind.STAT).count(),
        "departments_at_reviews": sum(one.attended > 0 for one in participation(on=day)),
        "budget_quarters_year": budget.values("period_from", "period_to").distinct().count(),
        "actions_due": found["due"],
        "actions_done": found["done"],
    }
