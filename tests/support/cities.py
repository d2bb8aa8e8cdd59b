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
        CityLanguage.objects.bulk_create(
            CityLanguage(code=code, order=order) for order, code in enumerate(("en", "es", "ar"))
        )
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
    made = {
        status.code: status
        for status in Status.objects.bulk_create(
            Status(
                code=code,
                state=state,
                name={"en": english, "es": spanish},
                is_default=default,
                order=order,
            )
            for order, (code, state, english, spanish, default) in enumerate(rows)
        )
    }
    Move.objects.bulk_create(
        Move(from_status=made[source], to_status=made[target], needs_reason=needs_reason)
        for source, target, needs_reason in (
            ("received", "in-progress", False),
            ("received", "scheduled", False),
            ("in-progress", "scheduled", False),
            ("in-progress", "waiting-weather", True),
            ("waiting-weather", "in-progress", False),
            ("scheduled", "in-progress", False),
        )
    )
    reason = PauseReason.objects.create(code="weather", name={"en": "Weather", "es": "Tiempo"})
    PausingStatus.objects.create(status=made["waiting-weather"], reason=reason)
    outcomes = (
        ("done", "done", "Done"),
        ("not-done", "not_done", "Not done"),
        ("referred", "referred", "Referred"),
        ("not-found", "not_found", "Could not find it"),
        ("duplicate", "duplicate", "Already reported"),
        ("withdrawn", "withdrawn", "Withdrawn"),
    )
    Outcome.objects.bulk_create(
        Outcome(code=code, kind=kind, name={"en": english}, order=order)
        for order, (code, kind, english) in enumerate(outcomes)
    )


def _catalogue() -> None:
    departments = {
        department.code: department
        for department in Department.objects.bulk_create(
            Department(code=code, name={"en": code.title()}, is_catch_all=code == "center")
            for code in ("center", "streets", "parks")
        )
    }
    group = ServiceGroup.objects.create(code="streets", name={"en": "Streets", "es": "Calles"})
    center = departments["center"]
    services = (
        _service("POTHOLE", "Pothole", "Bache", group, departments["streets"]),
        _service("TREE", "Street tree", "Árbol", group, departments["parks"], photos="to_close"),
        _service(
            "POLICE", "Complaint", "Queja", group, center, visibility="private",
            location="optional",
        ),
        _service(
            "QUESTION", "Question", "Pregunta", group, center, kind="inquiry", location="none"
        ),
    )  # fmt: skip
    pothole = Service.objects.bulk_create(services)[0]
    _pothole_form(pothole)
    calendar = BusinessCalendar.objects.create(
        code="office", name={"en": "Office"}, time_zone="", is_default=True
    )
    CalendarHours.objects.bulk_create(
        CalendarHours(calendar=calendar, weekday=weekday, opens=480, closes=1020)
        for weekday in range(5)
    )
    agreement = Agreement.objects.create(service=pothole, department=departments["streets"])
    version = AgreementVersion.objects.create(
        agreement=agreement,
        effective_from=date(2015, 1, 1),
        calendar=calendar,
        approved_by="Council",
        published_at=timezone.now(),
    )
    SlaTarget.objects.bulk_create(
        SlaTarget(version=version, kind=kind, amount=amount, unit=unit)
        for kind, amount, unit in (
            ("resolve", 3, "business_days"), ("acknowledge", 4, "business_hours"),
        )
    )  # fmt: skip


def _service(
    code: str, english: str, spanish: str, group: ServiceGroup, department: Department, **more: str
) -> Service:
    return Service(
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
        value.key: value
        for value in QuestionValue.objects.bulk_create(
            QuestionValue(question=where, key=key, name={"en": english}, order=order)
            for order, (key, english) in enumerate(
                (
                    ("roadway", "In the roadway"),
                    ("private", "On private property"),
                    ("gas", "I smell gas"),
                    ("cave-in", "The street is caving in"),
                ),
                start=1,
            )
        )
    }
    Question.objects.create(
        service=pothole,
        code="SIZE",
        order=2,
        text={"en": "How wide is it, in inches?"},
        datatype="number",
    )
    triage = (
        ("gas", "emergency", False, "Leave the place and call 911."),
        ("private", "refer", False, "The owner is responsible for it."),
        ("cave-in", "accept", True, ""),
    )
    rules = TriageRule.objects.bulk_create(
        TriageRule(
            service=pothole,
            code=code,
            order=order,
            outcome=outcome,
            is_hazard=hazard,
            text={"en": text},
            refer_to={"en": "Property owner"} if outcome == "refer" else {},
        )
        for order, (code, outcome, hazard, text) in enumerate(triage, start=1)
    )
    TriageCondition.objects.bulk_create(
        TriageCondition(rule=rule, value=values[rule.code]) for rule in rules
    )
