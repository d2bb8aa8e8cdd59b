"""Server processes of a benchmark: started on a free port, ended whatever happens."""

from __future__ import annotations

import http.client
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from bench.grounds import free_port

_START_LIMIT_S = 60.0


@contextmanager
def serving(
    module: str, *arguments: str, path: str, env: Mapping[str, str] | None = None
) -> Iterator[int]:
    """Run ``python -m module --port N`` until the block ends; give the port that answers."""
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", module, "--port", str(port), *arguments],
        env={**os.environ, **(env or {})},
    )
    try:
        _wait_for(port, path)
        yield port
    finally:
        process.terminate()
        process.wait(timeout=20)


def _wait_for(port: int, path: str) -> None:
    until = time.monotonic() + _START_LIMIT_S
    while time.monotonic() < until:
        try:
            asking = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            asking.request("GET", path)
            asking.getresponse().read()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError(f"the server of the benchmark did not start on port {port}")
