"""Reviews of agreements and knowledge: what is due, what was held, who takes part."""

from __future__ import annotations

import re
from datetime import date

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from lamppost.faces.desk.access import actor_at, at_desk, status_of
from lamppost.faces.desk.actions import id_in
from lamppost.faces.desk.fields import Fields, Typed
from lamppost.faces.desk.figures import as_csv
from lamppost.faces.desk.frame import frame, localized
from lamppost.insight.choices import SubjectKind
from lamppost.insight.models import Review, ReviewSubject
from lamppost.insight.selectors.calendar import due_days, today, with_last_held
from lamppost.insight.selectors.reviews import (
    held_page,
    participation,
    subjects_for,
    to_hold,
)
from lamppost.insight.services.access import may_hold, require_for, require_to_read
from lamppost.insight.services.reviews import open_now
from lamppost.insight.services.subjects import add_knowledge_area, set_cadence
from lamppost.insight.services.telling import name_of
from lamppost.kernel.refusals import Invalid, NotFound
from lamppost.people.actors import Actor
from lamppost.people.models import Department
from lamppost.people.permissions import ALL_DEPARTMENTS, Permission, may, require

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@at_desk("GET", "HEAD")
def reviews(request: HttpRequest) -> HttpResponse:
    """List the reviews that are to be held, the one due first on top."""
    actor = actor_at(request)
    require(actor, Permission.MEASURES_READ)
    day = today()
    rows = [_row(review, day) for review in to_hold(actor)]
    page = {
        **frame(actor, here="tools"),
        "tabs": tabs("reviews"),
        "overdue": [row for row in rows if row["is_overdue"]],
        "due": [row for row in rows if not row["is_overdue"]],
    }
    return render(request, "desk/reviews/list.html", page)


@at_desk("GET", "HEAD")
def held(request: HttpRequest) -> HttpResponse:
    """List the reviews that were held, newest first."""
    actor = actor_at(request)
    require(actor, Permission.MEASURES_READ)
    found = held_page(actor, after=request.GET.get("after", ""))
    page = {
        **frame(actor, here="tools"),
        "tabs": tabs("reviews_held"),
        "rows": [_row(review, today()) for review in found.reviews],
        "older_url": f"?after={found.after}" if found.after else "",
    }
    return render(request, "desk/reviews/held.html", page)


@at_desk("GET", "HEAD", "POST")
def calendar(request: HttpRequest) -> HttpResponse:
    """Show everything that is reviewed with its next day; add an area of knowledge."""
    actor = actor_at(request)
    require(actor, Permission.MEASURES_READ)
    typed, status = Typed(), 200
    if request.method == "POST":
        try:
            add_knowledge_area(
                name=request.POST.get("name", ""),
                department_id=id_in(request.POST, "department"),
                every_months=_number(request.POST.get("every_months", "")),
                actor=actor,
            )
        except Invalid as refusal:
            typed, status = Typed.of(request.POST, refusal), status_of(refusal)
        else:
            messages.success(request, _("The area is on the review calendar."))
            return HttpResponseRedirect(reverse("desk:review_calendar"))
    day = today()
    subjects = list(with_last_held(subjects_for(actor)))
    dues = due_days(subjects, day)
    page = {
        **frame(actor, here="tools"),
        "tabs": tabs("review_calendar"),
        "rows": [_subject_row(one, dues[one.pk], day, actor) for one in subjects],
        "fields": _area_fields(typed, actor) if may(actor, Permission.REVIEW_HOLD) else [],
        "errors": typed.other_errors(("name", "department", "every_months")),
    }
    return render(request, "desk/reviews/calendar.html", page, status=status)


@at_desk("GET", "HEAD", "POST")
def subject(request: HttpRequest, subject_id: str) -> HttpResponse:
    """Choose how often something is reviewed, or open its review now."""
    actor = actor_at(request)
    found = ReviewSubject.objects.filter(pk=int(subject_id)).first()
    if found is None:
        raise NotFound(_("This is not on the review calendar."))
    require_to_read(found, actor)
    require_for(found, actor)
    typed, status = Typed(), 200
    if request.method == "POST":
        try:
            return _change_subject(request, found, actor)
        except Invalid as refusal:
            typed, status = Typed.of(request.POST, refusal), status_of(refusal)
    page = {
        **frame(actor, here="tools"),
        "subject": found,
        "name": name_of(found),
        "is_stat": found.kind == SubjectKind.STAT,
        "fields": _cadence_fields(found, typed),
        "errors": typed.other_errors(("every_months", "first_due_on")),
    }
    return render(request, "desk/reviews/subject.html", page, status=status)


