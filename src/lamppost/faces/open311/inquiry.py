"""The questions side of Open311: answers, services and facilities, read only.

After the Inquiry API, version 1, which Open311 listed beside GeoReport and which never
became a frozen standard: ``/services``, ``/faqs`` and ``/facilities``, each as ``all``, by
category, or one by its id, in JSON and XML. Field names are that API's where it has one (id,
brief_description, description, categories, expiration, displayed_hours,
eligibility_information); what it has no name for comes after. Public articles only.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Any

from django.utils.translation import gettext as _

from lamppost.catalog.book import ServiceEntry, book
from lamppost.cities.models import City
from lamppost.faces.open311.answers import Answer, answer_of
from lamppost.faces.open311.calls import Call
from lamppost.kernel.refusals import NotFound
from lamppost.kernel.text import in_language
from lamppost.knowledge.selectors import directory, lists
from lamppost.knowledge.selectors.articles import Shown, public_articles

_KEEP_SECONDS = 60
ALL = "all"


def faqs(call: Call) -> Answer:
    """Answer with the articles of ``all``, of one topic, or the one of that code.

    ``q`` in the query narrows to what the search finds, best first. Raises ``NotFound``.
    """
    wanted = call.path["id"]
    rows = public_articles(language=call.language, query=call.query("q")[:200])
    if wanted != ALL:
        rows = [row for row in rows if wanted in {row.topic, row.code}]
        topics = {one.code for one in lists.topics(language=call.language)}
        if not rows and wanted not in topics:
            raise NotFound(_("There is no such answer or category."), field="id")
    names = {one.code: one.name for one in lists.topics(language=call.language)}
    return answer_of("faqs", [_faq(row, names, call) for row in rows], keep_seconds=_KEEP_SECONDS)


def services(call: Call) -> Answer:
    """Answer with the services of ``all``, of one group, or the one of that code."""
    wanted = call.path["id"]
    rows = list(book().public_services())
    if wanted != ALL:
        rows = [row for row in rows if wanted in {row.group_code, row.code}]
        if not rows:
            raise NotFound(_("There is no such service or category."), field="id")
    answers: dict[str, list[str]] = {}
    for article in public_articles(language=call.language):
        answers.setdefault(article.service_code, []).append(article.code)
    data = [_service(row, answers.get(row.code, []), call) for row in rows]
    return answer_of("services", data, keep_seconds=_KEEP_SECONDS)


def facilities(call: Call) -> Answer:
    """Answer with the directory: ``all``, what ``q`` finds, or the one of that code."""
    wanted, query = call.path["id"], call.query("q")[:200]
    rows = (
        directory.find(query, language=call.language, limit=50)
        if query
        else directory.every(language=call.language)
    )
    if wanted != ALL:
        rows = [row for row in rows if row.code == wanted]
        if not rows:
            raise NotFound(_("There is no such facility."), field="id")
    return answer_of("facilities", [_facility(row) for row in rows], keep_seconds=_KEEP_SECONDS)


def _faq(row: Shown, names: dict[str, str], call: Call) -> dict[str, Any]:
    return {
        "id": row.code,
        "question": row.question,
        "brief_description": row.spoken,
        "description": row.answer,
        "eligibility_information": row.eligibility,
        "categories": [names.get(row.topic, row.topic)] if row.topic else [],
        "expiration": _end_of(row.review_by, call.city),
        "url": f"{call.base}/answers/{row.code}/",
        "web_actions": [{"label": link.text, "url": link.url} for link in row.links],
        "service_code": row.service_code,
        "language": row.language,
        "is_stale": row.is_stale,
        "updated_datetime": _stamp(row.changed_at),
        "checked_datetime": _stamp(row.checked_at),
        "related": list(row.related),
    }


def _service(row: ServiceEntry, answers: list[str], call: Call) -> dict[str, Any]:
    def words(texts: Any) -> str:
        return in_language(texts, call.language, call.city.default_language)

    return {
        "id": row.code,
        "service_name": words(row.name),
        "brief_description": words(row.description),
        "description": words(row.notice) or words(row.description),
        "categories": [words(row.group_name)],
        "url": f"{call.base}/report/{row.code}/",
        "service_code": row.code,
        "related": answers,
    }


def _facility(row: directory.Entry) -> dict[str, Any]:
    return {
        "id": row.code,
        "facility_name": row.name,
        "brief_description": row.about,
        "displayed_hours": row.hours,
        "phone": row.phone,
        "web": row.url,
    }


def _stamp(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _end_of(day: date | None, city: City) -> str | None:
    """The last second of the day of the city until which an answer was said to hold."""
    return _stamp(datetime.combine(day, time(23, 59, 59), city.zone)) if day else None
