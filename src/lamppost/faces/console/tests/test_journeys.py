"""An agent's calls in a real browser: by keyboard alone with a stopwatch, and without a script."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect, sync_playwright
from tests.support.fixtures import PASSWORD
from tests.support.installation import Installation

ARGUMENTS = ["--no-sandbox"]
AGENT = "agent@staff.example"
SETUP = """
from lamppost.catalog.models import Service
from lamppost.cities.models import City
from lamppost.contacts.models import CenterRules
from lamppost.contacts.tests.scene import make_article
from lamppost.database.scope import city_scope
with city_scope(City.objects.get(slug="springfield").pk):
    CenterRules.objects.update(inquiry_service=Service.objects.get(code="QUESTION"))
    make_article()
"""
# Two cores shared with everything else.
SLOW = 60_000
# A practiced hand: sixty words of five letters and a space in a minute.
KEY_MS = 60_000 / (60 * 6)
LIMIT_S = 90


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One browser for the file."""
    with sync_playwright() as playwright:
        made = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=ARGUMENTS)
        yield made
        made.close()


@pytest.fixture(scope="module")
def console(make_installation: object) -> Installation:
    """An installation of this file's own: the calls change it."""
    return make_installation("console", two_cities=True, setup=SETUP)  # type: ignore[operator, no-any-return]


def _agent(browser: Browser, console: Installation, width: int, *, scripts: bool = True) -> Page:
    context = browser.new_context(
        viewport={"width": width, "height": 900}, java_script_enabled=scripts
    )
    page = context.new_page()
    page.set_default_timeout(SLOW)
    page.goto(f"{console.url}/desk/sign-in/")
    page.fill("[name=username]", AGENT)
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url("**/console/")
    return page


def _type(page: Page, words: str) -> None:
    page.keyboard.type(words, delay=KEY_MS)


def _faults(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    return [f"{one['id']}: {one['nodes'][0]['html'][:120]}" for one in found] + (
        [f"{wide} px too wide"] if wide > 0 else []
    )


def test_a_request_is_filed_by_keyboard_in_under_90_seconds(
    browser: Browser, console: Installation
) -> None:
    """Begin a call, find the service, answer, say where and who, file, code, be ready."""
    page = _agent(browser, console, 1280)
    faults = _faults(page)
    begun = time.monotonic()

    page.keyboard.press("b")
    expect(page.locator("#console-search")).to_be_focused()
    _type(page, "pothole")
    page.wait_for_selector("#console-found [data-hit]")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/console/services/POTHOLE/")
    faults += _faults(page)
    expect(page.locator("#question-WHERE_0")).to_be_focused()
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    _type(page, "30")
    page.keyboard.press("Tab")
    _type(page, "Deep hole beside the bus stop, cars swerve")
    page.keyboard.press("Tab")
    _type(page, "1400 Market Street")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    _type(page, "Ana Ruiz")
    page.keyboard.press("Tab")
    _type(page, "215 555 0142")
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/console/cases/**")
    expect(page.locator("#case-title")).to_contain_text("Filed")
    faults += _faults(page)
    page.keyboard.press("2")
    expect(page.get_by_text("Coded as:")).to_be_visible()
    faults += _faults(page)
    page.keyboard.press("Enter")
    expect(page.get_by_text("Nobody is waiting.")).to_be_visible()

    took = time.monotonic() - begun
    print(f"\na request filed by keyboard alone: {took:.0f} s")
    assert took < LIMIT_S
    assert faults == []


def test_an_inquiry_is_coded_with_one_key_while_typing(
    browser: Browser, console: Installation
) -> None:
    """Keys of the city never take what is typed; with Alt they work in a field, too."""
    page = _agent(browser, console, 1280)
    begun = time.monotonic()
    page.keyboard.press("b")
    expect(page.locator("#console-search")).to_be_focused()
    _type(page, "trash day 1")
    expect(page.locator("#console-search")).to_have_value("trash day 1")
    page.keyboard.press("Backspace")
    expect(page.locator("#console-search")).to_have_attribute("data-shown", "trash day ")
    page.keyboard.press("Enter")
    page.wait_for_url("**/console/answers/trash-day/")
    assert _faults(page) == []
    page.focus("#console-search")
    page.keyboard.press("Alt+1")
    expect(page.get_by_text("Coded as:")).to_be_visible()
    print(f"\nan inquiry by keyboard alone: {time.monotonic() - begun:.0f} s")
    page.keyboard.press("Enter")
    counted = console.python(
        "from lamppost.cities.models import City\n"
        "from lamppost.database.scope import city_scope\n"
        "from lamppost.cases.models import Case\n"
        "with city_scope(City.objects.get(slug='springfield').pk):\n"
        "    print(Case.objects.filter(kind='inquiry', state='closed', due_at=None).count())\n"
    )
    assert counted.strip() == "1"


def test_danger_by_one_hotkey_takes_the_place_along(
    browser: Browser, console: Installation
) -> None:
    page = _agent(browser, console, 320)
    page.keyboard.press("b")
    page.wait_for_selector("#console-search")
    page.goto(f"{console.url}/console/services/POTHOLE/")
    assert _faults(page) == []
    page.check("#question-WHERE_2")
    expect(page.locator("#intake-stop")).to_contain_text("Stop: this is for 911")
    page.fill("#intake-address", "5 Oak Street")
    page.keyboard.press("Alt+Shift+Digit9")
    page.wait_for_url("**/console/emergency/")
    expect(page.locator(".console__huge").first).to_have_text("5 Oak Street")
    assert _faults(page) == []
    page.get_by_role("button", name="They have the caller").click()
    expect(page.get_by_text("Coded as:")).to_be_visible()
    page.get_by_role("button", name="Ready for the next").click()
    page.wait_for_selector("#console-line")
    for path in ("call-backs/", "mine/"):
        page.goto(f"{console.url}/console/{path}")
        assert _faults(page) == []


def test_a_call_from_hello_to_ready_without_a_script(
    browser: Browser, console: Installation
) -> None:
    page = _agent(browser, console, 1280, scripts=False)
    page.fill("#begin-number", "215 555 0188")
    page.get_by_role("button", name="Begin a call").click()
    page.fill("#console-search", "pothole")
    page.press("#console-search", "Enter")
    page.click("#found-services + ul a")
    page.check("#question-WHERE_0")
    page.get_by_role("button", name="Check the answers").click()
    assert page.is_checked("#question-WHERE_0")
    page.fill("#intake-address", "9 Elm Street")
    page.get_by_role("button", name="File the request").click()
    expect(page.locator("#case-title")).to_contain_text("Filed")
    page.get_by_role("button", name="Request filed").click()
    expect(page.get_by_text("Coded as:")).to_be_visible()
    page.get_by_role("button", name="Ready for the next").click()
    expect(page.get_by_text("Nobody on the line")).to_be_visible()
