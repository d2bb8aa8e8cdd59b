"""Pages of work items in a real browser: by keyboard, by thumb at 320 pixels, and axe."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect, sync_playwright
from tests.support.fixtures import PASSWORD
from tests.support.installation import Installation

WORKER = "worker@staff.example"
SLOW = 60_000
SETUP = """
from datetime import timedelta
from django.utils import timezone
from lamppost.catalog.models import Outcome
from lamppost.cities.models import City
from lamppost.cases.models import Case
from lamppost.database.scope import city_scope
from lamppost.people.actors import SYSTEM
from lamppost.people.models import Department
from lamppost.work.models import WorkItem
from lamppost.work.services.adding import NewItem, add_item
with city_scope(City.objects.get(slug="springfield").pk):
    streets = Department.objects.get(code="streets")
    parks = Department.objects.get(code="parks")
    for number, case in enumerate(Case.objects.exclude(state="closed").order_by("id")):
        Case.objects.filter(pk=case.pk).update(address=f"{number + 12} Elm Street, Old Town")
        add_item(case_id=case.pk, actor=SYSTEM, new=NewItem(
            department_id=streets.pk, title="Fill the hole and restore the roadway",
            note="The main below was looked at yesterday.", amount=2, unit="business_days",
            checklist=("Barricades stand", "Filled and compacted", "Surface restored"),
            public_label="The hole is filled"))
        add_item(case_id=case.pk, actor=SYSTEM, new=NewItem(
            department_id=parks.pk, title="Cut the roots"))
    late = WorkItem.objects.order_by("id")[0]
    WorkItem.objects.filter(pk=late.pk).update(due_at=timezone.now() - timedelta(days=2))
"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One browser for the file."""
    with sync_playwright() as playwright:
        made = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        yield made
        made.close()


@pytest.fixture(scope="module")
def desk(make_installation: object) -> Installation:
    """An installation of this file's own."""
    return make_installation("work", two_cities=True, setup=SETUP)  # type: ignore[operator, no-any-return]


def _signed_in(
    browser: Browser, desk: Installation, width: int, *, scripts: bool = True, who: str = WORKER
) -> Page:
    context = browser.new_context(
        viewport={"width": width, "height": 900}, java_script_enabled=scripts
    )
    page = context.new_page()
    page.set_default_timeout(SLOW)
    page.goto(f"{desk.url}/desk/sign-in/")
    page.fill("[name=username]", who)
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url("**/desk/")
    return page


def _shot(page: Page, name: str) -> None:
    """Keep what the page looks like, where somebody asked for it."""
    folder = os.environ.get("LAMPPOST_SHOTS")
    if folder:
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


@pytest.mark.parametrize("width", [320, 1280])
def test_pages_of_work_pass_axe_and_fit(width: int, browser: Browser, desk: Installation) -> None:
    page = _signed_in(browser, desk, width, who="supervisor@staff.example")
    page.goto(f"{desk.url}/desk/work/")
    first = page.locator("[data-open]").first.get_attribute("href")
    number = page.locator(".desk-table .lp-number").first.inner_text()
    addresses = {
        "list": "/desk/work/",
        "overdue": "/desk/work/?part=overdue",
        "none": "/desk/work/?part=mine",
        "item": first,
        "new": f"/desk/work/for/{number}/",
        "case": f"/desk/cases/{number}/",
        "wording": "/desk/wording/",
        "reply": "/desk/wording/replies/new/",
        "macro": "/desk/wording/macros/new/",
        "template": "/desk/wording/items/new/",
    }
    found = {}
    for name, address in addresses.items():
        page.goto(f"{desk.url}{address}")
        _shot(page, f"{name}-{width}")
        wide = page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
        results = Axe().run(page)
        if wide or results.violations_count:
            found[name] = (wide, results.generate_report())
    page.goto(f"{desk.url}/requests/{number}/")
    _shot(page, f"public-{width}")
    if Axe().run(page).violations_count:
        found["public"] = (False, Axe().run(page).generate_report())
    page.context.close()
    assert found == {}


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "plain"])
def test_an_item_is_checked_off_by_thumb(
    scripts: bool, browser: Browser, desk: Installation
) -> None:
    """At 320 pixels every button is large enough, and nothing needs a script."""
    page = _signed_in(browser, desk, 320, scripts=scripts)
    page.goto(f"{desk.url}/desk/work/")
    page.locator("[data-open]").nth(2 if scripts else 3).click()
    page.wait_for_selector(".work-check")
    for place in range(3):
        button = page.locator("button.work-check").nth(place)
        box = button.bounding_box()
        assert box is not None
        assert box["height"] >= 44
        button.click()
        expect(page.locator("button.work-check").nth(place)).to_have_attribute(
            "aria-pressed", "true"
        )
    _shot(page, f"checked-{scripts}")
    page.get_by_role("button", name="Done", exact=True).click()
    expect(page.get_by_text("Work item done.")).to_be_visible()
    page.context.close()


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "plain"])
def test_a_prepared_text_is_filled_in_by_a_button(
    scripts: bool, browser: Browser, desk: Installation
) -> None:
    """The form comes back with the text in it, opened where one was; the case is not closed."""
    page = _signed_in(browser, desk, 1280, scripts=scripts)
    page.goto(f"{desk.url}/desk/cases/1001/")
    close = page.locator("#do-close")
    close.locator("select[name=reply]").select_option(index=1)
    close.get_by_role("button", name="Use this text").click()
    page.wait_for_url("**/close/#do-close")
    expect(page.locator("#do-close textarea")).to_have_value("springfield: 1001 is filled.")
    page.goto(f"{desk.url}/desk/cases/1001/")
    expect(page.locator("#do-close")).to_be_visible()
    page.context.close()
