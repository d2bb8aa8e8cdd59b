"""The operations of ``/api/v1``: what a partner system needs, over the same services."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from ninja import Header, NinjaAPI, Path, Query, Status
from ninja.errors import HttpError, ValidationError
from ninja.security import HttpBearer

from lamppost.cases.reports import Report, Reporter
from lamppost.cases.selectors.public import Filters, public_cases
from lamppost.cases.selectors.public_case import case_for_public, page_of
from lamppost.cases.services.checking import check
from lamppost.cases.services.intake import submit, triage_of
from lamppost.catalog.book import ServiceEntry, book
from lamppost.catalog.choices import Channel, Visibility
from lamppost.database.fields import Point
from lamppost.faces.api.problems import (
    Diverted,
    on_diverted,
    on_http_error,
    on_refusal,
    on_validation,
    problem,
)
from lamppost.faces.api.reading import (
    case_out,
    detail_out,
    form_out,
    read_cursor,
    service_out,
    spell,
)
from lamppost.faces.api.schemas import (
    CaseDetail,
    CaseList,
    FiledOut,
    FormOut,
    ProblemOut,
    ReportIn,
    ServiceList,
    TriageOut,
)
from lamppost.kernel.geo import Box, parse_number
from lamppost.kernel.refusals import Invalid, NotFound, Refusal
from lamppost.kernel.text import clean_line
from lamppost.people.actors import ANONYMOUS, Actor
from lamppost.people.api_keys import calling_key
from lamppost.people.choices import Role
from lamppost.people.models import ApiKey

# Where every installation serves this API: docs/contracts.md.
_ROOT = "api/v1/"
Code = Annotated[str, Path(min_length=1, max_length=63)]


class Api(NinjaAPI):
    """The framework's API, with the media type of problems in its schema."""

    def get_openapi_schema(self, *args: Any, **kwargs: Any) -> Any:
        """As in the framework; refusals are published as ``application/problem+json``."""
        kwargs["path_prefix"] = _ROOT
        schema = super().get_openapi_schema(*args, **kwargs)
        for path in schema["paths"].values():
            for operation in path.values():
                for status, response in operation["responses"].items():
                    content = response.get("content", {})
                    if int(status) >= 400 and "application/json" in content:
                        content["application/problem+json"] = content.pop("application/json")
        return schema


class ApiKeyAuth(HttpBearer):
    """``Authorization: Bearer KEY``; every call of a key is counted."""

    def authenticate(self, _request: HttpRequest, token: str) -> ApiKey:
        """Return the key. Raises ``Unauthenticated`` or ``TooManyCalls``."""
        return calling_key(token)


api = Api(
    title="Lamppost",
    version="1.0.0",
    description="Services, cases and reports of a city. Errors are RFC 9457 problem details.",
    urls_namespace="api-v1",
    docs_url=None,
    openapi_url="/openapi.json",
)
api.add_exception_handler(Refusal, on_refusal)
api.add_exception_handler(Diverted, on_diverted)
api.add_exception_handler(ValidationError, on_validation)
api.add_exception_handler(HttpError, on_http_error)


@api.exception_handler(RequestDataTooBig)
def _too_big(_request: HttpRequest, _error: Exception) -> HttpResponse:
    return problem(413, _("The request is too large."))


@api.get("/services", response={200: ServiceList}, summary="What can be asked for")
def list_services(request: HttpRequest) -> ServiceList:
    """The services the public may ask for, in the city's order."""
    del request
    return ServiceList(items=[service_out(entry) for entry in book().public_services()])


@api.get(
    "/services/{code}/form",
    response={200: FormOut, 404: ProblemOut, 422: ProblemOut},
    summary="The questions of one service",
)
def get_form(request: HttpRequest, code: Code) -> FormOut:
    """The form of one service in the reader's language."""
    del request
    return form_out(_service(code))


_WORDS = (
    "Words of the address or the public description. For fewer than three letters only the newest "
    "50,000 cases that match otherwise are searched."
)


