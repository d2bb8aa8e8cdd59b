"""Where a talk keeps what it has gathered: its memory, and the draft it can become."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from lamppost.cases.services import drafts
from lamppost.cases.services.drafts import Content, OpenDraft
from lamppost.cases.services.photos import store_draft_photo
from lamppost.catalog.choices import Channel
from lamppost.contacts.choices import TalkStep
from lamppost.contacts.models import Conversation
from lamppost.contacts.talk.values import Memory, Option, OptionKind
from lamppost.database.fields import Point
from lamppost.kernel.images import Photo
from lamppost.kernel.refusals import Refusal
from lamppost.kernel.vault import SecretLost, locked_away, opened

# A half-finished report is kept as long as a draft on the web.
CONVERSATION_LASTS = drafts.LIFETIME


def memory_of(row: Conversation | None, *, language: str = "") -> Memory:
    """Return what a talk knows; without a row, or after its end, nothing but the language."""
    stored: dict[str, Any] = row.memory if row is not None else {}
    if not stored:
        return Memory(language=row.language if row is not None else language)
    return Memory(
        step=TalkStep(stored["step"]),
        language=stored["language"],
        service_code=stored["service_code"],
        answers={code: tuple(sent) for code, sent in stored["answers"].items()},
        description=stored["description"],
        address=stored["address"],
        point=Point(*stored["point"]) if stored["point"] else None,
        question=stored["question"],
        options=tuple(_option(one) for one in stored["options"]),
        done=tuple(stored["done"]),
        tries=stored["tries"],
        rest=stored["rest"],
        before_language=TalkStep(stored["before_language"]),
        stopped=stored.get("stopped", ""),
        stopped_for=stored.get("stopped_for", ""),
        said_safe=tuple(stored.get("said_safe", ())),
    )


def plain(memory: Memory, *, rest: str = "") -> dict[str, Any]:
    """Return ``memory`` as it is stored, ``rest`` being what MORE shows."""
    return asdict(memory) | {"rest": rest}


def draft_of(row: Conversation, memory: Memory) -> OpenDraft:
    """Return the draft that holds what the talk has gathered, made or brought up to date.

    Its token is given only to links that are sent to the very number.
    """
    content = _content(memory, row.phone)
    draft = _open(row)
    if draft is not None and not draft.is_filed:
        return drafts.save_draft(draft, content)
    draft = drafts.start_draft(content=content, channel=Channel.SMS)
    row.draft = draft.row
    row.draft_key = locked_away(draft.token)
    row.save(update_fields=["draft", "draft_key"])
    return draft


def drop_draft(row: Conversation) -> None:
    """Let go of the draft: what was begun is given up or has become a case."""
    row.draft, row.draft_key = None, ""
    row.save(update_fields=["draft", "draft_key"])


def keep_photos(row: Conversation, memory: Memory, photos: Sequence[Photo]) -> int:
    """Keep the pictures with the report; return how many could be."""
    if not photos:
        return 0
    draft = draft_of(row, memory)
    kept = 0
    for photo in photos:
        try:
            store_draft_photo(draft.row, photo)
        except Refusal:
            break  # it has as many as a report may
        kept += 1
    return kept


def _open(row: Conversation) -> OpenDraft | None:
    if row.draft_id is None or not row.draft_key:
        return None
    try:
        return drafts.open_draft(opened(row.draft_key))
    except SecretLost:
        return None


def _content(memory: Memory, phone: str) -> Content:
    done = {"photos", "contact"}
    if "place" in memory.done:
        done.add("where")
    if memory.step in {TalkStep.WORDS, TalkStep.PLACE, TalkStep.WHICH, TalkStep.SIMILAR,
                       TalkStep.CONFIRM}:  # fmt: skip
        done.add("details")
    asked = [one.partition(":")[2] for one in memory.done if one.startswith("question:")]
    return Content(
        service_code=memory.service_code,
        answers=memory.answers,
        shown=tuple(asked),
        description=memory.description,
        address=memory.address,
        point=memory.point,
        dismissed="similar" in memory.done,
        phone=phone,
        may_notify=True,
        language=memory.language,
        steps_done=tuple(sorted(done)),
        said_safe=memory.said_safe,
    )


def _option(stored: dict[str, Any]) -> Option:
    point = stored["point"]
    return Option(
        OptionKind(stored["kind"]),
        stored["code"],
        stored["label"],
        Point(*point) if point else None,
    )
