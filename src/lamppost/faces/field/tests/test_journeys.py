"""An inspector's day on a phone that loses its network, in a real browser against a real
server; a partner's page; every page accessible and no wider than a small phone."""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect, sync_playwright
from tests.support.fixtures import PASSWORD
from tests.support.installation import Installation, start_web

from lamppost.fieldwork.tests.conftest import jpeg

WORKER, MANAGER = "worker@staff.example", "manager@staff.example"
# Two cores, a server that starts anew, a browser that sends when it sees fit.
SLOW = 45_000
expect.set_options(timeout=SLOW)
SETUP = """
from lamppost.cases.models import Case
from lamppost.cities.models import City
from lamppost.database.scope import city_scope
from lamppost.fieldwork.selectors.rounds import today
from lamppost.fieldwork.services.planning import plan_inspections
from lamppost.people.actors import actor_of
from lamppost.people.models import User
with city_scope(City.objects.get(slug="springfield").pk):
    worker = actor_of(User.objects.get(email="worker@staff.example"))
    cases = list(Case.objects.order_by("id").values_list("pk", flat=True))
    plan_inspections(case_ids=cases[:4], on=today(), inspector_id=worker.user_id, actor=worker)
"""
COUNT = """
from lamppost.cities.models import City
from lamppost.database.scope import city_scope
from lamppost.fieldwork.models import InspectionPhoto, InspectionRecord
with city_scope(City.objects.get(slug="springfield").pk):
    rows = InspectionRecord.objects.filter(note="{note}")
    print(rows.count(), InspectionPhoto.objects.filter(record__in=rows).count())
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
def field(make_installation: object) -> Installation:
    """An installation of this file's own: the journeys change its cases."""
    return make_installation("field", two_cities=True, setup=SETUP)  # type: ignore[operator, no-any-return]


def _phone(browser: Browser, width: int = 320, *, scripts: bool = True) -> Page:
    context = browser.new_context(
        viewport={"width": width, "height": 800}, java_script_enabled=scripts
    )
    page = context.new_page()
    page.set_default_timeout(SLOW)
    return page


def _sign_in(page: Page, field: Installation, email: str = WORKER, to: str = "/field/") -> None:
    page.goto(f"{field.url}/desk/sign-in/?next={to}")
    page.fill("[name=username]", email)
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url(lambda url: urlsplit(url).path == to)


def _round_is_kept(page: Page, count: int) -> None:
    """Wait until the worker holds the pages of so many inspections."""
    for _ in range(200):
        kept = page.evaluate(
            """async () => {
              const names = (await caches.keys()).filter((one) => one.startsWith('field-round-'));
              const lists = names.map(async (one) => (await caches.open(one)).keys());
              const all = (await Promise.all(lists)).flat();
              return all.filter((one) => one.url.includes('/inspections/')).length;
            }"""
        )
        if kept >= count:
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"the phone does not hold {count} inspections")


def _fill(page: Page, note: str, shade: int) -> None:
    page.locator(".field-stop__link").first.click()
    page.get_by_text("Found, and dangerous").click()
    page.fill("[name=note]", note)
    page.set_input_files(
        "[name=photos]", {"name": "p.jpg", "mimeType": "image/jpeg", "buffer": jpeg(shade)}
    )
    page.get_by_role("button", name="Save the inspection").click()


def _sent(field: Installation, note: str) -> list[int]:
    return [int(count) for count in field.python(COUNT.format(note=note)).split()]


def _waits(page: Page, count: int) -> None:
    expect(page.locator("[data-outbox]")).to_have_attribute("data-count", str(count))


def _stop(field: Installation) -> None:
    """Kill the server and wait until nobody answers: its workers outlive it by a moment, in
    which the browser's background sending would still get through."""
    for process in field.processes:
        process.kill()
        process.wait()
    field.processes.clear()
    for _ in range(200):
        try:
            httpx.get(f"{field.url}/healthz", timeout=1)
        except httpx.TransportError:
            return
        time.sleep(0.1)
    raise AssertionError("the server still answers")


