"""The form of one service at the console: what is asked, what was typed, what is wrong."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from lamppost.cases.choices import OnDanger
from lamppost.cases.reports import Report, Reporter, Triage
from lamppost.cases.selectors.duplicates import possible_duplicates
from lamppost.cases.services.danger import stopped_by_words
from lamppost.cases.services.drafts import early_triage
from lamppost.catalog.asking import (
    answered,
    asked_questions,
    chosen_of,
    field_name,
    question_field,
)
from lamppost.catalog.book import ServiceEntry
from lamppost.catalog.choices import Channel, LocationRule
from lamppost.catalog.forms import FormQuestion
from lamppost.cities.selectors import city_in_scope
from lamppost.contacts.models import Interaction
from lamppost.database.fields import Point
from lamppost.faces.console.looking import case_row
from lamppost.kernel.refusals import Problem
from lamppost.places.geocoding.lookup import place_from_text
from lamppost.places.locate import is_outside


@dataclass(frozen=True)
class Typed:
    """What was typed into the form so far, and what was refused of it."""

    service: ServiceEntry
    data: QueryDict = field(default_factory=QueryDict)
    problems: tuple[Problem, ...] = ()
    filled: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def answers(self) -> dict[str, tuple[str, ...]]:
        """The answers by question; those an article filled in stand until others are typed."""
        sent = {
            one.code: tuple(self.data.getlist(field_name(one.code)))
            for one in self.service.form(_language())
            if one.is_variable
        }
        return {code: values or tuple(self.filled.get(code, ())) for code, values in sent.items()}

    def text(self, name: str, default: str = "") -> str:
        """The text typed into a field, or ``default`` in a fresh form."""
        return self.data.get(name, default) if self.data else default

    def errors(self, *names: str) -> list[str]:
        """What is wrong with a field."""
        return [one.message for one in self.problems if one.field in names]

    @cached_property
    def point(self) -> Point | None:
        """The place the typed address surely is, inside the city; None while it is none.

        Looked up once for each time the form is sent, which it is while somebody types.
        """
        address = self.text("address").strip()
        if not address or self.service.location is LocationRule.NONE:
            return None
        point = place_from_text(city_in_scope(), address)
        return None if point is None or is_outside(city_in_scope(), point) else point


def report_of(typed: Typed, call: Interaction, *, caller: str) -> Report:
    """Return the filing this form amounts to, for who is calling."""
    return Report(
        service_code=typed.service.code,
        channel=Channel(call.channel),
        description=typed.text("description"),
        answers=typed.answers,
        address=typed.text("address"),
        unit=typed.text("unit"),
        reporter=Reporter(
            name=typed.text("first_name"),
            email=typed.text("email"),
            phone=typed.text("phone"),
            language=call.language,
            may_notify=bool(typed.data.get("may_notify")),
            contact_id=_same_person(typed, call),
        ),
        language=call.language,
        idempotency_key=typed.text("key")[:200],
        caller=caller,
        source="console",
        on_danger=OnDanger.SAID_SAFE if typed.data.get("said_safe") else OnDanger.STOP,
    )


def _same_person(typed: Typed, call: Interaction) -> int | None:
    """The contact on the line, unless somebody else's name was typed."""
    contact = call.contact
    if contact is None:
        return None
    name = typed.text("first_name").strip()
    return int(contact.pk) if name in ("", contact.name) else None


def triage_so_far(typed: Typed) -> Triage | None:
    """Return what the table or the words say while the form is being filled.

    None while a place decides. Words weigh until the agent has asked and ticked the box.
    """
    chosen = chosen_of(answered(typed.service, typed.answers, _language()))
    triage = early_triage(typed.service, chosen)
    if (triage is not None and not triage.is_accepted) or typed.data.get("said_safe"):
        return triage
    return stopped_by_words(typed.text("description")) or triage


def near(typed: Typed) -> list[dict[str, Any]]:
    """Return the cases around the typed address that may be the same problem."""
    point = typed.point
    if point is None:
        return []
    found = possible_duplicates(
        typed.service, point, now=timezone.now(), text=typed.text("description")
    )
    return [
        case_row(one.case, distance=round(one.distance_m), words=one.case.description[:160])
        for one in found
    ]


