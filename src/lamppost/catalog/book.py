"""The catalogue of one city, compiled to plain values: read once, used by every filing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from lamppost.catalog.choices import (
    CaseKind,
    Datatype,
    LocationRule,
    OutcomeKind,
    PhotoRule,
    ServiceType,
    State,
    TriageOutcome,
    Visibility,
)
from lamppost.catalog.forms import FormQuestion, FormValue
from lamppost.catalog.models import (
    Move,
    Outcome,
    Question,
    Service,
    Status,
    TriageRule,
)
from lamppost.catalog.triage import Conditions
from lamppost.cities.cache import CityCache, catalog_stamp
from lamppost.cities.models import City
from lamppost.cities.selectors import city_in_scope
from lamppost.kernel.text import in_language
from lamppost.people.models import Department

Texts = Mapping[str, str]


@dataclass(frozen=True, slots=True, eq=False)
class DepartmentEntry:
    """A department."""

    id: int
    code: str
    name: Texts
    is_catch_all: bool
    is_active: bool


@dataclass(frozen=True, slots=True, eq=False)
class StatusEntry:
    """A status and the state it stands for."""

    id: int
    code: str
    state: State
    name: Texts
    description: Texts
    is_default: bool


@dataclass(frozen=True, slots=True, eq=False)
class OutcomeEntry:
    """A way a case may end."""

    id: int
    code: str
    kind: OutcomeKind
    name: Texts
    sentence: Texts
    invites_reply: bool


@dataclass(frozen=True, slots=True, eq=False)
class TriageEntry:
    """One row of a triage table."""

    id: int
    code: str
    outcome: TriageOutcome
    text: Texts
    refer_to: Texts
    refer_phone: str
    refer_url: str
    is_hazard: bool


@dataclass(frozen=True, slots=True, eq=False)
class _QuestionEntry:
    id: int
    code: str
    order: int
    text: Texts
    help: Texts
    datatype: Datatype
    is_variable: bool
    is_required: bool
    is_public: bool
    values: tuple[tuple[int, str, Texts], ...]
    only_if: frozenset[int]


@dataclass(frozen=True, slots=True, eq=False)
class ServiceEntry:
    """A service with its form and its triage table."""

    id: int
    code: str
    name: Texts
    description: Texts
    keywords: Texts
    group_code: str
    group_name: Texts
    department_id: int
    kind: CaseKind
    type: ServiceType
    location: LocationRule
    photos: PhotoRule
    visibility: Visibility
    notice: Texts
    duplicate_radius_m: int
    duplicate_days: int
    reopen_days: int
    is_public: bool
    is_active: bool
    triage: tuple[tuple[TriageEntry, Conditions], ...]
    questions: tuple[_QuestionEntry, ...]
    _forms: dict[str, tuple[FormQuestion, ...]] = field(default_factory=dict)

    def form(self, language: str) -> tuple[FormQuestion, ...]:
        """Return the questions in order, worded in ``language``."""
        form = self._forms.get(language)
        if form is None:
            form = tuple(_question(entry, language) for entry in self.questions)
            self._forms[language] = form
        return form

    @property
    def has_form(self) -> bool:
        """Whether there is anything to ask or tell beyond the description."""
        return bool(self.questions)


@dataclass(frozen=True, slots=True, eq=False)
class Book:
    """Everything the catalogue of one city says."""

    services: Mapping[str, ServiceEntry]
    services_by_id: Mapping[int, ServiceEntry]
    departments: Mapping[int, DepartmentEntry]
    statuses: Mapping[int, StatusEntry]
    outcomes: Mapping[int, OutcomeEntry]
    moves: Mapping[tuple[int, int], bool]
    """(from status, to status) to whether a reason is needed."""

    def default_status(self, state: State) -> StatusEntry:
        """Return the city's default status for ``state``; ``pack check`` sees there is one."""
        return next(
            status
            for status in self.statuses.values()
            if status.state is state and status.is_default
        )

    def status(self, code: str) -> StatusEntry | None:
        """Return the status with this code, or None."""
        return next((entry for entry in self.statuses.values() if entry.code == code), None)

    def outcome(self, code: str) -> OutcomeEntry | None:
        """Return the outcome with this code, or None."""
        return next((entry for entry in self.outcomes.values() if entry.code == code), None)

    def outcome_of_kind(self, kind: OutcomeKind) -> OutcomeEntry:
        """Return the city's first outcome of ``kind``; ``pack check`` sees there is one."""
        return next(entry for entry in self.outcomes.values() if entry.kind is kind)

    def catch_all(self) -> DepartmentEntry:
        """Return the department that owns what no rule sends elsewhere."""
        return next(entry for entry in self.departments.values() if entry.is_catch_all)

    def public_services(self) -> Iterable[ServiceEntry]:
        """Return what the public may ask for, in the city's order."""
        return (entry for entry in self.services.values() if entry.is_active and entry.is_public)


