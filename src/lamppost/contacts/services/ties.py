"""What a contact had to do with cases: filed, asked about, followed, said to be not fixed."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from lamppost.cases.models import Case
from lamppost.cases.reports import Filed, Report
from lamppost.cases.selectors.desk import readable
from lamppost.cases.services.intake import submit
from lamppost.cases.services.links import follow
from lamppost.cases.services.redress import dispute
from lamppost.contacts.choices import CaseTie
from lamppost.contacts.models import Interaction, InteractionCase
from lamppost.contacts.services.holding import held
from lamppost.kernel.refusals import NotFound
from lamppost.people.actors import Actor
from lamppost.people.permissions import Permission, require


def file_for_caller(*, interaction_id: int, report: Report, actor: Actor) -> Filed:
    """File ``report`` for who is calling and tie the case to the interaction.

    The interaction takes over the service and, when nobody was named before, the person. A
    filing that was stopped leaves its diversion with the interaction. Raises what
    ``intake.submit`` and ``holding.held`` raise; nothing is written then.
    """
    require(actor, Permission.CASE_FILE_FOR_OTHERS)
    with held(interaction_id, actor) as row:
        filed = submit(report, actor=actor)
        if filed.case_id is None:
            row.diversion_id = row.diversion_id or filed.diversion_id
            row.save(update_fields=["diversion"])
            return filed
        case = Case.objects.get(pk=filed.case_id)
        _tie(row, case.pk, CaseTie.FILED, at=timezone.now())
        row.service_id = case.service_id
        row.contact_id = row.contact_id or case.contact_id
        row.save(update_fields=["service", "contact"])
        return filed


def asked_about(
    *, interaction_id: int, number: str, actor: Actor, at: datetime | None = None
) -> Case:
    """Write down that the caller asked about a case, and return it; twice is once.

    Raises ``NotFound`` for a case the actor cannot read.
    """
    with held(interaction_id, actor) as row:
        return ask_on(row, number, actor=actor, at=at or timezone.now())


def ask_on(row: Interaction, number: str, *, actor: Actor, at: datetime) -> Case:
    """Write down on a locked interaction what was asked about; raises as ``asked_about`` does."""
    case = readable(Case.objects.all(), actor).filter(number=number).first()
    if case is None:
        raise NotFound(_("This case does not exist here."))
    _tie(row, case.pk, CaseTie.ASKED, at=at)
    if row.service_id is None:
        row.service_id = case.service_id
        row.save(update_fields=["service"])
    return case


def follow_for_caller(*, interaction_id: int, number: str, actor: Actor) -> str:
    """Count the caller in on a case somebody reported before; return their secret token.

    A second time for the same case changes nothing and returns ''. Raises what
    ``links.follow`` raises.
    """
    require(actor, Permission.CASE_FILE_FOR_OTHERS)
    with held(interaction_id, actor) as row:
        known = InteractionCase.objects.filter(
            interaction=row, case__number=number, tie=CaseTie.FOLLOWED
        )
        if known.exists():
            return ""
        token = follow(number=number, actor=actor, contact_id=row.contact_id)
        case = Case.objects.get(number=number)
        _tie(row, case.pk, CaseTie.FOLLOWED, at=timezone.now())
        if row.service_id is None:
            row.service_id = case.service_id
            row.save(update_fields=["service"])
        return token


def dispute_for_caller(*, interaction_id: int, number: str, text: str, actor: Actor) -> Case:
    """Take down that the caller says a closed case is not fixed; return the case.

    Raises what ``redress.dispute`` raises, and ``NotFound`` for an unknown case.
    """
    case = readable(Case.objects.all(), actor).filter(number=number).first()
    if case is None:
        raise NotFound(_("This case does not exist here."))
    with held(interaction_id, actor) as row:
        dispute(case_id=case.pk, text=text, actor=actor)
        _tie(row, case.pk, CaseTie.DISPUTED, at=timezone.now())
    return case


def _tie(row: Interaction, case_id: int, tie: CaseTie, *, at: datetime) -> None:
    InteractionCase.objects.get_or_create(
        interaction=row, case_id=case_id, tie=tie, defaults={"at": at}
    )
