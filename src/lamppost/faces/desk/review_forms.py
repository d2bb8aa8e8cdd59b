"""The forms of a review's page: the date, who was there, minutes, actions, and holding it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import BooleanField, ExpressionWrapper, Q
from django.urls import reverse
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from lamppost.faces.desk.fields import Fields, Typed, names_of
from lamppost.faces.desk.forms import Form
from lamppost.faces.desk.frame import localized
from lamppost.insight.choices import Decision, SubjectKind
from lamppost.insight.models import Review, ReviewAttendance
from lamppost.insight.services.actions import MAX_TEXT, possible_owners
from lamppost.insight.services.reviews import version_of
from lamppost.people.actors import Actor
from lamppost.people.choices import Role
from lamppost.people.models import Membership
from lamppost.sla.choices import UnitChoice

# People who work at the desk; a department's own people and the center's come to its reviews.
_COME = frozenset({Role.WORKER, Role.MANAGER, Role.SUPERVISOR, Role.DIRECTOR, Role.ADMIN})
_OF_DEPARTMENTS = frozenset({Role.WORKER, Role.MANAGER})
_MOST_PEOPLE = 200


def forms_of(
    review: Review, actor: Actor, typed: Mapping[str, Typed], present: Sequence[ReviewAttendance]
) -> dict[str, Form]:
    """Return the forms by step. A held review only takes further actions. Two queries."""
    forms = {"action": _action(review, actor, typed.get("action", Typed()))}
    if review.held_at is not None:
        return forms
    return forms | {
        "schedule": _schedule(review, typed.get("schedule", Typed())),
        "attendance": _attendance(review, typed.get("attendance", Typed()), present),
        "minutes": _minutes(review, typed.get("minutes", Typed())),
        "hold": _hold(review, typed.get("hold", Typed())),
    }


def what_if_fields(typed: Typed) -> list[dict[str, Any]]:
    """Return the fields of the what-if."""
    fields = Fields("what-if", typed)
    return [
        fields.text(
            "amount", _("What if it had been"), kind="number", default="5", required=True,
            attrs={"min": 1, "max": 1000},
        ),
        fields.select("unit", _("counted in"), UnitChoice.choices, default="business_days"),
    ]  # fmt: skip


def _form(
    review: Review,
    slug: str,
    title: str,
    button: str,
    typed: Typed,
    fields: Sequence[dict[str, Any]],
    **more: Any,
) -> Form:
    return Form(
        slug=slug,
        title=title,
        button=button,
        url=reverse("desk:review_act", args=[review.pk, slug]),
        seen=version_of(review),
        fields=fields,
        errors=typed.other_errors(names_of(fields)),
        **more,
    )


def _schedule(review: Review, typed: Typed) -> Form:
    fields = Fields("schedule", typed)
    at = localtime(review.scheduled_at).strftime("%Y-%m-%dT%H:%M") if review.scheduled_at else ""
    shown = [
        fields.text("at", _("Day and time"), kind="datetime-local", default=at),
        fields.text("place", _("Place"), default=review.place, attrs={"maxlength": 200}),
    ]
    return _form(review, "schedule", _("Date"), _("Set the date"), typed, shown)


def _attendance(review: Review, typed: Typed, present: Sequence[ReviewAttendance]) -> Form:
    members = Membership.objects.filter(
        role__in=_COME, is_active=True, user__is_active=True
    ).select_related("user", "department")
    department_id = review.subject.department_id
    if department_id is not None:
        members = members.filter(Q(department_id=department_id) | ~Q(role__in=_OF_DEPARTMENTS))
    # Workers last: of a large department not all fit on the page.
    is_worker = ExpressionWrapper(Q(role=Role.WORKER), output_field=BooleanField())
    rows = members.order_by(is_worker, "department__code", "user__name", "user_id")
    people = {one.user_id: one for one in rows[:_MOST_PEOPLE]}
    # Who is written down stays ticked, whatever became of them: what is not sent is taken out.
    found: list[ReviewAttendance | Membership] = [
        one for one in present if one.user_id not in people
    ]
    found += people.values()
    choices = [
        (str(one.user_id), str(one.user), localized(one.department.name) if one.department else "")
        for one in found
    ]
    fields = Fields("attendance", typed)
    field = fields.text("attendance", _("Who was there"), kind="checkboxes", choices=choices) | {
        "value": [str(one.user_id) for one in present]
    }
    return _form(review, "attendance", _("Attendance"), _("Write down attendance"), typed, [field])


def _minutes(review: Review, typed: Typed) -> Form:
    fields = Fields("minutes", typed)
    shown = [
        fields.area(
            "minutes", _("Minutes"), default=review.minutes, attrs={"rows": 8, "maxlength": 20000}
        )
    ]
    return _form(review, "minutes", _("Minutes"), _("Save the minutes"), typed, shown)


def _hold(review: Review, typed: Typed) -> Form:
    fields = Fields("hold", typed)
    shown = [fields.area("decision_text", _("Decision in words"), attrs={"maxlength": 20000})]
    if review.subject.kind == SubjectKind.AGREEMENT:
        shown.insert(0, fields.radios("decision", _("Decision"), Decision.choices, required=True))
    return _form(
        review,
        "hold",
        _("Decide and close the review"),
        _("Put the review on record"),
        typed,
        shown,
        intro=_(
            "The figures are kept as they are at this moment, and date, attendance, minutes and "
            "decision can no longer be changed."
        ),
    )


def _action(review: Review, actor: Actor, typed: Typed) -> Form:
    fields = Fields("action", typed)
    owners = [
        (str(one.user_id), f"{one.user} ({Role(one.role).label})")
        for one in possible_owners(review)
    ]
    own = str(actor.user_id) if actor.user_id else ""
    shown = [
        fields.text("text", _("What is to be done"), required=True, attrs={"maxlength": MAX_TEXT}),
        fields.select("owner", _("By whom"), owners, default=own, required=True),
        fields.text("due_on", _("Until"), kind="date", required=True),
    ]
    return _form(review, "action", _("New action"), _("Add the action"), typed, shown)
