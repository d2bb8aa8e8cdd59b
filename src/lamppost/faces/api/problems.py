"""Refusals as RFC 9457 problem details: one form for everything that goes wrong here."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Sequence
from functools import wraps
from http import HTTPStatus
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.db import DatabaseError, DataError
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, UnreadablePostError
from django.utils.translation import gettext as _
from ninja.errors import AuthenticationError, HttpError, ValidationError

from lamppost.cases.reports import Triage
from lamppost.kernel.disk import is_full
from lamppost.kernel.refusals import (
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    Problem,
    Refusal,
    Unauthenticated,
)
from lamppost.people.rates import TooManyCalls

CONTENT_TYPE = "application/problem+json"
DIVERTED = "diverted"
_log = logging.getLogger(__name__)
View = Callable[..., HttpResponse]

_STATUS: tuple[tuple[type[Refusal], int], ...] = (
    (Invalid, 422),
    (NotFound, 404),
    (Unauthenticated, 401),
    (Forbidden, 403),
    (Conflict, 409),
    (TooManyCalls, 429),
)


class Diverted(Refusal):
    """Triage sends the person elsewhere; nothing was filed."""

    def __init__(self, triage: Triage) -> None:
        self.triage = triage
        super().__init__(triage.text or _("This cannot be reported here."))


def problem(
    status: int,
    detail: str = "",
    *,
    kind: str = "about:blank",
    errors: Sequence[Problem] = (),
    **more: Any,
) -> HttpResponse:
    """Return a problem document; ``kind`` is its type, relative to the API's own addresses."""
    title = HTTPStatus(status).phrase
    body = {
        "type": kind,
        "title": title,
        "status": status,
        "detail": detail or title,
        "errors": [
            {"field": error.field, "message": error.message, "code": error.code} for error in errors
        ],
        **more,
    }
    response = HttpResponse(
        json.dumps(body, ensure_ascii=False).encode("utf-8", "replace"),
        status=status,
        content_type=CONTENT_TYPE,
    )
    # The caller's mistake is not an event of ours: Django would log every one as a warning.
    response._has_been_logged = True  # type: ignore[attr-defined]
    return response


def on_refusal(_request: HttpRequest, refusal: Refusal | type[Refusal]) -> HttpResponse:
    """Answer a refusal of a service."""
    if not isinstance(refusal, Refusal):
        raise refusal
    status = next((code for kind, code in _STATUS if isinstance(refusal, kind)), 400)
    response = problem(status, str(refusal), errors=refusal.problems)
    if isinstance(refusal, TooManyCalls):
        response.headers["Retry-After"] = str(refusal.retry_after)
    if status == HTTPStatus.UNAUTHORIZED:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def on_diverted(_request: HttpRequest, refusal: Diverted | type[Diverted]) -> HttpResponse:
    """Answer a report that triage stopped, with what the person has to be told."""
    if not isinstance(refusal, Diverted):
        raise refusal
    triage = refusal.triage
    told = {
        "outcome": triage.outcome.value,
        "text": triage.text,
        "refer_to": triage.refer_to,
        "refer_phone": triage.refer_phone,
        "refer_url": triage.refer_url,
    }
    return problem(422, str(refusal), kind=DIVERTED, errors=refusal.problems, triage=told)


def on_validation(
    _request: HttpRequest, error: ValidationError | type[ValidationError]
) -> HttpResponse:
    """Answer a request whose shape the schema does not allow."""
    if not isinstance(error, ValidationError):
        raise error
    errors = [
        Problem(
            ".".join(str(part) for part in row["loc"][1:]) or str(row["loc"][0]),
            str(row["msg"]),
            str(row["type"]),
        )
        for row in error.errors
    ]
    return problem(422, _("The request does not have the form this address takes."), errors=errors)


def on_http_error(_request: HttpRequest, error: HttpError | type[HttpError]) -> HttpResponse:
    """Answer what the framework itself refuses: no or a broken key, a body that is no JSON."""
    if isinstance(error, AuthenticationError):
        response = problem(401, _("An api_key is needed for this."))
        response.headers["WWW-Authenticate"] = "Bearer"
        return response
    if isinstance(error, HttpError):
        return problem(error.status_code, error.message)
    raise error


def in_our_form(view: View) -> View:
    """Wrap a view of the framework, so that nothing but JSON and problem documents leaves."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method == "HEAD":
            request.method = "GET"
        response = _guarded(view, request, *args, **kwargs)
        if isinstance(response, HttpResponseNotAllowed):
            allow = response.headers["Allow"]
            response = problem(405, _("This address takes %(methods)s.") % {"methods": allow})
            response.headers["Allow"] = allow
        # Public data or a key in a header, never a cookie: any page may read the answer.
        response.headers["Access-Control-Allow-Origin"] = "*"
        return response

    return answer


def _guarded(view: View, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
    try:
        return view(request, *args, **kwargs)
    except RequestDataTooBig:
        return problem(413, _("The request is too large."))
    except UnreadablePostError:
        return problem(400, _("The request did not arrive whole."))
    except UnicodeDecodeError:
        return problem(400, _("Send the text in UTF-8."))
    except DataError:
        _log.exception("api %s: a value the database cannot hold", request.method)
        return problem(422, _("The request holds a value that cannot be stored."))
    except DatabaseError:
        _log.exception("api %s: no answer from the database", request.method)
        return _later()
    except Exception as error:
        # The one place that may catch everything: the caller gets an answer it can read.
        _log.exception("api %s failed", request.method)
        if is_full(error):
            return _later()
        return problem(500, _("Something went wrong on our side. Please try again."))


def _later() -> HttpResponse:
    response = problem(503, _("We cannot answer just now. Please try again."))
    response.headers["Retry-After"] = "5"
    return response


def nothing_here(_request: HttpRequest) -> HttpResponse:
    """Answer for every other address below ours."""
    return problem(404, _("There is nothing here. See /api/v1/openapi.json."))