def live(typed: Typed, call: Interaction | None) -> dict[str, Any]:
    """Return the parts of the page that follow what is typed: questions, triage, neighbors."""
    caller = call.language if call else ""
    triage = triage_so_far(typed)
    stopped = triage if triage is not None and not triage.is_accepted else None
    address = typed.text("address").strip()
    return {
        "questions": [
            _question(one, typed, caller)
            for one in asked_questions(typed.service, typed.answers, _language())
        ],
        "triage": stopped,
        "triage_aside": _in_caller_language(typed, caller) if stopped else "",
        "said_safe": bool(typed.data.get("said_safe")),
        "near": near(typed),
        "has_address": bool(address),
        "is_placed": bool(address) and typed.point is not None,
    }


def form(typed: Typed, call: Interaction | None) -> dict[str, Any]:
    """Return everything the form of the service shows."""
    shown = live(typed, call)
    sections: dict[str, list[dict[str, Any]]] = {
        "words": [_description(typed)],
        "where": _where(typed),
        "who": _who(typed, call),
    }
    fields = [one["field"] for one in shown["questions"] if "field" in one]
    fields += [one for section in sections.values() for one in section]
    named = {one["name"] for one in fields} | {"location", "first_name", "email", "phone"}
    return shown | {
        "sections": sections,
        "all_fields": fields,
        "other_errors": [one.message for one in typed.problems if one.field not in named],
        "key": typed.text("key") or uuid.uuid4().hex,
        "checked": bool(typed.data.get("checked")),
        "has_place": typed.service.location is not LocationRule.NONE,
    }


def _question(question: FormQuestion, typed: Typed, caller: str) -> dict[str, Any]:
    aside = _aside(question, typed.service, caller)
    if not question.is_variable:
        return {"told": question.text, "aside": aside, "language": caller}
    errors = typed.errors(field_name(question.code))
    drawn = question_field(question, typed.answers.get(question.code, ()), errors)
    return {"field": drawn, "aside": aside, "language": caller}


def _aside(question: FormQuestion, service: ServiceEntry, caller: str) -> str:
    """The question in the caller's language, to read out; '' where it is the same."""
    if not caller or caller == _language():
        return ""
    same = next((one for one in service.form(caller) if one.id == question.id), None)
    return same.text if same is not None and same.text != question.text else ""


def _in_caller_language(typed: Typed, caller: str) -> str:
    if not caller or caller == _language():
        return ""
    with override(caller):
        triage = triage_so_far(typed)
    return triage.text if triage else ""


def _description(typed: Typed) -> dict[str, Any]:
    return {
        "name": "description",
        "id": "intake-description",
        "label": _("In the caller's words"),
        "kind": "textarea",
        "value": typed.text("description"),
        "errors": typed.errors("description"),
        "attrs": {"rows": 2, "maxlength": 4000},
    }


def _where(typed: Typed) -> list[dict[str, Any]]:
    if typed.service.location is LocationRule.NONE:
        return []
    return [
        {
            "name": "address",
            "id": "intake-address",
            "label": _("Where: address, corner or landmark"),
            "value": typed.text("address"),
            "errors": typed.errors("address", "location"),
            "required": typed.service.location is LocationRule.REQUIRED,
            "attrs": {
                "maxlength": 300,
                "autocomplete": "off",
                "data-suggest": reverse("portal:suggest"),
                "data-place": True,
            },
        },
        {
            "name": "unit",
            "id": "intake-unit",
            "label": _("Apartment or unit"),
            "value": typed.text("unit"),
            "errors": typed.errors("unit"),
            "attrs": {"maxlength": 60, "autocomplete": "off"},
        },
    ]


def _who(typed: Typed, call: Interaction | None) -> list[dict[str, Any]]:
    contact = call.contact if call else None
    name = contact.name if contact else ""
    phone = (contact.phone if contact else "") or (call.address if call else "")
    email = contact.email if contact else ""
    wants = contact.may_notify if contact else False
    ticked = bool(typed.data.get("may_notify")) if typed.data else wants
    return [
        _line(typed, "first_name", _("Name"), name, 200),
        _line(typed, "phone", _("Phone"), phone, 40, kind="tel"),
        _line(typed, "email", _("E-mail"), email, 254, kind="email"),
        {
            "name": "may_notify",
            "id": "intake-may_notify",
            "label": _("Wants to hear how it goes on"),
            "kind": "checkbox",
            "value": "on" if ticked else "",
            "errors": [],
        },
    ]


def _line(
    typed: Typed, name: str, label: str, default: str, limit: int, *, kind: str = "text"
) -> dict[str, Any]:
    return {
        "name": name,
        "id": f"intake-{name}",
        "label": label,
        "kind": kind,
        "value": typed.text(name, default),
        "errors": typed.errors(name),
        "attrs": {"maxlength": limit, "autocomplete": "off"},
    }


def _language() -> str:
    return get_language() or "en"
