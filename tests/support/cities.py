"""Two small cities for tests, with everything a case needs and nothing more."""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.utils import timezone

from lamppost.cases.services.numbers import ensure_numbers
from lamppost.catalog.models import (
    Move,
    Outcome,
    Question,
    QuestionValue,
    Service,
    ServiceGroup,
    Status,
    TriageCondition,
    TriageRule,
)
from lamppost.cities.models import City, CityHost, CityLanguage
from lamppost.database.scope import city_scope
from lamppost.people.models import Department
from lamppost.sla.models import (
    Agreement,
    AgreementVersion,
    BusinessCalendar,
    CalendarHours,
    PauseReason,
    PausingStatus,
    SlaTarget,
)


def make_city(slug: str, *, zone: str = "America/New_York", first_number: int = 1001) -> City:
    """Return a city with three departments, four services, agreements and a triage table."""
    now = timezone.now()
    city = City.objects.create(
        slug=slug,
        name={"en": slug.title(), "es": f"Ciudad {slug.title()}", "ar": f"مدينة {slug}"},
        jurisdiction_id=f"{slug}.example",
        time_zone=zone,
        country="US",
        emergency_number="911",
        contact_phone="311",
        center=(-75.16, 39.95),
        west=-76.0,
        south=39.0,
        east=-74.0,
        north=41.0,
        first_number=first_number,
        catalog_changed_at=now,
        areas_changed_at=now,
    )
    CityHost.objects.create(city=city, host=f"{slug}.example")
    ensure_numbers(city)
    with city_scope(city.pk):
        for order, code in enumerate(("en", "es", "ar")):
            CityLanguage.objects.create(code=code, order=order)
        _statuses()
        # Targets are written in the transaction that publishes their version.
        with transaction.atomic():
            _catalogue()
    return city


def _statuses() -> None:
    rows = (
        ("received", "received", "Received", "Recibido", True),
        ("in-progress", "open", "In progress", "En curso", True),
        ("scheduled", "open", "Scheduled", "Programado", False),
        ("waiting-weather", "waiting", "Waiting for weather", "En espera del tiempo", True),
        ("closed", "closed", "Closed", "Cerrado", True),
    )
    made = {}
    for order, (code, state, english, spanish, default) in enumerate(rows):
        made[code] = Status.objects.create(
            code=code,
            state=state,
            name={"en": english, "es": spanish},
            is_default=default,
            order=order,
        )
    for source, target, needs_reason in (
        ("received", "in-progress", False),
        ("received", "scheduled", False),
        ("in-progress", "scheduled", False),
        ("in-progress", "waiting-weather", True),
        ("waiting-weather", "in-progress", False),
        ("scheduled", "in-progress", False),
    ):
        Move.objects.create(
            from_status=made[source], to_status=made[target], needs_reason=needs_reason
        )
    reason = PauseReason.objects.create(code="weather", name={"en": "Weather", "es": "Tiempo"})
    PausingStatus.objects.create(status=made["waiting-weather"], reason=reason)
    for order, (code, kind, english) in enumerate(
        (
            ("done", "done", "Done"),
            ("not-done", "not_done", "Not done"),
            ("referred", "referred", "Referred"),
            ("not-found", "not_found", "Could not find it"),
            ("duplicate", "duplicate", "Already reported"),
            ("withdrawn", "withdrawn", "Withdrawn"),
        )
    ):
        Outcome.objects.create(code=code, kind=kind, name={"en": english}, order=order)


def _catalogue() -> None:
    departments = {
        code: Department.objects.create(
            code=code, name={"en": code.title()}, is_catch_all=code == "center"
        )
        for code in ("center", "streets", "parks")
    }
    group = ServiceGroup.objects.create(code="streets", name={"en": "Streets", "es": "Calles"})
    pothole = _service("POTHOLE", "Pothole", "Bache", group, departments["streets"])
    _service("TREE", "Street tree", "Árbol", group, departments["parks"], photos="to_close")
    _service(
        "POLICE", "Complaint", "Queja", group, departments["center"], visibility="private",
        location="optional",
    )  # fmt: skip
    _service(
        "QUESTION", "Question", "Pregunta", group, departments["center"], kind="inquiry",
        location="none",
    )  # fmt: skip
    _pothole_form(pothole)
    calendar = BusinessCalendar.objects.create(
        code="office", name={"en": "Office"}, time_zone="", is_default=True
    )
    for weekday in range(5):
        CalendarHours.objects.create(calendar=calendar, weekday=weekday, opens=480, closes=1020)
    agreement = Agreement.objects.create(service=pothole, department=departments["streets"])
    version = AgreementVersion.objects.create(
        agreement=agreement,
        effective_from=date(2015, 1, 1),
        calendar=calendar,
        approved_by="Council",
        published_at=timezone.now(),
    )
    SlaTarget.objects.create(version=version, kind="resolve", amount=3, unit="business_days")
    SlaTarget.objects.create(version=version, kind="acknowledge", amount=4, unit="business_hours")


def _service(
    code: str, english: str, spanish: str, group: ServiceGroup, department: Department, **more: str
) -> Service:
    return Service.objects.create(
        code=code,
        name={"en": english, "es": spanish},
        description={"en": f"Report: {english}"},
        keywords={"en": english.lower()},
        group=group,
        department=department,
        **more,
    )


def _pothole_form(pothole: Service) -> None:
    where = Question.objects.create(
        service=pothole,
        code="WHERE",
        order=1,
        text={"en": "Where on the street is it?", "es": "¿En qué parte de la calle está?"},
        datatype="singlevaluelist",
        is_required=True,
        is_public=True,
    )
    values = {
        key: QuestionValue.objects.create(
            question=where, key=key, name={"en": english}, order=order
        )
        for order, (key, english) in enumerate(
            (
                ("roadway", "In the roadway"),
                ("private", "On private property"),
                ("gas", "I smell gas"),
                ("cave-in", "The street is caving in"),
            ),
            start=1,
        )
    }
    Question.objects.create(
        service=pothole,
        code="SIZE",
        order=2,
        text={"en": "How wide is it, in inches?"},
        datatype="number",
    )
    for order, (code, key, outcome, hazard, text) in enumerate(
        (
            ("gas", "gas", "emergency", False, "Leave the place and call 911."),
            ("private", "private", "refer", False, "The owner is responsible for it."),
            ("cave-in", "cave-in", "accept", True, ""),
        ),
        start=1,
    ):
        rule = TriageRule.objects.create(
            service=pothole,
            code=code,
            order=order,
            outcome=outcome,
            is_hazard=hazard,
            text={"en": text},
            refer_to={"en": "Property owner"} if outcome == "refer" else {},
        )
        TriageCondition.objects.create(rule=rule, value=values[key])
