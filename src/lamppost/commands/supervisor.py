"""Keeping processes alive: started, started again when they die, stopped in order."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import FrameType

from lamppost.commands.lifeline import PARENT_VARIABLE

logger = logging.getLogger(__name__)

LOOK_EVERY_S = 0.25
_FIRST_PAUSE_S = 0.5
_LONGEST_PAUSE_S = 30.0
# A process that lived this long did start; its next death is a new trouble.
_SETTLED_S = 60.0
_STOP_LIMIT_S = 20.0


@dataclass
class Child:
    """A process that is to run: its name for the log, and its command."""

    name: str
    command: Sequence[str]
    env: Mapping[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None
    _started: float = 0.0
    _deaths: int = 0
    _again_at: float = 0.0

    def keep(self) -> None:
        """Start the process unless it runs, or died so recently that it has to wait."""
        now = time.monotonic()
        if self.process is not None:
            code = self.process.poll()
            if code is None:
                return
            self._died(code, now)
        if now >= self._again_at:
            self._start(now)

    def stop(self) -> None:
        """Ask the process to end, and end it when it does not."""
        if self.process is None or self.process.poll() is not None:
            return
        self.process.terminate()
        try:
            self.process.wait(timeout=_STOP_LIMIT_S)
        except subprocess.TimeoutExpired:
            logger.error("%s did not stop in %.0f s and is killed", self.name, _STOP_LIMIT_S)
            self.process.kill()
            self.process.wait()

    def _start(self, now: float) -> None:
        env = {**os.environ, **self.env, PARENT_VARIABLE: str(os.getpid())}
        # A session of its own: Ctrl-C reaches only the supervisor, which stops all in order.
        self.process = subprocess.Popen(self.command, env=env, start_new_session=True)
        self._started = now

    def _died(self, code: int, now: float) -> None:
        if now - self._started >= _SETTLED_S:
            self._deaths = 0
        pause = min(_LONGEST_PAUSE_S, _FIRST_PAUSE_S * 2**self._deaths)
        self._deaths += 1
        self._again_at = now + pause
        self.process = None
        logger.error("%s %s; starting it again in %.1f s", self.name, _how(code), pause)


def _how(code: int) -> str:
    if code >= 0:
        return f"ended with {code}"
    try:
        return f"was ended by {signal.Signals(-code).name}"
    except ValueError:
        return f"was ended by signal {-code}"


def supervise(children: Sequence[Child], *, meanwhile: Callable[[], None]) -> None:
    """Keep ``children`` running until SIGINT or SIGTERM, then stop them in the order given.

    ``meanwhile`` is called four times a second and must come back soon.
    """
    stopping = False

    def stop(_signal: int, _frame: FrameType | None) -> None:
        nonlocal stopping
        stopping = True

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        while not stopping:
            for child in children:
                child.keep()
            meanwhile()
            time.sleep(LOOK_EVERY_S)
    finally:
        for child in children:
            child.stop()
        for number, handler in before.items():
            signal.signal(number, handler)
