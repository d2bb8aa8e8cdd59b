"""Residents at a real browser: without a script, by keyboard alone, on narrow screens."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect, sync_playwright

from lamppost.faces.portal.tests.conftest import picture

ARGUMENTS = [
    "--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader",
    "--ignore-gpu-blocklist",
]  # fmt: skip
FIRST_LOAD_LIMIT = 200_000
# Where to leave pictures of every page, for the eye; nowhere unless asked.
SHOTS = os.environ.get("LAMPPOST_SCREENSHOTS", "")
PAGES = (
    "/", "/report/?q=hole", "/report/POTHOLE/", "/report/POTHOLE/details/", "/requests/",
    "/requests/?from=x", "/requests/1001/", "/requests/1001/follow/", "/map/",
    "/near/?lat=39.9526&long=-75.1636", "/requests/9/", "/privacy/",
)  # fmt: skip


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium."""
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=ARGUMENTS
        )
        yield opened
        opened.close()


@contextmanager
def visitor(
    browser: Browser, url: str, *, width: int = 1280, scripts: bool = True
) -> Iterator[Page]:
    """Open a page whose complaints and foreign requests fail the test."""
    context = browser.new_context(
        base_url=url, viewport={"width": width, "height": 900}, java_script_enabled=scripts
    )
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda sent: _note_foreign(sent.url, url, complaints))
    page.on(
        "console",
        lambda said: complaints.append(said.text) if "Content Security" in said.text else None,
    )
    yield page
    context.close()
    assert complaints == []


def _note_foreign(address: str, url: str, complaints: list[str]) -> None:
    if not address.startswith((url, "data:", "blob:")):
        complaints.append(f"asked {address}")


def look(page: Page, name: str) -> None:
    """Check what holds on every page: it fits, axe finds nothing, text has a language."""
    page.wait_for_load_state("load")  # a click returns before the next page is there
    width = page.viewport_size["width"] if page.viewport_size else 0
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"{name}-{width}.png", full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= width, name
    assert page.locator("h1").count() == 1, name
    found = Axe().run(page)
    assert found.violations_count == 0, f"{name}: {found.generate_report()}"


# Each width, language and direction of writing: every pair would say little more.
@pytest.mark.parametrize(
    ("language", "width"), [("", 1280), ("/es", 320), ("/ar", 320), ("/ar", 1280)]
)
def test_pages_fit_and_axe_finds_nothing(
    browser: Browser, installation: Any, width: int, language: str
) -> None:
    with visitor(browser, installation.url, width=width) as page:
        for path in PAGES:
            page.goto(f"{language}{path}")
            assert page.get_attribute("html", "dir") == ("rtl" if language == "/ar" else "ltr")
            name = re.sub(r"\W+", "-", f"{language}{path}").strip("-") or "home"
            look(page, name)


def test_a_report_without_a_script(browser: Browser, installation: Any, tmp_path: Path) -> None:
    photo = tmp_path / "hole.jpg"
    photo.write_bytes(picture("teal", position=(-75.1401, 39.9601)).getvalue())
    with visitor(browser, installation.url, width=320, scripts=False) as page:
        page.goto("/")
        page.get_by_label("What is the problem?").fill("pothole")
        page.get_by_role("button", name="Search").click()
        page.get_by_role("link", name="Pothole").first.click()
        page.get_by_role("link", name="Start the report").click()
        page.get_by_role("button", name="Continue").click()
        expect(page.get_by_role("alert")).to_contain_text("Please answer")
        page.get_by_label("In the roadway").check()
        page.get_by_label("Describe it in your own words").fill("Wide as a bathtub")
        page.get_by_role("button", name="Continue").click()
        page.get_by_label("Choose photos").set_input_files(photo)
        page.get_by_role("button", name="Continue").click()
        page.get_by_label("Where this photo was taken").check()
        page.get_by_role("button", name="Continue").click()
        page.get_by_label("E-mail").fill("ada@example.org")
        page.get_by_label("Send me news").check()
        page.get_by_role("button", name="Continue").click()
        expect(page.get_by_text("Wide as a bathtub")).to_be_visible()
        page.get_by_role("button", name="Send the report").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("Thank you")
        number = page.locator(".lp-confirm__number").inner_text()
        page.reload()
        expect(page.locator(".lp-confirm__number")).to_have_text(number)
        page.get_by_role("link", name="Follow my report").click()
        page.get_by_label("Your words").fill("It grew overnight")
        page.get_by_role("button", name="Add", exact=True).click()
        expect(page.get_by_text("It grew overnight")).to_be_visible()
        page.goto(f"/requests/{number}/")
        expect(page.get_by_text("Wide as a bathtub")).to_be_visible()
        expect(page.get_by_text("It grew overnight")).to_have_count(0)
        expect(page.get_by_text("ada@example.org")).to_have_count(0)