@api.get("/cases", response={200: CaseList, 422: ProblemOut}, summary="Public cases, newest first")
def list_cases(
    request: HttpRequest,
    service: Annotated[list[str], Query(default_factory=list, max_length=50)],
    state: Annotated[Literal["open", "closed", "overdue"] | None, Query()] = None,
    since: Annotated[datetime | None, Query()] = None,
    until: Annotated[datetime | None, Query()] = None,
    bbox: Annotated[str, Query(description="west,south,east,north in degrees")] = "",
    q: Annotated[str, Query(max_length=200, description=_WORDS)] = "",
    cursor: Annotated[str, Query(max_length=200)] = "",
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> CaseList:
    """A page of the public cases that match. Follow ``next`` until it is null."""
    known = book().services
    wanted = [known[code].id for code in service if code in known]
    if service and not wanted:
        return CaseList(items=[], next=None)
    filters = Filters(
        service_ids=tuple(wanted),
        state=state or "",
        text=clean_line(q),
        since=_aware(since, "since"),
        until=_aware(until, "until"),
        box=_box(bbox),
    )
    page = public_cases(filters, older_than=read_cursor(cursor), limit=limit)
    base = _base(request)
    return CaseList(items=[case_out(row, base) for row in page.rows], next=spell(page.older))


@api.get(
    "/cases/{number}",
    response={200: CaseDetail, 404: ProblemOut, 422: ProblemOut},
    summary="One case with its public history",
)
def get_case(
    request: HttpRequest, number: Annotated[str, Path(min_length=1, max_length=40)]
) -> CaseDetail:
    """One public case; of a limited one, status and dates only."""
    case = case_for_public(number) if number.isprintable() else None
    if case is None:
        raise NotFound(_("This case does not exist here."), field="number")
    return detail_out(page_of(case), _base(request))


@api.post(
    "/triage",
    response={200: TriageOut, 400: ProblemOut, 404: ProblemOut, 413: ProblemOut, 422: ProblemOut},
    summary="What would happen with a report",
)
def preview_triage(request: HttpRequest, report: ReportIn) -> TriageOut:
    """Check a report and tell whether it would be taken; nothing is written."""
    del request
    triage = triage_of(check(_report(report), actor=ANONYMOUS))
    return TriageOut(
        outcome=triage.outcome,
        text=triage.text,
        refer_to=triage.refer_to,
        refer_phone=triage.refer_phone,
        refer_url=triage.refer_url,
    )


@api.post(
    "/cases",
    auth=ApiKeyAuth(),
    response={
        201: FiledOut,
        200: FiledOut,
        400: ProblemOut,
        401: ProblemOut,
        404: ProblemOut,
        409: ProblemOut,
        413: ProblemOut,
        422: ProblemOut,
        429: ProblemOut,
    },
    summary="File a report",
)
def file_case(
    request: HttpRequest,
    report: ReportIn,
    idempotency_key: Annotated[str, Header(alias="Idempotency-Key", max_length=200)] = "",
) -> Status[FiledOut]:
    """File a report. With an ``Idempotency-Key``, the same report again gives the same case.

    A report that triage stops is a problem of type ``diverted``: show its text to the person.
    """
    key: ApiKey = request.auth  # type: ignore[attr-defined]
    if not idempotency_key.isprintable():
        raise Invalid(_("Use plain characters."), field="Idempotency-Key")
    actor = Actor(role=Role.RESIDENT, api_key_id=key.pk, name=key.name)
    filed = submit(_report(report, key=key, idempotency_key=idempotency_key), actor=actor)
    if filed.case_id is None:
        raise Diverted(filed.triage)
    hidden = book().services[report.service_code.strip()].visibility is Visibility.PRIVATE
    body = FiledOut(
        number=None if hidden else filed.number,
        tracking_token=filed.tracking_token or None,
        notice=filed.notice,
        repeated=filed.repeated,
    )
    return Status(200 if filed.repeated else 201, body)


def _report(sent: ReportIn, *, key: ApiKey | None = None, idempotency_key: str = "") -> Report:
    if (sent.long is None) != (sent.lat is None):
        raise Invalid(_("Send lat and long together."), field="lat")
    point = None
    if sent.long is not None and sent.lat is not None:
        point = Point(sent.long, sent.lat)
    language = get_language() or ""
    return Report(
        service_code=sent.service_code,
        channel=Channel.API,
        description=sent.description,
        answers={
            code: (said,) if isinstance(said, str) else tuple(said)
            for code, said in sent.answers.items()
        },
        point=point,
        address=sent.address,
        address_id=sent.address_id,
        unit=sent.unit,
        zipcode=sent.zipcode,
        media_url=sent.media_url,
        reporter=Reporter(
            name=sent.reporter.name,
            email=sent.reporter.email,
            phone=sent.reporter.phone,
            language=language,
            may_notify=sent.reporter.may_notify,
        ),
        language=language,
        idempotency_key=idempotency_key,
        caller=f"key:{key.pk}" if key else "",
    )


def _service(code: str) -> ServiceEntry:
    entry = book().services.get(code)
    if entry is None or not (entry.is_active and entry.is_public):
        raise NotFound(_("This service does not exist here."), field="code")
    return entry


def _aware(moment: datetime | None, field: str) -> datetime | None:
    """A time without a zone is the city's; years far out are nobody's question."""
    if moment is None:
        return None
    if not 1900 <= moment.year < 2200:
        raise Invalid(_("Use a year between 1900 and 2200."), field=field)
    return moment if moment.tzinfo else timezone.make_aware(moment)


def _box(text: str) -> Box | None:
    if not text:
        return None
    parts = text.split(",")
    if len(parts) != 4:
        raise Invalid(_("bbox must be west,south,east,north in degrees."), field="bbox")
    west, south, east, north = (parse_number(part, field="bbox") for part in parts)
    if not (-180 <= west <= 180 and -180 <= east <= 180 and -90 <= south <= north <= 90):
        raise Invalid(_("bbox must be west,south,east,north in degrees."), field="bbox")
    return Box(west, south, east, north)


def _base(request: HttpRequest) -> str:
    return f"{request.scheme}://{request.get_host()}"
