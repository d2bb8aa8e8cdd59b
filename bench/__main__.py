"""``make bench``: real HTTP against a full database, each figure beside bare PostgreSQL.

Prints the table and writes ``var/bench.json``. BENCH_CASES sets the size (default 1,000,000),
BENCH_SECONDS how long each figure is measured (default 8).
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lamppost.cities.models import City
    from lamppost.database.embedded import Cluster

ROOT = Path(__file__).resolve().parents[1]
HOME = ROOT / "var" / "bench"
os.environ["LAMPPOST_HOME"] = str(HOME)
os.environ["DJANGO_SETTINGS_MODULE"] = "lamppost.settings"
os.environ.pop("DATABASE_URL", None)

CASES = int(os.environ.get("BENCH_CASES", "1000000"))
SECONDS = int(os.environ.get("BENCH_SECONDS", "8"))
CONNECTIONS = 32


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table."""

    name: str
    unit: str
    ours: float
    bare: float
    ratio: float
    goal: float
    p99_ms: float = 0.0


def main() -> int:
    """Measure everything; 0 whatever the figures, they are for reading."""
    import django

    django.setup()
    from bench.grounds import free_port
    from lamppost.database.embedded import running

    with running(HOME) as cluster:
        _fill()
        port = free_port()
        web = subprocess.Popen(
            [
                sys.executable, "-m", "lamppost.commands.web", "--port", str(port),
                "--workers", "2",
            ],
            env=os.environ.copy(),
        )  # fmt: skip
        try:
            _wait_for(port)
            figures = _measure(cluster, port)
        finally:
            web.terminate()
            web.wait(timeout=20)
    _print(figures)
    (ROOT / "var").mkdir(exist_ok=True)
    (ROOT / "var" / "bench.json").write_text(
        json.dumps([asdict(figure) for figure in figures], indent=1) + "\n"
    )
    return 0


def _fill() -> None:
    subprocess.run(
        [
            sys.executable, "-m", "lamppost.cli", "demo", "--prepare-only",
            "--cases", str(CASES),
        ],
        check=True,
    )  # fmt: skip


def _wait_for(port: int) -> None:
    import http.client

    for _ in range(300):
        try:
            asking = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            asking.request("GET", "/open311/v2/services.json")
            asking.getresponse().read()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError("the web server did not start")


