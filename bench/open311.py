"""Open311 over real HTTP, beside the very statements it runs: bare, and in an empty view."""

from __future__ import annotations

import json
import random
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import mean, median
from typing import Any

from django.db import connection
from django.test import Client

from bench.figures import Figure, share
from bench.http_load import Load, get, load, post
from bench.serving import serving
from bench.statements import bare_rate, caught, one_line, written_out
from lamppost.cases.models import Case
from lamppost.cases.reports import Report
from lamppost.cases.services.intake import submit
from lamppost.catalog.book import book
from lamppost.catalog.choices import Channel
from lamppost.cities.models import City
from lamppost.database.embedded import Cluster
from lamppost.database.fields import Point
from lamppost.database.scope import city_scope
from lamppost.faces.open311 import queries
from lamppost.faces.open311.columns import wording
from lamppost.people.actors import ANONYMOUS
from lamppost.people.models import ApiKey

CONNECTIONS = 32
_LIST = "/open311/v2/requests.json?page_size=50"
_NEAR = "/open311/v2/requests.json?page_size=25&radius=500"
_NO_NUMBER = "424242424242"
# Each of pgbench's connections plans each place's statement for itself: few enough to be done soon.
_PLACES_ASKED = 20
# A machine among others is now fast, now slow: what is compared is measured in turns.
_TURNS = 4


@dataclass(frozen=True, slots=True)
class _Read:
    """One kind of read: how it is asked for, and the statement behind it, as often as it varies.

    ``scripts`` are what pgbench draws from, ``variants`` the parameters the empty view draws
    from: each asks the database for the same places or numbers as the requests do.
    """

    name: str
    unit: str
    goal: float
    ask: Callable[[], bytes]
    sql: str
    variants: list[Any]
    scripts: list[str]


