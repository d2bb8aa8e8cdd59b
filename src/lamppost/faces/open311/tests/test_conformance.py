"""Strangers against a real server: the conformance kit, and a client others wrote."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from georeport import GeoReport
from tests.support.fixtures import API_KEY
from tests.support.installation import Installation

from lamppost.faces.open311.tests.conftest import HERE

# Lies beside the checkout where the project is developed, and not in the repository.
KIT = Path(__file__).parents[6] / "shared" / "checks" / "open311_conformance.py"


if KIT.exists():

    @pytest.mark.parametrize("endpoint", ["v2", "test/v2"])
    def test_the_kit_finds_nothing(server: Installation, endpoint: str) -> None:
        # The rehearsal keeps nothing, so only what reads can be checked there.
        more = ["--no-write"] if endpoint == "test/v2" else []
        done = subprocess.run(
            [
                sys.executable, str(KIT), "--quiet", "--api-key", API_KEY, *more,
                "--base", f"{server.url}/open311/{endpoint}",
                "--discovery", f"{server.url}/open311/discovery",
            ],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.stdout.rstrip().endswith(" 0 failed"), done.stdout[-8000:] + done.stderr


@pytest.mark.parametrize("output_format", ["json", "xml"])
def test_georeport_reads_us(server: Installation, output_format: str) -> None:
    """The georeport package as it is on the package index, in both formats."""
    created = httpx.post(f"{server.url}/open311/v2/requests.json", data=HERE)
    number = created.json()[0]["service_request_id"]
    client = GeoReport(f"{server.url}/open311/v2", output_format=output_format)
    codes = {entry["service_code"] for entry in client.get_service_list()}
    assert {"LIGHT", "WRECK", "POTHOLE"} <= codes
    assert client.get_service_definition("WRECK")["service_code"] == "WRECK"
    assert client.get_service_request(number)["service_request_id"] == number
    rows = client.get_service_requests(service_code="LIGHT", status="open")
    rows = rows if isinstance(rows, list) else [rows]  # its XML reader makes one row an object
    assert number in {row["service_request_id"] for row in rows}


def test_a_connection_survives_a_body_nobody_wants(server: Installation) -> None:
    """What is refused unread is read to its end, or the caller's next call would be lost."""
    with httpx.Client(base_url=f"{server.url}/open311/v2") as client:
        for method, path in (("POST", "requests.json"), ("DELETE", "services.json")):
            refused = client.request(method, f"/{path}", content=b"x" * 5_000_000)
            assert refused.status_code in {400, 405}
            assert client.get("/services.json").status_code == 200
