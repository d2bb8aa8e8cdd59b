"""A browser without JavaScript, as far as Django's client is one."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from PIL import Image

from lamppost.cities.models import City

HOST = "springfield.example"


@pytest.fixture
def web(city: City, static_files: Path) -> Client:
    """A visitor of Springfield's portal who checks forged-request tokens like a browser."""
    return Client(HTTP_HOST=HOST)


@pytest.fixture
def reporting(web: Client) -> Reporting:
    """A visitor filling in a pothole report step by step."""
    return Reporting(web)


class Reporting:
    """The steps of a report as posts; each returns the response."""

    def __init__(self, client: Client, code: str = "POTHOLE") -> None:
        self.client = client
        self.code = code

    def post(self, step: str, **fields: Any) -> Any:
        return self.client.post(f"/report/{self.code}/{step}/", fields)

    def get(self, step: str) -> Any:
        return self.client.get(f"/report/{self.code}/{step}/")

    def details(self, where: str = "roadway", **more: Any) -> Any:
        fields = {
            "shown": ["WHERE", "SIZE"],
            "attribute[WHERE]": where,
            "description": "A deep hole",
        }
        return self.client.post(f"/report/{self.code}/details/", fields | more)

    def to_review(self, **place: Any) -> Any:
        self.details()
        self.post("photos")
        response = self.post("where", **(place or {"lat": "39.9526", "long": "-75.1636"}))
        if response["Location"].endswith("/similar/"):
            self.post("similar")
        return self.post("contact", language="en")

    def file(self, **place: Any) -> Any:
        self.to_review(**place)
        return self.post("review")


def picture(color: str = "red", *, position: tuple[float, float] | None = None) -> BytesIO:
    """Return a small JPEG, with the place (long, lat) a camera would write when given."""
    image = Image.new("RGB", (64, 48), color)
    file = BytesIO()
    exif = Image.Exif()
    if position:
        long, lat = position
        gps = exif.get_ifd(0x8825)
        gps.update(
            {
                1: "N" if lat >= 0 else "S",
                2: _degrees(abs(lat)),
                3: "E" if long >= 0 else "W",
                4: _degrees(abs(long)),
            }
        )
    image.save(file, "JPEG", exif=exif)
    file.seek(0)
    file.name = f"{color}.jpg"
    return file


def _degrees(value: float) -> tuple[float, float, float]:
    minutes = (value - int(value)) * 60
    return (float(int(value)), float(int(minutes)), (minutes - int(minutes)) * 60)
