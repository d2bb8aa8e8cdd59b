"""Reading service requests: the list, one of them, the number behind a token."""

from __future__ import annotations

from django.utils import timezone
from django.utils.translation import gettext as _

from lamppost.cases.models import IntakeToken
from lamppost.faces.open311.answers import Answer, answer_of
from lamppost.faces.open311.calls import Call
from lamppost.faces.open311.columns import wording
from lamppost.faces.open311.filters import filters_of, has_extensions
from lamppost.faces.open311.queries import read_list, read_one
from lamppost.kernel.refusals import NotFound

ROOT = "service_requests"


def request_list(call: Call) -> Answer:
    """Answer with the requests that match the parameters."""
    texts = wording(call.city, call.language, call.base)
    return Answer(ROOT, read_list(filters_of(call), texts=texts))


def request_by_id(call: Call) -> Answer:
    """Answer with an array of the one request. Raises ``NotFound`` when it cannot be read."""
    number = call.path["id"]
    texts = wording(call.city, call.language, call.base)
    found = None
    if len(number) <= 40 and number.isprintable():
        found = read_one(number, with_extensions=has_extensions(call), texts=texts)
    if found is None:
        raise NotFound(_("This service_request_id does not exist here."))
    return Answer(ROOT, found)


def request_by_token(call: Call) -> Answer:
    """Answer with the number a token stands for: null until it is given.

    Raises ``NotFound`` for a token nobody was given.
    """
    token = call.path["id"]
    row = None
    if len(token) <= 60 and token.isprintable():
        row = IntakeToken.objects.select_related("case").filter(token=token).first()
    if row is None:
        raise NotFound(_("This token does not exist here."))
    number = row.case.number if row.ready_at <= timezone.now() else None
    return answer_of(ROOT, [{"service_request_id": number, "token": token}])
