"""A stream of Open311 reports that survives everything, and the account of it afterwards.

Every report has an idempotency key and is sent until it is acknowledged, as a careful client
does. Then each acknowledged number must be there exactly once, and nothing half-written.
"""

from __future__ import annotations

import http.client
import json
import threading
import time
import uuid
from collections import Counter
from dataclasses import dataclass, field
from urllib.parse import urlencode

from bench.grounds import Grounds

_HEADERS = {"Content-Type": "application/x-www-form-urlencoded"}
_PAUSE_S = 0.1


@dataclass
class Storm:
    """Senders that post until told to stop. ``acknowledged`` is number by key."""

    port: int
    api_key: str
    senders: int = 4
    acknowledged: dict[str, str] = field(default_factory=dict)
    statuses: Counter[int] = field(default_factory=Counter)
    longest_gap_s: float = 0.0
    _stop: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _last_success: float = 0.0

    def start(self) -> None:
        """Begin to send."""
        self._last_success = time.monotonic()
        for number in range(self.senders):
            thread = threading.Thread(target=self._send, args=(number,), daemon=True)
            thread.start()
            self._threads.append(thread)

    def stop(self) -> None:
        """Stop after the report in hand of each sender is acknowledged."""
        self._stop.set()
        for thread in self._threads:
            thread.join(timeout=120)
            assert not thread.is_alive(), "a report was not acknowledged within two minutes"

    def count(self) -> int:
        """How many reports were acknowledged so far."""
        with self._lock:
            return len(self.acknowledged)

    def reached(self, count: int) -> bool:
        """Whether more than ``count`` reports were acknowledged so far."""
        return self.count() > count

    def _send(self, sender: int) -> None:
        place = 0
        while not self._stop.is_set():
            place += 1
            key = str(uuid.uuid4())
            number = self._insist(key, f"storm {sender} {place}")
            with self._lock:
                now = time.monotonic()
                self.longest_gap_s = max(self.longest_gap_s, now - self._last_success)
                self._last_success = now
                self.acknowledged[key] = number

    def _insist(self, key: str, words: str) -> str:
        body = urlencode(
            {
                "api_key": self.api_key, "service_code": "POTHOLE", "lat": "39.9526",
                "long": "-75.1636", "description": words, "attribute[WHERE]": "roadway",
            }
        )  # fmt: skip
        until = time.monotonic() + 110
        while time.monotonic() < until:
            status, answer = self._post(body, key)
            with self._lock:
                self.statuses[status] += 1
            if status in (200, 201):
                return str(json.loads(answer)[0]["service_request_id"])
            time.sleep(_PAUSE_S)
        raise AssertionError("not acknowledged")

    def _post(self, body: str, key: str) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(
                "POST", "/open311/v2/requests.json", body, {**_HEADERS, "Idempotency-Key": key}
            )
            response = connection.getresponse()
            return response.status, response.read()
        except (OSError, http.client.HTTPException):
            return 0, b""
        finally:
            connection.close()


# Read as the server's administrator: past every view that could hide something.
_ACCOUNT = """
import json, psycopg
from django.conf import settings
from lamppost.database.embedded import ensure_running
from lamppost.database.credentials import SUPERUSER
dsn = ensure_running(settings.HOME).dsn(SUPERUSER)
def rows(text):
    return [list(map(str, row)) for row in connection.execute(text).fetchall()]
with psycopg.connect(dsn) as connection:
    print(json.dumps({
        "storm": rows("SELECT c.number, k.key FROM cases_case c LEFT JOIN "
            "cases_idempotencykey k ON k.case_id = c.id WHERE c.description LIKE 'storm %'"),
        "doubled_words": rows("SELECT description, count(*) FROM cases_case "
            "WHERE description LIKE 'storm %' GROUP BY 1 HAVING count(*) > 1"),
        "doubled_numbers": rows("SELECT city_id, number FROM cases_case "
            "GROUP BY 1, 2 HAVING count(*) > 1"),
        "without_event": rows("SELECT number FROM cases_case c WHERE NOT EXISTS "
            "(SELECT FROM cases_caseevent e WHERE e.case_id = c.id)"),
        "without_clock": rows("SELECT number FROM cases_case c WHERE description LIKE 'storm %' "
            "AND (SELECT count(*) FROM cases_clock k WHERE k.case_id = c.id) <> 2"),
        "clock_without_start": rows("SELECT id FROM cases_clock k WHERE NOT EXISTS "
            "(SELECT FROM cases_clockevent e WHERE e.clock_id = k.id AND e.kind = 'start')"),
    }))
"""


def account(grounds: Grounds, storm: Storm) -> list[str]:
    """What is wrong after a storm, in words; empty when nothing is."""
    found = json.loads(grounds.python(_ACCOUNT))
    stored = {key: number for number, key in found.pop("storm")}
    wrong = [f"{what}: {rows[:5]}" for what, rows in found.items() if rows]
    lost = [number for key, number in storm.acknowledged.items() if stored.get(key) != number]
    if lost:
        wrong.append(f"{len(lost)} acknowledged cases are lost: {lost[:5]}")
    if len(stored) != len(storm.acknowledged):
        wrong.append(f"{len(stored)} stored, {len(storm.acknowledged)} acknowledged")
    verified = grounds.command("verify", check=False)
    if verified.returncode:
        wrong.append(verified.stdout)
    return wrong
