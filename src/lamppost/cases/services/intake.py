"""The one way into the system: every channel files here.

Check, triage, place, number, owner, clocks, event: one transaction, or a refusal and nothing.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from lamppost.cases.choices import EventAudience, EventKind, OnDanger, Priority
from lamppost.cases.models import (
    Case,
    CaseAnswer,
    CaseArea,
    CaseEvent,
    IdempotencyKey,
    IntakeToken,
)
from lamppost.cases.reports import Filed, Report, Triage
from lamppost.cases.services import clocks, danger
from lamppost.cases.services.checking import Checked, check
from lamppost.cases.services.events import announce, drawn_up
from lamppost.cases.services.opening import Opening, open_case
from lamppost.cases.services.photos import AnyPhoto, attach, prepared
from lamppost.cases.services.public_words import public_form
from lamppost.catalog.book import ServiceEntry, TriageEntry, book
from lamppost.catalog.choices import ServiceType, State, TriageOutcome
from lamppost.catalog.triage import first_match
from lamppost.cities.selectors import city_in_scope
from lamppost.kernel.ids import digest, new_token
from lamppost.kernel.refusals import Conflict, Invalid, Problem
from lamppost.kernel.text import in_language
from lamppost.people.actors import Actor
from lamppost.people.contacts import contact_for
from lamppost.people.permissions import Permission, require
from lamppost.places.locate import Located
from lamppost.routing.decide import Decision, decide
from lamppost.routing.matcher import Facts


@dataclass(frozen=True, slots=True)
class _Filing:
    """A checked report and what has been found out about it."""

    checked: Checked
    triage: Triage
    decision: Decision
    photos: tuple[AnyPhoto, ...]
    now: datetime
    # Of the report as it was sent: a repeat is compared before it is cleaned.
    fingerprint: str

    @property
    def report(self) -> Report:
        return self.checked.report

    @property
    def service(self) -> ServiceEntry:
        return self.checked.service


def submit(report: Report, *, actor: Actor) -> Filed:
    """File ``report`` in the city in scope and return its number, or how it was diverted.

    Raises ``Invalid`` naming every wrong field, ``NotFound`` for an unknown service,
    ``Forbidden`` for a role that may not file, and ``Conflict`` when the idempotency key was
    used for a different filing. Nothing is written then. A filing that triage or words of
    danger stop writes a diversion, counted and without any words of the person. Words never
    hold back an e-mail, and not who has been told and says that nobody is in danger
    (``Report.on_danger``): such a case is a hazard from its first moment.
    """
    require(actor, Permission.CASE_FILE)
    if report.reporter.contact_id is not None:
        require(actor, Permission.CASE_FILE_FOR_OTHERS)
    repeated = _repeated(report)
    if repeated:
        return repeated
    checked = check(report, actor=actor)
    triage = triage_of(checked)
    if triage.is_accepted:
        triage = danger.heeded(triage, checked.report)
    if not triage.is_accepted:
        return Filed(triage=triage, diversion_id=_divert(checked, triage))
    facts = Facts(
        service_id=checked.service.id,
        chosen=checked.chosen,
        areas=checked.area_ids,
        local_time=(report.requested_at or timezone.now()).astimezone(city_in_scope().zone),
        is_hazard=triage.is_hazard,
    )
    filing = _Filing(
        checked=checked,
        triage=triage,
        decision=decide(checked.service, facts),
        photos=tuple(prepared(photo) for photo in report.photos),
        now=timezone.now(),
        fingerprint=fingerprint(report) if report.idempotency_key else "",
    )
    try:
        with transaction.atomic():
            return _write(filing, actor)
    except IntegrityError:
        # Two copies of one filing arrived together; the other one won.
        repeated = _repeated(report)
        if repeated is None:
            raise
        return repeated


def triage_of(checked: Checked) -> Triage:
    """Return what the service's table says to this report. No match means accept."""
    entry = first_match(checked.service.triage, checked.chosen, checked.area_ids)
    if entry is None:
        return Triage(TriageOutcome.ACCEPT)
    return _worded(entry)


def _worded(entry: TriageEntry) -> Triage:
    language = get_language() or "en"
    return Triage(
        outcome=entry.outcome,
        text=in_language(entry.text, language),
        refer_to=in_language(entry.refer_to, language),
        refer_phone=entry.refer_phone,
        refer_url=entry.refer_url,
        is_hazard=entry.is_hazard,
        rule_id=entry.id,
    )


def _write(filing: _Filing, actor: Actor) -> Filed:
    report, service = filing.report, filing.service
    token = new_token()
    case = _case(filing, actor, token)
    promised = clocks.promised_clocks(case, areas=filing.checked.area_ids)
    case.due_at = clocks.resolve_due(promised)
    received = _received(filing, case, actor)
    open_case(
        Opening(
            case=case,
            received=received,
            areas=filing.checked.areas,
            answers=_answers(case, filing.checked),
            clocks=promised,
            key=_key(filing, case),
        )
    )
    announce(case, received, actor)
    if filing.triage.danger and report.on_danger is OnDanger.STOP:
        # Nobody could be asked: somebody has to look at once.
        danger.tell_staff(case, filing.triage.danger, once_key=f"danger-{case.pk}")
    for photo in filing.photos:
        # Shows the need, not the finished work, whoever typed it in.
        attach(case, photo, actor=actor, by_staff=False, at=filing.now)
    if service.type is not ServiceType.REALTIME:
        IntakeToken.objects.create(token=token, case=case, ready_at=filing.now)
    return Filed(
        triage=filing.triage,
        case_id=case.pk,
        number=case.number,
        tracking_token=token,
        notice=in_language(service.notice, get_language() or "en"),
    )