@dataclass(frozen=True, slots=True)
class Bench:
    """What every figure needs to know: the server, the city, the port, seconds for each."""

    cluster: Cluster
    city: City
    port: int
    seconds: int

    def figures(self) -> list[Figure]:
        """Measure the reads, then the filings."""
        with city_scope(self.city.pk):
            with connection.cursor() as cursor:
                cursor.execute("ANALYZE cases_case")
            ApiKey.objects.update(per_minute=10_000_000)
        reads = self._reads()
        with self._empty_site(reads) as empty_port:
            figures = [self._of_read(read, empty_port) for read in reads]
        return [*figures, self._create()]

    def _of_read(self, read: _Read, empty_port: int) -> Figure:
        rng = random.Random(311)

        def bare(seconds: int) -> float:
            return bare_rate(self.cluster, read.scripts, city_id=self.city.pk, seconds=seconds)

        ours, bares, empties = self._in_turns(
            lambda seconds: self._served(self.port, read.ask, seconds),
            bare,
            lambda seconds: self._served(empty_port, partial(_of_empty, read, rng), seconds),
        )
        return share(
            read.name, read.unit, read.goal, mean(one.per_second for one in ours), mean(bares),
            p99_ms=median(one.p99_ms for one in ours),
            empty=mean(one.per_second for one in empties),
        )  # fmt: skip

    def _in_turns(
        self,
        ours: Callable[[int], Load],
        bare: Callable[[int], float],
        empty: Callable[[int], Load] | None = None,
    ) -> tuple[list[Load], list[float], list[Load]]:
        """Measure one after the other, again and again, ``seconds`` of each in all."""
        done: tuple[list[Load], list[float], list[Load]] = ([], [], [])
        seconds = max(1, self.seconds // _TURNS)
        ours(1)
        for _ in range(_TURNS):
            done[0].append(ours(seconds))
            done[1].append(bare(seconds))
            if empty is not None:
                done[2].append(empty(seconds))
        return done

    def asked(self) -> list[tuple[str, Callable[[], bytes]]]:
        """Return each read's name and how it is asked for, without a limit on calls."""
        with city_scope(self.city.pk):
            ApiKey.objects.update(per_minute=10_000_000)
        return [(read.name, read.ask) for read in self._reads()]

    def _served(self, port: int, ask: Callable[[], bytes], seconds: int) -> Load:
        done = load(port, ask, connections=CONNECTIONS, seconds=seconds)
        if done.failures:
            raise RuntimeError(f"{done.failures} of {done.answers} answers were refusals")
        return done

    def _caught(self, run: Callable[[], object], containing: str) -> tuple[str, Any]:
        with city_scope(self.city.pk):
            return caught(run, containing)

    def _reads(self) -> list[_Read]:
        return [self._list(), self._by_id(), self._nearby()]

    def _list(self) -> _Read:
        client = Client(headers={"host": "127.0.0.1"})
        sql, params = self._caught(lambda: client.get(_LIST), "json_agg")
        return _Read(
            "open311_list", "lists of 50 a second", 0.35, lambda: get(_LIST),
            sql, [params], [self._script(sql, params)],
        )  # fmt: skip

    def _by_id(self) -> _Read:
        rng, numbers = random.Random(311), self._numbers()
        texts = wording(self.city, self.city.default_language, "http://127.0.0.1")
        sql, params = self._caught(
            lambda: queries.read_one(_NO_NUMBER, with_extensions=False, texts=texts),
            "json_build_array",
        )
        script = f"\\set n random({min(numbers)}, {max(numbers)})\n" + self._script(
            sql, params
        ).replace(f"'{_NO_NUMBER}'", "CAST(:n AS text)")
        return _Read(
            "open311_by_id", "reads a second", 0.06,
            lambda: get(f"/open311/v2/requests/{rng.choice(numbers)}.json"),
            sql, [{**params, "number": str(number)} for number in numbers], [script],
        )  # fmt: skip

    def _nearby(self) -> _Read:
        rng = random.Random(311)
        client = Client(headers={"host": "127.0.0.1"})
        paths = [
            f"{_NEAR}&lat={place.lat:.6f}&long={place.long:.6f}"
            for place in rng.sample(self._places(), _PLACES_ASKED)
        ]
        pairs = [self._caught(partial(client.get, path), "<->") for path in paths]
        return _Read(
            "open311_nearby", "searches a second (25 within 500 m)", 0.35,
            lambda: get(rng.choice(paths)),
            pairs[0][0], [params for _sql, params in pairs],
            [self._script(sql, params) for sql, params in pairs],
        )  # fmt: skip

    def _script(self, sql: str, params: Any) -> str:
        return one_line(written_out(self.cluster, sql, params))

    def _numbers(self) -> list[int]:
        with city_scope(self.city.pk):
            newest = Case.objects.exclude(visibility="private").order_by("-requested_at", "-id")
            numbers = newest.values_list("number", flat=True)[:5000]
            return [int(number) for number in numbers if number.isdigit()]

    def _places(self) -> list[Point]:
        with city_scope(self.city.pk):
            located = Case.objects.filter(location__isnull=False)
            places = located.values_list("location", flat=True)[:2000]
            return [place for place in places if place is not None]

    @contextmanager
    def _empty_site(self, reads: list[_Read]) -> Iterator[int]:
        """Serve an empty Django view with each statement, on the same server; give the port."""
        served = {
            read.name: {"sql": read.sql, "variants": read.variants, "city": self.city.pk}
            for read in reads
        }
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "statements.json"
            file.write_text(json.dumps(served, default=str), encoding="utf-8")
            with serving(
                "bench.empty_site",
                path=f"/{reads[0].name}/0",
                env={"BENCH_STATEMENTS": str(file)},
            ) as port:
                yield port

    def _create(self) -> Figure:
        rng = random.Random(311)
        places, service = self._places(), self._plain_service()

        def filing() -> bytes:
            place = rng.choice(places)
            return post(
                "/open311/v2/requests.json",
                f"api_key=demo-key&service_code={service}&lat={place.lat:.6f}"
                f"&long={place.long:.6f}&description=Measured+by+the+benchmark",
            )

        report = Report(service, Channel.API, description="Measured", point=places[0])
        script = self._bare_insert(report)
        ours, bares, _none = self._in_turns(
            lambda seconds: self._served(self.port, filing, seconds),
            lambda seconds: bare_rate(
                self.cluster, [script], city_id=self.city.pk, seconds=seconds
            ),
        )
        return share(
            "open311_create", "durable filings a second", 0.08,
            mean(one.per_second for one in ours), mean(bares),
            p99_ms=median(one.p99_ms for one in ours),
        )  # fmt: skip

    def _bare_insert(self, report: Report) -> str:
        """The row of a case as a filing of ``report`` leaves it, in an insert of its own."""
        with city_scope(self.city.pk):
            filed = submit(report, actor=ANONYMOUS)
            case = Case.objects.get(number=filed.number)
        case.pk, case.number = None, f"b{filed.number}"
        insert, params = self._caught(
            lambda: case.save(force_insert=True), 'INSERT INTO "cases_case"'
        )
        script = one_line(written_out(self.cluster, insert, list(params)))
        return script.replace(f"'{case.number}'", "'b' || gen_random_uuid()")

    def _plain_service(self) -> str:
        with city_scope(self.city.pk):
            return next(
                service.code
                for service in book().public_services()
                if service.type == "realtime"
                and service.location == "required"
                and not any(question.is_required for question in service.questions)
            )


def _of_empty(read: _Read, rng: random.Random) -> bytes:
    return get(f"/{read.name}/{rng.randrange(len(read.variants))}")
