"""What a pack says, as plain values: read from a folder or from the database alike.

Field names are those of the models. ``at`` is where a row stands in the folder; it takes no
part in comparisons, so that a pack from the database equals the same pack from files.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from lamppost.packs.findings import Mark

if TYPE_CHECKING:
    from lamppost.packs.center_content import (
        CenterRules,
        Disposition,
        MonitoringQuestion,
        SurgeText,
    )
    from lamppost.packs.channel_content import Keyword, PhoneLine, SpokenLanguage
    from lamppost.packs.knowledge_content import Article, DirectoryEntry, Topic
    from lamppost.packs.notices_content import Notice, QuietHours
    from lamppost.packs.retention_content import RetentionRule
    from lamppost.packs.work_content import Macro, Reply, WorkItem

Texts = Mapping[str, str]
NOWHERE = Mark("")


@dataclass(frozen=True, kw_only=True)
class Row:
    """Anything that stands somewhere."""

    at: Mark = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, kw_only=True)
class CityContact(Row):
    phone: str = ""
    email: str = ""
    website: str = ""


@dataclass(frozen=True, kw_only=True)
class MapView(Row):
    """Where the map opens; degrees WGS 84."""

    lat: float | None = None
    long: float | None = None
    west: float | None = None
    south: float | None = None
    east: float | None = None
    north: float | None = None
    zoom: int = 12


@dataclass(frozen=True, kw_only=True)
class CityFacts(Row):
    slug: str
    name: Texts
    jurisdiction_id: str
    hosts: tuple[str, ...] = ()
    time_zone: str
    country: str
    default_language: str
    languages: tuple[str, ...]
    units: str
    first_weekday: int
    emergency_number: str
    crisis_number: str = ""
    contact: CityContact = field(default_factory=CityContact)
    accent_color: str = ""
    map: MapView = field(default_factory=MapView)
    boundary_doubt_m: int = 30
    redress_days: int = 2
    quality_percent: int = 2
    quality_bulk_percent: int = 10
    first_number: int = 1
    features: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Team(Row):
    code: str
    name: Texts


@dataclass(frozen=True, kw_only=True)
class Department(Row):
    code: str
    name: Texts
    email: str = ""
    phone: str = ""
    is_catch_all: bool = False
    is_active: bool = True
    teams: tuple[Team, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Group(Row):
    code: str
    name: Texts


@dataclass(frozen=True, kw_only=True)
class Value(Row):
    code: str
    name: Texts


@dataclass(frozen=True, kw_only=True)
class Question(Row):
    """``only_if`` holds (question, value) pairs: asked when one of them was chosen."""

    code: str
    text: Texts
    help: Texts
    datatype: str
    is_variable: bool = True
    is_required: bool = False
    is_public: bool = False
    values: tuple[Value, ...] = ()
    only_if: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, kw_only=True)
class TriageRule(Row):
    """``conditions``: (question, value) pairs; ``areas``: (kind, area) pairs."""

    code: str
    outcome: str
    conditions: tuple[tuple[str, str], ...] = ()
    areas: tuple[tuple[str, str], ...] = ()
    text: Texts
    refer_to: Texts
    refer_phone: str = ""
    refer_url: str = ""
    is_hazard: bool = False


@dataclass(frozen=True, kw_only=True)
class Service(Row):
    code: str
    name: Texts
    description: Texts
    keywords: Texts
    group: str
    department: str
    kind: str
    type: str
    location: str
    photos: str
    visibility: str
    notice: Texts
    duplicate_radius_m: int
    duplicate_days: int
    reopen_days: int
    order: int
    is_public: bool
    questions: tuple[Question, ...] = ()
    triage: tuple[TriageRule, ...] = ()


@dataclass(frozen=True, kw_only=True)
class PauseReason(Row):
    code: str
    name: Texts


@dataclass(frozen=True, kw_only=True)
class Status(Row):
    """``pauses`` is the code of a pause reason when clocks stand still in this status."""

    code: str
    state: str
    name: Texts
    description: Texts
    is_default: bool = False
    pauses: str = ""


@dataclass(frozen=True, kw_only=True)
class Move(Row):
    from_status: str
    to_status: str
    needs_reason: bool = False


@dataclass(frozen=True, kw_only=True)
class Outcome(Row):
    code: str
    kind: str
    name: Texts
    sentence: Texts
    invites_reply: bool = False


@dataclass(frozen=True, kw_only=True)
class OpenHours(Row):
    """One open stretch: weekday 0 is Monday, minutes after local midnight."""

    weekday: int
    opens: int
    closes: int


@dataclass(frozen=True, kw_only=True)
class Day(Row):
    """A holiday, or a day with hours of its own."""

    day: date
    name: Texts
    opens: int | None = None
    closes: int | None = None


@dataclass(frozen=True, kw_only=True)
class Calendar(Row):
    code: str
    name: Texts
    time_zone: str
    is_default: bool = False
    hours: tuple[OpenHours, ...] = ()
    days: tuple[Day, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Target(Row):
    """``area`` is a (kind, area) pair, or empty for everywhere; no ``priority``: any."""

    kind: str
    amount: int
    unit: str
    day_end: str
    area: tuple[str, ...] = ()
    priority: str = ""


@dataclass(frozen=True, kw_only=True)
class AgreementVersion(Row):
    service: str
    department: str
    effective_from: date
    effective_to: date | None = None
    calendar: str
    approved_by: str = ""
    evidence: str = ""
    targets: tuple[Target, ...] = ()
    # Approved by both sides at the desk: history too, known to a pack only once exported.
    of_desk: bool = field(default=False, compare=False)


@dataclass(frozen=True, kw_only=True)
class EscalationStep(Row):
    """``tell``: who; of one agreement when ``service`` is set, of the whole city otherwise."""

    code: str
    kind: str = ""
    when: str
    amount: int
    unit: str
    tell: tuple[str, ...]
    wording: Texts = field(default_factory=dict)
    service: str = ""
    department: str = ""


@dataclass(frozen=True, kw_only=True)
class RoutingRule(Row):
    """``answers``: (service, question, value) triples; ``window``: minutes after midnight;
    ``team``: code of a team of the department, or empty."""

    code: str
    department: str
    team: str = ""
    services: tuple[str, ...] = ()
    areas: tuple[tuple[str, str], ...] = ()
    answers: tuple[tuple[str, str, str], ...] = ()
    weekdays: str = ""
    window: tuple[int, int] | None = None
    hazard_only: bool = False
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Area(Row):
    """``boundary`` is a GeoJSON Polygon or MultiPolygon, or None for an area without one."""

    code: str
    name: Texts
    boundary: dict[str, object] | None = None
    is_approximate: bool = False
    source: str = ""


@dataclass(frozen=True, kw_only=True)
class AreaKind(Row):
    code: str
    name: Texts
    is_public: bool = True
    is_limits: bool = False
    areas: tuple[Area, ...] = ()


@dataclass(frozen=True, kw_only=True)
class PlaceKind(Row):
    code: str
    name: Texts


@dataclass(frozen=True, kw_only=True)
class CityText(Row):
    key: str
    text: Texts


@dataclass(frozen=True, kw_only=True)
class Pack:
    """Everything a city is made of."""

    city: CityFacts
    departments: tuple[Department, ...] = ()
    groups: tuple[Group, ...] = ()
    services: tuple[Service, ...] = ()
    pause_reasons: tuple[PauseReason, ...] = ()
    statuses: tuple[Status, ...] = ()
    moves: tuple[Move, ...] = ()
    outcomes: tuple[Outcome, ...] = ()
    calendars: tuple[Calendar, ...] = ()
    agreements: tuple[AgreementVersion, ...] = ()
    escalation: tuple[EscalationStep, ...] = ()
    routing: tuple[RoutingRule, ...] = ()
    area_kinds: tuple[AreaKind, ...] = ()
    place_kinds: tuple[PlaceKind, ...] = ()
    work_items: tuple[WorkItem, ...] = ()
    replies: tuple[Reply, ...] = ()
    macros: tuple[Macro, ...] = ()
    center: CenterRules | None = None
    phone_line: PhoneLine | None = None
    spoken_languages: tuple[SpokenLanguage, ...] = ()
    keywords: tuple[Keyword, ...] = ()
    dispositions: tuple[Disposition, ...] = ()
    monitoring: tuple[MonitoringQuestion, ...] = ()
    surge_texts: tuple[SurgeText, ...] = ()
    retention: tuple[RetentionRule, ...] = ()
    topics: tuple[Topic, ...] = ()
    articles: tuple[Article, ...] = ()
    directory: tuple[DirectoryEntry, ...] = ()
    notices: tuple[Notice, ...] = ()
    quiet_hours: tuple[QuietHours, ...] = ()
    texts: tuple[CityText, ...] = ()
