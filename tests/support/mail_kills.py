"""Workers that send mail and are killed: each is a fork of one process, so that starting is quick.

Run as ``python -m tests.support.mail_kills CITY_ID KILLS SEED``: prints how many were killed while
they had a message in hand.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import time
import traceback
from datetime import datetime, timedelta

import django

_LEASE = timedelta(seconds=1)
_GIVE_UP_S = 60.0


def main() -> int:
    """Kill so many workers, let the last one finish, and say what was met."""
    city_id, kills, seed = (int(word) for word in sys.argv[1:4])
    django.setup()
    chance = random.Random(seed)
    in_hand = 0
    for _number in range(kills):
        reader, writer = os.pipe()
        worker = _fork(city_id, writer)
        os.close(writer)
        # Some steps into its work, however fast the machine is; then at any moment of a step.
        for _step in range(chance.randint(2, 20)):
            os.read(reader, 1)
        time.sleep(chance.uniform(0.0, 0.01))
        os.kill(worker, signal.SIGKILL)
        os.waitpid(worker, 0)
        os.close(reader)
        in_hand += _claims(city_id)
    _finish(city_id)
    print(in_hand)
    return 0


def _fork(city_id: int, writer: int) -> int:
    worker = os.fork()
    if worker:
        return worker
    try:
        _work(city_id, writer)
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(1)


def _work(city_id: int, writer: int) -> None:
    from django.utils import timezone

    from lamppost.database.scope import city_scope
    from lamppost.notify.choices import MessageChannel
    from lamppost.notify.services.delivering import deliver

    def clock() -> datetime:
        # Asked for with every claim, before every handing over and after it.
        os.write(writer, b".")
        return timezone.now()

    with city_scope(city_id):
        while True:
            deliver(MessageChannel.EMAIL, clock=clock, lease=_LEASE)
            time.sleep(0.005)


def _claims(city_id: int) -> int:
    """Return how many messages the dead worker had in hand; in a fork, to share no connection."""
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        from lamppost.database.scope import city_scope
        from lamppost.notify.models import Message

        with city_scope(city_id):
            held = Message.objects.filter(state="sending").exclude(claim="").count()
        os.write(writer, b"1" if held else b"0")
        os._exit(0)
    os.close(writer)
    said = os.read(reader, 1)
    os.close(reader)
    os.waitpid(child, 0)
    return int(said or b"0")


def _finish(city_id: int) -> None:
    from lamppost.database.scope import city_scope
    from lamppost.notify.choices import UNSENT, MessageChannel
    from lamppost.notify.models import Message
    from lamppost.notify.services.delivering import deliver

    until = time.monotonic() + _GIVE_UP_S
    with city_scope(city_id):
        while Message.objects.filter(state__in=UNSENT).exists() and time.monotonic() < until:
            deliver(MessageChannel.EMAIL, lease=_LEASE)
            time.sleep(0.05)


if __name__ == "__main__":
    sys.exit(main())
