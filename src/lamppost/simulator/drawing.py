"""Drawn photos for the demo: nobody's street, nobody's camera."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache
from io import BytesIO
from random import Random

from PIL import Image, ImageDraw, ImageFilter

SIZE = (960, 720)
_KEPT = (640, 480)
_SKY, _ROAD, _CURB, _WALL, _DIRT = "#a9c3d9", "#55585c", "#b9b4a8", "#a4634a", "#6b5a45"
_SPRAY = ("#1d3fbb", "#b3124a", "#e8e8e8", "#0d8f5b")
_Canvas = ImageDraw.ImageDraw


def draw_photo(scene: str, dice: Random) -> bytes:
    """Return a JPEG of ``scene``; no two draws of ``dice`` look alike.

    Raises ``KeyError`` for a scene that is not one of ``SCENES``.
    """
    paint = SCENES[scene]
    image = Image.new("RGB", SIZE, _SKY)
    paint(ImageDraw.Draw(image), dice)
    image = image.resize(_KEPT)
    image = Image.blend(
        image.filter(ImageFilter.GaussianBlur(1)),
        _grain(),
        0.12,
    )
    file = BytesIO()
    image.save(file, "JPEG", quality=82)
    return file.getvalue()


@cache
def _grain() -> Image.Image:
    """The same grain on every photo, as of one sensor."""
    return Image.effect_noise(_KEPT, 40).convert("RGB")


def _street(canvas: _Canvas, _dice: Random) -> None:
    canvas.rectangle((0, 260, *SIZE), fill=_ROAD)
    canvas.polygon(((0, 250), (960, 250), (960, 300), (0, 300)), fill=_CURB)
    for x in range(40, 960, 200):
        canvas.polygon(((x, 500), (x + 110, 500), (x + 120, 516), (x + 5, 516)), fill="#d8d3bf")


def _blob(dice: Random, x: float, y: float, wide: float, high: float) -> list[tuple[float, float]]:
    turns = [math.tau * part / 14 for part in range(14)]
    return [
        (
            x + wide * math.cos(turn) * dice.uniform(0.8, 1.2),
            y + high * math.sin(turn) * dice.uniform(0.8, 1.2),
        )
        for turn in turns
    ]


def _hole(canvas: _Canvas, dice: Random) -> None:
    _street(canvas, dice)
    x, y = dice.uniform(350, 600), dice.uniform(560, 620)
    canvas.polygon(_blob(dice, x, y, 190, 60), fill="#3a3a3a")
    canvas.polygon(_blob(dice, x, y + 8, 150, 42), fill="#241f1a")


def _patched(canvas: _Canvas, dice: Random) -> None:
    _street(canvas, dice)
    x, y = dice.uniform(300, 500), dice.uniform(540, 580)
    canvas.polygon(((x, y), (x + 320, y), (x + 350, y + 90), (x - 20, y + 90)), fill="#2a2b2d")


def _bricks(canvas: _Canvas, _dice: Random) -> None:
    canvas.rectangle((0, 60, 960, 620), fill=_WALL)
    for row, y in enumerate(range(60, 620, 28)):
        canvas.line((0, y, 960, y), fill="#8d523c", width=3)
        for x in range(0 if row % 2 else 40, 960, 80):
            canvas.line((x, y, x, y + 28), fill="#8d523c", width=3)
    canvas.rectangle((0, 620, *SIZE), fill=_CURB)


def _sprayed(canvas: _Canvas, dice: Random) -> None:
    _bricks(canvas, dice)
    for color in dice.sample(_SPRAY, 2):
        x, y = dice.uniform(120, 260), dice.uniform(240, 420)
        points = []
        for _turn in range(9):
            points.append((x, y))
            x, y = x + dice.uniform(30, 95), y + dice.uniform(-110, 110)
        canvas.line(points, fill=color, width=dice.randrange(14, 26), joint="curve")


def _pile(canvas: _Canvas, dice: Random) -> None:
    _street(canvas, dice)
    for _bag in range(dice.randrange(7, 13)):
        x, y = dice.uniform(280, 700), dice.uniform(330, 520)
        fill = dice.choice(("#151515", "#22262b", "#e9e6df", _DIRT))
        canvas.polygon(_blob(dice, x, y, 75, 62), fill=fill)


def _swept(canvas: _Canvas, dice: Random) -> None:
    _street(canvas, dice)
    canvas.polygon(_blob(dice, 480, 430, 260, 70), fill="#5d6064")


def _lamp(canvas: _Canvas, dice: Random) -> None:
    canvas.rectangle((0, 0, *SIZE), fill="#1b2433")
    canvas.rectangle((0, 560, *SIZE), fill="#14181f")
    x = dice.randrange(380, 560)
    canvas.rectangle((x, 120, x + 16, 620), fill="#3d4550")
    canvas.line((x + 8, 124, x + 150, 104), fill="#3d4550", width=12)
    canvas.ellipse((x + 120, 92, x + 210, 130), fill="#4a525e")


def _lamp_lit(canvas: _Canvas, dice: Random) -> None:
    _lamp(canvas, dice)
    canvas.polygon(((480, 120), (700, 120), (900, 640), (280, 640)), fill="#57512f")
    canvas.ellipse((540, 90, 640, 134), fill="#fff2b0")


SCENES: dict[str, Callable[[_Canvas, Random], None]] = {
    "hole": _hole,
    "patched": _patched,
    "sprayed-wall": _sprayed,
    "clean-wall": _bricks,
    "dumped": _pile,
    "swept": _swept,
    "dark-lamp": _lamp,
    "lit-lamp": _lamp_lit,
}