@at_desk("GET", "HEAD")
def takes_part(request: HttpRequest) -> HttpResponse:
    """Show each department's part in the reviews of the last twelve months."""
    actor = actor_at(request)
    require(actor, Permission.MEASURES_READ)
    rows = participation(on=today())
    if request.GET.get("format") == "csv":
        header = ("department", "held", "attended", "meetings", "open_actions", "late_actions")
        return as_csv(
            f"participation-{today()}",
            header,
            (
                (
                    one.department.code,
                    one.held,
                    one.attended,
                    one.meetings,
                    one.open_actions,
                    one.late_actions,
                )
                for one in rows
            ),
        )
    page = {**frame(actor, here="tools"), "tabs": tabs("participation"), "rows": rows}
    return render(request, "desk/reviews/participation.html", page)


def tabs(here: str) -> list[dict[str, object]]:
    """Return the links between the pages of reviews; ``here`` is the name of this one."""
    pages = (
        ("reviews", _("To hold")),
        ("reviews_held", _("Held")),
        ("review_calendar", _("Calendar")),
        ("participation", _("Participation")),
        ("stat", _("Stat meetings")),
        ("measures", _("Measures")),
    )
    return [
        {"label": label, "url": reverse(f"desk:{name}"), "current": name == here}
        for name, label in pages
    ]


def day_in(text: str) -> date | None:
    """Return the day a form field holds, None for none. Raises ``ValueError`` for anything else."""
    if not text:
        return None
    try:
        if _DAY.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise ValueError(text)


def _change_subject(request: HttpRequest, found: ReviewSubject, actor: Actor) -> HttpResponse:
    if request.POST.get("step") == "open":
        review = open_now(subject_id=found.pk, actor=actor)
        return HttpResponseRedirect(reverse("desk:review", args=[review.pk]))
    try:
        first_due_on = day_in(request.POST.get("first_due_on", ""))
    except ValueError:
        raise Invalid(_("Enter a day."), field="first_due_on") from None
    set_cadence(
        subject_id=found.pk,
        every_months=_number(request.POST.get("every_months", "")),
        first_due_on=first_due_on,
        actor=actor,
    )
    messages.success(request, _("The review calendar was changed."))
    return HttpResponseRedirect(reverse("desk:review_calendar"))


def _row(review: Review, day: date) -> dict[str, object]:
    return {
        "review": review,
        "name": name_of(review.subject),
        "department": localized(review.subject.department.name)
        if review.subject.department
        else _("The whole city"),
        "kind": SubjectKind(review.subject.kind).label,
        "url": reverse("desk:review", args=[review.pk]),
        "is_overdue": review.held_at is None and review.due_on < day,
    }


def _subject_row(
    one: ReviewSubject, due_on: date | None, day: date, actor: Actor
) -> dict[str, object]:
    changes = may_hold(one, actor)
    return {
        "name": name_of(one),
        "kind": SubjectKind(one.kind).label,
        "department": localized(one.department.name) if one.department else _("The whole city"),
        "every_months": one.every_months,
        "last": getattr(one, "last_held_at", None),
        "due_on": due_on,
        "is_overdue": due_on is not None and due_on < day,
        "url": reverse("desk:review_subject", args=[one.pk]) if changes else "",
    }


def _area_fields(typed: Typed, actor: Actor) -> list[dict[str, object]]:
    fields = Fields("area", typed)
    departments = Department.objects.filter(is_active=True)
    if actor.role not in ALL_DEPARTMENTS:
        departments = departments.filter(pk=actor.department_id or 0)
    choices = [(str(one.pk), localized(one.name) or one.code) for one in departments]
    return [
        fields.text("name", _("Area of knowledge"), required=True, attrs={"maxlength": 200}),
        fields.select("department", _("Department that answers for it"), choices, required=True),
        fields.text(
            "every_months", _("Reviewed every … months"), kind="number", default="12",
            required=True, attrs={"min": 1, "max": 60},
        ),
    ]  # fmt: skip


def _cadence_fields(found: ReviewSubject, typed: Typed) -> list[dict[str, object]]:
    fields = Fields("cadence", typed)
    first = found.first_due_on.isoformat() if found.first_due_on else ""
    return [
        fields.text(
            "every_months", _("Reviewed every … months"), kind="number",
            default=str(found.every_months), required=True, attrs={"min": 1, "max": 60},
        ),
        fields.text(
            "first_due_on", _("First review due on"), kind="date", default=first,
            hint=_("Leave empty to count from the day the agreement took effect."),
        ),
    ]  # fmt: skip


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 6 else 0
