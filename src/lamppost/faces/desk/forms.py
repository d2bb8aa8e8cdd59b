"""The forms of a case's page: which of them this person sees, with which fields."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from lamppost.cases.choices import EventAudience, LinkKind, Priority
from lamppost.cases.models import Case, Transfer
from lamppost.cases.selectors.desk import Nearby, ShownClock, ShownLink, may_work
from lamppost.cases.services.lifecycle import next_statuses
from lamppost.cases.services.locking import version_of
from lamppost.catalog.book import book
from lamppost.catalog.choices import OutcomeKind, PhotoRule, State, Visibility
from lamppost.faces.desk.fields import Fields, Typed, names_of
from lamppost.faces.desk.frame import localized, name_of_department
from lamppost.faces.desk.queue_form import with_absence
from lamppost.faces.desk.reply_choice import reply_field
from lamppost.people.absences import Away
from lamppost.people.actors import Actor
from lamppost.people.choices import Role
from lamppost.people.models import Membership, User
from lamppost.people.permissions import Permission, may
from lamppost.people.teams import ShownTeam


@dataclass(frozen=True)
class Form:
    """One form ready to draw. ``errors`` are those that belong to none of its fields."""

    slug: str
    title: str
    button: str
    url: str
    seen: str
    fields: Sequence[Mapping[str, Any]] = ()
    hidden: Mapping[str, str] = field(default_factory=dict)
    errors: Sequence[str] = ()
    is_open: bool = False
    is_danger: bool = False
    has_files: bool = False
    intro: str = ""
    reply: Mapping[str, Any] | None = None
    next_button: str = ""

    @property
    def has_errors(self) -> bool:
        """Whether this is the form that was sent and refused."""
        return bool(self.errors) or any(one.get("errors") for one in self.fields)


@dataclass(frozen=True)
class Desk:
    """All a form may need to know of the page it stands on."""

    case: Case
    actor: Actor
    query: str
    typed: Mapping[str, Typed]
    readers: Sequence[Membership] = ()
    teams: Sequence[ShownTeam] = ()
    away: Mapping[int, Away] = field(default_factory=dict)
    nearby: Sequence[Nearby] = ()
    links: Sequence[ShownLink] = ()
    clocks: Sequence[ShownClock] = ()
    offer: Transfer | None = None

    @property
    def colleagues(self) -> list[User]:
        """The people of the owning department who can be given the case, by name."""
        return [
            row.user
            for row in self.readers
            if row.department_id == self.case.department_id and may_work(row)
        ]

    def may(self, permission: Permission) -> bool:
        """Return whether the actor may do this to the case."""
        return may(self.actor, permission, department_id=self.case.department_id)

    @property
    def is_closed(self) -> bool:
        """Whether the case is closed."""
        return self.case.state == State.CLOSED

    @property
    def is_duplicate(self) -> bool:
        """Whether the case was closed as a repeat of another."""
        return any(one.kind == LinkKind.DUPLICATE_OF and one.is_outward for one in self.links)

    def fields(self, slug: str) -> Fields:
        """Return the maker of the fields of one form."""
        return Fields(slug, self.typed.get(slug, Typed()))

    def form(
        self, slug: str, title: str, button: str, fields: Sequence[Mapping[str, Any]], **more: Any
    ) -> Form:
        """Return a form with its address, version and errors."""
        typed = self.typed.get(slug, Typed())
        return Form(
            slug=slug,
            title=title,
            button=button,
            url=reverse("desk:act", args=[self.case.number, slug]) + self.query,
            seen=version_of(self.case),
            fields=fields,
            errors=typed.other_errors(names_of(fields)),
            is_open=slug in self.typed,
            reply=reply_field(self.case, slug, typed),
            **more,
        )


def main_forms(desk: Desk) -> dict[str, Form]:
    """Return the forms used all day, by slug; those the actor cannot use are left out."""
    return _made(desk, (_move, _close, _note, _assign, _take, _reopen))


def more_forms(desk: Desk) -> list[Form]:
    """Return the forms used now and then."""
    makers = (
        _offer, _duplicate, _not_duplicate, _relate, _recategorize, _correct, _priority,
        _visibility, _photo,
    )  # fmt: skip
    return list(_made(desk, makers).values())


def waive_form(desk: Desk, clock: ShownClock) -> Form | None:
    """Return the form that excuses one clock, or None."""
    if not clock.is_live or not may(desk.actor, Permission.SLA_WAIVE):
        return None
    typed = desk.typed.get("waive", Typed())
    own = typed if typed.value("clock") == str(clock.id) else Typed()
    fields = Fields(f"waive-{clock.id}", own)
    shown = [fields.area("reason", _("Why it is excused"), required=True)]
    form = desk.form("waive", _("Waive"), _("Waive"), shown, hidden={"clock": str(clock.id)})
    return form if own is typed else _fresh(form)


def hide_form(desk: Desk, photo_id: int) -> Form | None:
    """Return the form that hides one photo, or None."""
    if not desk.may(Permission.CASE_EDIT):
        return None
    typed = desk.typed.get("hide-photo", Typed())
    own = typed if typed.value("photo") == str(photo_id) else Typed()
    fields = Fields(f"hide-{photo_id}", own)
    shown = [fields.text("reason", _("Why it is hidden"), required=True)]
    form = desk.form("hide-photo", _("Hide"), _("Hide"), shown, hidden={"photo": str(photo_id)})
    return form if own is typed else _fresh(form)


def _fresh(form: Form) -> Form:
    return Form(**{**form.__dict__, "errors": (), "is_open": False})


Maker = Callable[[Desk], Form | None]


def _made(desk: Desk, makers: Sequence[Maker]) -> dict[str, Form]:
    forms: dict[str, Form] = {}
    for make in makers:
        form = make(desk)
        if form is not None:
            forms["take" if make is _take else form.slug] = form
    return forms


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
    return _fresh(form)


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


def _offer(desk: Desk) -> Form | None:
    if desk.is_closed or desk.offer is not None or not desk.may(Permission.CASE_TRANSFER):
        return None
    fields = desk.fields("offer")
    choices = [
        (str(one.id), localized(one.name))
        for one in book().departments.values()
        if one.is_active and one.id != desk.case.department_id
    ]
    shown = [
        fields.select("department", _("To department"), [("", _("Choose")), *choices]),
        fields.area("reason", _("Why it belongs there"), required=True, attrs={"rows": 2}),
    ]
    return desk.form("offer", _("Offer to another department"), _("Offer"), shown)


def _duplicate(desk: Desk) -> Form | None:
    if desk.is_closed or not desk.may(Permission.CASE_CLOSE):
        return None
    shown = [
        desk.fields("duplicate").text(
            "number",
            _("Number of the first case"),
            required=True,
            attrs={"maxlength": 40},
            hint=_("This case is closed; its reporter hears of the other one from now on."),
        )
    ]
    return desk.form("duplicate", _("Already reported"), _("Close as already reported"), shown)


def _not_duplicate(desk: Desk) -> Form | None:
    if not desk.is_duplicate or not desk.may(Permission.CASE_CLOSE):
        return None
    shown = [
        desk.fields("not-duplicate").area("reason", _("Why they are not the same"), required=True)
    ]
    return desk.form("not-duplicate", _("Not the same after all"), _("Open again"), shown)


def _relate(desk: Desk) -> Form | None:
    if not desk.may(Permission.CASE_EDIT):
        return None
    fields = desk.fields("relate")
    kinds = [(LinkKind.RELATED.value, _("is related to")), (LinkKind.FOLLOWS.value, _("follows"))]
    shown = [
        fields.select("kind", _("This case"), kinds, default=LinkKind.RELATED.value),
        fields.text("number", _("Number of the other case"), required=True,
                    attrs={"maxlength": 40}),
    ]  # fmt: skip
    return desk.form("relate", _("Link with another case"), _("Link"), shown)


def _recategorize(desk: Desk) -> Form | None:
    if desk.is_closed or not desk.may(Permission.CASE_EDIT):
        return None
    fields = desk.fields("recategorize")
    services = sorted(
        (localized(one.group_name), localized(one.name), one.code)
        for one in book().services.values()
        if one.is_active and one.id != desk.case.service_id
    )
    choices = [(code, f"{group}: {name}") for group, name, code in services]
    shown = [
        fields.select("service_code", _("Service"), [("", _("Choose")), *choices]),
        fields.area("reason", _("Why, for the resident"), required=True, attrs={"rows": 2}),
    ]
    intro = _("The case is sent to the department of the new service, with its service level.")
    return desk.form("recategorize", _("Change the service"), _("Change"), shown, intro=intro)


def _correct(desk: Desk) -> Form | None:
    if not desk.may(Permission.CASE_EDIT):
        return None
    case, fields = desk.case, desk.fields("correct")
    long, lat = ("", "") if case.location is None else map(repr, case.location)
    number = {"inputmode": "decimal", "maxlength": 30, "dir": "ltr"}
    shown = [
        fields.area("description", _("Description"), default=case.description),
        fields.text("address", _("Address"), default=case.address, attrs={"maxlength": 300}),
        fields.text("lat", _("Latitude"), default=lat, attrs=number),
        fields.text("long", _("Longitude"), default=long, attrs=number),
    ]
    return desk.form("correct", _("Correct words or place"), _("Correct"), shown)


def _priority(desk: Desk) -> Form | None:
    if desk.is_closed or not desk.may(Permission.CASE_PRIORITY):
        return None
    fields = desk.fields("priority")
    shown = [
        fields.select("priority", _("Priority"), Priority.choices, default=desk.case.priority),
        fields.area("reason", _("Why"), required=True),
    ]
    return desk.form(
        "priority",
        _("Change the priority"),
        _("Change priority"),
        shown,
        intro=_("The promises for the new priority hold, counted from the request."),
    )


def _visibility(desk: Desk) -> Form | None:
    if not desk.may(Permission.CASE_VISIBILITY):
        return None
    fields = desk.fields("visibility")
    choices = [(value, str(label)) for value, label in Visibility.choices]
    shown = [
        fields.select("visibility", _("Who sees it"), choices, default=desk.case.visibility),
        fields.area("reason", _("Why"), required=True, attrs={"rows": 2}),
    ]
    return desk.form("visibility", _("Change who sees it"), _("Change"), shown)


def _photo(desk: Desk) -> Form | None:
    if not desk.may(Permission.CASE_EDIT):
        return None
    fields = desk.fields("photo")
    shown = [
        fields.text(
            "photos", _("Photo"), kind="file", required=True,
            attrs={"accept": "image/jpeg,image/png,image/webp,image/heic", "multiple": True},
        ),
        fields.text("alt", _("What it shows, in words"), attrs={"maxlength": 300}),
    ]  # fmt: skip
    return desk.form("photo", _("Add a photo"), _("Add photo"), shown, has_files=True)
