"""Every part of the theme on one page, for the eye and for the tests of the browser."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from django.http import HttpRequest
from django.template import engines
from django.utils import translation

from lamppost.database.fields import Point
from lamppost.faces.theme.context import page

PAGES = Path(__file__).parent / "pages"
NOW = datetime(2026, 11, 22, 15, 30, tzinfo=UTC)

WORDS = {
    "en": {
        "city": "Riverbend",
        "hero": "What can we fix for you?",
        "lead": "Report a problem, follow what happens, and find answers. No account needed.",
        "heading": "Common requests",
        "history": "What happened so far",
        "map": "Requests near you",
        "services": ["Pothole", "Graffiti", "Street light out", "Missed rubbish collection"],
        "label": "Where is it?",
        "hint": "A street address or a corner",
        "error": "Enter where it is",
    },
    "ar": {
        "city": "ريفربند",
        "hero": "ما الذي يمكننا إصلاحه لك؟",
        "lead": "أبلغ عن مشكلة وتابع ما يحدث واعثر على إجابات. لا حاجة إلى حساب.",
        "heading": "الطلبات الشائعة",
        "history": "ما حدث حتى الآن",
        "map": "الطلبات القريبة منك",
        "services": ["حفرة في الطريق", "كتابة على الجدران", "مصباح شارع معطل", "نفايات لم تُجمع"],
        "label": "أين المكان؟",
        "hint": "عنوان أو تقاطع شارعين",
        "error": "أدخل المكان",
    },
    "km": {
        "city": "រីវើប៊ែន",
        "hero": "តើយើងអាចជួសជុលអ្វីជូនអ្នក?",
        "lead": "រាយការណ៍បញ្ហា តាមដានអ្វីដែលកើតឡើង និងស្វែងរកចម្លើយ។",
        "heading": "សំណើទូទៅ",
        "history": "អ្វីដែលបានកើតឡើង",
        "map": "សំណើនៅជិតអ្នក",
        "services": ["ផ្លូវខូច", "គំនូរលើជញ្ជាំង", "ភ្លើងផ្លូវរលត់", "សំរាមមិនបានប្រមូល"],
        "label": "តើនៅឯណា?",
        "hint": "អាសយដ្ឋាន ឬផ្លូវកែង",
        "error": "បញ្ចូលទីតាំង",
    },
}
ICONS = ["construction", "edit", "lightbulb", "delete"]
LANGUAGES = (
    "en", "es", "zh-hans", "vi", "ru", "ar", "fr", "ht", "pt-br", "km", "ko", "bn", "hi", "ur",
    "id", "my", "sw",
)  # fmt: skip


def _fields(words: dict[str, Any]) -> list[dict[str, Any]]:
    options = [(str(at), name, words["hint"]) for at, name in enumerate(words["services"])]
    plain = [option[:2] for option in options]
    error = [words["error"]]
    return [
        {"name": "place", "label": words["label"], "hint": words["hint"], "required": True,
         "errors": error},
        {"name": "kind", "label": words["heading"], "kind": "radios", "choices": options,
         "value": "1", "required": True, "errors": error},
        {"name": "more", "label": words["heading"], "kind": "checkboxes", "choices": plain,
         "value": ["0", "2"]},
        {"name": "since", "label": words["history"], "kind": "select", "choices": plain},
        {"name": "text", "label": words["history"], "kind": "textarea", "hint": words["hint"]},
        {"name": "photos", "label": words["map"], "kind": "file",
         "attrs": {"multiple": True, "accept": "image/*"}},
        {"name": "agree", "label": words["lead"], "kind": "checkbox", "required": True},
    ]  # fmt: skip


def _entries(words: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {"at": NOW - timedelta(days=day), "title": title, "text": words["lead"],
         "by": words["city"], "state": "closed" if day == 0 else "open"}
        for day, title in enumerate(words["services"][:3])
    ]  # fmt: skip


def render(name: str, language: str, *, accent: str = "") -> str:
    """Return the page ``name`` (``portal`` or ``desk``) as HTML in ``language``."""
    words = WORDS[language]
    request = HttpRequest()
    request.path = request.path_info = "/report/"
    city = SimpleNamespace(
        name={language: words["city"]}, default_language="en", emergency_number="911",
        accent_color=accent, contact_phone="(215) 555-0311", contact_email="311@riverbend.example",
        website="https://riverbend.example", crisis_number="988",
        center=Point(-75.1652, 39.9526), map_zoom=13,
        west=-75.2, south=39.92, east=-75.13, north=39.98,
    )  # fmt: skip
    request.city, request.city_languages = city, LANGUAGES  # type: ignore[attr-defined]
    with translation.override(language):
        nav = [
            {"url": f"/{at}/", "label": label, "current": at == 0, "count": at * 7 or None}
            for at, label in enumerate([*words["services"], words["history"]])
        ]
        context = {
            **page(request),
            "request": request, "words": words, "nav": nav, "footer_nav": nav, "now": NOW,
            "account": {"label": words["city"], "url": "/me/", "links": nav[:2],
                        "sign_out_url": "/out/"},
            "desk_department": words["heading"], "desk_search_url": "/desk/search/",
            "services": list(zip(ICONS, words["services"], strict=True)),
            "fields": _fields(words), "entries": _entries(words),
            "steps": words["services"],
            "crumbs": [(words["city"], "/"), (words["heading"], "")],
            "later": NOW + timedelta(days=3), "earlier": NOW - timedelta(days=2),
            "csrf_token": "token",
        }  # fmt: skip
        template = engines["django"].from_string((PAGES / f"{name}.html").read_text("utf-8"))
        return str(template.render(context))