def test_without_a_network_nothing_is_lost_and_all_is_sent_once(
    browser: Browser, field: Installation
) -> None:
    page = _phone(browser)
    context: BrowserContext = page.context
    _sign_in(page, field)
    _round_is_kept(page, 4)

    context.set_offline(True)
    page.reload()
    _fill(page, "offline", 10)
    expect(page.get_by_text("Not sent yet: 1")).to_be_visible()
    page.reload()
    _waits(page, 1)
    expect(page.locator("[data-waits]:visible")).to_have_count(1)
    assert _sent(field, "offline") == [0, 0]

    context.set_offline(False)
    page.reload()
    _waits(page, 0)
    page.reload()
    _waits(page, 0)
    assert _sent(field, "offline") == [1, 1]

    # The server takes it and dies before it has answered.
    def die(route: Route) -> None:
        if route.request.method != "POST":
            route.continue_()
            return
        route.fetch()
        _stop(field)
        route.abort()

    page.route(re.compile("/field/inspections/"), die)
    try:
        _fill(page, "killed", 40)
        expect(page.get_by_text("Not sent yet: 1")).to_be_visible()
    finally:
        page.unroute_all()
        if not field.processes:
            start_web(field)  # the other journeys go on with it, whatever happened here
    page.reload()
    _waits(page, 0)
    assert _sent(field, "killed") == [1, 1]


def test_a_session_that_ended_meanwhile_loses_nothing_and_shows_nothing_to_others(
    browser: Browser, field: Installation
) -> None:
    page = _phone(browser)
    _sign_in(page, field)
    _round_is_kept(page, 2)
    page.context.set_offline(True)
    _fill(page, "expired", 80)
    _waits(page, 1)
    page.context.clear_cookies()
    page.context.set_offline(False)
    expect(page.get_by_text("Nothing is lost")).to_be_visible()
    assert _sent(field, "expired") == [0, 0]

    # Another person signs in on the same phone: no round and no record of the first.
    _sign_in(page, field, MANAGER)
    expect(page.locator("[data-outbox-text]")).to_contain_text("another person")
    page.context.set_offline(True)
    page.reload()
    assert page.locator(".field-stop").count() == 0
    page.context.set_offline(False)
    page.goto(f"{field.url}/field/")
    page.locator(".lp-menu summary").click()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url(f"{field.url}/")
    names = page.evaluate("caches.keys()")
    assert [name for name in names if name.startswith("field-round-")] == []
    page.context.set_offline(True)
    page.goto(f"{field.url}/field/")
    expect(page.locator("h1")).to_have_text("No network")
    page.context.set_offline(False)

    _sign_in(page, field)
    _waits(page, 0)
    assert _sent(field, "expired") == [1, 1]


def test_the_same_without_javascript(browser: Browser, field: Installation) -> None:
    page = _phone(browser, scripts=False)
    _sign_in(page, field)
    _fill(page, "plain", 120)
    expect(page.get_by_text("Inspection recorded.")).to_be_visible()
    assert _sent(field, "plain") == [1, 1]


@pytest.mark.parametrize("width", [320, 1280])
def test_pages_are_accessible_and_fit(width: int, browser: Browser, field: Installation) -> None:
    page = _phone(browser, width)
    complaints: list[str] = []
    page.on("console", lambda one: one.type == "error" and complaints.append(one.text))
    _sign_in(page, field, to="/desk/")
    page.goto(f"{field.url}/desk/inspections/")
    stop = page.locator(".desk-list a").first.get_attribute("href")
    page.goto(f"{field.url}/desk/")
    number = page.locator("[data-open]").first.inner_text()
    page.goto(f"{field.url}/desk/partner-links/{number}/")
    page.fill("[name=organization]", "Paving Co")
    page.get_by_role("button", name="Make the link").click()
    partner = page.locator(".desk-address").inner_text()
    assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
    base = f"{field.url}/ar"
    inspections = page.request.get(f"{field.url}/field/?order=plain").text()
    inspection = re.search(r"/field/inspections/\d+/", inspections)
    assert inspection
    addresses = [
        f"{field.url}/field/", f"{base}/field/", f"{field.url}{inspection[0]}",
        f"{base}{inspection[0]}", f"{field.url}/field/offline/", partner,
        partner.replace(field.url, base), f"{field.url}/desk/inspections/",
        f"{field.url}{stop}", f"{field.url}/desk/completions/",
        f"{field.url}/desk/partner-links/{number}/", f"{field.url}/desk/cases/{number}/",
    ]  # fmt: skip
    for address in addresses:
        page.goto(address)
        found = Axe().run(page).response["violations"]
        assert [one["id"] for one in found] == [], address
        wider = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert wider <= 0, address
    assert complaints == []
