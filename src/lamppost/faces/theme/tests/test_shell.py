"""The frame of every page: city, language switch, accent, error pages."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from django.http import HttpRequest
from django.test import RequestFactory
from django.utils import translation
from lxml import html

from lamppost.faces.theme import errors
from lamppost.faces.theme.accent import accent_stylesheet, contrast_with_white
from lamppost.faces.theme.context import page
from lamppost.faces.theme.languages import language_links, language_tag, own_name
from lamppost.faces.theme.tests.sample import LANGUAGES, render
from lamppost.faces.theme.views import city_stylesheet


@pytest.mark.parametrize(
    ("color", "ratio"),
    [("#ffffff", 1.0), ("#000000", 21.0), ("#767676", 4.54), ("#0f6460", 7.0)],
)
def test_contrast_with_white(color: str, ratio: float) -> None:
    assert contrast_with_white(color) == pytest.approx(ratio, abs=0.06)


@pytest.mark.parametrize(
    "color", ["", "red", "#fff", "#f5b941", "#0f6460;}body{display:none", "#0f6460\n"]
)
def test_a_color_that_cannot_be_read_or_is_none_leaves_the_accent_alone(color: str) -> None:
    assert accent_stylesheet(color) == ""


def test_the_citys_color_is_served_as_one_property() -> None:
    request = RequestFactory().get("/city.css", {"v": "ff0000"})
    request.city = SimpleNamespace(accent_color="#123A7C")  # type: ignore[attr-defined]
    response = city_stylesheet(request)
    assert response.content == b":root{--lp-primary:#123a7c}\n"
    assert response["Content-Type"].startswith("text/css")


def test_the_stylesheet_is_only_read() -> None:
    assert city_stylesheet(RequestFactory().post("/city.css")).status_code == 405


def test_the_language_switch_keeps_page_and_query() -> None:
    links = language_links("/requests/12/", "page=2&q=a%20b", ["en", "pt-br", "ar"], "ar")
    assert [link.url for link in links] == [
        "/en/requests/12/?page=2&q=a%20b",
        "/pt-br/requests/12/?page=2&q=a%20b",
        "/ar/requests/12/?page=2&q=a%20b",
    ]
    assert [(link.tag, link.dir, link.current) for link in links] == [
        ("en", "ltr", False),
        ("pt-BR", "ltr", False),
        ("ar", "rtl", True),
    ]


def test_a_path_of_strange_signs_is_quoted() -> None:
    [link] = language_links('/a "b"/<c>/', "", ["en"], "en")
    assert link.url == "/en/a%20%22b%22/%3Cc%3E/"


@pytest.mark.parametrize(
    ("code", "tag"), [("zh-hans", "zh-Hans"), ("pt-br", "pt-BR"), ("es", "es")]
)
def test_language_codes_become_tags(code: str, tag: str) -> None:
    assert language_tag(code) == tag


def test_every_language_has_a_name_in_itself() -> None:
    names = [own_name(code) for code in LANGUAGES]
    assert len(set(names)) == len(LANGUAGES)
    assert own_name("km") == "ភាសាខ្មែរ"
    assert own_name("xx") == "xx"


def test_without_a_city_the_page_speaks_for_the_software() -> None:
    request = HttpRequest()
    request.path_info = "/"
    context = page(request)
    assert context["city_name"] == "Lamppost"
    assert context["emergency_number"] == ""
    assert context["city_stylesheet"] == ""


def test_the_citys_name_is_in_the_pages_language_else_in_the_citys_own() -> None:
    request = HttpRequest()
    request.path_info = "/"
    city = SimpleNamespace(name={"fr": "Rivebelle", "ar": "ريفربند"}, default_language="fr")
    request.city = city  # type: ignore[attr-defined]
    with translation.override("ar"):
        assert page(request)["city_name"] == "ريفربند"
    with translation.override("es"):
        assert page(request)["city_name"] == "Rivebelle"


@pytest.mark.parametrize(("language", "direction"), [("en", "ltr"), ("ar", "rtl")])
@pytest.mark.parametrize("name", ["portal", "desk"])
def test_a_page_says_its_language_and_direction(name: str, language: str, direction: str) -> None:
    document = html.document_fromstring(render(name, language))
    assert document.get("lang") == language
    assert document.get("dir") == direction
    sheet = document.xpath("//link[@rel='stylesheet']/@href")[0]
    assert sheet.endswith("lamppost.rtl.css" if direction == "rtl" else "lamppost.css")


@pytest.mark.parametrize("name", ["portal", "desk"])
def test_the_emergency_number_is_on_every_page_and_can_be_called(name: str) -> None:
    document = html.document_fromstring(render(name, "en"))
    [link] = document.xpath("//aside[contains(@class, 'lp-emergency')]//a")
    assert link.get("href") == "tel:911"
    assert "911" in link.text_content()


@pytest.mark.parametrize("name", ["portal", "desk"])
def test_nothing_is_inline_and_nothing_comes_from_elsewhere(name: str) -> None:
    document = html.document_fromstring(render(name, "en", accent="#123a7c"))
    assert not document.xpath("//style | //*[@style] | //script[not(@src)]")
    assert not document.xpath("//@*[starts-with(name(), 'on')]")
    loaded = document.xpath("//script/@src | //link[@rel='stylesheet']/@href | //img/@src")
    assert loaded
    assert all(address.startswith("/") and not address.startswith("//") for address in loaded)


@pytest.mark.parametrize(
    ("view", "status"),
    [
        (errors.bad_request, 400), (errors.forbidden, 403), (errors.not_found, 404),
        (errors.server_error, 500), (errors.csrf_failure, 403),
    ],
)  # fmt: skip
def test_error_pages_have_their_status_and_a_way_on(view: object, status: int) -> None:
    assert callable(view)
    response = view(RequestFactory().get("/nowhere"))
    assert response.status_code == status
    document = html.document_fromstring(response.content.decode())
    assert len(document.xpath("//h1")) == 1
    assert document.xpath("//main//a[@href='/']")
