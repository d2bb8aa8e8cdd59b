"""Pages of words, photos, the language switch, and what search engines are told."""

from __future__ import annotations

from xml.sax.saxutils import escape

from django.http import FileResponse, HttpResponse, HttpResponseBase, HttpResponseNotModified
from django.shortcuts import redirect
from django.urls import get_script_prefix, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from lamppost.cases.services.photos import open_photo
from lamppost.catalog.book import book
from lamppost.faces.portal.web import PortalRequest, back_to, page, set_language, told
from lamppost.faces.portal.words import city_words
from lamppost.kernel.refusals import Invalid, NotFound
from lamppost.knowledge.selectors.lists import public_codes

_DAY = 24 * 3600
_TITLES = {
    "about": lambda: _("About this service"),
    "privacy": lambda: _("Privacy"),
    "accessibility": lambda: _("Accessibility"),
}


@require_safe
@told
def words(request: PortalRequest, key: str) -> HttpResponseBase:
    """Show a passage the city words itself, or ours until it does."""
    return page(request, "words", {"key": key, "title": _TITLES[key](), "words": city_words(key)})


@require_safe
def photo(request: PortalRequest, token: str, small: str = "") -> HttpResponseBase:
    """Answer a photo. Anybody's may be kept for a day, so that hiding one takes effect."""
    try:
        file = open_photo(token, actor=request.actor, small=bool(small))
    except NotFound:
        return HttpResponse(
            _("This photo does not exist here."),
            status=404,
            content_type="text/plain; charset=utf-8",
        )
    tag = f'"{file.digest}"'
    keep = f"public, max-age={_DAY}" if file.is_public else "private, max-age=3600"
    response: HttpResponseBase
    if request.headers.get("If-None-Match") == tag:
        file.close()
        response = HttpResponseNotModified()
    else:
        response = FileResponse(file, content_type="image/jpeg", filename=f"{token}.jpg")
    response["ETag"] = tag
    response["Cache-Control"] = keep
    response["X-Content-Type-Options"] = "nosniff"
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@told
def language(request: PortalRequest) -> HttpResponseBase:
    """Remember a language and go back to where the visitor was."""
    sent = request.POST if request.method == "POST" else request.GET
    code = sent.get("language", "").lower()
    if code not in request.city_languages:
        raise Invalid(_("Choose one of the languages listed."), field="language")
    response = redirect(back_to(sent.get("next", "/")))
    set_language(response, code)
    return response


@require_safe
def robots(request: PortalRequest) -> HttpResponse:
    """Tell crawlers what is not for them."""
    site = request.build_absolute_uri("/sitemap.xml")
    lines = (
        "User-agent: *",
        "Disallow: /follow/",
        "Disallow: /*/follow/",
        "Disallow: /desk/",
        "Disallow: /console/",
        f"Sitemap: {site}",
        "",
    )
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")


@require_safe
def sitemap(request: PortalRequest) -> HttpResponse:
    """List the pages that stay, in every language of the city (sitemaps.org 0.9)."""
    names = (
        "home", "report", "answers", "directory", "requests", "map", "near", "about", "privacy",
        "accessibility",
    )  # fmt: skip
    paths = [reverse(f"portal:{name}") for name in names]
    paths += [reverse("portal:report_service", args=[one.code]) for one in book().public_services()]
    paths += [reverse("portal:answer", args=[code]) for code in public_codes()]
    prefix = get_script_prefix()
    places = [
        request.build_absolute_uri(f"/{code}/{path.removeprefix(prefix)}")
        for code in request.city_languages
        for path in paths
    ]
    urls = "".join(f"<url><loc>{escape(place)}</loc></url>" for place in places)
    xml = (
        '<?xml version="1.0" encoding="UTF-8"?>'
        f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{urls}</urlset>'
    )
    return HttpResponse(xml, content_type="application/xml; charset=utf-8")