def test_every_step_fits_and_axe_finds_nothing(browser: Browser, installation: Any) -> None:
    for width in (320, 1280):
        with visitor(browser, installation.url, width=width) as page:
            page.goto("/report/POTHOLE/details/")
            page.get_by_role("button", name="Continue").click()
            look(page, "step-details-wrong")
            page.get_by_label("In the roadway").check()
            page.get_by_role("button", name="Continue").click()
            page.set_input_files("#id_photos", files=[_upload("red"), _upload("blue")])
            page.get_by_role("button", name="Upload and stay here").click()
            look(page, "step-photos")
            page.get_by_role("button", name="Continue").click()
            page.locator('[data-map][data-state="idle"]').wait_for()
            look(page, "step-where")
            page.locator("[data-map] canvas").click()
            page.get_by_role("button", name="Continue").click()
            if page.url.endswith("/similar/"):
                page.get_by_role("button", name="Mine is different").click()
            page.goto("/report/POTHOLE/where/")
            page.evaluate(
                "document.querySelector('[data-pick-lat]').value='39.9526';"
                "document.querySelector('[data-pick-long]').value='-75.1636'"
            )
            page.get_by_role("button", name="Continue").click()
            look(page, "step-similar")
            page.get_by_role("button", name="Mine is different").click()
            look(page, "step-contact")
            page.get_by_role("button", name="Continue").click()
            look(page, "step-review")
            page.get_by_role("button", name="Send the report").click()
            look(page, "step-done")
            page.get_by_role("link", name="Follow my report").click()
            look(page, "follow")
            page.goto("/report/POTHOLE/details/")
            page.get_by_label("I smell gas").check()
            page.get_by_role("button", name="Continue").click()
            look(page, "stopped")
            assert page.get_by_role("link", name="Call 911").last.get_attribute("href") == "tel:911"


def test_a_report_by_keyboard_alone(browser: Browser, installation: Any) -> None:
    with visitor(browser, installation.url) as page:
        page.goto("/report/POTHOLE/")
        _tab_to(page, "Start the report")
        page.keyboard.press("Enter")
        page.wait_for_url("**/details/")
        _tab_to(page, "In the roadway")
        page.keyboard.press("Space")
        _tab_to(page, "Describe it in your own words")
        page.keyboard.type("Typed with keys only")
        for step in ("photos", "where"):
            _tab_to(page, "Continue")
            page.keyboard.press("Enter")
            page.wait_for_url(f"**/{step}/")
        _tab_to(page, "Address, corner or landmark")
        page.keyboard.type("77 Keyboard Lane")
        for step in ("contact", "review"):
            _tab_to(page, "Continue")
            page.keyboard.press("Enter")
            page.wait_for_url(f"**/{step}/")
        _tab_to(page, "Send the report")
        page.keyboard.press("Enter")
        page.wait_for_url("**/done/")
        expect(page.get_by_role("heading", level=1)).to_contain_text("Thank you")


def _tab_to(page: Page, name: str) -> None:
    """Press Tab until the control with this name has the focus, as a person would."""
    for _ in range(60):
        page.keyboard.press("Tab")
        focused = page.evaluate(
            """() => {
                const on = document.activeElement;
                return [on.innerText, on.labels?.[0]?.innerText, on.ariaLabel].join(" ");
            }"""
        )
        if name in focused:
            return
    raise AssertionError(f"the keyboard never reached {name!r}")


def test_the_first_load_is_light(browser: Browser, installation: Any) -> None:
    with visitor(browser, installation.url) as page:
        sizes: list[int] = []
        page.on("requestfinished", lambda sent: sizes.append(sent.sizes()["responseBodySize"]))
        page.goto("/", wait_until="networkidle")
        assert 0 < sum(sizes) < FIRST_LOAD_LIMIT


def test_a_chosen_language_stays(browser: Browser, installation: Any) -> None:
    with visitor(browser, installation.url) as page:
        page.goto("/requests/")
        page.locator("footer").get_by_role("link", name="Español").click()
        page.wait_for_url("**/es/requests/")
        page.goto("/")
        assert page.get_attribute("html", "lang") == "es"


def _upload(color: str) -> Any:
    return {
        "name": f"{color}.jpg",
        "mimeType": "image/jpeg",
        "buffer": picture(color).getvalue(),
    }
