"""The city's numbers and accounts with providers: seen and set by who manages channels."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from lamppost.cities.selectors import city_in_scope, site_of
from lamppost.faces.desk.access import actor_at, at_desk, status_of
from lamppost.faces.desk.fields import Fields, Typed, names_of
from lamppost.faces.desk.frame import frame
from lamppost.kernel.refusals import NotFound, Refusal
from lamppost.kernel.vault import SecretLost, opened
from lamppost.notify.choices import GatewayKind, GatewayProvider
from lamppost.notify.models import Gateway
from lamppost.notify.services import gateways as setting
from lamppost.notify.services.gateways import GatewaySettings
from lamppost.people.permissions import Permission, require

# Where the provider is to call, by kind.
_HOOKS = {
    GatewayKind.SMS: ("sms",),
    GatewayKind.VOICE: ("voice", "voice/ended"),
    GatewayKind.EMAIL: ("email",),
}


@at_desk("GET", "HEAD")
def overview(request: HttpRequest) -> HttpResponse:
    """Show the accounts by kind, and where their providers are to call."""
    actor = actor_at(request)
    require(actor, Permission.CHANNEL_MANAGE)
    rows = list(Gateway.objects.order_by("kind", "id"))
    site = site_of(city_in_scope())
    kinds = [
        {
            "label": kind.label,
            "rows": [_shown(row) for row in rows if row.kind == kind],
            "hooks": [f"{site}/hooks/{name}" for name in _HOOKS.get(kind, ())],
        }
        for kind in GatewayKind
    ]
    return render(
        request, "desk/gateways/overview.html", {**frame(actor, here="tools"), "kinds": kinds}
    )


@at_desk("GET", "HEAD", "POST")
@never_cache
def new(request: HttpRequest) -> HttpResponse:
    """Enter an account."""
    actor = actor_at(request)
    require(actor, Permission.CHANNEL_MANAGE)
    typed, status = Typed(), 200
    if request.method == "POST":
        try:
            setting.add(wanted=_settings(request.POST), actor=actor)
        except Refusal as refusal:
            typed, status = Typed.of(request.POST, refusal), status_of(refusal)
        else:
            messages.success(request, _("Entered. It is in use."))
            return HttpResponseRedirect(reverse("desk:gateways"))
    return _form(request, None, typed, status)


@at_desk("GET", "HEAD", "POST")
@never_cache
def one(request: HttpRequest, gateway_id: str) -> HttpResponse:
    """Show and change one account; its secret is never shown."""
    actor = actor_at(request)
    require(actor, Permission.CHANNEL_MANAGE)
    row = Gateway.objects.filter(pk=int(gateway_id)).first()
    if row is None:
        raise NotFound(_("This does not exist here."))
    typed, status = Typed(), 200
    if request.method == "POST":
        try:
            setting.change(gateway_id=row.pk, wanted=_settings(request.POST), actor=actor)
        except Refusal as refusal:
            typed, status = Typed.of(request.POST, refusal), status_of(refusal)
        else:
            messages.success(request, _("Saved."))
            return HttpResponseRedirect(reverse("desk:gateways"))
    return _form(request, row, typed, status)


@at_desk("POST")
def switch(request: HttpRequest, gateway_id: str, step: str) -> HttpResponse:
    """Use an account, or leave it alone."""
    setting.switch(gateway_id=int(gateway_id), is_active=step == "on", actor=actor_at(request))
    messages.success(request, _("It is in use.") if step == "on" else _("It is switched off."))
    return HttpResponseRedirect(reverse("desk:gateways"))


def _form(request: HttpRequest, row: Gateway | None, typed: Typed, status: int) -> HttpResponse:
    fields = _fields(row, typed)
    page = {
        **frame(actor_at(request), here="tools"),
        "row": _shown(row) if row else None,
        "fields": fields,
        "errors": typed.other_errors(names_of(fields)),
    }
    return render(request, "desk/gateways/one.html", page, status=status)


def _fields(row: Gateway | None, typed: Typed) -> list[dict[str, Any]]:
    fields = Fields("gateway", typed)
    plain = {"dir": "ltr", "autocomplete": "off", "spellcheck": "false"}
    shown = []
    if row is None:
        kinds = [(kind.value, kind.label) for kind in GatewayKind]
        shown.append(fields.select("kind", _("What it is for"), kinds, default=GatewayKind.SMS))
    providers = [
        (one.value, one.label)
        for one in GatewayProvider
        if one is not GatewayProvider.STAND_IN or city_in_scope().is_demo
    ]
    return [
        *shown,
        fields.select(
            "provider",
            _("Provider"),
            providers,
            default=row.provider if row else GatewayProvider.TWILIO,
        ),
        fields.text(
            "address",
            _("Number or mailbox"),
            default=row.address if row else "",
            required=True,
            hint=_("A number with its country: +12155550311. For e-mail: 311@city.example."),
            attrs={"maxlength": 254, **plain},
        ),
        fields.text(
            "account",
            _("Account"),
            default=row.account if row else "",
            hint=_("What the provider calls it: AC and 32 signs. By IMAP: the user's name."),
            attrs={"maxlength": 200, **plain},
        ),
        fields.text(
            "secret",
            _("Token or password"),
            kind="password",
            hint=_("Kept encrypted and never shown again. Left empty, it stays.")
            if row
            else _("Kept encrypted and never shown again."),
            attrs={"maxlength": 500, "autocomplete": "new-password", "dir": "ltr"},
        )
        | {"value": ""},
        fields.text(
            "endpoint",
            _("Address of the interface"),
            default=row.endpoint if row else "",
            hint=_(
                "For a provider that speaks like Twilio; left empty: Twilio's own. For a mailbox "
                "that is fetched: imaps://imap.city.example:993/INBOX."
            ),
            attrs={"maxlength": 300, **plain},
        ),
    ]


def _settings(data: QueryDict) -> GatewaySettings:
    return GatewaySettings(
        kind=data.get("kind", ""),
        provider=data.get("provider", ""),
        address=data.get("address", ""),
        account=data.get("account", ""),
        secret=data.get("secret", ""),
        endpoint=data.get("endpoint", ""),
    )


def _shown(row: Gateway) -> dict[str, Any]:
    return {
        "row": row,
        "kind": GatewayKind(row.kind).label,
        "provider": GatewayProvider(row.provider).label,
        "is_secret_lost": _is_lost(row),
        "url": reverse("desk:gateway", args=[row.pk]),
    }


def _is_lost(row: Gateway) -> bool:
    try:
        opened(row.secret)
    except SecretLost:
        return True
    return False