def _received(filing: _Filing, case: Case, actor: Actor) -> CaseEvent:
    return drawn_up(
        case,
        EventKind.RECEIVED,
        actor=actor,
        audience=EventAudience.PUBLIC,
        at=case.requested_at,
        channel=case.channel,
        data={
            "reason": filing.decision.reason,
            "rule": filing.decision.rule_id,
            "team": filing.decision.team_id,
            "hazard": case.is_hazard,
            "language": case.language,
            "due": case.due_at.isoformat() if case.due_at else None,
            "triage": filing.triage.rule_id,
            **danger.noted(filing.triage, filing.report),
            "doubt": [area.area_id for area in filing.checked.areas if area.is_doubtful],
        },
    )


def _key(filing: _Filing, case: Case) -> IdempotencyKey | None:
    report = filing.report
    if not report.idempotency_key:
        return None
    return IdempotencyKey(
        caller=report.caller,
        key=report.idempotency_key,
        fingerprint=filing.fingerprint,
        case=case,
        created_at=filing.now,
    )


def _case(filing: _Filing, actor: Actor, token: str) -> Case:
    report, service, checked = filing.report, filing.service, filing.checked
    requested = report.requested_at or filing.now
    return Case(
        kind=service.kind,
        service_id=service.id,
        department_id=filing.decision.department_id,
        team_id=filing.decision.team_id,
        state=State.RECEIVED,
        status_id=book().default_status(State.RECEIVED).id,
        visibility=service.visibility,
        channel=report.channel,
        language=report.language or get_language() or "",
        description=report.description,
        public_description=public_form(report.description),
        location=report.point,
        address=report.address,
        address_id=report.address_id,
        unit=report.unit,
        zipcode=report.zipcode,
        is_boundary_doubtful=any(located.is_doubtful for located in checked.areas),
        is_hazard=filing.triage.is_hazard,
        priority=Priority.URGENT if filing.triage.is_hazard else Priority.NORMAL,
        media_url=report.media_url,
        contact_id=contact_for(report.reporter, user_id=_own_account(actor), now=filing.now),
        entered_by_id=actor.user_id if actor.is_staff else None,
        api_key_id=actor.api_key_id,
        routed_by_id=filing.decision.rule_id,
        routing_reason=filing.decision.reason,
        tracking_digest=digest(token),
        source=report.source,
        requested_at=requested,
        updated_at=filing.now,
        created_at=filing.now,
    )


def _own_account(actor: Actor) -> int | None:
    return None if actor.is_staff else actor.user_id


def _answers(case: Case, checked: Checked) -> list[CaseAnswer]:
    rows = []
    for answer in checked.answers:
        question_id = answer.question.id
        if answer.values:
            rows += [
                CaseAnswer(case=case, question_id=question_id, value_id=value.id)
                for value in answer.values
            ]
        else:
            rows.append(
                CaseAnswer(
                    case=case,
                    question_id=question_id,
                    text=answer.text,
                    public_text=public_form(answer.text),
                )
            )
    return rows


def write_areas(case: Case, areas: tuple[Located, ...]) -> None:
    """Keep the areas the case lies in; the caller has locked it."""
    inside = [located for located in areas if located.is_inside]
    if inside:
        CaseArea.objects.bulk_create(
            CaseArea(case=case, area_id=located.area_id, is_doubtful=located.is_doubtful)
            for located in inside
        )


def _divert(checked: Checked, triage: Triage) -> int:
    report = checked.report
    return danger.count_diversion(
        triage,
        channel=report.channel,
        language=report.language or get_language() or "",
        service_id=checked.service.id,
    )


def _repeated(report: Report) -> Filed | None:
    if not report.idempotency_key:
        return None
    if len(report.idempotency_key) > 200:
        raise Invalid([Problem("idempotency_key", _("The idempotency key is too long."))])
    row = (
        IdempotencyKey.objects.select_related("case")
        .filter(caller=report.caller, key=report.idempotency_key)
        .first()
    )
    if row is None:
        return None
    if row.fingerprint != fingerprint(report):
        raise Conflict(
            _("This idempotency key was already used for a different report."),
            field="idempotency_key",
        )
    return Filed(
        triage=Triage(TriageOutcome.ACCEPT),
        case_id=row.case_id,
        number=row.case.number,
        repeated=True,
    )


def fingerprint(report: Report) -> str:
    """Return a digest of what was asked, to tell a repeat from another filing."""
    plain = replace(report, photos=())
    fields = {
        "service": plain.service_code,
        "description": plain.description,
        "answers": {code: list(values) for code, values in sorted(plain.answers.items())},
        "point": list(plain.point) if plain.point else None,
        "address": [plain.address, plain.address_id, plain.unit, plain.zipcode],
        "reporter": [
            plain.reporter.name,
            plain.reporter.email,
            plain.reporter.phone,
            plain.reporter.contact_id,
        ],
        "media": plain.media_url,
    }
    return hashlib.sha256(json.dumps(fields, sort_keys=True).encode()).hexdigest()
