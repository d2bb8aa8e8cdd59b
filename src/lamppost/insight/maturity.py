"""How far a city's 311 has come, worked out from what is in the system. Pure.

Initiation, operational, expansive, sustainable: the stages of Nam and Pardo's case study of
Philly311 (ICEGOV 2012). There they were judged by people; here each is a list of criteria, and
each criterion a comparison of figures anybody can look up on the page it names. A stage is
reached when its own criteria and those of every stage before it are met.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Stage(models.TextChoices):
    """How far a city's 311 has come."""

    INITIATION = "initiation", _("Initiation")
    OPERATIONAL = "operational", _("Operational")
    EXPANSIVE = "expansive", _("Expansive")
    SUSTAINABLE = "sustainable", _("Sustainable")


@dataclass(frozen=True, slots=True)
class Evidence:
    """The figures the criteria compare: of now, or of the days named."""

    public_services: int = 0
    departments: int = 0
    staffed_departments: int = 0
    escalation_steps: int = 0
    received_90: int = 0
    promised_90: int = 0
    closed_90: int = 0
    channels_90: int = 0
    stranded_90: int = 0
    through_programs_90: int = 0
    other_languages_90: int = 0
    languages: int = 0
    judged_year: int = 0
    on_time_year: int = 0
    agreements: int = 0
    agreed_by_both: int = 0
    overdue_reviews: int = 0
    reviews_year: int = 0
    departments_at_reviews: int = 0
    samples_90: int = 0
    samples_seen_90: int = 0
    redress_90: int = 0
    redress_decided_90: int = 0
    stat_meetings_year: int = 0
    budget_quarters_year: int = 0
    actions_due: int = 0
    actions_done: int = 0
    lost_handoffs: int = 0
    dead_deliveries: int = 0


@dataclass(frozen=True, slots=True)
class Criterion:
    """One thing a stage asks for, with the page that proves it.

    ``page`` is the name of an address; ``figures`` are the part and the whole that are shown,
    a whole of None where there is none.
    """

    code: str
    stage: Stage
    title: str | Promise
    page: str
    figures: Callable[[Evidence], tuple[int, int | None]]
    is_met: Callable[[Evidence], bool]


@dataclass(frozen=True, slots=True)
class Judged:
    """A criterion with what was found."""

    criterion: Criterion
    is_met: bool
    part: int
    whole: int | None


@dataclass(frozen=True, slots=True)
class Assessment:
    """The stage reached, the one after it with what it still asks for, and every criterion."""

    stage: Stage
    next_stage: Stage | None
    next_steps: tuple[Judged, ...]
    judged: tuple[Judged, ...]


def assess(evidence: Evidence) -> Assessment:
    """Return the stage that the figures prove, and what is missing for the next."""
    judged = tuple(Judged(one, one.is_met(evidence), *one.figures(evidence)) for one in CRITERIA)
    reached = Stage.INITIATION
    for stage in list(Stage)[1:]:
        missing = tuple(one for one in judged if one.criterion.stage == stage and not one.is_met)
        if missing:
            return Assessment(reached, stage, missing, judged)
        reached = stage
    return Assessment(reached, None, (), judged)


def _share(part: int, whole: int) -> Decimal:
    return Decimal(part) / whole if whole else Decimal(0)


# A village has a handful of services, and what it has counts like a big city's.
_FEW_SERVICES = 5
_MOST = Decimal("0.8")
_MANY = Decimal("0.7")
_HALF = Decimal("0.5")
_STRANDED = Decimal("0.1")
_QUARTERS = 4

