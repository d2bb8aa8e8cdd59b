"""The forms of a connection: what is typed there, and what a service is given of it."""

from __future__ import annotations

from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from lamppost.catalog.book import book
from lamppost.catalog.choices import OutcomeKind, State
from lamppost.faces.desk.fields import Fields, Typed
from lamppost.faces.desk.frame import localized
from lamppost.partners.choices import ConnectionKind
from lamppost.partners.models import Connection
from lamppost.partners.services.connections import Settings


def settings_of(data: QueryDict, *, kind: str = "") -> Settings:
    """Return what was typed. A number that is none becomes 0, which the service refuses."""
    limit = data.get("acknowledge_within_min", "").strip()
    return Settings(
        name=data.get("name", ""),
        kind=kind or data.get("kind", ""),
        address=data.get("address", "").strip(),
        department_code=data.get("department", ""),
        secret=data.get("secret", "").strip(),
        acknowledge_within_min=_number(limit) if limit else None,
        interval_min=_number(data.get("interval_min", "15")),
        list_url=data.get("list_url", "").strip(),
        jurisdiction_id=data.get("jurisdiction_id", "").strip(),
        takes_updates=bool(data.get("takes_updates")),
        is_number_public=bool(data.get("is_number_public")),
        service_codes=tuple(data.getlist("services")),
    )


def connection_fields(connection: Connection | None, typed: Typed) -> list[dict[str, Any]]:
    """Return the fields of a connection, those of its kind only; None: of a new one."""
    fields = Fields("connection", typed)
    kind = connection.kind if connection else ""
    shown = [] if connection else _of_a_new_one(fields)
    shown += [
        fields.text(
            "name", _("Name"), default=connection.name if connection else "", required=True
        ),
        fields.select(
            "department",
            _("Department"),
            [
                (entry.code, localized(entry.name))
                for entry in book().departments.values()
                if entry.is_active
            ],
            default=connection.department.code if connection else "",
        ),
        fields.text(
            "address",
            _("Address"),
            default=connection.address if connection else "",
            required=True,
            hint=_(
                "An e-mail address; the https:// address of a webhook or of an Open311 endpoint "
                "(up to /v2); or the name of a folder."
            ),
            attrs={"maxlength": 500, "dir": "ltr"},
        ),
    ]
    shown += _secret(fields, kind)
    shown.append(
        fields.text(
            "acknowledge_within_min",
            _("Alarm when not acknowledged within (minutes)"),
            kind="number",
            default=_default(connection.acknowledge_within_min if connection else 60),
            hint=_("Empty: no acknowledgement is expected, as with e-mail."),
            attrs={"min": 1},
        )
    )
    shown += _of_some_kinds(fields, connection, kind)
    shown += [
        fields.box(
            "takes_updates",
            _("Is told of changes and closings too"),
            checked=connection.takes_updates if connection else True,
        ),
        fields.box(
            "is_number_public",
            _("Residents see the partner's work-order number"),
            checked=connection.is_number_public if connection else False,
        ),
        _services(fields, connection, typed),
    ]
    return shown


def word_fields(typed: Typed) -> list[dict[str, Any]]:
    """Return the fields that give a partner's word a meaning."""
    fields = Fields("word", typed)
    pages = book()
    choices = [("", _("Choose")), ("note", _("Only a note"))]
    choices += [
        (f"status:{one.code}", localized(one.name))
        for one in pages.statuses.values()
        if one.state in {State.OPEN, State.WAITING}
    ]
    choices += [
        (f"outcome:{one.code}", _("Closed: %(outcome)s") % {"outcome": localized(one.name)})
        for one in pages.outcomes.values()
        if one.kind is not OutcomeKind.DUPLICATE
    ]
    return [
        fields.text("word", _("The partner's word"), required=True, attrs={"maxlength": 100}),
        fields.select("meaning", _("Means here"), choices, required=True),
        fields.text(
            "sentence",
            _("Sentence for the resident"),
            hint=_("Used when the partner sends no text."),
            attrs={"maxlength": 500},
        ),
    ]


def _of_a_new_one(fields: Fields) -> list[dict[str, Any]]:
    return [
        fields.text(
            "code",
            _("Code"),
            required=True,
            hint=_("Letters, digits and hyphens; stands in addresses and cannot be changed."),
            attrs={"maxlength": 63},
        ),
        fields.radios(
            "kind", _("How they are reached"), ConnectionKind.choices, default=ConnectionKind.EMAIL
        ),
    ]


def _secret(fields: Fields, kind: str) -> list[dict[str, Any]]:
    if kind in {ConnectionKind.EMAIL, ConnectionKind.CSV, ConnectionKind.WEBHOOK}:
        return []
    hint = _("The api_key the Open311 server gave us. A webhook gets a secret by itself.")
    if kind:
        hint = _("Left empty, the present one stays. It is never shown.")
    secret = fields.text("secret", _("Key"), kind="password", hint=hint)
    # What was typed is not sent back to the browser.
    secret |= {"value": "", "attrs": {"autocomplete": "off", "maxlength": 500}}
    return [secret]


def _of_some_kinds(
    fields: Fields, connection: Connection | None, kind: str
) -> list[dict[str, Any]]:
    shown = []
    if kind in {"", ConnectionKind.CSV}:
        default = _default(connection.interval_min if connection else 15)
        shown.append(
            fields.text(
                "interval_min", _("Files: one every (minutes)"), kind="number", default=default
            )
        )
    if kind in {"", ConnectionKind.WEBHOOK}:
        shown.append(
            fields.text(
                "list_url",
                _("Webhooks: address of the partner's list, for the daily comparison"),
                default=connection.list_url if connection else "",
                attrs={"dir": "ltr", "maxlength": 500},
            )
        )
    if kind in {"", ConnectionKind.OPEN311}:
        shown.append(
            fields.text(
                "jurisdiction_id",
                _("Open311: jurisdiction_id, if they want one"),
                default=connection.jurisdiction_id if connection else "",
            )
        )
    return shown


def _services(fields: Fields, connection: Connection | None, typed: Typed) -> dict[str, Any]:
    pages = book()
    chosen = (
        [
            pages.services_by_id[row.service_id].code
            for row in connection.services.all()
            if row.service_id in pages.services_by_id
        ]
        if connection
        else []
    )
    names = sorted((localized(entry.name), entry.code) for entry in pages.services.values())
    return fields.select(
        "services",
        _("Only for these services"),
        [(code, name) for name, code in names],
        hint=_("None chosen: for all services of the department."),
    ) | {
        "kind": "checkboxes",
        "value": typed.data.getlist("services") if typed.data else chosen,
    }


def _number(text: str) -> int:
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def _default(value: int | None) -> str:
    return "" if value is None else str(value)
