"""The front door: every address under ``/open311/`` ends here, and every answer has its form.

One view for all of it, because Django's own 404, 405 and 400 pages are HTML, and clients of
this standard read error lists (City-of-Bloomington/uReport issue 162).
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import replace

from django.core.exceptions import BadRequest, RequestDataTooBig, SuspiciousOperation
from django.db import DatabaseError, DataError
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from lamppost.cities.middleware import CityRequest
from lamppost.faces.open311 import inquiry
from lamppost.faces.open311.answers import Answer, Format, errors, respond
from lamppost.faces.open311.calls import (
    Call,
    city_for,
    drain,
    language_of,
    read_form,
    test_city_for,
    working_for,
)
from lamppost.faces.open311.catalogue import discovery, service_definition, service_list
from lamppost.faces.open311.filing import file_request
from lamppost.faces.open311.requests import request_by_id, request_by_token, request_list
from lamppost.faces.open311.updates import receive_update, update_list
from lamppost.kernel.disk import is_full
from lamppost.kernel.refusals import Forbidden, NotFound, Refusal, Unauthenticated
from lamppost.people.rates import TooManyCalls

_log = logging.getLogger(__name__)
Handler = Callable[[Call], Answer]

_SAFE = ("GET", "HEAD", "OPTIONS")
_PATH = re.compile(
    r"(?P<path>(?:(?P<test>test/)?v2|(?P<inquiry>inquiry/v1))/)?(?P<what>[a-z]+)(?P<one>/(?P<id>[^/]+))?\.(?P<format>json|xml)",
    re.DOTALL,
)
# What each address does, by method; the second key tells a list from one of it.
_ROUTES: Mapping[tuple[str, bool], Mapping[str, Handler]] = {
    ("discovery", False): {"GET": discovery},
    ("services", False): {"GET": service_list},
    ("services", True): {"GET": service_definition},
    ("requests", False): {"GET": request_list, "POST": file_request},
    ("requests", True): {"GET": request_by_id},
    ("tokens", True): {"GET": request_by_token},
    ("servicerequestupdates", False): {"GET": update_list, "POST": receive_update},
}
# The Inquiry API: everything is "all", a category or one of it.
_INQUIRY: Mapping[tuple[str, bool], Mapping[str, Handler]] = {
    ("services", True): {"GET": inquiry.services},
    ("faqs", True): {"GET": inquiry.faqs},
    ("facilities", True): {"GET": inquiry.facilities},
}


@csrf_exempt
def open311(request: CityRequest, rest: str) -> HttpResponse:
    """Answer any call under ``/open311/``; ``rest`` is the path after that."""
    fmt: Format = "xml" if rest.endswith(".xml") else "json"
    answer = _answered(request, lambda: _dispatched(request, rest))
    response = respond(request, answer, fmt)
    if answer.status >= 400 and request.method not in _SAFE and not drain(request):
        response.headers["Connection"] = "close"
    if answer.language:
        response.headers["Content-Language"] = answer.language
    # A refused call is the caller's business: Django would log each as a warning, path and all.
    response._has_been_logged = True  # type: ignore[attr-defined]
    return response


def _answered(request: HttpRequest, work: Callable[[], Answer]) -> Answer:
    """Return what ``work`` answers, or the error list for whatever stops it."""
    try:
        return work()
    except TooManyCalls as refusal:
        return errors(429, [str(refusal)], retry_after=refusal.retry_after)
    except Refusal as refusal:
        return errors(_status(refusal), _descriptions(refusal))
    except RequestDataTooBig:
        return errors(400, [_("The request is too large.")])
    except (SuspiciousOperation, BadRequest, MultiPartParserError, UnreadablePostError):
        return errors(400, [_("The request cannot be read: too many fields, or a broken form.")])
    except DataError:
        _log.exception("open311 %s: a value the database cannot hold", request.method)
        return errors(400, [_("The request holds a value that cannot be stored.")])
    except DatabaseError:
        _log.exception("open311 %s: no answer from the database", request.method)
        return _later()
    except Exception as error:
        # The one place that may catch everything: the caller gets an answer it can read.
        _log.exception("open311 %s failed", request.method)
        if is_full(error):
            return _later()
        return errors(500, [_("Something went wrong on our side. Please try again.")])


def _later() -> Answer:
    return errors(503, [_("We cannot answer just now. Please try again.")], retry_after=5)


def _routes_for(found: re.Match[str]) -> Mapping[str, Handler] | None:
    table = _INQUIRY if found["inquiry"] else _ROUTES
    return table.get((found["what"], bool(found["one"])))


def _is_complete(found: re.Match[str]) -> bool:
    """Whether the version stands in the path; only the discovery has none."""
    return found["what"] == "discovery" or found["path"] is not None


def _dispatched(request: CityRequest, rest: str) -> Answer:
    found = _PATH.fullmatch(rest)
    routes = _routes_for(found) if found else None
    if found is None or routes is None or not _is_complete(found):
        raise NotFound(_("There is nothing here. Start at /open311/discovery.json."))
    method = "GET" if request.method == "HEAD" else request.method or ""
    allow = ", ".join([*(_SAFE if "GET" in routes else ()), *(routes.keys() - {"GET"})])
    if method == "OPTIONS":
        return Answer("errors", "[]", allow=allow)
    handler = routes.get(method)
    if handler is None:
        return errors(405, [_("This address takes %(methods)s.") % {"methods": allow}], allow=allow)
    call = _call(request, method, is_test=bool(found["test"]), one=found["id"] or "")
    with working_for(call.city, call.language):
        # Inside, so that a refusal is worded in the language of the call too.
        return replace(_answered(request, lambda: handler(call)), language=call.language)


def _call(request: CityRequest, method: str, *, is_test: bool, one: str) -> Call:
    form = read_form(request) if method == "POST" else None
    jurisdiction_id = str(form.fields.get("jurisdiction_id", "")) if form else ""
    jurisdiction_id = jurisdiction_id or str(request.GET.get("jurisdiction_id", ""))
    is_rehearsal = False
    if is_test:
        city, is_rehearsal = test_city_for(request.city, jurisdiction_id)
    else:
        city = city_for(request.city, jurisdiction_id)
    return Call(
        request=request,
        city=city,
        language=language_of(request, city),
        base=f"{request.scheme}://{request.get_host()}",
        is_rehearsal=is_rehearsal,
        form=form,
        path={"id": one},
    )


def _status(refusal: Refusal) -> int:
    """GeoReport v2: 404 for what does not exist, 403 for the key, 400 for every other failure."""
    if isinstance(refusal, NotFound):
        return 404
    if isinstance(refusal, Forbidden | Unauthenticated):
        return 403
    return 400


def _descriptions(refusal: Refusal) -> list[str]:
    return [
        f"{problem.field}: {problem.message}" if problem.field else problem.message
        for problem in refusal.problems
    ]
