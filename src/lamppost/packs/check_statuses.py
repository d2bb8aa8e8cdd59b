"""Statuses: a name for every state, a way to each, and a way to the end."""

from __future__ import annotations

from lamppost.catalog.choices import OutcomeKind, State
from lamppost.packs.content import Pack
from lamppost.packs.findings import Findings, Mark

FILE = Mark("statuses.yaml")


def check_statuses(pack: Pack, findings: Findings) -> None:
    """Note statuses in which a case would be stuck or could never be."""
    for state in State.values:
        _check_state(state, pack, findings)
    _check_moves(pack, findings)
    for status in pack.statuses:
        if status.pauses and status.state != State.WAITING:
            findings.error(
                status.at,
                f'"{status.code}" pauses clocks, but its state is "{status.state}".',
                "Only a waiting status may pause a clock.",
            )
    used = {status.pauses for status in pack.statuses}
    for reason in pack.pause_reasons:
        if reason.code not in used:
            findings.warn(reason.at, f'No status pauses for the reason "{reason.code}".')
    kinds = {outcome.kind for outcome in pack.outcomes}
    for kind in OutcomeKind.values:
        if kind not in kinds:
            findings.error(
                FILE,
                f'No outcome is of the kind "{kind}".',
                "Every kind of ending needs at least one sentence for the resident.",
            )


def _check_state(state: str, pack: Pack, findings: Findings) -> None:
    defaults = [each for each in pack.statuses if each.state == state and each.is_default]
    if not defaults:
        findings.error(
            FILE,
            f'No status of the state "{state}" has `default: yes`.',
            "Each of the four states needs one.",
        )
    for status in defaults[1:]:
        findings.error(
            status.at,
            f'A second default for "{state}"; "{defaults[0].code}" is it already.',
        )


def _reached(start: set[str], steps: dict[str, set[str]]) -> set[str]:
    reached, waiting = set(start), list(start)
    while waiting:
        for code in steps.get(waiting.pop(), set()):
            if code not in reached:
                reached.add(code)
                waiting.append(code)
    return reached


def _check_moves(pack: Pack, findings: Findings) -> None:
    states = {status.code: status.state for status in pack.statuses}
    steps: dict[str, set[str]] = {}
    for move in pack.moves:
        if move.from_status == move.to_status:
            findings.error(move.at, f'"{move.from_status}" moves to itself.')
        elif State.CLOSED in (states.get(move.from_status), states.get(move.to_status)):
            findings.error(
                move.at,
                "Closing and reopening are not moves: they are possible from everywhere.",
                "Take this move out. A reopened case goes to the default open status.",
            )
        steps.setdefault(move.from_status, set()).add(move.to_status)
    starts = {
        status.code
        for status in pack.statuses
        if status.is_default and status.state in (State.RECEIVED, State.OPEN)
    }
    reached = _reached(starts, steps)
    for status in pack.statuses:
        if status.state == State.CLOSED:
            if not status.is_default:
                findings.error(
                    status.at,
                    f'No case can become "{status.code}": a closed case has the default status.',
                    "How it ended is said by its outcome.",
                )
        elif status.code not in reached:
            findings.error(status.at, f'No move leads to "{status.code}".', "Add one in `moves`.")
        elif status.state == State.WAITING and not steps.get(status.code):
            findings.error(status.at, f'No move leads on from "{status.code}".', "Add one.")
