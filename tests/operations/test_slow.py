"""Clients that never finish, and many photos at once: staff still work."""

from __future__ import annotations

import http.client
import io
import socket
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest
from bench.grounds import Grounds, wait_until
from PIL import Image

from lamppost.commands.web import allow_descriptors
from tests.support.fixtures import API_KEY

STALLED = 120
# More than both processes take together.
IDLE = 1100
PHOTOS = 200
BOUNDARY = "lamppost-photo"


@pytest.fixture(scope="module", autouse=True)
def _many_descriptors() -> None:
    allow_descriptors()


@pytest.fixture(scope="module")
def serving(grounds: Grounds) -> Iterator[Grounds]:
    grounds.start()
    yield grounds
    grounds.stop()


def never_finishing(port: int) -> socket.socket:
    """Send the headers of a report and one byte of its body."""
    client = socket.create_connection(("127.0.0.1", port), timeout=10)
    client.sendall(
        b"POST /open311/v2/requests.json HTTP/1.1\r\nHost: localhost\r\n"
        b"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 5000\r\n\r\na"
    )
    return client


def report(port: int, words: str, photo: bytes = b"") -> int:
    fields = {
        "api_key": API_KEY, "service_code": "POTHOLE", "lat": "39.9526", "long": "-75.1636",
        "description": words, "attribute[WHERE]": "roadway",
    }  # fmt: skip
    parts = [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    ]
    if photo:
        parts.append(
            f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="media"; filename="a.jpg"\r\n'
            "Content-Type: image/jpeg\r\n\r\n".encode()
            + photo
            + b"\r\n"
        )
    body = b"".join(parts) + f"--{BOUNDARY}--\r\n".encode()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    try:
        connection.request(
            "POST", "/open311/v2/requests.json", body,
            {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"},
        )  # fmt: skip
        response = connection.getresponse()
        response.read()
        return response.status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        connection.close()


def test_clients_that_never_finish_their_body_do_not_stop_the_others(serving: Grounds) -> None:
    clients = [never_finishing(serving.port) for _ in range(STALLED)]
    try:
        time.sleep(1)
        for path in ("/desk/sign-in/", "/", "/open311/v2/requests.json") * 5:
            began = time.monotonic()
            status, _body = serving.get(path, timeout=10)
            assert status in (200, 404), (path, status)
            assert time.monotonic() - began < 5, path
        # Reports go on too, once the first rush of them was turned away.
        wait_until(lambda: report(serving.port, "through the crowd") == 201, "a report", 20)
    finally:
        for client in clients:
            client.close()


def test_more_idle_connections_than_the_server_takes_do_not_keep_the_others_out(
    serving: Grounds,
) -> None:
    with ExitStack() as idle:
        for _ in range(IDLE):
            client = socket.create_connection(("127.0.0.1", serving.port), timeout=10)
            idle.enter_context(client)
        for _ in range(3):
            began = time.monotonic()
            status, _body = serving.get("/desk/sign-in/", timeout=10)
            assert status in (200, 404)
            assert time.monotonic() - began < 8


def test_two_hundred_photos_at_once_are_taken_and_staff_still_work(serving: Grounds) -> None:
    picture = io.BytesIO()
    Image.effect_noise((400, 300), 80).convert("RGB").save(picture, "JPEG")
    with ThreadPoolExecutor(max_workers=PHOTOS) as pool:
        uploads = [
            pool.submit(report, serving.port, f"photo {number}", picture.getvalue())
            for number in range(PHOTOS)
        ]
        waited = []
        while not all(upload.done() for upload in uploads):
            began = time.monotonic()
            status, _body = serving.get("/desk/sign-in/", timeout=20)
            waited.append(time.monotonic() - began)
            assert status in (200, 404)
            time.sleep(0.2)
    assert Counter(upload.result() for upload in uploads) == {201: PHOTOS}
    assert max(waited, default=0) < 10
