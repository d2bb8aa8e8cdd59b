"""How fast the reads of one installation are: ``python -m bench.reads``, for its LAMPPOST_HOME.

Prints one line of JSON: by name how many a second, and the slowest twentieth in milliseconds.
"""

from __future__ import annotations

import json
import os
import sys
from functools import partial
from pathlib import Path

_SECONDS = float(os.environ.get("BENCH_SECONDS", "4"))


def main() -> int:
    """Measure the Open311 reads at 32 connections and the pages at 4; prints the line."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lamppost.settings")
    import django

    django.setup()
    from bench.http_load import MakeRequest, load
    from bench.open311 import CONNECTIONS, Bench
    from bench.pages import asked_for, page_paths
    from bench.serving import serving
    from lamppost.cities.models import City
    from lamppost.database.embedded import running

    rates: dict[str, tuple[float, float]] = {}
    with (
        running(Path(os.environ["LAMPPOST_HOME"])) as cluster,
        serving(
            "lamppost.commands.web", "--workers", "2", path="/open311/v2/services.json"
        ) as port,
    ):

        def measure(name: str, ask: MakeRequest, connections: int) -> None:
            load(port, ask, connections=connections, seconds=1)
            done = load(port, ask, connections=connections, seconds=_SECONDS)
            if done.failures:
                raise RuntimeError(f"{name}: {done.failures} of {done.answers} were refusals")
            rates[name] = (round(done.per_second, 1), round(done.p95_ms, 1))

        city = City.objects.filter(is_demo=True, is_sandbox=False).get()
        for name, ask in Bench(cluster, city, port, 0).asked():
            measure(name, ask, CONNECTIONS)
        for name, path, cookie in page_paths(city):
            measure(name, partial(asked_for, path, cookie), 4)
    print(json.dumps(rates))
    return 0


if __name__ == "__main__":
    sys.exit(main())
