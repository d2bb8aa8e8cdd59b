"""The conformance kit of the project's facts, against a real server."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.support.fixtures import API_KEY
from tests.support.installation import Installation

KIT = Path(__file__).parents[6] / "shared" / "checks" / "open311_conformance.py"


def test_kit(server: Installation) -> None:
    done = subprocess.run(
        [
            sys.executable,
            str(KIT),
            "--base",
            f"{server.url}/open311/v2",
            "--api-key",
            API_KEY,
            "--quiet",
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    print(done.stdout[-20000:], done.stderr[-3000:])
    assert done.stdout.rstrip().endswith(" 0 failed")
