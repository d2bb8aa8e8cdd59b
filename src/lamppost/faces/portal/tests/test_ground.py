"""What maps stand on, over HTTP: refusals, whose city it is, ranges, what is kept."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from lamppost.cases.models import Case
from lamppost.cities.models import City
from lamppost.cities.selectors import forget_cities
from lamppost.faces.portal.ranges import LARGEST_PIECE, OutOfFile, Piece, piece_of
from lamppost.people.choices import Role
from lamppost.people.models import User
from lamppost.places.models import AreaKind
from lamppost.places.services import replace_areas
from lamppost.places.shapes import AreaShape

SQUARE = {
    "type": "Polygon",
    "coordinates": [[[-75.2, 39.9], [-75.1, 39.9], [-75.1, 40.0], [-75.2, 40.0], [-75.2, 39.9]]],
}
TILES = b"PMTiles\x03" + bytes(range(256)) * 40
STREETS = b'{"type":"FeatureCollection","features":[]}'
OTHER_HOST = "shelbyville.example"
GROUND = ("/map.pmtiles", "/streets.geojson")


@pytest.fixture(autouse=True)
def maps(settings: Any, tmp_path: Path) -> Path:
    """The folder of maps of an installation that has none yet."""
    settings.HOME = tmp_path
    folder = tmp_path / "maps"
    folder.mkdir()
    return folder


@pytest.fixture
def tiles(maps: Path) -> Path:
    """Springfield's tiles."""
    path = maps / "springfield.pmtiles"
    path.write_bytes(TILES)
    return path


def put_areas(name: str = "Center") -> None:
    replace_areas(
        kind_code="district",
        kind_name={"en": "District", "es": "Distrito"},
        features=[AreaShape(code="1", name={"en": name, "es": "Centro"}, boundary=SQUARE)],
        source="the city",
    )
    forget_cities()


def body(response: Any) -> bytes:
    return b"".join(response.streaming_content) if response.streaming else response.content


# Ranges, as RFC 9110 section 14 has them; the file has 1,000 bytes.


@pytest.mark.parametrize(
    ("header", "piece"),
    [
        ("bytes=0-0", (0, 0)),
        ("bytes=0-499", (0, 499)),
        ("bytes=500-", (500, 999)),
        ("bytes=-200", (800, 999)),
        # A suffix longer than the file is the file.
        ("bytes=-5000", (0, 999)),
        # An end beyond the file is its end.
        ("bytes=990-2000", (990, 999)),
        ("bytes=999-999999999999999999", (999, 999)),
        ("BYTES=0-1", (0, 1)),
        # Whatever is no single range of bytes is no range: the whole file is the answer.
        ("", None),
        ("bytes=", None),
        ("bytes=-", None),
        ("bytes=0-1,5-6", None),
        ("bytes=5-4", None),
        ("bytes=a-b", None),
        ("bytes=-1-2", None),
        ("bytes=0x1-2", None),
        ("bytes=0-1\n", None),
        ("bytes=٠-١", None),
        ("lines=0-1", None),
        (f"bytes={'9' * 5000}-", None),
    ],
)
def test_a_range_is_read_as_the_standard_has_it(header: str, piece: tuple[int, int] | None) -> None:
    assert piece_of(header, 1000) == (piece and Piece(*piece))


@pytest.mark.parametrize(
    "header", ["bytes=1000-", "bytes=1000-1001", "bytes=-0", "bytes=5000-6000"]
)
def test_a_range_without_a_byte_of_the_file_is_none(header: str) -> None:
    with pytest.raises(OutOfFile):
        piece_of(header, 1000)


def test_an_empty_file_has_no_range() -> None:
    with pytest.raises(OutOfFile):
        piece_of("bytes=0-", 0)


def test_one_piece_is_never_more_than_can_be_held() -> None:
    assert piece_of("bytes=7-", 10**12) == Piece(7, 6 + LARGEST_PIECE)


# Refusals


@pytest.mark.parametrize("address", GROUND)
def test_a_city_without_a_map_says_so(web: Client, address: str) -> None:
    response = web.get(address)
    assert response.status_code == 404
    assert response["Content-Type"].startswith("text/plain")


@pytest.mark.parametrize("address", [*GROUND, "/areas.geojson"])
@pytest.mark.parametrize("method", ["post", "put", "delete", "patch"])
def test_the_ground_is_only_read(web: Client, tiles: Path, address: str, method: str) -> None:
    assert getattr(web, method)(address).status_code in {403, 405}
    assert tiles.read_bytes() == TILES


