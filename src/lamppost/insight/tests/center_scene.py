"""Twelve contacts of one morning, played through the services of the center.

It begins at ten o'clock on Tuesday 10 March 2026 in New York; ``T`` counts seconds from there.
Ana and Olga answer. What it comes to is written out as numbers in ``test_center``.
"""

from __future__ import annotations

from lamppost.catalog.choices import Channel
from lamppost.contacts.choices import AgentStateKind, InteractionEnd, TransferKind
from lamppost.contacts.models import Interaction
from lamppost.contacts.services import calls, handing, line
from lamppost.contacts.services.agent_states import set_state
from lamppost.contacts.services.coding import code
from lamppost.contacts.tests.scene import later as T
from lamppost.people.actors import Actor

_ANN, _BOB, _CAT, _DAN, _EVE = (f"+1215555010{number}" for number in range(5))


def offer(at: int, address: str = "", language: str = "en") -> Interaction:
    """Somebody waits on the line."""
    return line.offer(channel=Channel.PHONE, address=address, language=language, at=T(at))


def finish(row: Interaction, agent: Actor, coded: str, ended: int, wrapped: int) -> None:
    """End and code a call and its after-call work."""
    calls.end(interaction_id=row.pk, actor=agent, at=T(ended))
    if coded:
        code(interaction_id=row.pk, disposition_code=coded, actor=agent, at=T(ended))
    calls.finish_wrap(interaction_id=row.pk, actor=agent, at=T(wrapped))


def play(ana: Actor, olga: Actor) -> None:
    """Play the morning in the city in scope."""
    for agent in (ana, olga):
        set_state(kind=AgentStateKind.READY, actor=agent, at=T(0))
    offer(0, _ANN)  # 1: waits 8, speaks 120, works 30 after
    finish(calls.take_next(actor=ana, at=T(8)), ana, "information", 128, 158)
    row = offer(60)  # 2: gone after 3 seconds
    line.hung_up(interaction_id=row.pk, at=T(63))
    offer(170, _BOB)  # 3: waits 20: just in time; on hold for 30 of 210
    row = calls.take_next(actor=ana, at=T(190))
    gone = offer(200)  # 4: gives up after 45
    calls.hold(interaction_id=row.pk, actor=ana, at=T(250))
    calls.resume(interaction_id=row.pk, actor=ana, at=T(280))
    line.hung_up(interaction_id=gone.pk, at=T(245))
    offer(210, _CAT, "es")  # 5: waits 21: a second too long
    other = calls.take_next(actor=olga, at=T(231))
    finish(row, ana, "status", 400, 420)
    finish(other, olga, "request", 531, 591)
    offer(600)  # 6: never coded
    finish(calls.take_next(actor=ana, at=T(605)), ana, "", 665, 670)
    offer(700, _DAN)  # 7: waits 30, is passed on after 300
    row = calls.take_next(actor=olga, at=T(730))
    handing.hand_over(
        interaction_id=row.pk, kind=TransferKind.COLD, actor=olga, to_name="Records", at=T(1030)
    )
    calls.finish_wrap(interaction_id=row.pk, actor=olga, at=T(1040))
    offer(1795, _ANN)  # 8: the caller of 1 again, with the same; answered in the next half hour
    finish(calls.take_next(actor=ana, at=T(1803)), ana, "information", 1863, 1873)
    row = offer(1900)  # 9: the recording was enough
    line.hung_up(interaction_id=row.pk, end=InteractionEnd.DEFLECTED, at=T(1930))
    row = offer(2000)  # 10: wants to be called back
    line.hung_up(interaction_id=row.pk, end=InteractionEnd.CALL_BACK, at=T(2020))
    row = calls.begin(actor=olga, channel=Channel.WALK_IN, at=T(2100))  # 11: at the counter
    finish(row, olga, "information", 2400, 2410)
    row = calls.begin(actor=ana, address=_EVE, at=T(2500))  # 12: in danger; begun by hand
    handing.hand_to_emergency(interaction_id=row.pk, actor=ana, place="Main St", at=T(2510))
    finish(row, ana, "", 2560, 2570)
    for agent in (ana, olga):
        set_state(kind=AgentStateKind.OFFLINE, actor=agent, at=T(2700))
