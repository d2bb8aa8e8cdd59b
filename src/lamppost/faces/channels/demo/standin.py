"""The stand-in for the provider in a demo city: calls our hooks as it would, signed as it would.

The very code that answers the provider answers here; only the network between is missing.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping

import phonenumbers
from django.http import HttpResponse

from lamppost.cities.models import City
from lamppost.faces.channels.demo.telephone import Telephone, played
from lamppost.faces.channels.provider import Answer, ProviderCall
from lamppost.faces.channels.signature import signature_of
from lamppost.faces.channels.sms.receiving import take_text
from lamppost.faces.channels.voice.steps import STEPS
from lamppost.notify.choices import GatewayKind, GatewayProvider
from lamppost.notify.models import Gateway
from lamppost.notify.selectors.gateways import secrets_of

# A round of redirects that never asks anybody anything is our own mistake.
_MOST_STEPS = 12
_VOICE = "/hooks/voice"


def stand_in(kind: GatewayKind) -> Gateway | None:
    """Return the stand-in's account, None where the city has none in use."""
    return Gateway.objects.filter(
        kind=kind, provider=GatewayProvider.STAND_IN, is_active=True
    ).first()


def example_number(city: City) -> str:
    """Return a number of the city's country that is set aside for examples (E.164)."""
    number = phonenumbers.example_number_for_type(city.country, phonenumbers.PhoneNumberType.MOBILE)
    if number is None:
        return ""
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def text(gateway: Gateway, *, site: str, sender: str, body: str) -> HttpResponse:
    """Send one SMS to the city."""
    fields = {
        "MessageSid": f"SM{secrets.token_hex(16)}",
        "AccountSid": gateway.account,
        "From": sender,
        "To": gateway.address,
        "Body": body,
        "NumMedia": "0",
    }
    return _post(take_text, gateway, f"{site}/hooks/sms", fields)


def dialed(gateway: Gateway, *, site: str, sender: str) -> Telephone:
    """Call the city and listen until something is wanted."""
    telephone = Telephone(sid=f"CA{secrets.token_hex(16)}")
    return go(telephone, gateway, site=site, sender=sender, path=_VOICE)


def go(
    telephone: Telephone,
    gateway: Gateway,
    *,
    site: str,
    sender: str,
    path: str,
    fields: Mapping[str, str] | None = None,
) -> Telephone:
    """Ask the menu at ``path`` and play its answers until it waits; return the telephone."""
    more = dict(fields or {})
    for _step in range(_MOST_STEPS):
        known = {
            "CallSid": telephone.sid,
            "AccountSid": gateway.account,
            "From": sender,
            "To": gateway.address,
            "CallStatus": "in-progress",
        }
        answer = _post(_step_at(path), gateway, site + path, known | more)
        if answer.status_code != 200:
            break
        result = played(telephone, answer.content, path)
        telephone = result.telephone
        if not result.ask:
            break
        path, more = result.ask, {"QueueResult": result.queue_result} if result.queue_result else {}
    return telephone


def hung_up(telephone: Telephone, gateway: Gateway, *, site: str, sender: str) -> None:
    """Tell the city that the call is over."""
    fields = {"CallSid": telephone.sid, "From": sender, "CallStatus": "completed"}
    _post(STEPS["ended"], gateway, f"{site}{_VOICE}/ended", fields)


def _step_at(path: str) -> Answer:
    name = path.partition("?")[0].removeprefix(_VOICE).strip("/")
    return STEPS.get(name, STEPS[""])


def _post(answer: Answer, gateway: Gateway, url: str, fields: Mapping[str, str]) -> HttpResponse:
    params = {name: [value] for name, value in fields.items()}
    token = next(iter(secrets_of([gateway])), "")
    call = ProviderCall(url, params, signature_of(url, params, token))
    return answer(call, None)  # type: ignore[arg-type]
