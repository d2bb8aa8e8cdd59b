"""By which accounts with providers a city sends and is called."""

from __future__ import annotations

from lamppost.kernel.vault import SecretLost, opened
from lamppost.notify.choices import GatewayKind
from lamppost.notify.models import Gateway


def active_gateways(kind: GatewayKind) -> list[Gateway]:
    """Return the gateways of ``kind`` in use, the first entered first."""
    return list(Gateway.objects.filter(kind=kind, is_active=True).order_by("id"))


def gateway_for(kind: GatewayKind) -> Gateway | None:
    """Return the gateway messages of ``kind`` go out by, or None."""
    return Gateway.objects.filter(kind=kind, is_active=True).order_by("id").first()


def secrets_of(gateways: list[Gateway]) -> list[str]:
    """Return the secrets of these gateways that can be read."""
    found = []
    for one in gateways:
        try:
            secret = opened(one.secret)
        except SecretLost:
            continue  # it has to be entered again; the desk says so
        if secret:
            found.append(secret)
    return found
