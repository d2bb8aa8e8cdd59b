"""Trying a connection out: something harmless goes the same way a case would."""

from __future__ import annotations

import dataclasses

from django.utils import timezone
from django.utils.translation import gettext as _

from lamppost.cities.selectors import city_in_scope, site_of
from lamppost.kernel.ids import new_token
from lamppost.kernel.text import in_language
from lamppost.kernel.vault import SecretLost, opened
from lamppost.partners.addresses import BadAddress
from lamppost.partners.choices import AttemptResult, ConnectionKind, Purpose
from lamppost.partners.messages import Message
from lamppost.partners.models import Connection
from lamppost.partners.senders import Answer, email, webhook
from lamppost.partners.services.folders import ready, write_whole
from lamppost.partners.web import NoAnswer, Unreachable, call
from lamppost.people import audit
from lamppost.people.actors import Actor
from lamppost.people.choices import AuditWhat
from lamppost.people.permissions import Permission, require


def send_test(connection: Connection, *, actor: Actor) -> Answer:
    """Send a test and return what came of it.

    E-mail and webhook get a message that says it is a test. An Open311 server would take a
    request for a real one, so it is only asked for its services; in a folder a file is made.
    """
    require(actor, Permission.PARTNER_MANAGE, detail=connection.code)
    try:
        answer = _tried(connection)
    except (BadAddress, SecretLost) as error:
        answer = Answer(AttemptResult.REFUSED, reason=str(error))
    except (Unreachable, NoAnswer) as error:
        answer = Answer(AttemptResult.AGAIN, reason=f"no answer: {error}")
    except OSError as error:
        answer = Answer(AttemptResult.AGAIN, reason=error.strerror or type(error).__name__)
    detail = f"test: {answer.result.value} {answer.code or ''}".strip()
    audit.note(what=AuditWhat.PARTNER, label=connection.code, actor=actor, detail=detail)
    return dataclasses.replace(answer, number="", token="")


def _tried(connection: Connection) -> Answer:
    secret = opened(connection.secret)
    if connection.kind == ConnectionKind.EMAIL:
        return email.send(connection, secret, _message(), False)
    if connection.kind == ConnectionKind.WEBHOOK:
        return webhook.send(connection, secret, _message(), False)
    if connection.kind == ConnectionKind.OPEN311:
        response = call("GET", f"{connection.address.rstrip('/')}/services.json")
        result = AttemptResult.TAKEN if response.code == 200 else AttemptResult.REFUSED
        return Answer(result, response.code)
    path = ready(connection) / "out" / "test.txt"
    write_whole(path, f"{timezone.now().isoformat()}\n")
    return Answer(AttemptResult.TAKEN, reason=path.name)


def _message() -> Message:
    city, now = city_in_scope(), timezone.now()
    return Message(
        key=f"lp_test_{new_token()}",
        purpose=Purpose.TEST,
        number="TEST",
        service_code="TEST",
        service_name=_("Test, please ignore"),
        description=_("This message tries the connection out. There is no such case."),
        address="",
        point=None,
        is_hazard=False,
        priority="normal",
        requested_at=now,
        due_at=None,
        at=now,
        state="received",
        status="",
        outcome="",
        word="OPEN",
        text="",
        url=f"{site_of(city)}/desk/",
        photos=(),
        answers=(),
        external_number="",
        external_token="",
        city=in_language(city.name, city.default_language),
    )
