"""Calls on the voice line, from the first ring to the hang-up, as far as no agent is needed.

A call's interaction begins when the caller is put in the queue (``line.offer``); a call that
never gets there is written down whole when it ends. Every step may come twice and is then the
same step.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from lamppost.catalog.choices import Channel
from lamppost.contacts.choices import CallStep, CaseTie, DispositionKind, InteractionEnd
from lamppost.contacts.models import Call, Interaction, InteractionAnswer, InteractionCase
from lamppost.contacts.selectors.callers import people_with_number
from lamppost.contacts.services.call_backs import ask_on_line
from lamppost.contacts.services.coding import code_if_uncoded
from lamppost.contacts.services.line import SHORT_ABANDON, hung_up, offer

_A_MINUTE = timedelta(minutes=1)


def ring(*, provider_id: str, phone: str, line: str, now: datetime | None = None) -> Call:
    """Return the call with this id of the provider's, written down when it is new.

    ``phone`` is who calls and ``line`` the number called, E.164; either may be empty. That the
    line lives is kept, to the minute.
    """
    now = now or timezone.now()
    call, is_new = Call.objects.get_or_create(
        provider_id=provider_id, defaults={"phone": phone, "line": line, "began_at": now}
    )
    if not is_new and call.ended_at is None and now - (call.heard_at or call.began_at) > _A_MINUTE:
        call.heard_at = now
        call.save(update_fields=["heard_at"])
    return call


def speak(call: Call, language: str) -> None:
    """The caller chose a language."""
    if call.language != language:
        call.language = language
        call.save(update_fields=["language"])


def note_heard(
    call: Call, *, surge: bool = False, status_of: int | None = None, article: str = ""
) -> None:
    """Write down what the caller was told by the line itself: the last of each kind."""
    if surge:
        call.heard_surge = True
    if status_of is not None:
        call.heard_status_of_id = status_of
    call.heard_article = article or call.heard_article
    call.save(update_fields=["heard_surge", "heard_status_of", "heard_article"])


def enqueue(call: Call, *, now: datetime | None = None) -> Interaction:
    """Put the caller in the queue for an agent; return the interaction that waits."""
    with transaction.atomic():
        call = _locked(call)
        if call.interaction is None:
            call.interaction = offer(
                channel=Channel.PHONE,
                address=call.phone,
                language=call.language,
                provider_id=call.provider_id,
                contact_id=_contact_of(call.phone),
                at=now or timezone.now(),
            )
            call.step = CallStep.QUEUE
            call.save(update_fields=["interaction", "step"])
            _tie_heard(call, call.interaction)
        return call.interaction


def ask_back(call: Call, *, phone: str = "", now: datetime | None = None) -> datetime:
    """Keep the caller's wish to be called back, and return when that is due.

    ``phone`` (E.164) is what a caller without a number keyed in.

    The promise keeps the place: it is older than whatever comes later. Without a place in the
    queue (nobody is there) one is written down. Raises ``Invalid`` without a number.
    """
    now = now or timezone.now()
    with transaction.atomic():
        interaction = enqueue(call, now=now)
        promise = ask_on_line(
            interaction_id=interaction.pk, phone=phone or call.phone, language=call.language, at=now
        )
        interaction = hung_up(interaction_id=interaction.pk, end=InteractionEnd.CALL_BACK, at=now)
        code_if_uncoded(interaction, DispositionKind.CALL_BACK, at=now)
        return promise.due_at


def hang_up(*, provider_id: str, now: datetime | None = None) -> Call | None:
    """The line is gone: end what is open and say how; None for a call never heard of.

    Waiting: abandoned, or short. With an agent: after-call work begins. In the menu: helped
    without an agent when something was told, short within five seconds, else left.
    """
    now = now or timezone.now()
    with transaction.atomic():
        call = Call.objects.select_for_update(of=("self",)).filter(provider_id=provider_id).first()
        if call is None or call.ended_at is not None:
            return call
        call.ended_at, call.step = max(now, call.began_at), CallStep.ENDED
        if call.interaction is not None:
            ended = hung_up(interaction_id=call.interaction.pk, at=now)
            if ended.answered_at is None:
                code_if_uncoded(ended, DispositionKind.NOBODY, at=now)
        else:
            call.interaction = written_whole(call)
        call.save(update_fields=["ended_at", "step", "interaction"])
        return call


def connected(call: Call) -> None:
    """An agent has the caller on the line."""
    Call.objects.filter(pk=call.pk, ended_at=None).update(step=CallStep.AGENT)


def written_whole(call: Call) -> Interaction:
    """Write down and return the interaction of a locked call that ended in the menu."""
    ended = call.ended_at or call.began_at
    row = Interaction.objects.create(
        channel=Channel.PHONE,
        language=call.language,
        address=call.phone,
        provider_id=call.provider_id,
        contact_id=_contact_of(call.phone),
        offered_at=call.began_at,
        ended_at=ended,
        wrapped_at=ended,
        end=_end_in_menu(call, ended),
    )
    _tie_heard(call, row)
    code_if_uncoded(row, _about(call), at=ended)
    return row


def _end_in_menu(call: Call, ended: datetime) -> InteractionEnd:
    if call.heard_status_of_id is not None or call.heard_article:
        return InteractionEnd.DEFLECTED
    if ended - call.began_at < SHORT_ABANDON:
        return InteractionEnd.SHORT
    return InteractionEnd.DEFLECTED if call.heard_surge else InteractionEnd.LEFT


def _about(call: Call) -> DispositionKind:
    if call.heard_status_of_id is not None:
        return DispositionKind.STATUS
    if call.heard_article or call.heard_surge:
        return DispositionKind.INFORMATION
    return DispositionKind.NOBODY


def _tie_heard(call: Call, row: Interaction) -> None:
    if call.heard_status_of_id is not None:
        InteractionCase.objects.get_or_create(
            interaction=row,
            case_id=call.heard_status_of_id,
            tie=CaseTie.ASKED,
            defaults={"at": call.began_at},
        )
    if call.heard_article:
        InteractionAnswer.objects.get_or_create(
            interaction=row, article_code=call.heard_article, defaults={"at": call.began_at}
        )


def _contact_of(phone: str) -> int | None:
    """The one person known by this number; of several, the agent finds out who it is."""
    known = people_with_number(phone)
    return known[0].pk if len(known) == 1 else None


def _locked(call: Call) -> Call:
    row = Call.objects.select_for_update(of=("self",)).select_related("interaction")
    return row.get(pk=call.pk)
