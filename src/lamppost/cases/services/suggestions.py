"""What people say to a suggested service. The case itself is changed by its own form only."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from lamppost.cases.choices import SuggestionAnswerKind
from lamppost.cases.models import Case, SuggestionAnswer
from lamppost.catalog.book import book
from lamppost.kernel.refusals import Invalid
from lamppost.people.actors import Actor
from lamppost.people.permissions import Permission, require


def answer_suggestion(
    *, case: Case, service_code: str, answer: SuggestionAnswerKind, actor: Actor
) -> None:
    """Write down that the suggestion of a service was taken up or dismissed; once per case.

    Raises ``Forbidden`` for who may not change the case's service, ``Invalid`` for an unknown
    service or the one the case has.
    """
    require(actor, Permission.CASE_EDIT, department_id=case.department_id)
    service = book().services.get(service_code)
    if service is None or service.id == case.service_id:
        raise Invalid(_("This service is not suggested for the case."), field="service_code")
    with transaction.atomic():
        SuggestionAnswer.objects.get_or_create(
            case=case,
            answer=answer,
            defaults={
                "chosen_id": case.service_id,
                "suggested_id": service.id,
                "user_id": actor.user_id,
                "at": timezone.now(),
            },
        )
