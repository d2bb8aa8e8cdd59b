"""Filling a demo city: what is written, that it proves itself, and that it happens once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from lamppost.cases.models import Case, CaseEvent, Clock
from lamppost.cases.services.verify import verify
from lamppost.cities.models import City
from lamppost.cities.selectors import forget_cities
from lamppost.database.scope import city_scope
from lamppost.kernel.refusals import Forbidden
from lamppost.kernel.shipped import shipped
from lamppost.packs.apply import apply_pack
from lamppost.packs.check import check_pack
from lamppost.simulator.fill import fill_demo
from lamppost.simulator.people import make_demo_people


@pytest.fixture
def demo_city(db: None) -> Iterator[City]:
    reading = check_pack(shipped("cities") / "philadelphia")
    assert reading.pack is not None, reading.findings.errors
    city = apply_pack(pack=reading.pack).city
    City.objects.filter(pk=city.pk).update(is_demo=True)
    forget_cities()
    with city_scope(city.pk):
        yield City.objects.get(pk=city.pk)


def test_filled(demo_city: City) -> None:
    import time
    make_demo_people(demo_city)
    t=time.time()
    assert fill_demo(demo_city, cases=2000, seed=311) > 2000
    print("fill", time.time()-t)
    assert list(verify()) == []
    from django.db import connection
    with connection.cursor() as c:
        for q in ("select state,count(*) from cases_case group by 1","select state,count(*) from cases_clock group by 1","select o.code,count(*) from cases_case c join catalog_outcome o on o.id=c.outcome_id group by 1 order by 2 desc","select count(*) from cases_caselink","select count(*),count(*) filter(where is_doubtful) from cases_casearea","select count(*) filter (where closed_at<=due_at)::float/count(*), count(*) from cases_case c join catalog_outcome o on o.id=c.outcome_id where due_at is not null and closed_at is not null and o.code<>'duplicate'","select kind,count(*) from cases_caseevent group by 1"):
            c.execute(q); print(c.fetchall())
