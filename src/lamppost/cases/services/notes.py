"""Notes on a case: for the public, for colleagues, or for one's own department only."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from datetime import datetime

from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from lamppost.cases.choices import EventAudience, EventKind
from lamppost.cases.models import Case, CaseEvent
from lamppost.cases.selectors.audience import DEPARTMENT
from lamppost.cases.selectors.readers import case_readers, staff_by_name
from lamppost.cases.services.events import record
from lamppost.cases.services.locking import locked
from lamppost.cases.services.public_words import word_status
from lamppost.cases.services.telling import tell_about
from lamppost.kernel.refusals import Invalid, Problem
from lamppost.kernel.text import clean_text, fold
from lamppost.people.actors import Actor
from lamppost.people.choices import NoticeKind
from lamppost.people.models import Membership, User
from lamppost.people.permissions import Permission

MAX_NOTE = 4000
MAX_TOLD = 30
_AT = re.compile(r"(?<![\w.@+-])@(?=\w)")
_WORD = re.compile(r"[\w.+-]*\w")


def add_note(
    *,
    case_id: int,
    text: str,
    actor: Actor,
    audience: EventAudience,
    told: Collection[int] = (),
) -> list[User]:
    """Add a note by staff; return the colleagues who get a notice of it.

    ``told`` are ids of colleagues; ``@Name``, ``@first-name`` or ``@mailbox`` in the text
    picks them too. Raises ``Invalid`` for a mention of somebody who may not read the case or
    the note, for one that could be several people, for a mention in the words of a public
    note (residents would read the name), and for a department's note by somebody of none.
    """
    text = checked_note(text, field="text")
    if not text:
        raise Invalid(_("Write the note first."), field="text")
    if audience is EventAudience.DEPARTMENT and actor.department_id is None:
        raise Invalid(_("You belong to no department: choose who else reads the note."),
                      field="audience")  # fmt: skip
    with locked(case_id, Permission.CASE_EDIT, actor) as case:
        people = _told(case, text, actor, audience, told)
        now = timezone.now()
        if audience is EventAudience.PUBLIC:
            word_status(case, text)
        case.updated_at = now
        case.save()
        data: dict[str, object] = {"told": [user.pk for user in people]} if people else {}
        if audience is EventAudience.DEPARTMENT:
            data[DEPARTMENT] = actor.department_id
        event = note_event(case, text, actor, audience, now, data)
        tell_about(
            case,
            people,
            NoticeKind.MENTION,
            subject=lambda: (
                _("%(name)s mentions you in case %(number)s")
                % {"name": actor.name or _("A colleague"), "number": case.number}
            ),
            once_key=f"note:{event.pk}",
        )
        return people


def checked_note(text: str, *, field: str) -> str:
    """Return ``text`` cleaned. Raises ``Invalid`` when it is longer than a note may be."""
    text = clean_text(text)
    if len(text) > MAX_NOTE:
        message = _("Use at most %(limit)d characters.") % {"limit": MAX_NOTE}
        raise Invalid([Problem(field, message, "too_long")])
    return text


def note_event(
    case: Case,
    text: str,
    actor: Actor,
    audience: EventAudience,
    at: datetime,
    data: dict[str, object] | None = None,
) -> CaseEvent:
    """Record a note on a case the caller has locked and checked."""
    return record(
        case,
        EventKind.NOTE,
        actor=actor,
        audience=audience,
        at=at,
        text=text,
        language=get_language() or "",
        data=data,
    )


def _told(
    case: Case, text: str, actor: Actor, audience: EventAudience, told: Collection[int]
) -> list[User]:
    asks = bool(told) or bool(_AT.search(text))
    if not asks:
        return []
    readers = {row.user_id: row for row in case_readers(case)}
    named = _mentioned(text, readers.values())
    if named and audience is EventAudience.PUBLIC:
        message = _("Residents read this note: choose colleagues in the list, not in the words.")
        raise Invalid(message, field="text")
    wanted = {row.user_id: row for row in named}
    for user_id in set(told) - set(wanted):
        row = readers.get(user_id) or _member(user_id)
        wanted[user_id] = row
    wanted.pop(actor.user_id or 0, None)
    if len(wanted) > MAX_TOLD:
        message = _("Tell at most %(limit)d people.") % {"limit": MAX_TOLD}
        raise Invalid(message, field="told")
    _refuse_strangers(wanted.values(), readers, actor, audience)
    return [row.user for row in wanted.values()]


def _member(user_id: int) -> Membership:
    row = Membership.objects.select_related("user").filter(user_id=user_id, is_active=True).first()
    if row is None:
        raise Invalid(_("This person does not work here."), field="told")
    return row


def _refuse_strangers(
    wanted: Iterable[Membership],
    readers: dict[int, Membership],
    actor: Actor,
    audience: EventAudience,
) -> None:
    strangers = [row for row in wanted if row.user_id not in readers]
    if strangers:
        names = ", ".join(sorted(str(row.user) for row in strangers))
        message = _(
            "%(names)s may not read this case. Ask for a work item or offer a transfer instead."
        ) % {"names": names}
        raise Invalid(message, field="told")
    if audience is not EventAudience.DEPARTMENT:
        return
    outside = [row for row in wanted if row.department_id != actor.department_id]
    if outside:
        names = ", ".join(sorted(str(row.user) for row in outside))
        message = _("%(names)s will not read a note for your department only.") % {"names": names}
        raise Invalid(message, field="told")


def _mentioned(text: str, readers: Collection[Membership]) -> list[Membership]:
    found: dict[int, Membership] = {}
    for at in _AT.finditer(text):
        row = _who(text[at.end() : at.end() + 200], readers)
        if row is not None:
            found[row.user_id] = row
    return list(found.values())


def _who(rest: str, readers: Collection[Membership]) -> Membership | None:
    """The person whose name stands at the beginning of ``rest``; None when it is no name."""
    folded = fold(rest)
    whole = [row for row in readers if _begins(folded, fold(row.user.name))]
    if whole:
        longest = max(len(row.user.name) for row in whole)
        return _only([row for row in whole if len(row.user.name) == longest], rest)
    word = _WORD.match(folded)
    token = word.group() if word else ""
    short = [row for row in readers if token and token in _short_names(row.user)]
    if short:
        return _only(short, token)
    # Somebody of another department: found by whole name, so that the refusal can say so.
    return next((row for row in staff_by_name(token) if _begins(folded, fold(row.user.name))), None)


def _begins(text: str, name: str) -> bool:
    return bool(name) and text.startswith(name) and not text[len(name) : len(name) + 1].isalnum()


def _short_names(user: User) -> set[str]:
    return {fold(user.name).partition(" ")[0], user.email.partition("@")[0].lower()}


def _only(rows: list[Membership], name: str) -> Membership:
    if len(rows) > 1:
        message = _(
            "“@%(name)s” could be several people: write the whole name or choose in the list."
        ) % {"name": name.split("\n")[0][:60]}
        raise Invalid(message, field="text")
    return rows[0]