def _measure(cluster: Cluster, port: int) -> list[Figure]:
    from django.db import connection

    from bench.http_load import get, load, post
    from bench.statements import bare_rate, caught, one_line, written_out
    from lamppost.cases.models import Case
    from lamppost.cities.models import City
    from lamppost.database.scope import city_scope
    from lamppost.faces.open311 import queries

    city = City.objects.filter(is_demo=True, is_sandbox=False).get()
    with city_scope(city.pk):
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE cases_case")
        numbers = [
            int(number)
            for number in Case.objects.exclude(visibility="private")
            .order_by("-id")
            .values_list("number", flat=True)[:5000]
            if number.isdigit()
        ]
        texts = queries.wording(city, city.default_language, "http://127.0.0.1")
        located = Case.objects.filter(location__isnull=False)
        places = [
            place
            for place in located.values_list("location", flat=True)[:2000]
            if place is not None
        ]
    rng = random.Random(311)

    def bare(run: Callable[[], object], containing: str, swap: Callable[[str], str]) -> float:
        with city_scope(city.pk):
            sql, params = caught(run, containing)
        script = swap(one_line(written_out(cluster, sql, params)))
        return bare_rate(cluster, script, city_id=city.pk, seconds=SECONDS)

    def served(path: Callable[[], bytes]) -> tuple[float, float]:
        load(port, path, connections=CONNECTIONS, seconds=1)
        done = load(port, path, connections=CONNECTIONS, seconds=SECONDS)
        if done.failures:
            raise RuntimeError(f"{done.failures} of {done.answers} answers were refusals")
        return done.per_second, done.p99_ms

    figures = []

    def figure(name: str, unit: str, goal: float, ours: tuple[float, float], alone: float) -> None:
        figures.append(
            Figure(name, unit, round(ours[0], 1), round(alone, 1),
                   round(ours[0] / alone, 3), goal, round(ours[1], 1))
        )  # fmt: skip

    listing = "/open311/v2/requests.json?page_size=50"
    near = "/open311/v2/requests.json?page_size=25&radius=500"
    from django.test import Client

    client = Client(headers={"host": "127.0.0.1"})

    figure("open311_list", "lists of 50 a second", 0.35, served(lambda: get(listing)),
           bare(lambda: client.get(listing), "json_agg", str))  # fmt: skip

    low, high = min(numbers), max(numbers)
    figure(
        "open311_by_id", "reads a second", 0.06,
        served(lambda: get(f"/open311/v2/requests/{rng.choice(numbers)}.json")),
        bare(
            lambda: queries.read_one("424242424242", with_extensions=False, texts=texts),
            "json_build_array",
            lambda sql: f"\\set n random({low}, {high})\n"
            + sql.replace("'424242424242'", "CAST(:n AS text)"),
        ),
    )  # fmt: skip

    def nearby() -> bytes:
        place = rng.choice(places)
        return get(f"{near}&lat={place.lat:.6f}&long={place.long:.6f}")

    place = places[0]
    figure("open311_nearby", "searches a second (25 within 500 m)", 0.35, served(nearby),
           bare(lambda: client.get(f"{near}&lat={place.lat:.6f}&long={place.long:.6f}"),
                "<->", str))  # fmt: skip

    service = _plain_service(city)

    def filing() -> bytes:
        place = rng.choice(places)
        return post(
            "/open311/v2/requests.json",
            f"api_key=demo-key&service_code={service}&lat={place.lat:.6f}"
            f"&long={place.long:.6f}&description=Measured+by+the+benchmark",
        )

    with city_scope(city.pk):
        from lamppost.cases.reports import Report
        from lamppost.cases.services.intake import submit
        from lamppost.catalog.choices import Channel
        from lamppost.people.actors import ANONYMOUS

        insert, params = caught(
            lambda: submit(
                Report(service, Channel.API, description="Measured", point=place), actor=ANONYMOUS
            ),
            'INSERT INTO "cases_case"',
        )
    _raise_limit(city)
    values = list(params)
    number = next(value for value in values if isinstance(value, str) and value.isdigit())
    script = one_line(written_out(cluster, insert, values)).replace(
        f"'{number}'", "'b' || gen_random_uuid()"
    )
    figure(
        "open311_create",
        "durable filings a second",
        0.08,
        served(filing),
        bare_rate(cluster, script, city_id=city.pk, seconds=SECONDS),
    )
    figures.append(_import_figure(cluster, city.pk))
    return figures


def _plain_service(city: City) -> str:
    from lamppost.catalog.book import book
    from lamppost.database.scope import city_scope

    with city_scope(city.pk):
        return next(
            service.code
            for service in book().public_services()
            if service.type == "realtime"
            and service.location == "required"
            and not any(question.is_required for question in service.questions)
        )


def _raise_limit(city: City) -> None:
    from lamppost.database.scope import city_scope
    from lamppost.people.models import ApiKey

    with city_scope(city.pk):
        ApiKey.objects.update(per_minute=10_000_000)


def _import_figure(cluster: Cluster, city_id: int) -> Figure:
    """Rows a second of the importer beside COPY of the same columns into a keyed table."""
    from bench.importing import copy_rate, import_rate

    ours = import_rate(city_id)
    alone = copy_rate(cluster)
    return Figure(
        "import_requests", "rows a second", round(ours, 1), round(alone, 1),
        round(ours / alone, 3), 0.20,
    )  # fmt: skip


def _print(figures: list[Figure]) -> None:
    print(f"\n{CASES:,} cases, 2 web workers, {CONNECTIONS} connections, {SECONDS} s each")
    print(f"{'':<18}{'ours':>10}{'bare':>10}{'ratio':>8}{'goal':>7}{'p99 ms':>9}  unit")
    for line in figures:
        print(
            f"{line.name:<18}{line.ours:>10,.0f}{line.bare:>10,.0f}{line.ratio:>8.3f}"
            f"{line.goal:>7.2f}{line.p99_ms:>9.0f}  {line.unit}"
        )


if __name__ == "__main__":
    sys.exit(main())
