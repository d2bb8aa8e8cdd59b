"""The steps of a report: which there are, what each still lacks, what its fields are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from lamppost.cases.reports import Triage
from lamppost.cases.services.checking import MAX_DESCRIPTION, Checked, check
from lamppost.cases.services.drafts import Content
from lamppost.cases.services.intake import triage_of
from lamppost.catalog.book import ServiceEntry
from lamppost.catalog.choices import LocationRule, PhotoRule
from lamppost.catalog.forms import check_answers
from lamppost.kernel.refusals import Invalid, Problem
from lamppost.people.actors import Actor

PLACE_FIELDS = ("location", "lat", "long", "address", "address_id", "unit", "zipcode")
CONTACT_FIELDS = ("first_name", "email", "phone")


def steps_of(service: ServiceEntry) -> list[str]:
    """Return the steps a report of ``service`` takes, in order."""
    steps = ["details"]
    if service.photos is not PhotoRule.NONE:
        steps.append("photos")
    if service.location is not LocationRule.NONE:
        steps.append("where")
    return [*steps, "contact", "review"]


def step_names(service: ServiceEntry) -> list[str]:
    """Return the steps' names for the indicator."""
    names = {
        "details": _("The problem"),
        "photos": _("Photos"),
        "where": _("Place"),
        "contact": _("About you"),
        "review": _("Check and send"),
    }
    return [names[step] for step in steps_of(service)]


def next_step(service: ServiceEntry, step: str) -> str:
    """Return the step after ``step``."""
    steps = steps_of(service)
    return steps[min(steps.index(step) + 1, len(steps) - 1)]


def step_before(service: ServiceEntry, step: str) -> str:
    """Return the step before ``step``; empty for the first one."""
    steps = steps_of(service)
    at = steps.index(step)
    return steps[at - 1] if at else ""


def missing_step(service: ServiceEntry, content: Content, step: str) -> str:
    """Return the first step before ``step`` that has not been done; empty when all have."""
    steps = steps_of(service)
    before = steps[: steps.index(step)]
    return next((name for name in before if name not in content.steps_done), "")


def question_problems(
    service: ServiceEntry, answers: Mapping[str, tuple[str, ...]], codes: set[str]
) -> list[Problem]:
    """Return what is wrong with the answers to the questions ``codes``."""
    wanted = {f"attribute[{code}]" for code in codes}
    problems = check_answers(service.form(get_language() or "en"), answers)[1]
    return [problem for problem in problems if problem.field in wanted]


def description_field(content: Content, errors: list[str]) -> dict[str, Any]:
    """Return the field for the reporter's own words."""
    return {
        "name": "description",
        "label": _("Describe it in your own words"),
        "hint": _("Please leave out names, plate numbers and health matters: this is public."),
        "kind": "textarea",
        "value": content.description,
        "errors": errors,
        "attrs": {"maxlength": MAX_DESCRIPTION, "rows": 5},
    }


def address_field(content: Content, errors: list[str]) -> dict[str, Any]:
    """Return the field for the address; a map or a photo may say the place as well."""
    return {
        "name": "address",
        "label": _("Address, corner or landmark"),
        "hint": _("For example: 25 Main Street, or Main Street and First Avenue"),
        "value": content.address,
        "errors": errors,
        "attrs": {
            "maxlength": 300,
            "autocomplete": "street-address",
            "data-suggest": reverse("portal:suggest"),
        },
    }


def contact_fields(content: Content, errors: Mapping[str, list[str]]) -> list[dict[str, Any]]:
    """Return the fields of the step about the reporter; every one may stay empty."""
    return [
        _contact_field("first_name", _("Your name"), content.name, 200, errors, hint="name"),
        _contact_field("email", _("E-mail"), content.email, 254, errors, hint="email"),
        _contact_field("phone", _("Phone"), content.phone, 40, errors, hint="tel"),
    ]


def _contact_field(
    name: str, label: str, value: str, limit: int, errors: Mapping[str, list[str]], *, hint: str
) -> dict[str, Any]:
    return {
        "name": name,
        "label": label,
        "kind": hint if hint in ("email", "tel") else "text",
        "value": value,
        "errors": errors.get(name, ()),
        "attrs": {"autocomplete": hint, "maxlength": limit},
    }


def consent_field(content: Content, errors: Mapping[str, list[str]]) -> dict[str, Any]:
    """Return the box that allows messages about this report."""
    return {
        "name": "may_notify",
        "kind": "checkbox",
        "value": "on" if content.may_notify else "",
        "label": _("Send me news about this report"),
        "hint": _("Only about this report. You can stop it at any time."),
        "errors": errors.get("may_notify", ()),
    }


def language_field(content: Content, errors: Mapping[str, list[str]]) -> dict[str, Any]:
    """Return the field for the language of messages; the page adds the languages' names."""
    return {
        "name": "language",
        "label": _("Language for messages"),
        "value": content.language or get_language() or "",
        "errors": errors.get("language", ()),
    }


def checked_so_far(content: Content, actor: Actor) -> tuple[Checked | None, list[Problem]]:
    """Return the report as far as it goes, checked by intake itself, or what is wrong."""
    try:
        return check(content.report(), actor=actor), []
    except Invalid as refusal:
        return None, list(refusal.problems)


def full_triage(content: Content, actor: Actor) -> Triage | None:
    """Return what the table says with the place known; None while something is missing."""
    checked, _problems = checked_so_far(content, actor)
    return triage_of(checked) if checked else None
