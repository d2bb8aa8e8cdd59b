"""An inquiry answered at once: which article it was, and the case that is kept of it.

Why there is a case only where an article answered: docs/decisions/0022-inquiries.md.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from lamppost.cases.reports import Report, Reporter
from lamppost.cases.services.answered import file_answered
from lamppost.catalog.choices import Channel
from lamppost.cities.selectors import city_in_scope
from lamppost.contacts.choices import CaseTie
from lamppost.contacts.models import Interaction, InteractionAnswer, InteractionCase
from lamppost.contacts.selectors.rules import center_rules
from lamppost.contacts.services.holding import held
from lamppost.kernel.refusals import Refusal
from lamppost.knowledge.selectors.articles import article
from lamppost.knowledge.services.citing import opened
from lamppost.people.actors import Actor


def cite(
    *, interaction_id: int, article_code: str, actor: Actor, at: datetime | None = None
) -> InteractionAnswer:
    """Write down that an article answered the caller; twice is once.

    Raises ``NotFound`` for an article there is not.
    """
    with held(interaction_id, actor) as row:
        return cite_on(row, article_code, at=at or timezone.now())


def cite_on(row: Interaction, article_code: str, *, at: datetime) -> InteractionAnswer:
    """Write down on a locked interaction that an article answered; raises as ``cite`` does."""
    shown = article(article_code, language=row.language or _own_language(), staff=True)
    answer, is_new = InteractionAnswer.objects.get_or_create(
        interaction=row,
        article_code=shown.code,
        defaults={"at": at, "version_id": shown.version_id},
    )
    if is_new:
        opened(shown.code, channel=row.channel, language=shown.language)
    return answer


def keep_inquiries(row: Interaction, *, actor: Actor, at: datetime) -> None:
    """Make the inquiry of every article cited in a locked interaction that has none yet.

    Each is closed on contact, without a clock, and names the article. Nothing happens in a
    city that keeps none.
    """
    answers = list(
        InteractionAnswer.objects.filter(interaction=row, case=None).select_related("version")
    )
    service = center_rules().inquiry_service if answers else None
    if service is None:
        return
    for answer in answers:
        title = answer.version.question if answer.version else answer.article_code
        words = _("Answered at once: %(title)s") % {"title": title}
        try:
            with transaction.atomic():
                filed = file_answered(
                    _report(row, service.code, title, at), text=words, actor=actor, at=at
                )
        except Refusal:
            # The caller is gone and the answer is on record: a form that asks more than an
            # answered question knows must not keep the contact uncoded.
            continue
        if filed.case_id is None:
            continue
        answer.case_id = filed.case_id
        answer.save(update_fields=["case"])
        InteractionCase.objects.create(
            interaction=row, case_id=filed.case_id, tie=CaseTie.ANSWERED, at=at
        )


def _own_language() -> str:
    return str(city_in_scope().default_language)


def _report(row: Interaction, service_code: str, title: str, at: datetime) -> Report:
    return Report(
        service_code=service_code,
        channel=Channel(row.channel),
        description=title,
        reporter=Reporter(contact_id=row.contact_id),
        language=row.language,
        source="console",
        requested_at=at,
    )