@pytest.mark.parametrize(
    "address",
    ["/maps/springfield.pmtiles", "/map.pmtiles/../secrets/key", "/static/../maps/x", "/maps/"],
)
def test_no_other_address_leads_to_the_files(web: Client, tiles: Path, address: str) -> None:
    assert web.get(address).status_code == 404


def test_a_city_with_a_hostile_slug_has_no_map(web: Client, tiles: Path, city: City) -> None:
    (tiles.parent.parent / "private.pmtiles").write_bytes(b"secret")
    City.objects.filter(pk=city.pk).update(slug="../private")
    forget_cities()
    assert web.get("/map.pmtiles").status_code == 404
    assert web.get("/map/").status_code == 200


def test_a_city_has_its_own_ground_on_its_own_host_only(
    web: Client, tiles: Path, other_city: City
) -> None:
    put_areas()
    there = Client(HTTP_HOST=OTHER_HOST)
    assert there.get("/map.pmtiles").status_code == 404
    assert there.get("/areas.geojson").json()["features"] == []
    page = there.get("/map/").content.decode()
    assert "data-basemap" not in page
    (tiles.parent / "shelbyville.pmtiles").write_bytes(b"PMTiles\x03 of Shelbyville")
    assert body(there.get("/map.pmtiles")) == b"PMTiles\x03 of Shelbyville"
    assert body(web.get("/map.pmtiles")) == TILES


def test_a_tag_of_one_city_is_not_known_in_another(web: Client, other_city: City) -> None:
    City.objects.update(areas_changed_at=other_city.areas_changed_at)
    forget_cities()
    tag = web.get("/areas.geojson")["ETag"]
    there = Client(HTTP_HOST=OTHER_HOST)
    assert there.get("/areas.geojson", headers={"if-none-match": tag}).status_code == 200


def test_an_internal_kind_of_area_is_not_published(web: Client) -> None:
    put_areas("Patrol 7")
    AreaKind.objects.update(is_public=False)
    assert b"Patrol" not in web.get("/areas.geojson").content


# Tiles


def test_a_range_is_answered_with_its_bytes(web: Client, tiles: Path) -> None:
    response = web.get("/map.pmtiles", headers={"range": "bytes=4-11"})
    assert response.status_code == 206
    assert response.content == TILES[4:12]
    assert response["Content-Range"] == f"bytes 4-11/{len(TILES)}"
    assert response["Accept-Ranges"] == "bytes"
    assert response["ETag"].startswith('"')
    assert "Content-Encoding" not in response


def test_a_range_after_the_end_is_416(web: Client, tiles: Path) -> None:
    response = web.get("/map.pmtiles", headers={"range": f"bytes={len(TILES)}-"})
    assert response.status_code == 416
    assert response["Content-Range"] == f"bytes */{len(TILES)}"
    assert response.content == b""


def test_without_a_range_the_whole_file_is_the_answer(web: Client, tiles: Path) -> None:
    response = web.get("/map.pmtiles")
    assert (response.status_code, body(response)) == (200, TILES)
    assert response["Content-Length"] == str(len(TILES))
    assert response["X-Content-Type-Options"] == "nosniff"


def test_head_tells_the_size_and_ignores_ranges(web: Client, tiles: Path) -> None:
    response = web.head("/map.pmtiles", headers={"range": "bytes=0-3"})
    assert response.status_code == 200
    assert response["Content-Length"] == str(len(TILES))


def test_a_file_known_is_not_sent_again(web: Client, tiles: Path) -> None:
    tag = web.get("/map.pmtiles")["ETag"]
    for known in (tag, f'"other", {tag}', "*", f"W/{tag}"):
        headers = {"if-none-match": known, "range": "bytes=0-3"}
        response = web.get("/map.pmtiles", headers=headers)
        assert (response.status_code, response.content) == (304, b"")
        assert response["ETag"] == tag


def test_a_range_of_an_older_file_gets_the_whole_new_one(web: Client, tiles: Path) -> None:
    old = web.get("/map.pmtiles")["ETag"]
    same = web.get("/map.pmtiles", headers={"range": "bytes=0-3", "if-range": old})
    assert same.status_code == 206
    tiles.write_bytes(TILES * 2)
    headers = {"range": "bytes=0-3", "if-range": old, "if-none-match": old}
    response = web.get("/map.pmtiles", headers=headers)
    assert (response.status_code, body(response)) == (200, TILES * 2)
    assert response["ETag"] != old


