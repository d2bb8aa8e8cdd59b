"""What a pack says about work within cases, as plain values. See ``content``."""

from __future__ import annotations

from dataclasses import dataclass

from lamppost.packs.content import Row, Texts


@dataclass(frozen=True, kw_only=True)
class WorkCheck(Row):
    code: str
    text: Texts
    is_required: bool = True


@dataclass(frozen=True, kw_only=True)
class WorkItem(Row):
    """``answers``: (service, question, value) triples, of the item's own service."""

    code: str
    service: str
    department: str
    team: str = ""
    title: Texts
    note: Texts
    public_label: Texts
    is_required: bool = True
    begins: str = "intake"
    answers: tuple[tuple[str, str, str], ...] = ()
    amount: int | None = None
    unit: str = ""
    day_end: str = "close"
    calendar: str = ""
    checklist: tuple[WorkCheck, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Reply(Row):
    """What is empty does not restrict it."""

    code: str
    title: Texts
    text: Texts
    service: str = ""
    outcome: str = ""
    department: str = ""


@dataclass(frozen=True, kw_only=True)
class MacroStep(Row):
    """``kind`` says which of the others are meant."""

    kind: str
    status: str = ""
    outcome: str = ""
    reply: str = ""
    item: str = ""
    department: str = ""
    team: str = ""
    priority: str = ""
    text: Texts
    is_public: bool = False


@dataclass(frozen=True, kw_only=True)
class Macro(Row):
    code: str
    title: Texts
    service: str = ""
    department: str = ""
    steps: tuple[MacroStep, ...] = ()
