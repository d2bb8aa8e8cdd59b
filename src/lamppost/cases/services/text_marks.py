"""What staff hides of a public text, or shows again; and texts from before the rules."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from lamppost.cases.choices import EventAudience, EventKind
from lamppost.cases.models import Case, CaseAnswer, EventText, TextCheck, TextMark
from lamppost.cases.services.events import record
from lamppost.cases.services.locking import locked
from lamppost.cases.services.public_words import found_in, public_form
from lamppost.kernel.personal_data import RULES, DataKind, Span, hidden, without_overlaps
from lamppost.kernel.refusals import Conflict, Invalid, NotFound
from lamppost.people.actors import Actor
from lamppost.people.permissions import Permission

_BATCH = 500


def spans_of(text: str, marks: Sequence[TextMark]) -> list[Span]:
    """Return what is hidden of ``text``: what rules find and staff hid, less what staff shows."""
    shown = [(mark.start, mark.end) for mark in marks if not mark.is_hidden]
    spans = [
        span
        for span in found_in(text)
        if not any(start < span.end and span.start < end for start, end in shown)
    ]
    spans += [Span(mark.start, mark.end, DataKind.CHOSEN) for mark in marks if mark.is_hidden]
    return without_overlaps(span for span in spans if span.end <= len(text))


def hide(*, case_id: int, words: str, actor: Actor, event_id: int | None = None) -> Case:
    """Hide ``words`` wherever they stand in the description, or in one event's text.

    Raises ``Invalid`` when they are not there, ``NotFound`` for an event of another case or
    not public, ``Forbidden`` for somebody else's case.
    """
    words = words.strip()
    if not words:
        raise Invalid(_("Write the words that are to be hidden."), field="words")

    def change(text: str, marks: list[TextMark]) -> list[TextMark]:
        places = _places(text, words)
        if not places:
            raise Invalid(_("These words do not stand there."), field="words")
        overlapping = [mark for mark in marks if not mark.is_hidden]
        gone = [
            mark.pk
            for mark in overlapping
            if any(mark.start < end and start < mark.end for start, end in places)
        ]
        TextMark.objects.filter(pk__in=gone).delete()
        return [TextMark(start=start, end=end, is_hidden=True) for start, end in places]

    return _marked(case_id, event_id, actor, change, step="hidden")


def show(*, case_id: int, start: int, end: int, actor: Actor, event_id: int | None = None) -> Case:
    """Show what stands from ``start`` to ``end`` again: it is nobody's personal data.

    Raises as ``hide``.
    """

    def change(text: str, marks: list[TextMark]) -> list[TextMark]:
        if not 0 <= start < end <= len(text):
            raise Invalid(_("These words do not stand there."), field="words")
        hit = [
            mark.pk for mark in marks if mark.is_hidden and mark.start < end and start < mark.end
        ]
        TextMark.objects.filter(pk__in=hit).delete()
        return [TextMark(start=start, end=end, is_hidden=False)]

    return _marked(case_id, event_id, actor, change, step="shown")


def _marked(
    case_id: int,
    event_id: int | None,
    actor: Actor,
    change: Callable[[str, list[TextMark]], list[TextMark]],
    *,
    step: str,
) -> Case:
    with locked(case_id, Permission.CASE_EDIT, actor) as case:
        words = _words_of(case, event_id) if event_id is not None else None
        text = words.text if words else case.description
        rows = TextMark.objects.filter(case=case, event_id=event_id)
        now = timezone.now()
        for mark in change(text, list(rows)):
            mark.case, mark.event_id = case, event_id
            mark.by_id, mark.at = actor.user_id, now
            mark.save()
        spans = spans_of(text, list(rows.all()))
        shown = hidden(text, spans) if spans else None
        if words is None:
            case.public_description = shown
        else:
            EventText.objects.filter(pk=words.pk).update(public_text=shown)
            if case.status_note == words.text:
                case.public_note = shown
        case.updated_at = now
        case.save()
        record(
            case,
            EventKind.REDACTED,
            actor=actor,
            audience=EventAudience.STAFF,
            data={"change": step, "event": event_id},
        )
        return case


def _words_of(case: Case, event_id: int) -> EventText:
    words = EventText.objects.filter(
        event__case=case, event=event_id, event__audience=EventAudience.PUBLIC
    ).first()
    if words is None:
        raise NotFound(_("This entry does not exist here."))
    if words.redacted_at is not None:
        raise Conflict(_("These words have been removed already."))
    return words


def _places(text: str, words: str) -> list[tuple[int, int]]:
    lowered, wanted = text.casefold(), words.casefold()
    if len(lowered) != len(text):
        lowered, wanted = text, words
    places, at = [], lowered.find(wanted)
    while at >= 0:
        places.append((at, at + len(wanted)))
        at = lowered.find(wanted, at + len(wanted))
    return places


def forget_marks(case: Case) -> None:
    """Drop the marks on a description that has just been reworded: they fit no more."""
    TextMark.objects.filter(case=case, event=None).delete()


def check_again(*, table: str, after: int, limit: int) -> int | None:
    """Hide what rules find in the next ``limit`` rows of old text after the id ``after``.

    ``table`` is ``case``, ``event`` or ``answer``. Marks of staff hold. Returns the last id
    looked at, None at the end. Safe to cut off and to run twice.
    """
    with transaction.atomic():
        return _CHECKS[table](after, limit)


def _check_cases(after: int, limit: int) -> int | None:
    rows = list(Case.objects.filter(pk__gt=after).order_by("pk")[:limit])
    marks = _marks_by(TextMark.objects.filter(case__in=rows, event=None), "case_id")
    for case in rows:
        spans = spans_of(case.description, marks.get(case.pk, []))
        description = hidden(case.description, spans) if spans else None
        note = public_form(case.status_note) if case.public_note is None else case.public_note
        if (description, note) != (case.public_description, case.public_note):
            Case.objects.filter(pk=case.pk, description=case.description).update(
                public_description=description, public_note=note
            )
    return rows[-1].pk if rows else None


def _check_events(after: int, limit: int) -> int | None:
    rows = list(EventText.objects.filter(pk__gt=after).order_by("pk")[:limit])
    ids = [row.event_id for row in rows]
    marks = _marks_by(TextMark.objects.filter(event__in=ids), "event_id")
    for words in rows:
        spans = spans_of(words.text, marks.get(words.event_id, []))
        shown = hidden(words.text, spans) if spans else None
        if words.redacted_at is None and shown != words.public_text:
            EventText.objects.filter(pk=words.pk, redacted_at=None).update(public_text=shown)
    return rows[-1].pk if rows else None


def _check_answers(after: int, limit: int) -> int | None:
    rows = list(CaseAnswer.objects.filter(pk__gt=after).order_by("pk")[:limit])
    for row in rows:
        shown = public_form(row.text)
        if shown != row.public_text:
            CaseAnswer.objects.filter(pk=row.pk).update(public_text=shown)
    return rows[-1].pk if rows else None


def _marks_by(rows: Iterable[TextMark], key: str) -> dict[int, list[TextMark]]:
    found: dict[int, list[TextMark]] = {}
    for mark in rows:
        found.setdefault(getattr(mark, key), []).append(mark)
    return found


_CHECKS: dict[str, Callable[[int, int], int | None]] = {
    "case": _check_cases,
    "event": _check_events,
    "answer": _check_answers,
}


def check_old_texts(*, most: int = 10_000) -> int:
    """Look again at texts of the city in scope from before the rules of now; return how many.

    Goes on where it was cut off; at most about ``most`` rows at a time.
    """
    looked = 0
    for table in _CHECKS:
        row, _new = TextCheck.objects.get_or_create(table=table, rules=RULES)
        while row.done_at is None and looked < most:
            last = check_again(table=table, after=row.last_id, limit=_BATCH)
            if last is None:
                row.done_at = timezone.now()
            else:
                row.last_id = last
                looked += _BATCH
            row.save()
    return looked
