"""Mail that comes in: is anybody there to take it, and is it seen to?"""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from datetime import timedelta

from django.db.models import Min
from django.utils import timezone

from lamppost.cities.models import City
from lamppost.commands.checks import Finding, failure, fine, warning
from lamppost.database.scope import city_scope
from lamppost.kernel.refusals import Invalid
from lamppost.kernel.vault import SecretLost, opened
from lamppost.mailbox.choices import MailState
from lamppost.mailbox.models import Fetching, Mail
from lamppost.notify.choices import GatewayKind, GatewayProvider
from lamppost.notify.models import Gateway

_LATE = timedelta(minutes=15)
_ANSWER_S = 3.0
_VARIABLE = "LAMPPOST_MAIL_LISTEN"


def incoming_mail() -> Iterator[Finding]:
    """Look at the receiver, then at every city's mailboxes."""
    handed_over = []
    for city in City.objects.filter(is_sandbox=False).order_by("slug"):
        with city_scope(city.pk):
            boxes = list(Gateway.objects.filter(kind=GatewayKind.EMAIL, is_active=True))
            handed_over += [box for box in boxes if box.provider == GatewayProvider.LMTP]
            for box in boxes:
                yield from _mailbox(city, box)
            yield from _waiting(city)
    yield from _receiver(has_boxes=bool(handed_over))


def _receiver(*, has_boxes: bool) -> Iterator[Finding]:
    text = os.environ.get(_VARIABLE, "").strip()
    if not text:
        if has_boxes:
            yield failure(
                "mail",
                "a mailbox is to be handed over by the mail server, and nothing listens",
                f"Set {_VARIABLE}=lmtp:127.0.0.1:8024 and restart; see docs/operators.md.",
            )
        return
    # Here and not above: the receiver's library is not needed to say that nothing is set.
    from lamppost.faces.channels.email.receiver import listen_at

    try:
        listen = listen_at(text)
        with socket.create_connection((_reachable(listen.host), listen.port), _ANSWER_S):
            pass
    except Invalid as refusal:
        yield failure("mail", str(refusal), "Correct it and restart.")
        return
    except OSError:
        yield failure(
            "mail",
            f"nobody takes mail at {text}",
            "Is `lamppost serve` (or `lamppost mail`) running with the same setting?",
        )
        return
    if not has_boxes:
        yield warning(
            "mail",
            f"mail is taken at {text}, but no city has a mailbox",
            "Enter it at /desk/gateways/ as handed over by the mail server.",
        )
    else:
        yield fine("mail", f"mail is taken at {text}")


def _reachable(host: str) -> str:
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104


def _mailbox(city: City, box: Gateway) -> Iterator[Finding]:
    try:
        opened(box.secret)
    except SecretLost:
        yield failure(
            "mail",
            f"{city.slug}: the secret of {box.address} cannot be read",
            "Enter it again at /desk/gateways/.",
        )
    state = Fetching.objects.filter(gateway=box).first()
    if state is not None and state.failing_since is not None:
        yield failure(
            "mail",
            f"{city.slug}: {box.address} has not been fetched since {state.failing_since:%c} UTC "
            f"({state.error})",
            "Check server, account and password at /desk/gateways/.",
        )


def _waiting(city: City) -> Iterator[Finding]:
    since = Mail.objects.filter(state=MailState.NEW).aggregate(first=Min("received_at"))["first"]
    if since is None:
        return
    if timezone.now() - since > _LATE:
        yield failure(
            "mail",
            f"{city.slug}: mail of {since:%c} UTC has not been seen to",
            "Is the worker running? Its log names mail that fails.",
        )


CHECKS = (incoming_mail,)
