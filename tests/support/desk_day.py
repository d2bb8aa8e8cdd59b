"""What the desk keeps of people in tests with two cities: a team, an absence, a view, a notice."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from lamppost.cases.models import Case, SavedView
from lamppost.people.choices import NoticeKind, Role
from lamppost.people.models import (
    Absence,
    Department,
    Membership,
    StaffNotice,
    Team,
    TeamMember,
    User,
)

# The id every address with a number in it is asked for in the other city.
FOREIGN_ID = 98_765_432
SECRET = "only in Shelbyville"


def add_desk_day(slug: str) -> None:
    """Give the city in scope somebody in a team, who is away, with a view and a notice."""
    is_foreign = slug == "shelbyville"
    name = SECRET if is_foreign else slug
    pk = FOREIGN_ID if is_foreign else None
    streets = Department.objects.get(code="streets")
    now = timezone.now()
    user = User.objects.create(email=f"away@{slug}.example", name=f"Away {name}")
    Membership.objects.create(user=user, role=Role.WORKER, department=streets)
    team = Team.objects.create(pk=pk, department=streets, code="crew", name={"en": f"Crew {name}"})
    TeamMember.objects.create(team=team, user=user)
    today = timezone.localdate()
    Absence.objects.create(
        pk=pk, user=user, first_day=today, last_day=today + timedelta(days=9), created_at=now
    )
    SavedView.objects.create(
        pk=pk, department=streets, name=f"View {name}"[:60], query="due=overdue", created_at=now
    )
    case = Case.objects.order_by("-id")[0]
    StaffNotice.objects.create(
        pk=pk,
        user=user,
        kind=NoticeKind.MENTION,
        subject=f"Look at this, {name}",
        path="/desk/",
        case_number=case.number,
        once_key=f"seed:{slug}",
        created_at=now,
    )
