"""Whether what a pack prepares for the work can be done."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from lamppost.catalog.choices import OutcomeKind, State
from lamppost.packs.content import Pack
from lamppost.packs.findings import Findings
from lamppost.packs.work_content import Macro, MacroStep, WorkItem
from lamppost.work.choices import StepKind
from lamppost.work.wording import PLACEHOLDERS, unknown_placeholders

_BY_CALENDAR = ("business_hours", "business_days")


def check_work(pack: Pack, findings: Findings) -> None:
    """Note what no single line of ``work.yaml`` shows."""
    for item in pack.work_items:
        _check_item(item, pack, findings)
    for reply in pack.replies:
        unknown = [word for text in reply.text.values() for word in unknown_placeholders(text)]
        if unknown:
            findings.error(
                reply.at,
                f'The reply "{reply.code}" has {", ".join(dict.fromkeys(unknown))}, which means '
                "nothing.",
                "Known: " + ", ".join(f"{{{name}}}" for name in PLACEHOLDERS) + ".",
            )
    for macro in pack.macros:
        _check_macro(macro, pack, findings)


def _check_item(item: WorkItem, pack: Pack, findings: Findings) -> None:
    if any(service != item.service for service, _question, _value in item.answers):
        findings.error(
            item.at,
            f'The work item "{item.code}" asks for an answer of another service.',
            f"Name answers of {item.service}.",
        )
    if (item.amount is None) != (item.unit == ""):
        findings.error(
            item.at,
            f'The work item "{item.code}" has only one of "within" and "unit".',
            "Write both, or neither for no time limit.",
        )
    has_default = any(calendar.is_default for calendar in pack.calendars)
    if item.unit in _BY_CALENDAR and not item.calendar and not has_default:
        findings.error(
            item.at, f'The work item "{item.code}" counts business time without a calendar.'
        )


def _check_macro(macro: Macro, pack: Pack, findings: Findings) -> None:
    if not macro.steps:
        findings.error(macro.at, f'The macro "{macro.code}" has no steps.')
    for place, step in enumerate(macro.steps, start=1):
        for problem in _CHECKS[StepKind(step.kind)](step, macro, pack):
            findings.error(step.at, f'Step {place} of the macro "{macro.code}": {problem}')
        if step.kind == StepKind.CLOSE and place < len(macro.steps):
            findings.error(step.at, f'The macro "{macro.code}" goes on after closing the case.')


def _move(step: MacroStep, _macro: Macro, pack: Pack) -> Iterator[str]:
    states = {status.code: status.state for status in pack.statuses}
    if not step.status:
        yield 'it needs "status".'
    elif states.get(step.status) == State.CLOSED:
        yield "a case is closed with an outcome: write `do: close`."


def _close(step: MacroStep, _macro: Macro, pack: Pack) -> Iterator[str]:
    outcomes = {outcome.code: outcome for outcome in pack.outcomes}
    outcome = outcomes.get(step.outcome)
    if not step.outcome:
        yield 'it needs "outcome".'
    elif outcome is not None and outcome.kind == OutcomeKind.DUPLICATE:
        yield "a repeat is linked to the first case by hand."
    elif outcome is not None and not any(
        (step.reply, *step.text.values(), *outcome.sentence.values())
    ):
        yield 'it needs "reply" or "text": this outcome has no sentence of its own.'


def _item(step: MacroStep, macro: Macro, pack: Pack) -> Iterator[str]:
    services = {item.code: item.service for item in pack.work_items}
    if not step.item:
        yield 'it needs "item".'
    elif services.get(step.item, macro.service) != macro.service:
        yield f"the work item is of the service {services[step.item]}; so must the macro be."


def _team(step: MacroStep, macro: Macro, _pack: Pack) -> Iterator[str]:
    if not step.team:
        yield 'it needs "team".'
    elif not (step.department or macro.department):
        yield 'it needs "department": whose team it is.'


def _priority(step: MacroStep, _macro: Macro, _pack: Pack) -> Iterator[str]:
    if not step.priority:
        yield 'it needs "priority".'


def _note(step: MacroStep, _macro: Macro, _pack: Pack) -> Iterator[str]:
    if not (step.reply or any(step.text.values())):
        yield 'it needs "text" or "reply".'


def _take(_step: MacroStep, _macro: Macro, _pack: Pack) -> Iterator[str]:
    yield from ()


_CHECKS: dict[StepKind, Callable[[MacroStep, Macro, Pack], Iterator[str]]] = {
    StepKind.MOVE: _move,
    StepKind.TAKE: _take,
    StepKind.TEAM: _team,
    StepKind.PRIORITY: _priority,
    StepKind.NOTE: _note,
    StepKind.ITEM: _item,
    StepKind.CLOSE: _close,
}