def book() -> Book:
    """Return the catalogue of the city in scope."""
    return _BOOKS.get(city_in_scope())


def _load(_city: City) -> Book:
    services = {entry.code: entry for entry in _services()}
    return Book(
        services=services,
        services_by_id={entry.id: entry for entry in services.values()},
        departments={
            row.pk: DepartmentEntry(row.pk, row.code, row.name, row.is_catch_all, row.is_active)
            for row in Department.objects.order_by("code")
        },
        statuses={
            row.pk: StatusEntry(
                row.pk, row.code, State(row.state), row.name, row.description, row.is_default
            )
            for row in Status.objects.order_by("order", "code")
        },
        outcomes={
            row.pk: OutcomeEntry(
                row.pk,
                row.code,
                OutcomeKind(row.kind),
                row.name,
                row.sentence,
                row.invites_reply,
            )
            for row in Outcome.objects.order_by("order", "code")
        },
        moves={
            (row.from_status_id, row.to_status_id): row.needs_reason for row in Move.objects.all()
        },
    )


def _services() -> Iterable[ServiceEntry]:
    rows = (
        Service.objects.select_related("group")
        .prefetch_related(
            "questions__values",
            "questions__only_if",
            "triage_rules__conditions__value",
            "triage_rules__areas",
        )
        .order_by("group__order", "order", "code")
    )
    for row in rows:
        yield ServiceEntry(
            id=row.pk,
            code=row.code,
            name=row.name,
            description=row.description,
            keywords=row.keywords,
            group_code=row.group.code,
            group_name=row.group.name,
            department_id=row.department_id,
            kind=CaseKind(row.kind),
            type=ServiceType(row.type),
            location=LocationRule(row.location),
            photos=PhotoRule(row.photos),
            visibility=Visibility(row.visibility),
            notice=row.notice,
            duplicate_radius_m=row.duplicate_radius_m,
            duplicate_days=row.duplicate_days,
            reopen_days=row.reopen_days,
            is_public=row.is_public,
            is_active=row.is_active,
            triage=tuple(_triage(rule) for rule in row.triage_rules.all()),
            questions=tuple(_question_entry(question) for question in row.questions.all()),
        )


def _triage(row: TriageRule) -> tuple[TriageEntry, Conditions]:
    values: dict[int, set[int]] = {}
    for condition in row.conditions.all():
        values.setdefault(condition.value.question_id, set()).add(condition.value_id)
    entry = TriageEntry(
        id=row.pk,
        code=row.code,
        outcome=TriageOutcome(row.outcome),
        text=row.text,
        refer_to=row.refer_to,
        refer_phone=row.refer_phone,
        refer_url=row.refer_url,
        is_hazard=row.is_hazard,
    )
    conditions = Conditions(
        values={question: frozenset(wanted) for question, wanted in values.items()},
        areas=frozenset(area.area_id for area in row.areas.all()),
    )
    return entry, conditions


def _question_entry(row: Question) -> _QuestionEntry:
    return _QuestionEntry(
        id=row.pk,
        code=row.code,
        order=row.order,
        text=row.text,
        help=row.help,
        datatype=Datatype(row.datatype),
        is_variable=row.is_variable,
        is_required=row.is_required,
        is_public=row.is_public,
        values=tuple((value.pk, value.key, value.name) for value in row.values.all()),
        only_if=frozenset(condition.value_id for condition in row.only_if.all()),
    )


def _question(entry: _QuestionEntry, language: str) -> FormQuestion:
    return FormQuestion(
        id=entry.id,
        code=entry.code,
        order=entry.order,
        text=in_language(entry.text, language),
        help=in_language(entry.help, language),
        datatype=entry.datatype,
        is_variable=entry.is_variable,
        is_required=entry.is_required,
        is_public=entry.is_public,
        values=tuple(
            FormValue(value_id, key, in_language(name, language) or key)
            for value_id, key, name in entry.values
        ),
        only_if=entry.only_if,
    )


_BOOKS: CityCache[Book] = CityCache(_load, catalog_stamp)