def test_tiles_cost_no_query_of_their_own(
    web: Client, tiles: Path, django_assert_num_queries: Callable[..., Any]
) -> None:
    web.get("/map.pmtiles")
    with django_assert_num_queries(0):
        web.get("/map.pmtiles", headers={"range": "bytes=0-3"})


# Streets, where there are no tiles


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [
        ("gzip, br", "gzip"),
        ("*", "gzip"),
        ("", ""),
        ("br", ""),
        ("gzip;q=0", ""),
        ("gzip; q=0", ""),
    ],
)
def test_streets_come_packed_for_whom_that_suits(
    web: Client, maps: Path, accepted: str, encoding: str
) -> None:
    (maps / "springfield.streets.geojson.gz").write_bytes(gzip.compress(STREETS))
    response = web.get("/streets.geojson", headers={"accept-encoding": accepted})
    content = body(response)
    assert response.get("Content-Encoding", "") == encoding
    assert (gzip.decompress(content) if encoding else content) == STREETS
    assert "Accept-Encoding" in response["Vary"]
    again = web.get("/streets.geojson", headers={"if-none-match": response["ETag"]})
    assert again.status_code == 304


# Outlines of areas


@pytest.mark.parametrize(
    ("prefix", "name", "kind"), [("", "Center", "District"), ("/es", "Centro", "Distrito")]
)
def test_areas_are_named_in_the_visitors_language(
    web: Client, prefix: str, name: str, kind: str
) -> None:
    put_areas()
    response = web.get(f"{prefix}/areas.geojson")
    assert response["Content-Type"] == "application/geo+json"
    (area,) = response.json()["features"]
    assert (area["properties"]["name"], area["properties"]["kind_name"]) == (name, kind)
    assert area["geometry"]["type"] == "Polygon"


def test_areas_known_are_not_sent_again_until_they_change(web: Client) -> None:
    put_areas()
    first = web.get("/areas.geojson", headers={"accept-encoding": "gzip"})
    assert json.loads(gzip.decompress(first.content))["features"]
    known = {"if-none-match": first["ETag"]}
    assert web.get("/areas.geojson", headers=known).status_code == 304
    assert web.get("/es/areas.geojson", headers=known).status_code == 200
    put_areas("Old town")
    changed = web.get("/areas.geojson", headers=known)
    assert changed.status_code == 200
    assert changed.json()["features"][0]["properties"]["name"] == "Old town"


def test_areas_cost_no_query_once_told(
    web: Client, django_assert_num_queries: Callable[..., Any]
) -> None:
    put_areas()
    web.get("/areas.geojson")
    with django_assert_num_queries(0):
        web.get("/areas.geojson")


# Pages


def addresses(page: str) -> dict[str, str]:
    return dict(re.findall(r'data-(basemap|streets|areas)="([^"]*)"', page))


def test_a_map_names_what_is_there_by_its_stamp_and_may_keep_it(web: Client, tiles: Path) -> None:
    put_areas()
    found = addresses(web.get("/map/").content.decode())
    assert set(found) == {"basemap", "areas"}
    for address in found.values():
        response = web.get(address)
        assert response.status_code == 200
        assert response["Cache-Control"] == "public, max-age=604800"
        bare = web.get(address.partition("?")[0])
        assert bare["Cache-Control"] == "public, max-age=300"
    tiles.write_bytes(TILES * 2)
    assert addresses(web.get("/map/").content.decode())["basemap"] != found["basemap"]


def test_a_small_town_s_map_names_its_streets(web: Client, maps: Path) -> None:
    (maps / "springfield.streets.geojson.gz").write_bytes(gzip.compress(STREETS))
    found = addresses(web.get("/map/").content.decode())
    assert found["streets"].startswith("/streets.geojson?v=")
    assert "basemap" not in found


def test_the_desk_draws_the_same_ground(
    web: Client, tiles: Path, person: Callable[..., User], file_case: Callable[..., Case]
) -> None:
    case = file_case()
    ours = addresses(web.get("/map/").content.decode())
    web.force_login(person(Role.ADMIN))
    page = web.get(f"/desk/cases/{case.number}/").content.decode()
    assert addresses(page) == ours


def test_a_page_without_a_map_looks_for_none(web: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(slug: str) -> None:
        raise AssertionError("looked for a map")

    monkeypatch.setattr("lamppost.faces.theme.context.tiles_file", never)
    assert web.get("/about/").status_code == 200
