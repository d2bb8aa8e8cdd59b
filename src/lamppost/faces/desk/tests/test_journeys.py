"""A worker's day in a real browser against a real server: by keyboard alone, and without
JavaScript."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect, sync_playwright
from tests.support.fixtures import PASSWORD
from tests.support.installation import Installation

ARGUMENTS = [
    "--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader",
    "--ignore-gpu-blocklist",
]  # fmt: skip
WORKER = "worker@staff.example"
# Six more cases than the two cities have: each journey closes some.
SETUP = """
from lamppost.cases.reports import Report
from lamppost.cases.services.intake import submit
from lamppost.catalog.choices import Channel
from lamppost.cities.models import City
from lamppost.database.fields import Point
from lamppost.database.scope import city_scope
from lamppost.people.actors import ANONYMOUS
with city_scope(City.objects.get(slug="springfield").pk):
    for number in range(6):
        submit(
            Report(
                service_code="POTHOLE", channel=Channel.WEB, description=f"hole {number}",
                answers={"WHERE": ("roadway",)}, point=Point(-75.2 + number / 100, 39.9),
            ),
            actor=ANONYMOUS,
        )
"""
# Two cores draw a map slowly.
SLOW = 60_000


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One browser for the file."""
    with sync_playwright() as playwright:
        made = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=ARGUMENTS)
        yield made
        made.close()


@pytest.fixture(scope="module")
def desk(make_installation: object) -> Installation:
    """An installation of this file's own: the journeys change its cases."""
    return make_installation("desk", two_cities=True, setup=SETUP)  # type: ignore[operator, no-any-return]


def _page(browser: Browser, width: int, *, scripts: bool = True) -> Page:
    context = browser.new_context(
        viewport={"width": width, "height": 900}, java_script_enabled=scripts
    )
    page = context.new_page()
    page.set_default_timeout(SLOW)
    return page


def _sign_in(page: Page, desk: Installation, email: str = WORKER) -> None:
    page.goto(f"{desk.url}/desk/sign-in/")
    page.fill("[name=username]", email)
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url("**/desk/")


def test_a_case_is_moved_and_closed_by_keyboard_alone(browser: Browser, desk: Installation) -> None:
    """Sign in, open the first case, move it, close it, go on to the next: no mouse."""
    page = _page(browser, 1280)
    page.goto(f"{desk.url}/desk/")
    while page.evaluate("document.activeElement.name") != "username":
        page.keyboard.press("Tab")
    page.keyboard.type(WORKER)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_selector("[data-rows]")

    page.keyboard.press("j")
    page.keyboard.press("o")
    page.wait_for_url("**/desk/cases/**")
    first = page.url

    page.keyboard.press("m")
    page.keyboard.press("Tab")
    page.keyboard.type("Crew is on its way")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Status changed.")).to_be_visible()

    page.keyboard.press("c")
    page.keyboard.type("Done")
    page.keyboard.press("Tab")
    page.keyboard.type("Filled with asphalt.")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Case closed.")).to_be_visible()

    page.keyboard.press("n")
    expect(page.locator("h1")).to_contain_text("Pothole")
    page.wait_for_url(lambda url: url != first)
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_contain_text("Next case of the queue")


def test_several_cases_are_moved_by_keyboard(browser: Browser, desk: Installation) -> None:
    page = _page(browser, 1280)
    _sign_in(page, desk)
    for _ in range(2):
        page.keyboard.press("j")
        page.keyboard.press("x")
    expect(page.locator("[data-selected-count]")).to_have_text("2")
    page.keyboard.press("b")
    page.wait_for_url("**/desk/bulk/**")
    page.select_option("[name=target]", "scheduled")
    page.fill("[name=reason]", "Crew comes on Monday")
    page.get_by_role("button", name="See what will happen").press("Enter")
    expect(page.locator("h2").first).to_contain_text("2 cases will go to")
    page.get_by_role("button", name="Do it").press("Enter")
    expect(page.get_by_text("2 cases changed")).to_be_visible()


