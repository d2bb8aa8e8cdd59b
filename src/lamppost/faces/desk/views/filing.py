"""Filing a case for somebody who called, came in, or for the city itself: one page."""

from __future__ import annotations

import uuid
from typing import Any

from django.conf.locale import LANG_INFO
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, get_language_info
from django.utils.translation import gettext as _

from lamppost.cases.choices import OnDanger
from lamppost.cases.reports import Filed, Report, Reporter
from lamppost.cases.selectors.duplicates import possible_duplicates
from lamppost.cases.services.intake import submit
from lamppost.catalog.book import ServiceEntry, book
from lamppost.catalog.choices import Channel, Datatype, LocationRule, PhotoRule
from lamppost.catalog.forms import FormQuestion
from lamppost.cities.selectors import city_in_scope, languages_of
from lamppost.database.fields import Point
from lamppost.faces.desk.access import actor_at, at_desk, status_of
from lamppost.faces.desk.fields import Fields, Typed, names_of
from lamppost.faces.desk.filing_mail import (
    letter_hidden,
    letter_in,
    letter_typed,
    letter_url,
    tie,
    with_photos,
)
from lamppost.faces.desk.frame import frame, localized
from lamppost.faces.desk.rows import rows_of
from lamppost.kernel.geo import parse_place
from lamppost.kernel.refusals import Invalid, NotFound, Refusal
from lamppost.mailbox.selectors.threads import Whole
from lamppost.people.actors import Actor
from lamppost.people.permissions import Permission, require

_CHANNELS = (Channel.PHONE, Channel.WALK_IN, Channel.EMAIL, Channel.STAFF)
_KINDS = {
    Datatype.STRING: "text",
    Datatype.NUMBER: "text",
    Datatype.DATETIME: "text",
    Datatype.TEXT: "textarea",
    Datatype.SINGLEVALUELIST: "radios",
    Datatype.MULTIVALUELIST: "checkboxes",
}


@at_desk("GET", "HEAD", "POST")
def new(request: HttpRequest) -> HttpResponse:
    """Choose a service, fill in its form, file it."""
    actor = actor_at(request)
    require(actor, Permission.CASE_FILE_FOR_OTHERS)
    sent = request.POST if request.method == "POST" else request.GET
    code = sent.get("service", "")
    letter = letter_in(sent, actor)
    if not code:
        return render(request, "desk/new.html", _choosing(actor) | letter_hidden(letter))
    service = book().services.get(code)
    if service is None or not service.is_active:
        raise NotFound(_("This service does not exist here."), field="service")
    if request.method != "POST":
        typed = Typed(letter_typed(letter)) if letter else Typed()
        page = _form(service, actor, typed, uuid.uuid4().hex) | letter_hidden(letter)
        return render(request, "desk/new.html", page)
    return _file(request, service, actor, letter)


def _file(
    request: HttpRequest, service: ServiceEntry, actor: Actor, letter: Whole | None
) -> HttpResponse:
    sent = request.POST
    key = sent.get("key", "")
    hidden = letter_hidden(letter)
    try:
        report = with_photos(_report(request, service, actor), sent, letter)
        alike = [] if sent.get("checked") else _alike(service, report)
        if alike:
            page = _form(service, actor, Typed(sent), key) | {"alike": alike} | hidden
            return render(request, "desk/new.html", page)
        filed = submit(report, actor=actor)
    except Refusal as refusal:
        page = _form(service, actor, Typed.of(sent, refusal), key) | hidden
        return render(request, "desk/new.html", page, status=status_of(refusal))
    if not filed.triage.is_accepted:
        page = _stopped(service, actor, sent, key, filed) | hidden
        return render(request, "desk/new.html", page)
    if letter is not None and filed.case_id is not None:
        tie(letter, filed.case_id, actor)
        messages.success(request, _("Case %(number)s filed.") % {"number": filed.number})
        return HttpResponseRedirect(letter_url(letter))
    messages.success(request, _("Case %(number)s filed.") % {"number": filed.number})
    return HttpResponseRedirect(reverse("desk:case", args=[filed.number]))


def _stopped(
    service: ServiceEntry, actor: Actor, sent: QueryDict, key: str, filed: Filed
) -> dict[str, Any]:
    return _form(service, actor, Typed(sent), key) | {"triage": filed.triage}


def _report(request: HttpRequest, service: ServiceEntry, actor: Actor) -> Report:
    sent = request.POST
    channel = sent.get("channel", "")
    if channel not in _CHANNELS:
        raise Invalid(_("Choose how the report reached you."), field="channel")
    lat, long = sent.get("lat", ""), sent.get("long", "")
    place = parse_place(long, lat) if lat.strip() or long.strip() else None
    questions = service.form(get_language() or "en")
    return Report(
        service_code=service.code,
        channel=Channel(channel),
        description=sent.get("description", ""),
        answers={
            one.code: tuple(sent.getlist(_field_of(one))) for one in questions if one.is_variable
        },
        point=Point(*place) if place else None,
        address=sent.get("address", ""),
        unit=sent.get("unit", ""),
        photos=tuple(request.FILES.getlist("photos")),
        reporter=_reporter(sent),
        language=_language(sent),
        on_danger=OnDanger.SAID_SAFE if sent.get("said_safe") else OnDanger.STOP,
        idempotency_key=sent.get("key", "")[:200],
        caller=f"desk:{actor.user_id}",
        source="desk",
    )


