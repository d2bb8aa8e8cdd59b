"""Changing the rules of routing in a real browser, without JavaScript, at both widths."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect, sync_playwright
from tests.support.fixtures import PASSWORD
from tests.support.installation import Installation

ARGUMENTS = ["--no-sandbox", "--disable-gpu"]
SLOW = 60_000
WIDTHS = (320, 1280)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One browser for the file."""
    with sync_playwright() as playwright:
        made = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=ARGUMENTS)
        yield made
        made.close()


@pytest.fixture(scope="module")
def desk(make_installation: object) -> Installation:
    """An installation of this file's own: the journey changes its rules."""
    return make_installation("routing", two_cities=True)  # type: ignore[operator, no-any-return]


def _no_findings(browser: Browser, desk: Installation, page: Page, paths: list[str]) -> None:
    """Axe is a script: it looks at the same pages in a window that runs scripts."""
    context = browser.new_context(storage_state=page.context.storage_state())
    seen = context.new_page()
    for path in paths:
        for width in WIDTHS:
            seen.set_viewport_size({"width": width, "height": 900})
            seen.goto(desk.url + path)
            found = Axe().run(seen).response["violations"]
            assert found == [], (path, width, found)
    context.close()


def test_a_rule_is_drafted_tried_and_put_into_force_without_javascript(
    browser: Browser, desk: Installation
) -> None:
    context = browser.new_context(viewport={"width": 320, "height": 900}, java_script_enabled=False)
    page = context.new_page()
    page.set_default_timeout(SLOW)
    page.goto(f"{desk.url}/desk/sign-in/?next=/desk/routing/")
    page.fill("[name=username]", "admin@staff.example")
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url("**/desk/routing/")

    page.get_by_role("link", name="Work on the draft").click()
    page.get_by_role("link", name="Add a rule").click()
    page.fill("[name=note]", "Holes go to the parks")
    page.get_by_text("Streets", exact=True).first.click()
    page.get_by_label("Pothole").check()
    page.get_by_role("button", name="Show their questions").click()
    page.get_by_label("Who gets the case").select_option(label="Parks")
    page.get_by_label("The street is caving in").check()
    page.fill("[name=from]", "22:00")
    page.fill("[name=to]", "06:00")
    page.get_by_label("Place it before").select_option(index=1)
    page.get_by_role("button", name="Save in the draft").click()
    sentence = "it comes between 22:00 and 06:00, then Parks."
    expect(page.locator(".desk-rules__item").first).to_contain_text(sentence)
    page.get_by_role("button", name="Down rule 1").click()
    expect(page.locator(".desk-rules__item").nth(1)).to_contain_text(sentence)

    draft = page.url.split("#")[0]
    page.get_by_role("link", name="Put into force").click()
    expect(page.get_by_role("heading", name="Try it first")).to_be_visible()
    page.get_by_role("link", name="Try it on past cases").click()
    page.get_by_role("button", name="Try it").click()
    expect(page.get_by_role("heading", name="What would change")).to_be_visible()
    paths = [
        address.removeprefix(desk.url)
        for address in (
            f"{desk.url}/desk/routing/", draft, f"{draft}rules/new/", f"{draft}trial/",
            f"{draft}activate/", f"{desk.url}/desk/routing/alarms/",
            f"{desk.url}/desk/routing/suggestions/",
        )
    ]  # fmt: skip
    for path in paths:
        page.goto(desk.url + path)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            wide = page.locator("html").evaluate("html => html.scrollWidth")
            assert wide <= width, (path, width, wide)
    _no_findings(browser, desk, page, paths)

    page.goto(f"{draft}activate/")
    page.get_by_label("What this change is about").fill("Holes at night")
    page.get_by_role("button", name="Put into force").click()
    expect(page.get_by_text("In force from the next case on.")).to_be_visible()
    expect(page.get_by_text(sentence)).to_be_visible()
    context.close()
