"""Residents' data: found, looked at, merged, given out, erased. Every look is on record."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from django.conf.locale import LANG_INFO
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language_info
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from lamppost.cases.models import Case
from lamppost.cities.selectors import city_in_scope, languages_of
from lamppost.contacts.models import Interaction
from lamppost.faces.desk.access import actor_at, at_desk, status_of
from lamppost.faces.desk.actions import id_in
from lamppost.faces.desk.fields import Fields, Typed, names_of
from lamppost.faces.desk.frame import frame
from lamppost.faces.desk.rows import row_of
from lamppost.kernel.refusals import Conflict, Invalid, NotFound, Refusal
from lamppost.notify.models import Message
from lamppost.people import audit, cards, erasing, merging
from lamppost.people.actors import Actor
from lamppost.people.choices import PointKind
from lamppost.people.models import Contact, Erasure
from lamppost.people.permissions import Permission, may

_SHOWN = 50


@never_cache
@at_desk("GET", "HEAD", "POST")
def find(request: HttpRequest) -> HttpResponse:
    """Find a contact. By POST: what somebody is looked for by stands in no address."""
    actor = actor_at(request)
    merging.require_reader(actor)
    text = request.POST.get("q", "").strip()
    context = {
        **frame(actor, here="contacts"),
        "q": text,
        "asked": bool(text),
        "rows": merging.search(text, actor=actor) if text else [],
        "erasures": Erasure.objects.select_related("by").order_by("-at", "-id")[:10]
        if may(actor, Permission.CONTACT_ERASE)
        else [],
    }
    return render(request, "desk/contacts/find.html", context)


@never_cache
@at_desk("GET", "HEAD")
def contact(request: HttpRequest, contact_id: str) -> HttpResponse:
    """Show one contact with everything that hangs on it."""
    return _page(request, int(contact_id))


@at_desk("POST")
def act(request: HttpRequest, contact_id: str, step: str) -> HttpResponse:
    """Do one thing to a contact and come back to it."""
    actor, key = actor_at(request), int(contact_id)
    merging.require_reader(actor)
    try:
        done = _STEPS[step](request, key, actor)
    except (Invalid, Conflict) as refusal:
        return _page(request, key, step=step, refusal=refusal)
    messages.success(request, done)
    return HttpResponseRedirect(reverse("desk:contact", args=[key]))


@never_cache
@at_desk("POST")
def export(request: HttpRequest, contact_id: str) -> HttpResponse:
    """Give everything known of the person as a file of JSON."""
    data = erasing.export(contact_id=int(contact_id), actor=actor_at(request))
    response = HttpResponse(
        json.dumps(data, ensure_ascii=False, indent=1), content_type="application/json"
    )
    response["Content-Disposition"] = f'attachment; filename="contact-{int(contact_id)}.json"'
    return response


def _page(
    request: HttpRequest, contact_id: int, *, step: str = "", refusal: Refusal | None = None
) -> HttpResponse:
    actor = actor_at(request)
    merging.require_reader(actor)
    who = erasing.person(contact_id)
    shown = Contact.objects.select_related("household", "user").filter(pk=contact_id).first()
    if shown is None:
        raise NotFound(_("This contact does not exist here."))
    audit.contact_read(case_number=f"contact {shown.pk}", actor=actor)
    typed = {step: Typed.of(request.POST, refusal)} if refusal else {}
    context = {
        **frame(actor, here="contacts"),
        "contact": shown,
        "points": list(shown.points.order_by("id")),
        "standing": who.contact if who.contact.pk != shown.pk else None,
        "may_merge": may(actor, Permission.CONTACT_MERGE),
        "may_erase": may(actor, Permission.CONTACT_ERASE),
        "merges": [
            {"merge": one, "can_undo": merging.can_undo(one)} for one in merging.merges_of(shown)
        ],
        "others": merging.suggestions(shown) if shown.merged_into_id is None else [],
        **_history(shown, actor),
        **_forms(shown, typed),
        "refused_step": step,
    }
    status = status_of(refusal) if refusal else 200
    return render(request, "desk/contacts/contact.html", context, status=status)


def _history(shown: Contact, actor: Actor) -> dict[str, Any]:
    """What the person reported, said and was told, the newest first."""
    cases = Case.objects.filter(contact=shown).order_by("-requested_at", "-id")[:_SHOWN]
    spoken = Interaction.objects.filter(contact=shown).select_related("disposition", "agent")
    told = Message.objects.filter(contact=shown).order_by("-created_at", "-id")
    home = shown.household
    return {
        "cases": [row_of(case) for case in cases],
        "interactions": spoken.order_by("-offered_at", "-id")[:_SHOWN],
        "told": told[:_SHOWN] if may(actor, Permission.MESSAGE_READ) else [],
        "housemates": home.contacts.exclude(pk=shown.pk).order_by("pk")[:20] if home else [],
    }


def _forms(shown: Contact, typed: dict[str, Typed]) -> dict[str, Any]:
    forms = {
        "change": _change_fields(shown, typed.get("change", Typed())),
        "merge": _merge_fields(typed.get("merge", Typed())),
        "hold": [_reason_field("hold", typed, _("Why nothing may be erased"))],
        "erase": _erase_fields(typed),
    }
    errors = {name: typed[name].other_errors(names_of(forms.get(name, []))) for name in typed}
    return {
        "forms": forms,
        "errors": [message for messages in errors.values() for message in messages],
    }


def _change_fields(shown: Contact, typed: Typed) -> list[dict[str, Any]]:
    fields = Fields("change", typed)
    home = shown.household
    return [
        fields.text("name", _("Name"), default=shown.name),
        fields.select(
            "language",
            _("Language"),
            [("", _("Not known")), *_languages()],
            default=shown.language,
        ),
        fields.select(
            "preferred",
            _("Rather told by"),
            [("", _("No preference")), *PointKind.choices[:3]],
            default=shown.preferred,
        ),
        fields.text(
            "household",
            _("Household or organization"),
            default=home.name if home else "",
            hint=_("People with the same name here are shown together."),
        ),
        fields.box(
            "is_organization",
            _("It is an organization"),
            checked=bool(home and home.is_organization),
        ),
        fields.area("note", _("Note"), default=shown.note, attrs={"maxlength": 2000}),
    ]


def _languages() -> list[tuple[str, str]]:
    codes = languages_of(city_in_scope())
    names = {code: get_language_info(code)["name_local"] for code in codes if code in LANG_INFO}
    return [(code, names.get(code, code)) for code in codes]


def _merge_fields(typed: Typed) -> list[dict[str, Any]]:
    fields = Fields("merge", typed)
    return [
        fields.text(
            "other",
            _("Number of the other contact"),
            attrs={"inputmode": "numeric"},
            required=True,
        ),
        fields.text("reason", _("How you know that they are one person"), required=True),
    ]


def _erase_fields(typed: dict[str, Typed]) -> list[dict[str, Any]]:
    fields = Fields("erase", typed.get("erase", Typed()))
    return [
        _reason_field("erase", typed, _("Why the contact is erased")),
        fields.box("despite_open", _("Open cases go on without the person")),
        fields.box(
            "elsewhere",
            _("Also take the full name out of texts that are not theirs"),
            hint=_("Somebody else of the same name is taken out there, too."),
        ),
        fields.box("sure", _("I know that this cannot be undone"), required=True),
    ]


def _reason_field(form: str, typed: dict[str, Typed], label: str) -> dict[str, Any]:
    return Fields(form, typed.get(form, Typed())).text("reason", label, required=True)


def _change(request: HttpRequest, key: int, actor: Actor) -> str:
    sent = request.POST
    cards.change(
        contact_id=key,
        actor=actor,
        name=sent.get("name", ""),
        language=sent.get("language", ""),
        preferred=sent.get("preferred", ""),
        household=sent.get("household", ""),
        is_organization=bool(sent.get("is_organization")),
        note=sent.get("note", ""),
    )
    return _("The contact is changed.")


def _merge(request: HttpRequest, key: int, actor: Actor) -> str:
    merging.merge(
        kept_id=key,
        gone_id=id_in(request.POST, "other"),
        reason=request.POST.get("reason", ""),
        actor=actor,
    )
    return _("They are one contact now. It can be undone for 30 days.")


def _undo(request: HttpRequest, _key: int, actor: Actor) -> str:
    merging.undo(merge_id=id_in(request.POST, "merge"), actor=actor)
    return _("They are two contacts again.")


def _confirm(request: HttpRequest, _key: int, actor: Actor) -> str:
    cards.confirm(point_id=id_in(request.POST, "point"), actor=actor)
    return _("The address is noted as confirmed.")


def _agree(request: HttpRequest, _key: int, actor: Actor) -> str:
    cards.consent(point_id=id_in(request.POST, "point"), given=True, actor=actor)
    return _("The consent is noted.")


def _withdraw(request: HttpRequest, _key: int, actor: Actor) -> str:
    cards.consent(point_id=id_in(request.POST, "point"), given=False, actor=actor)
    return _("The consent is withdrawn.")


def _hold(request: HttpRequest, key: int, actor: Actor) -> str:
    cards.hold(contact_id=key, reason=request.POST.get("reason", ""), actor=actor)
    return _("Nothing of this contact is erased while the hold is on.")


def _lift(_request: HttpRequest, key: int, actor: Actor) -> str:
    cards.lift(contact_id=key, actor=actor)
    return _("The hold is lifted.")


def _erase(request: HttpRequest, key: int, actor: Actor) -> str:
    if not request.POST.get("sure"):
        raise Invalid(_("Confirm that you know it cannot be undone."), field="sure")
    erasing.erase(
        contact_id=key,
        reason=request.POST.get("reason", ""),
        actor=actor,
        elsewhere=bool(request.POST.get("elsewhere")),
        despite_open=bool(request.POST.get("despite_open")),
    )
    return _("The person is erased. Their cases stay.")


_STEPS: dict[str, Callable[[HttpRequest, int, Actor], str]] = {
    "change": _change,
    "merge": _merge,
    "undo": _undo,
    "confirm": _confirm,
    "agree": _agree,
    "withdraw": _withdraw,
    "hold": _hold,
    "lift": _lift,
    "erase": _erase,
}
