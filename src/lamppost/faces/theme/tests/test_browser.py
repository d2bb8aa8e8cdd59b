"""The sample pages in a browser: width, direction, keys, map, and what axe finds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from lamppost.faces.theme.tests.browser import ORIGIN, STATIC, sample_page

MAP_LIMIT = 60_000
SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def _settled(page: Page, name: str) -> None:
    page.wait_for_selector(f"#{name}[data-state=idle]", timeout=MAP_LIMIT)


def _violations(page: Page) -> list[Any]:
    found = Axe().run(page).response["violations"]
    return [(one["id"], [node["target"] for node in one["nodes"]]) for one in found]


@pytest.mark.parametrize("language", ["en", "ar", "km"])
@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("name", ["portal", "desk"])
def test_a_page_fits_its_screen_and_axe_finds_nothing(name: str, width: int, language: str) -> None:
    with sample_page(width) as (page, complaints):
        page.goto(f"{ORIGIN}/{name}/{language}")
        assert page.evaluate(SIDEWAYS) == 0
        for menu in page.query_selector_all("header details[data-menu] > summary"):
            if menu.is_visible():
                menu.click()
                assert page.evaluate(SIDEWAYS) == 0
                panel = page.query_selector("details[data-menu][open] > .lp-menu__panel")
                assert panel is not None
                box = panel.bounding_box()
                assert box is not None
                assert box["x"] >= 0
                assert box["x"] + box["width"] <= width
                assert _violations(page) == []
                page.keyboard.press("Escape")
        assert _violations(page) == []
        assert complaints == []


def test_without_a_script_languages_and_menu_still_open() -> None:
    with sample_page(320, scripts=False) as (page, _):
        page.goto(f"{ORIGIN}/portal/en")
        page.click("summary:has-text('English')")
        assert page.is_visible("a[hreflang=es]")
        assert page.is_visible("text=Where is it?")
        assert not page.is_visible(".lp-map")


def test_the_map_shows_the_points_of_the_list_and_opens_one_by_key() -> None:
    with sample_page(1280) as (page, complaints):
        page.goto(f"{ORIGIN}/portal/en")
        _settled(page, "list-map")
        assert page.get_attribute("#list-map", "data-count") == "20"
        page.focus("#list-map canvas")
        page.keyboard.press("Enter")
        popup = page.wait_for_selector(".maplibregl-popup-content a", timeout=MAP_LIMIT)
        assert popup is not None
        # The title has markup in it: it is shown as text.
        assert "<b>Pothole" in popup.inner_text()
        assert (popup.get_attribute("href") or "").startswith("/requests/")
        assert complaints == []


def test_a_place_is_marked_by_key_and_kept_in_the_form() -> None:
    with sample_page(1280) as (page, complaints):
        page.goto(f"{ORIGIN}/portal/en")
        _settled(page, "pick")
        page.focus("#pick canvas")
        page.keyboard.press("ArrowRight")
        _settled(page, "pick")
        page.keyboard.press("Enter")
        page.wait_for_selector("#pick[data-picked]", timeout=MAP_LIMIT)
        long = float(page.input_value("[data-pick-long]"))
        assert -75.1652 < long < -75.1
        assert float(page.input_value("[data-pick-lat]")) == pytest.approx(39.9526, abs=1e-4)
        assert page.inner_text("[data-pick-status]") == "Place marked on the map."
        assert page.url.endswith("/portal/en"), "Enter on the map must not send the form"
        assert complaints == []


def test_a_photo_is_made_smaller_and_loses_its_place(tmp_path: Path) -> None:
    from PIL import Image

    picture = Image.effect_noise((3000, 2000), 60).convert("RGB")
    exif = Image.Exif()
    exif[0x010E] = "taken at home"
    path = tmp_path / "photo.jpg"
    picture.save(path, exif=exif, quality=95)
    read = """async () => {
      const file = document.querySelector('#id_photos').files[0];
      const bytes = new Uint8Array(await file.arrayBuffer());
      const text = new TextDecoder('latin1').decode(bytes);
      const image = await createImageBitmap(file);
      return {size: bytes.length, told: text.includes('taken at home'), width: image.width};
    }"""
    with sample_page(1280) as (page, complaints):
        page.goto(f"{ORIGIN}/portal/en")
        page.set_input_files("#id_photos", path)
        page.wait_for_selector("[data-photos][data-state=idle] img", timeout=MAP_LIMIT)
        sent = page.evaluate(read)
        assert sent["width"] == 2048
        assert sent["size"] < path.stat().st_size
        assert not sent["told"]
        assert complaints == []


def test_the_desk_is_worked_by_keys() -> None:
    with sample_page(1280) as (page, complaints):
        page.goto(f"{ORIGIN}/desk/en")
        page.keyboard.press("j")
        page.keyboard.press("j")
        page.keyboard.press("k")
        page.keyboard.press("j")
        page.keyboard.press("x")
        assert page.inner_text("[data-selected-count]") == "1"
        page.keyboard.press("o")
        assert page.url.endswith("#row-2")
        page.keyboard.press("/")
        page.keyboard.type("jxo")
        assert page.input_value("#desk-search") == "jxo", "typing in a field is no command"
        page.focus("[data-select-all]")
        page.keyboard.press("Space")
        assert page.inner_text("[data-selected-count]") == "4"
        page.keyboard.press("?")
        assert page.is_visible("#keyboard-help")
        page.uncheck("[data-keys-switch]")
        page.keyboard.press("Escape")
        page.reload()
        page.keyboard.press("j")
        assert page.query_selector("[data-row][aria-current]") is None, "keys are switched off"
        assert complaints == []


def test_the_first_page_is_light() -> None:
    """A portal page without a map: style sheet, script and icons, compressed, below 60 kB."""
    import gzip

    names = ["dist/lamppost.css", "dist/lamppost.js", "dist/icons.svg", "dist/favicon.svg"]
    assert sum(len(gzip.compress((STATIC / name).read_bytes())) for name in names) < 60_000
