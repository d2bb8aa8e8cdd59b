"""The shapes of what goes in and out. They are published: add to them, never change them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from ninja import Schema
from pydantic import ConfigDict, Field

from lamppost.catalog.choices import (
    CaseKind,
    Datatype,
    LocationRule,
    PhotoRule,
    ServiceType,
    State,
    TriageOutcome,
)

Long = Annotated[float, Field(ge=-180, le=180, description="WGS 84 degrees")]
Lat = Annotated[float, Field(ge=-90, le=90, description="WGS 84 degrees")]


class FieldProblem(Schema):
    """One thing that is wrong with one field; an empty field means the whole request."""

    field: str
    message: str
    code: str


class TriageOut(Schema):
    """What the service's triage table says to a report; ``text`` is for the person."""

    outcome: TriageOutcome
    text: str
    refer_to: str
    refer_phone: str
    refer_url: str


class ProblemOut(Schema):
    """RFC 9457 problem details. ``type`` is ``diverted`` when triage stopped a report."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[FieldProblem]
    triage: TriageOut | None = None


class ServiceOut(Schema):
    """What can be asked for. ``type`` is Open311's: when the number is given."""

    code: str
    name: str
    description: str
    group: str
    kind: CaseKind
    type: ServiceType
    location: LocationRule
    photos: PhotoRule
    has_form: bool


class ServiceList(Schema):
    """The services the public may ask for, in the city's order."""

    items: list[ServiceOut]


class Choice(Schema):
    """One answer to a list question."""

    key: str
    name: str


class Condition(Schema):
    """An answer that makes another question be asked."""

    question: str
    key: str


class QuestionOut(Schema):
    """One question. ``is_information`` is a text to show, not to ask. With ``only_if``, it is
    asked when one of these answers was given."""

    code: str
    order: int
    text: str
    help: str
    datatype: Datatype
    is_required: bool
    is_information: bool
    choices: list[Choice]
    only_if: list[Condition]


class FormOut(Schema):
    """The form of one service."""

    service_code: str
    questions: list[QuestionOut]


class Named(Schema):
    """A code and its name in the reader's language."""

    code: str
    name: str


class CaseOut(Schema):
    """One case in a list. Of a limited case only service, status and dates are public."""

    number: str
    service: Named
    department: Named
    state: State
    status: Named
    outcome: Named | None
    is_limited: bool
    description: str
    address: str
    long: float | None
    lat: float | None
    requested_at: datetime
    updated_at: datetime
    closed_at: datetime | None
    due_at: datetime | None
    is_paused: bool
    followers: int
    photo_url: str


class CaseList(Schema):
    """A page, newest first. ``next`` is the ``cursor`` of the page after it, null at the end."""

    items: list[CaseOut]
    next: str | None


class EntryOut(Schema):
    """One line of the public history, in plain words."""

    at: datetime
    title: str
    text: str
    by: str
    state: str
    photo_url: str


class AnswerOut(Schema):
    """A question with what was answered, in the reader's language."""

    question: str
    answer: str


class CaseDetail(CaseOut):
    """One case with its public history, newest first."""

    photos: list[str]
    answers: list[AnswerOut]
    history: list[EntryOut]
    due_explanation: list[str]
    duplicate_of: str | None


class ReporterIn(Schema):
    """Who reports, as far as they wish to say."""

    model_config = ConfigDict(extra="forbid")
    name: str = ""
    email: str = ""
    phone: str = ""
    may_notify: bool = False


class ReportIn(Schema):
    """A report. ``answers`` maps question codes to what was answered: keys for lists."""

    model_config = ConfigDict(extra="forbid")
    service_code: str
    description: str = Field("", description="at most 4000 characters")
    answers: dict[str, str | list[str]] = Field(default_factory=dict)
    long: Long | None = None
    lat: Lat | None = None
    address: str = ""
    address_id: str = ""
    unit: str = ""
    zipcode: str = ""
    media_url: str = ""
    reporter: ReporterIn = Field(default_factory=ReporterIn)


class FiledOut(Schema):
    """A report that was taken.

    ``number`` is null for a service whose cases are not public. ``tracking_token`` is the
    reporter's secret for following it, given once: null when the report had come before.
    """

    number: str | None
    tracking_token: str | None
    notice: str
    repeated: bool
