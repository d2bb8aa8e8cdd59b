"""The forms of a case's page used all day: which this person sees, with which fields."""

from __future__ import annotations

from collections.abc import Callable

from django.utils.translation import gettext as _

from lamppost.cases.choices import EventAudience
from lamppost.cases.services.lifecycle import next_statuses
from lamppost.catalog.book import book
from lamppost.catalog.choices import OutcomeKind, PhotoRule
from lamppost.faces.desk.forms import Desk, Form, fresh
from lamppost.faces.desk.frame import localized, name_of_department
from lamppost.faces.desk.queue_form import with_absence
from lamppost.people.choices import Role
from lamppost.people.models import Membership
from lamppost.people.permissions import Permission


def main_forms(desk: Desk) -> dict[str, Form]:
    """Return the forms used all day, by slug; those the actor cannot use are left out."""
    makers: dict[str, Callable[[Desk], Form | None]] = {
        "move": _move,
        "close": _close,
        "note": _note,
        "assign": _assign,
        "take": _take,
        "reopen": _reopen,
    }
    made = {slug: make(desk) for slug, make in makers.items()}
    return {slug: form for slug, form in made.items() if form is not None}


def _move(desk: Desk) -> Form | None:
    statuses = next_statuses(desk.case)
    if desk.is_closed or not statuses or not desk.may(Permission.CASE_WORK):
        return None
    fields = desk.fields("move")
    moves = book().moves
    choices = [
        (
            one.code,
            _("%(status)s (needs a reason)") % {"status": localized(one.name)}
            if moves.get((desk.case.status_id, one.id))
            else localized(one.name),
        )
        for one in statuses
    ]
    shown = [
        fields.select("status", _("Next status"), choices, attrs={"data-hotkey": "m"}),
        fields.area("note", _("Note"), attrs={"rows": 2}),
        fields.box("internal", _("Only for colleagues")),
    ]
    return desk.form("move", _("Move"), _("Move"), shown)


def _close(desk: Desk) -> Form | None:
    if desk.is_closed or not desk.may(Permission.CASE_CLOSE):
        return None
    fields = desk.fields("close")
    outcomes = [one for one in book().outcomes.values() if one.kind is not OutcomeKind.DUPLICATE]
    choices = [("", _("Choose")), *((one.code, localized(one.name)) for one in outcomes)]
    hint = ""
    if any(one.sentence for one in outcomes):
        hint = _("Left empty, the outcome's own sentence is sent.")
    shown = [
        fields.select("outcome", _("Outcome"), choices, required=True, attrs={"data-hotkey": "c"}),
        fields.area("text", _("Sentence for the resident"), hint=hint, attrs={"rows": 2}),
    ]
    intro = ""
    if book().services_by_id[desk.case.service_id].photos is PhotoRule.TO_CLOSE:
        intro = _("This service needs a photo of the finished work: add it first.")
    return desk.form(
        "close",
        _("Close"),
        _("Close case"),
        shown,
        intro=intro,
        next_button=_("Close and go to the next"),
    )


def _note(desk: Desk) -> Form | None:
    if not desk.may(Permission.CASE_EDIT):
        return None
    fields = desk.fields("note")
    audience = [(EventAudience.STAFF.value, _("Colleagues"))]
    if desk.actor.department_id is not None:
        own = _("Only %(department)s") % {
            "department": name_of_department(desk.actor.department_id)
        }
        audience.append((EventAudience.DEPARTMENT.value, own))
    audience.append((EventAudience.PUBLIC.value, _("The resident and the public")))
    people = [
        (str(row.user_id), _reader(row, desk.case.department_id))
        for row in desk.readers
        if row.user_id != desk.actor.user_id
    ]
    hint = _("Or write @ and a name into the note.")
    told = {
        **fields.text("told", _("Tell colleagues"), kind="checkboxes", hint=hint),
        "choices": people,
        "value": desk.typed["note"].data.getlist("told") if "note" in desk.typed else [],
        "is_tucked": True,
    }
    shown = [
        fields.area("text", _("Note"), required=True, attrs={"rows": 2, "data-hotkey": "e"}),
        fields.select("audience", _("For"), audience, default=EventAudience.STAFF.value),
        *([told] if people else []),
    ]
    return desk.form("note", _("Note"), _("Add note"), shown)


def _assign(desk: Desk) -> Form | None:
    if desk.is_closed or not desk.may(Permission.CASE_WORK):
        return None
    fields = desk.fields("assign")
    people = [("", _("Nobody (back to the queue)"))]
    people += [(str(user.pk), with_absence(user, desk.away)) for user in desk.colleagues]
    shown = [
        fields.select(
            "user",
            _("Assigned to"),
            people,
            default=str(desk.case.assignee_id or ""),
            attrs={"data-hotkey": "g"},
        )
    ]
    if desk.teams:
        teams = [(str(team.pk), localized(team.name) or team.code) for team in desk.teams]
        choices = [("", _("No team")), *teams]
        shown.append(
            fields.select("team", _("Team"), choices, default=str(desk.case.team_id or ""))
        )
    return desk.form("assign", _("Assign"), _("Assign"), shown)


def _take(desk: Desk) -> Form | None:
    ids = {user.pk for user in desk.colleagues}
    if desk.is_closed or desk.actor.user_id not in ids:
        return None
    if desk.case.assignee_id == desk.actor.user_id or not desk.may(Permission.CASE_WORK):
        return None
    form = desk.form("assign", "", _("Assign to me"), (), hidden={"user": str(desk.actor.user_id)})
    return fresh(form)


def _reader(row: Membership, department_id: int) -> str:
    if row.department_id == department_id:
        return str(row.user)
    place = name_of_department(row.department_id) or str(Role(row.role).label)
    return f"{row.user} ({place})"


def _reopen(desk: Desk) -> Form | None:
    if not desk.is_closed or desk.is_duplicate or not desk.may(Permission.CASE_REOPEN):
        return None
    shown = [desk.fields("reopen").area("reason", _("Why it is opened again"), required=True)]
    return desk.form("reopen", _("Reopen"), _("Open again"), shown)