def _reporter(sent: QueryDict) -> Reporter:
    return Reporter(
        name=sent.get("first_name", ""),
        email=sent.get("email", ""),
        phone=sent.get("phone", ""),
        language=_language(sent),
        may_notify=bool(sent.get("may_notify")),
    )


def _language(sent: QueryDict) -> str:
    language = sent.get("language", "")
    if language and language not in languages_of(city_in_scope()):
        raise Invalid(_("Choose a language of the list."), field="language")
    return language


def _alike(service: ServiceEntry, report: Report) -> list[dict[str, Any]]:
    if report.point is None:
        return []
    found = possible_duplicates(service, report.point, now=timezone.now(), text=report.description)
    rows = rows_of(one.case for one in found)
    return [
        {"row": row, "distance": round(one.distance_m), "text": one.case.description[:200]}
        for row, one in zip(rows, found, strict=True)
    ]


def _choosing(actor: Actor) -> dict[str, Any]:
    groups: dict[str, list[ServiceEntry]] = {}
    for entry in book().services.values():
        if entry.is_active:
            groups.setdefault(localized(entry.group_name), []).append(entry)
    shown = [
        {
            "name": name,
            "services": [{"code": one.code, "name": localized(one.name)} for one in services],
        }
        for name, services in groups.items()
    ]
    return {**frame(actor, here="new"), "groups": shown}


def _form(service: ServiceEntry, actor: Actor, typed: Typed, key: str) -> dict[str, Any]:
    fields = Fields("new", typed)
    questions = [_question(one, fields, typed) for one in service.form(get_language() or "en")]
    sections = {
        "what": [_channel(fields), *questions, _description(fields)],
        "where": _where(service, fields),
        "who": _who(fields),
    }
    shown = [one for section in sections.values() for one in section]
    if service.photos is not PhotoRule.NONE:
        sections["what"].append(_photos(fields))
    return {
        **frame(actor, here="new"),
        "service": service,
        "service_name": localized(service.name),
        "service_text": localized(service.description),
        "sections": sections,
        "all_fields": [one for one in shown if "name" in one],
        "errors": _other_errors(typed, shown),
        "has_place": service.location is not LocationRule.NONE,
        "lat": typed.value("lat"),
        "long": typed.value("long"),
        "key": key,
    }


def _other_errors(typed: Typed, shown: list[dict[str, Any]]) -> list[str]:
    named = names_of(one for one in shown if "name" in one)
    return typed.other_errors([*named, "photos"])


def _field_of(question: FormQuestion) -> str:
    return f"attribute[{question.code}]"


def _question(question: FormQuestion, fields: Fields, typed: Typed) -> dict[str, Any]:
    if not question.is_variable:
        return {"told": question.text}
    name = _field_of(question)
    kind = _KINDS[question.datatype]
    choices = [(value.key, value.name) for value in question.values]
    hint = question.help
    if question.only_if:
        # Outside the f-string, or the collector of messages does not see it.
        condition = _("Only if it applies.")
        hint = f"{hint} {condition}".strip()
    shown = fields.text(name, question.text, kind=kind, hint=hint, choices=choices)
    shown["id"] = f"new-{question.code}"
    # Questions that depend on another answer are checked by intake, not by the browser.
    shown["required"] = question.is_required and not question.only_if
    if kind == "checkboxes":
        shown["value"] = typed.data.getlist(name)
    return shown


def _channel(fields: Fields) -> dict[str, Any]:
    choices = [(one.value, str(one.label)) for one in _CHANNELS]
    return fields.select("channel", _("How it reached you"), choices, default=Channel.PHONE.value)


def _description(fields: Fields) -> dict[str, Any]:
    return fields.area("description", _("Description"))


def _photos(fields: Fields) -> dict[str, Any]:
    return fields.text(
        "photos", _("Photos"), kind="file",
        attrs={"accept": "image/jpeg,image/png,image/webp,image/heic", "multiple": True},
    )  # fmt: skip


def _where(service: ServiceEntry, fields: Fields) -> list[dict[str, Any]]:
    if service.location is LocationRule.NONE:
        return []
    place = fields.text(
        "address", _("Address or description of the place"), attrs={"maxlength": 300}
    )
    place["errors"] = [*place["errors"], *fields.typed.errors("location")]
    return [place, fields.text("unit", _("Apartment or unit"), attrs={"maxlength": 60})]


def _who(fields: Fields) -> list[dict[str, Any]]:
    return [
        fields.text("first_name", _("Name"), attrs={"maxlength": 200, "autocomplete": "off"}),
        fields.text("phone", _("Phone"), kind="tel",
                    attrs={"maxlength": 40, "autocomplete": "off"}),
        fields.text("email", _("E-mail"), kind="email",
                    attrs={"maxlength": 254, "autocomplete": "off"}),
        fields.select("language", _("Language"), _languages()),
        fields.box("may_notify", _("Wants to hear how it goes on")),
    ]  # fmt: skip


def _languages() -> list[tuple[str, str]]:
    codes = languages_of(city_in_scope())
    names = {code: get_language_info(code)["name_local"] for code in codes if code in LANG_INFO}
    return [("", _("Not asked")), *((code, names.get(code, code)) for code in codes)]