CRITERIA: tuple[Criterion, ...] = (
    Criterion(
        "catalogue", Stage.OPERATIONAL,
        _("At least five services can be asked for"), "portal:report",
        lambda e: (e.public_services, None), lambda e: e.public_services >= _FEW_SERVICES,
    ),
    Criterion(
        "promises", Stage.OPERATIONAL,
        _("At least half of the requests of the last 90 days have a published service level"),
        "portal:agreements",
        lambda e: (e.promised_90, e.received_90),
        lambda e: _share(e.promised_90, e.received_90) >= _HALF,
    ),
    Criterion(
        "staff", Stage.OPERATIONAL,
        _("At least one department has people who work here"), "desk:onboarding",
        lambda e: (e.staffed_departments, e.departments), lambda e: e.staffed_departments > 0,
    ),
    Criterion(
        "channels", Stage.OPERATIONAL,
        _("Requests came in by at least two channels in the last 90 days"), "desk:measures",
        lambda e: (e.channels_90, None), lambda e: e.channels_90 >= 2,
    ),
    Criterion(
        "closing", Stage.OPERATIONAL,
        _("At least half of the requests of the last 90 days are closed"), "desk:measures",
        lambda e: (e.closed_90, e.received_90),
        lambda e: _share(e.closed_90, e.received_90) >= _HALF,
    ),
    Criterion(
        "routing", Stage.OPERATIONAL,
        _("At most one request in ten of the last 90 days found no department by rule"),
        "desk:routing",
        lambda e: (e.stranded_90, e.received_90),
        lambda e: e.received_90 > 0 and _share(e.stranded_90, e.received_90) <= _STRANDED,
    ),
    Criterion(
        "escalation", Stage.OPERATIONAL,
        _("Somebody is told when a promise is about to be missed"), "desk:agreements",
        lambda e: (e.escalation_steps, None), lambda e: e.escalation_steps > 0,
    ),
    Criterion(
        "staff_half", Stage.EXPANSIVE,
        _("At least half of the departments have people who work here"), "desk:onboarding",
        lambda e: (e.staffed_departments, e.departments),
        lambda e: _share(e.staffed_departments, e.departments) >= _HALF,
    ),
    Criterion(
        "both_sides", Stage.EXPANSIVE,
        _("At least half of the agreements were approved by both sides"), "desk:agreements",
        lambda e: (e.agreed_by_both, e.agreements),
        lambda e: _share(e.agreed_by_both, e.agreements) >= _HALF,
    ),
    Criterion(
        "on_time_many", Stage.EXPANSIVE,
        _("At least seven in ten requests of the last twelve months were on time"),
        "desk:measures",
        lambda e: (e.on_time_year, e.judged_year),
        lambda e: _share(e.on_time_year, e.judged_year) >= _MANY,
    ),
    Criterion(
        "reviews", Stage.EXPANSIVE,
        _("At least half of the agreements were reviewed in the last twelve months"),
        "desk:reviews_held",
        lambda e: (e.reviews_year, e.agreements),
        lambda e: _share(e.reviews_year, e.agreements) >= _HALF,
    ),
    Criterion(
        "second_looks", Stage.EXPANSIVE,
        _("At least four in five closings drawn by lot in the last 90 days had a second look"),
        "desk:quality",
        lambda e: (e.samples_seen_90, e.samples_90),
        lambda e: _share(e.samples_seen_90, e.samples_90) >= _MOST,
    ),
    Criterion(
        "redress", Stage.EXPANSIVE,
        _("At least four in five of the last 90 days' “not fixed” are decided"),
        "desk:redress",
        lambda e: (e.redress_decided_90, e.redress_90),
        lambda e: e.received_90 > 0
        and (e.redress_90 == 0 or _share(e.redress_decided_90, e.redress_90) >= _MOST),
    ),
    Criterion(
        "languages", Stage.EXPANSIVE,
        _("Requests of the last 90 days came in more than one language"), "desk:measures",
        lambda e: (e.other_languages_90, None),
        lambda e: e.languages > 1 and e.other_languages_90 > 0,
    ),
    Criterion(
        "programs", Stage.EXPANSIVE,
        _("Other programs filed requests in the last 90 days"), "desk:measures",
        lambda e: (e.through_programs_90, None), lambda e: e.through_programs_90 > 0,
    ),
    Criterion(
        "on_time_most", Stage.SUSTAINABLE,
        _("At least four in five requests of the last twelve months were on time"),
        "desk:measures",
        lambda e: (e.on_time_year, e.judged_year),
        lambda e: _share(e.on_time_year, e.judged_year) >= _MOST,
    ),
    Criterion(
        "no_overdue_review", Stage.SUSTAINABLE,
        _("No agreement is overdue for review"), "desk:reviews",
        lambda e: (e.overdue_reviews, e.agreements),
        lambda e: e.agreements > 0 and e.overdue_reviews == 0,
    ),
    Criterion(
        "participation", Stage.SUSTAINABLE,
        _("At least four in five departments took part in a review in the last twelve months"),
        "desk:participation",
        lambda e: (e.departments_at_reviews, e.departments),
        lambda e: _share(e.departments_at_reviews, e.departments) >= _MOST,
    ),
    Criterion(
        "stat_meetings", Stage.SUSTAINABLE,
        _("Four stat meetings were held in the last twelve months"), "desk:stat",
        lambda e: (e.stat_meetings_year, _QUARTERS),
        lambda e: e.stat_meetings_year >= _QUARTERS,
    ),
    Criterion(
        "budget", Stage.SUSTAINABLE,
        _("The budget's figures are there for the last four quarters"), "desk:stat",
        lambda e: (e.budget_quarters_year, _QUARTERS),
        lambda e: e.budget_quarters_year >= _QUARTERS,
    ),
    Criterion(
        "actions", Stage.SUSTAINABLE,
        _("At least four in five actions that were due are done"), "desk:reviews",
        lambda e: (e.actions_done, e.actions_due),
        lambda e: _share(e.actions_done, e.actions_due) >= _MOST,
    ),
    Criterion(
        "hand_offs", Stage.SUSTAINABLE,
        _("No hand-off to a partner system is lost or given up"), "desk:partner_runs",
        lambda e: (e.lost_handoffs + e.dead_deliveries, None),
        lambda e: e.received_90 > 0 and e.lost_handoffs + e.dead_deliveries == 0,
    ),
)  # fmt: skip
