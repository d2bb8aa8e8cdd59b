"""The pages of redress, second looks, audit and roles in a real browser: both widths, axe."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright
from tests.support.fixtures import PASSWORD
from tests.support.installation import Installation

SETUP = """
from lamppost.cities.models import City
from lamppost.database.scope import city_scope
from lamppost.cases.models import Case, Redress, QualitySample
from lamppost.cases.services.lifecycle import close
from lamppost.kernel.ids import digest
from lamppost.people.actors import actor_of
from lamppost.people.models import User
city = City.objects.get(slug="springfield")
with city_scope(city.pk):
    worker = actor_of(User.objects.get(email="worker@staff.example"))
    case = Case.objects.filter(state="received").order_by("id")[0]
    close(case_id=case.pk, outcome_code="not-found", text="There is no such number", actor=worker)
    Case.objects.filter(pk=case.pk).update(tracking_digest=digest("t" * 24), number="777001")
    Redress.objects.update(closed_by=worker.user_id)
"""
ARGUMENTS = ["--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"]
DESK = [
    ("redress", "/desk/redress/"),
    ("redress one", "/desk/redress/{redress}/"),
    ("quality", "/desk/quality/?show=all"),
    ("quality one", "/desk/quality/{sample}/"),
    ("figures", "/desk/quality/figures/"),
    ("audit", "/desk/audit/"),
    ("audit changes", "/desk/audit/?show=changes"),
    ("audit bulk", "/desk/audit/?show=bulk"),
    ("roles", "/desk/roles/"),
]
PORTAL = [
    ("public", "/requests/777001/"),
    ("held", "/follow/777001/tttttttttttttttttttttttt/"),
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One browser for the file."""
    with sync_playwright() as playwright:
        made = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=ARGUMENTS)
        yield made
        made.close()


@pytest.fixture(scope="module")
def place(make_installation: object) -> tuple[Installation, dict[str, str]]:
    """An installation with one of everything, and the ids of it."""
    made: Installation = make_installation("closing", two_cities=True, setup=SETUP)  # type: ignore[operator]
    ids = made.python(
        "from lamppost.cities.models import City\n"
        "from lamppost.database.scope import city_scope\n"
        "from lamppost.cases.models import Redress, QualitySample\n"
        "with city_scope(City.objects.get(slug='springfield').pk):\n"
        "    print(Redress.objects.get().pk, QualitySample.objects.get().pk)"
    ).split()
    return made, {"redress": ids[-2], "sample": ids[-1]}


def _signed_in(browser: Browser, place: Installation, width: int) -> Page:
    page = browser.new_context(viewport={"width": width, "height": 900}).new_page()
    page.set_default_timeout(60_000)
    page.goto(f"{place.url}/desk/sign-in/")
    page.fill("[name=username]", "admin@staff.example")
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url("**/desk/")
    return page


@pytest.mark.parametrize("width", [320, 1280])
def test_the_pages_fit_and_axe_finds_nothing(
    width: int, browser: Browser, place: tuple[Installation, dict[str, str]]
) -> None:
    installation, ids = place
    page = _signed_in(browser, installation, width)
    found = []
    for name, path in [*DESK, *PORTAL]:
        response = page.goto(installation.url + path.format(**ids))
        assert response is not None
        assert response.status == 200, name
        if page.evaluate("document.documentElement.scrollWidth") > width:
            found.append(f"{name}: wider than the window")
        found += [
            f"{name}: {one['id']} {one['nodes'][0]['html'][:90]}"
            for one in Axe().run(page).response["violations"]
        ]
    assert found == []


def test_a_redress_is_decided_by_keyboard_without_a_script(
    browser: Browser, place: tuple[Installation, dict[str, str]]
) -> None:
    installation, ids = place
    context = browser.new_context(viewport={"width": 320, "height": 900}, java_script_enabled=False)
    page = context.new_page()
    page.set_default_timeout(60_000)
    page.goto(f"{installation.url}/desk/sign-in/?next=/desk/redress/{ids['redress']}/")
    page.fill("[name=username]", "supervisor@staff.example")
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url("**/desk/redress/**")
    page.focus("[name=text]")
    page.keyboard.type("We looked: it is level with the road")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/desk/redress/")
    assert "The result stands" in page.content()