def test_the_same_without_javascript_on_a_phone(browser: Browser, desk: Installation) -> None:
    page = _page(browser, 320, scripts=False)
    _sign_in(page, desk)
    page.locator("[data-select]").nth(0).check()
    page.get_by_role("button", name="Move…").click()
    expect(page.locator("h1")).to_have_text("Move several cases")
    page.go_back()
    page.locator("[data-open]").nth(1).click()
    page.locator("#do-note textarea").fill("Looked at it")
    page.get_by_role("button", name="Add note").click()
    expect(page.get_by_text("Note added.")).to_be_visible()
    expect(page.locator(".desk-history")).to_contain_text("Looked at it")
    page.locator("#close-outcome").select_option("not-found")
    page.locator("#close-text").fill("There was no hole.")
    page.get_by_role("button", name="Close case").click()
    expect(page.get_by_text("Case closed.")).to_be_visible()
    page.get_by_role("link", name="Next in queue").click()
    expect(page.locator("h1")).to_contain_text("Pothole")


# Each width and each direction of writing once: every pair would say little more.
@pytest.mark.parametrize(("language", "width"), [("en", 1280), ("ar", 320)])
def test_pages_are_accessible_and_fit(
    width: int, language: str, browser: Browser, desk: Installation
) -> None:
    page = _page(browser, width)
    complaints: list[str] = []
    page.on("console", lambda one: one.type == "error" and complaints.append(one.text))
    _sign_in(page, desk, "supervisor@staff.example")
    base = f"{desk.url}/{language}/desk"
    page.goto(f"{base}/?department=all")
    case = page.locator("[data-open]").first.get_attribute("href")
    addresses = [
        f"{base}/?department=all", f"{desk.url}{case}", f"{base}/mine/", f"{base}/transfers/",
        f"{base}/search/?q=hole", f"{base}/new/", f"{base}/new/?service=POTHOLE",
        f"{base}/password/", f"{base}/notices/", f"{base}/overdue/", f"{base}/views/",
        f"{base}/views/save/?due=overdue", f"{base}/teams/", f"{base}/teams/new/",
        f"{base}/absences/",
    ]  # fmt: skip
    for address in addresses:
        page.goto(address)
        found = Axe().run(page).response["violations"]
        assert [one["id"] for one in found] == [], address
        wider = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert wider <= 0, address
    assert page.evaluate("document.documentElement.dir") == ("rtl" if language == "ar" else "ltr")
    assert complaints == []


def test_a_morning_without_a_mouse(browser: Browser, desk: Installation) -> None:
    """Take the next case, tell a colleague, close it and go on, give a range to somebody."""
    page = _page(browser, 1280)
    _sign_in(page, desk)
    page.keyboard.press("t")
    expect(page.get_by_text("This case is yours now.")).to_be_visible()
    page.keyboard.press("e")
    page.keyboard.type("@Manager the sign is missing")
    page.keyboard.press("Tab")
    while page.evaluate("document.activeElement.textContent").strip() != "Add note":
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Told: Manager.")).to_be_visible()

    page.goto(f"{desk.url}/desk/?state=received")
    page.keyboard.press("j")
    page.keyboard.press("o")
    page.wait_for_url("**/desk/cases/**")
    first = page.url
    page.keyboard.press("c")
    page.keyboard.type("Done")
    page.keyboard.press("Tab")
    page.keyboard.type("Filled.")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Case closed.")).to_be_visible()
    page.wait_for_url(lambda url: url != first and "/cases/" in url)

    number = page.locator("h1 .lp-number").text_content() or ""
    page.keyboard.press("u")
    page.wait_for_url("**/desk/**#case-*")
    expect(page.locator("[data-row][aria-current=true] [data-open]")).to_have_text(number)
    for key in ("x", "j", "j", "X"):
        page.keyboard.press(key)
    chosen = page.locator("[data-select]:checked").count()
    assert chosen >= 2
    page.keyboard.press("g")
    page.wait_for_url("**/desk/bulk/**")
    page.select_option("[name=target]", label="Manager")
    page.get_by_role("button", name="See what will happen").press("Enter")
    expect(page.locator("h2").first).to_contain_text(f"{chosen} cases will be given to: Manager")
    page.get_by_role("button", name="Do it").press("Enter")
    expect(page.get_by_text(f"{chosen} cases changed")).to_be_visible()
