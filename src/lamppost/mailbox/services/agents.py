"""What agents do with mail: take it, answer it, file it, close it, say that it is unwanted."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from lamppost.cases.models import Case
from lamppost.cities.selectors import city_in_scope
from lamppost.contacts.choices import CaseTie, DispositionKind, InteractionEnd
from lamppost.contacts.models import InteractionAnswer, InteractionCase
from lamppost.contacts.selectors.rules import disposition_in_use
from lamppost.contacts.services.written import needed_nobody, settled, taken_up
from lamppost.kernel.refusals import Conflict, Forbidden, Invalid, NotFound
from lamppost.kernel.text import clean_text
from lamppost.knowledge.selectors.articles import article
from lamppost.mailbox.choices import ThreadState
from lamppost.mailbox.models import Answer, Mail, Thread
from lamppost.mailbox.services.telling import ANSWER
from lamppost.notify.choices import MessageChannel
from lamppost.notify.services.outbox import About, queue
from lamppost.people import denials
from lamppost.people.actors import Actor
from lamppost.people.permissions import Permission, require

MAX_ANSWER = 10_000


def take(*, reference: str, actor: Actor, at: datetime | None = None) -> Thread:
    """Have a correspondence oneself, so that no two agents answer it; taking over is allowed.

    Raises ``NotFound``, and ``Conflict`` when it does not wait for anybody.
    """
    with _locked(reference, actor) as (thread, user_id):
        if thread.state != ThreadState.OPEN:
            raise Conflict(_("This mail does not wait for an answer."))
        now = at or timezone.now()
        if thread.taken_by_id != user_id:
            thread.taken_by_id, thread.taken_at = user_id, now
            thread.save(update_fields=["taken_by", "taken_at"])
        taken_up(_open_interactions(thread), agent_id=user_id, at=now)
        return thread


def give_back(*, reference: str, actor: Actor) -> Thread:
    """Let a colleague take it; what nobody has stays as it is."""
    with _locked(reference, actor) as (thread, _user_id):
        thread.taken_by, thread.taken_at = None, None
        thread.save(update_fields=["taken_by", "taken_at"])
        return thread


def answer(
    *,
    reference: str,
    text: str,
    disposition_code: str,
    seen: str,
    actor: Actor,
    article_code: str = "",
    at: datetime | None = None,
) -> Answer:
    """Answer by mail, code what it was about, and settle what waited; return the answer.

    ``seen`` is the ``mark`` of what the page has shown: an answer is never sent twice,
    nor past a mail nobody has read. ``article_code`` is what it was written from. Raises
    ``Invalid`` naming the field, ``Conflict`` when something came or went meanwhile, when a
    colleague has it, and when there is no address to answer to.
    """
    text = _checked(text)
    disposition = disposition_in_use(disposition_code)
    with _locked(reference, actor) as (thread, user_id):
        _refuse_to_answer(thread, user_id, seen)
        now = at or timezone.now()
        row = Answer.objects.create(
            thread=thread,
            mail=thread.mails.order_by("-id").first(),
            text=text,
            article_code=_article(article_code, thread),
            by_id=user_id,
            at=now,
        )
        row.message = queue(
            channel=MessageChannel.EMAIL,
            address=thread.address,
            subject=_subject(thread),
            text=_signed(text, thread),
            once_key=f"mail-answer-{row.pk}",
            language=thread.language or city_in_scope().default_language,
            now=now,
            about=About(contact_id=thread.contact_id, template=ANSWER),
            even_if_stopped=True,
        )
        row.save(update_fields=["message"])
        interactions = _open_interactions(thread)
        settled(
            interactions,
            agent_id=user_id,
            at=now,
            disposition=disposition,
            service_id=thread.case.service_id if thread.case else None,
        )
        _cite(interactions, row, now)
        thread.state = ThreadState.ANSWERED
        thread.first_answered_at = thread.first_answered_at or now
        thread.closed_at, thread.closed_by_id = now, user_id
        thread.taken_by, thread.taken_at = None, None
        thread.save()
        return row


def close(
    *, reference: str, disposition_code: str, actor: Actor, at: datetime | None = None
) -> Thread:
    """Close it without an answer: thanks, a copy, nothing to say. It is coded all the same.

    Raises ``Invalid`` without a disposition, ``Conflict`` when it does not wait.
    """
    disposition = disposition_in_use(disposition_code)
    with _locked(reference, actor) as (thread, user_id):
        if thread.state != ThreadState.OPEN:
            raise Conflict(_("This mail does not wait for an answer."))
        now = at or timezone.now()
        settled(_open_interactions(thread), agent_id=user_id, at=now, disposition=disposition)
        _end(thread, ThreadState.CLOSED, user_id, now)
        return thread


def mark_unwanted(*, reference: str, actor: Actor, at: datetime | None = None) -> Thread:
    """Say that nobody wants this: what the same address sends from now on is put aside."""
    with _locked(reference, actor) as (thread, user_id):
        now = at or timezone.now()
        for interaction_id in _open_interactions(thread):
            needed_nobody(
                interaction_id, at=now, kind=DispositionKind.NOBODY, end=InteractionEnd.LEFT
            )
        _end(thread, ThreadState.SPAM, user_id, now)
        return thread


def mark_wanted(*, reference: str, actor: Actor) -> Thread:
    """Take that back: it waits for an answer again. Raises ``Conflict`` when it was not so."""
    with _locked(reference, actor) as (thread, _user_id):
        if thread.state != ThreadState.SPAM:
            raise Conflict(_("This mail is not marked as unwanted."))
        thread.state = ThreadState.OPEN
        thread.closed_at, thread.closed_by = None, None
        thread.save(update_fields=["state", "closed_at", "closed_by"])
        return thread


def filed(*, reference: str, case_id: int, actor: Actor, at: datetime | None = None) -> Thread:
    """Tie a case that was filed from a correspondence to it; it still waits for an answer."""
    with _locked(reference, actor) as (thread, _user_id):
        thread.case = Case.objects.get(pk=case_id)
        thread.contact_id = thread.contact_id or thread.case.contact_id
        thread.save(update_fields=["case", "contact"])
        last = thread.mails.filter(interaction__isnull=False).order_by("-id").first()
        if last is not None and last.interaction_id is not None:
            InteractionCase.objects.get_or_create(
                interaction_id=last.interaction_id,
                case_id=case_id,
                tie=CaseTie.FILED,
                defaults={"at": at or timezone.now()},
            )
        return thread


def mark_of(thread: Thread) -> str:
    """Return what names the state of a correspondence now, as ``Whole.mark`` does what was read."""
    mail = Mail.objects.filter(thread=thread).order_by("-id").values_list("pk", flat=True).first()
    row = Answer.objects.filter(thread=thread).order_by("-id").values_list("pk", flat=True).first()
    return f"{mail or 0}-{row or 0}"


@contextmanager
def _locked(reference: str, actor: Actor) -> Iterator[tuple[Thread, int]]:
    with denials.kept_to_the_end(), transaction.atomic():
        require(actor, Permission.CONSOLE_USE)
        if actor.user_id is None:
            raise Forbidden(_("Only a person answers mail."))
        thread = (
            Thread.objects.select_for_update(of=("self",))
            .select_related("case")
            .filter(reference=reference)
            .first()
        )
        if thread is None:
            raise NotFound(_("This mail does not exist here."))
        yield thread, actor.user_id


def _refuse_to_answer(thread: Thread, user_id: int, seen: str) -> None:
    if thread.state == ThreadState.SPAM:
        raise Conflict(_("This mail is marked as unwanted."))
    if seen != mark_of(thread):
        raise Conflict(_("Something came or was answered meanwhile. Read it again first."))
    if thread.taken_by_id not in {None, user_id}:
        raise Conflict(_("A colleague is answering this mail. Take it over first."))
    if not thread.address:
        raise Conflict(_("There is no address to answer to."))


def _end(thread: Thread, state: ThreadState, user_id: int, now: datetime) -> None:
    thread.state = state
    thread.closed_at, thread.closed_by_id = now, user_id
    thread.taken_by, thread.taken_at = None, None
    thread.save()


def _open_interactions(thread: Thread) -> list[int]:
    rows = Mail.objects.filter(thread=thread, interaction__isnull=False, interaction__ended_at=None)
    return [pk for pk in rows.values_list("interaction_id", flat=True) if pk is not None]


def _checked(text: str) -> str:
    text = clean_text(text)
    if not text:
        raise Invalid(_("Write the answer first."), field="text")
    if len(text) > MAX_ANSWER:
        message = _("Use at most %(limit)d characters.") % {"limit": MAX_ANSWER}
        raise Invalid(message, field="text")
    return text


def _article(code: str, thread: Thread) -> str:
    if not code:
        return ""
    language = thread.language or city_in_scope().default_language
    return article(code, language=language, staff=True).code


def _cite(interactions: list[int], row: Answer, now: datetime) -> None:
    if row.article_code:
        for interaction_id in interactions:
            InteractionAnswer.objects.get_or_create(
                interaction_id=interaction_id, article_code=row.article_code, defaults={"at": now}
            )


def _subject(thread: Thread) -> str:
    subject = thread.subject or _("Your mail %(reference)s") % {"reference": thread.reference}
    return subject if subject.lower().startswith("re:") else f"Re: {subject}"


def _signed(text: str, thread: Thread) -> str:
    """The answer and its number below: who calls can name it."""
    return f"{text}\n\n[{thread.reference}]"
