"""The forms of a case's page used now and then: which this person sees, with which fields."""

from __future__ import annotations

from django.utils.translation import gettext as _

from lamppost.cases.choices import LinkKind, Priority
from lamppost.cases.selectors.desk import ShownClock
from lamppost.catalog.book import book
from lamppost.catalog.choices import Visibility
from lamppost.faces.desk.fields import Fields, Typed
from lamppost.faces.desk.forms import Desk, Form, fresh
from lamppost.faces.desk.frame import localized
from lamppost.people.permissions import Permission, may


def more_forms(desk: Desk) -> list[Form]:
    """Return the forms used now and then."""
    makers = (
        _offer, _duplicate, _not_duplicate, _relate, _recategorize, _correct, _priority,
        _visibility, _photo,
    )  # fmt: skip
    return [form for make in makers if (form := make(desk)) is not None]


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


def waive_form(desk: Desk, clock: ShownClock) -> Form | None:
    """Return the form that excuses one clock, or None."""
    if not clock.is_live or not may(desk.actor, Permission.SLA_WAIVE):
        return None
    typed = desk.typed.get("waive", Typed())
    own = typed if typed.value("clock") == str(clock.id) else Typed()
    fields = Fields(f"waive-{clock.id}", own)
    shown = [fields.area("reason", _("Why it is excused"), required=True)]
    form = desk.form("waive", _("Waive"), _("Waive"), shown, hidden={"clock": str(clock.id)})
    return form if own is typed else fresh(form)


def hide_form(desk: Desk, photo_id: int) -> Form | None:
    """Return the form that hides one photo, or None."""
    if not desk.may(Permission.CASE_EDIT):
        return None
    typed = desk.typed.get("hide-photo", Typed())
    own = typed if typed.value("photo") == str(photo_id) else Typed()
    fields = Fields(f"hide-{photo_id}", own)
    shown = [fields.text("reason", _("Why it is hidden"), required=True)]
    form = desk.form("hide-photo", _("Hide"), _("Hide"), shown, hidden={"photo": str(photo_id)})
    return form if own is typed else fresh(form)
