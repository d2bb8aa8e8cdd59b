"""What an installation under test holds."""

from __future__ import annotations

from django.utils import timezone

from lamppost.cases.models import Case, CaseEvent, QualityDay, QualitySample
from lamppost.cases.reports import Report
from lamppost.cases.services.bulk import bulk_close
from lamppost.cases.services.intake import submit
from lamppost.cases.services.lifecycle import close
from lamppost.cases.services.redress import dispute
from lamppost.catalog.choices import Channel
from lamppost.cities.models import City, CityHost
from lamppost.database.fields import Point
from lamppost.database.scope import city_scope
from lamppost.kernel.ids import digest
from lamppost.people import audit, denials
from lamppost.people.actors import ANONYMOUS, SYSTEM
from lamppost.people.choices import AuditWhat, Role
from lamppost.people.models import ApiKey, Department, Membership, User
from tests.support.center import add_center
from tests.support.cities import make_city
from tests.support.desk_day import add_desk_day
from tests.support.fieldwork import add_fieldwork
from tests.support.fixtures import API_KEY, PASSWORD
from tests.support.knowledge import add_knowledge
from tests.support.mail import add_mail
from tests.support.messages import add_messages
from tests.support.partners import add_partners
from tests.support.persons import add_persons
from tests.support.phones import add_phones
from tests.support.promises import add_promises
from tests.support.reviews import add_reviews
from tests.support.routing import add_routing
from tests.support.work import add_work

STAFF = (
    ("worker@staff.example", Role.WORKER, "streets"),
    ("manager@staff.example", Role.MANAGER, "streets"),
    ("agent@staff.example", Role.AGENT, "center"),
    ("supervisor@staff.example", Role.SUPERVISOR, "center"),
    ("admin@staff.example", Role.ADMIN, None),
    ("resident@staff.example", Role.RESIDENT, None),
)


def seed_two_cities() -> None:
    """Make Springfield, which answers at 127.0.0.1 and localhost, and Shelbyville."""
    springfield = make_city("springfield")
    for host in ("127.0.0.1", "localhost"):
        CityHost.objects.create(city=springfield, host=host)
    _fill(springfield, staff=True)
    _fill(make_city("shelbyville", zone="Europe/Berlin"), staff=False)


def _fill(city: City, *, staff: bool) -> None:
    with city_scope(city.pk):
        ApiKey.objects.create(
            name="App",
            key_digest=digest(API_KEY),
            per_minute=100_000,
            may_update=True,
            created_at=timezone.now(),
        )
        if staff:
            for email, role, department in STAFF:
                _member(email, role, department)
        for number in range(6):
            submit(
                Report(
                    service_code="POTHOLE",
                    channel=Channel.WEB,
                    description=f"{city.slug} hole {number}",
                    answers={"WHERE": ("roadway",)},
                    point=Point(-75.1636 + number / 1000, 39.9526),
                ),
                actor=ANONYMOUS,
            )
        add_promises(city.slug)
        add_work(city.slug)
        add_closings()
        add_desk_day(city.slug)
        add_fieldwork(city.slug)
        add_routing(city.slug)
        add_partners(city.slug)
        add_reviews(city.slug)
        add_messages(city.slug)
        add_persons(city.slug)
        add_knowledge(city.slug)
        add_phones(city.slug)
        add_center(city.slug)
        add_mail(city.slug)


def _member(email: str, role: Role, department: str | None) -> None:
    user = User(email=email, name=email.partition("@")[0].title())
    user.set_password(PASSWORD)
    user.save()
    Membership.objects.create(
        user=user,
        role=role,
        department=Department.objects.get(code=department) if department else None,
    )


def add_closings() -> None:
    """Close two of the cases: one said to be not fixed, one drawn for a second look."""
    second, first = Case.objects.order_by("-id")[1:3]
    bulk_close(case_ids=[second.pk], outcome_code="done", reason="Paved", actor=SYSTEM)
    close(case_id=first.pk, outcome_code="done", text="Filled", actor=SYSTEM)
    dispute(case_id=first.pk, text="Still there", actor=ANONYMOUS)
    closing = CaseEvent.objects.filter(case=second, kind="closed").latest("seq")
    now = timezone.now()
    QualityDay.objects.create(
        day=now.date(), drawn_at=now, closed_count=2, bulk_count=1, sample_count=1
    )
    QualitySample.objects.create(
        case=second,
        closing=closing,
        day=now.date(),
        pool="bulk",
        department_id=second.department_id,
        drawn_at=now,
    )
    denials.keep(SYSTEM, "city.admin", detail="seed")
    audit.note(what=AuditWhat.SETTING, label="seed", actor=SYSTEM)
