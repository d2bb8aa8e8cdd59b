"""Discovery, the list of services and their definitions: the catalogue as the standard says it."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from django.utils.translation import gettext as _

from lamppost.catalog.book import ServiceEntry, book
from lamppost.catalog.choices import LIST_DATATYPES, ServiceType, Visibility
from lamppost.catalog.forms import FormQuestion
from lamppost.cities.models import City
from lamppost.faces.open311.answers import Answer, answer_of
from lamppost.faces.open311.calls import Call
from lamppost.kernel.refusals import NotFound
from lamppost.kernel.text import in_language

SPECIFICATION = "http://wiki.open311.org/GeoReport_v2"
FORMATS = ["text/xml", "application/json"]
_KEEP_SECONDS = 60
_MOST_KEPT = 500
_kept: OrderedDict[tuple[object, ...], Answer] = OrderedDict()


def discovery(call: Call) -> Answer:
    """Answer with the endpoints, made from what is served: it cannot go stale."""
    changed = _changeset(call.city)
    data = {
        "changeset": changed,
        "contact": _contact(call),
        "key_service": _key_service(call),
        "endpoints": [
            {
                "specification": SPECIFICATION,
                "url": f"{call.base}/open311/{path}",
                "changeset": changed,
                "type": kind,
                "formats": FORMATS,
            }
            for path, kind in (("v2", "production"), ("test/v2", "test"))
        ],
    }
    return answer_of("discovery", data, keep_seconds=_KEEP_SECONDS)


def service_list(call: Call) -> Answer:
    """Answer with the services the public may ask for, in the city's order."""

    def make() -> Answer:
        rows = [_service(entry, call) for entry in book().public_services()]
        return answer_of("services", rows, keep_seconds=_KEEP_SECONDS)

    return _remembered(call, "services", make)


def service_definition(call: Call) -> Answer:
    """Answer with one service's questions. Raises ``NotFound`` for a service not offered."""
    entry = book().services.get(call.path["id"])
    if entry is None or not (entry.is_active and entry.is_public):
        raise NotFound(_("This service_code does not exist here."), field="service_code")

    def make() -> Answer:
        data = {
            "service_code": entry.code,
            "attributes": [
                _attribute(question, order)
                for order, question in enumerate(entry.form(call.language), start=1)
            ],
        }
        return answer_of("service_definition", data, keep_seconds=_KEEP_SECONDS)

    return _remembered(call, f"definition {entry.code}", make)


def published_type(entry: ServiceEntry) -> ServiceType:
    """Return when a caller of this service gets the number.

    Never, for a service whose cases the public cannot read: a number that answers 404 is
    worse than none (City-of-Bloomington/uReport issue 60).
    """
    return ServiceType.BLACKBOX if entry.visibility is Visibility.PRIVATE else entry.type


def _service(entry: ServiceEntry, call: Call) -> dict[str, Any]:
    fallback = call.city.default_language
    return {
        "service_code": entry.code,
        "service_name": in_language(entry.name, call.language, fallback) or entry.code,
        "description": in_language(entry.description, call.language, fallback) or None,
        "metadata": entry.has_form,
        "type": published_type(entry).value,
        "keywords": in_language(entry.keywords, call.language, fallback) or None,
        "group": in_language(entry.group_name, call.language, fallback),
    }


def _attribute(question: FormQuestion, order: int) -> dict[str, Any]:
    is_list = question.datatype in LIST_DATATYPES
    return {
        "variable": question.is_variable,
        "code": question.code,
        "datatype": question.datatype.value,
        # The standard knows no conditions: what is asked only after another answer is
        # published as optional, and asked for by a 400 where it is needed.
        "required": question.is_required and question.is_variable and not question.only_if,
        "datatype_description": question.help or None,
        "order": order,
        "description": question.text,
        "values": [{"key": value.key, "name": value.name} for value in question.values]
        if is_list
        else [],
    }


def _remembered(call: Call, name: str, make: Callable[[], Answer]) -> Answer:
    key = (call.city.pk, call.city.catalog_changed_at, call.language, name)
    kept = _kept.get(key)
    if kept is None:
        kept = _kept[key] = make()
        while len(_kept) > _MOST_KEPT:
            _kept.popitem(last=False)
    return kept


def _changeset(city: City) -> str:
    # Sortable, and never ahead of a caller's clock.
    changed = min(city.catalog_changed_at, datetime.now(UTC))
    return changed.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _contact(call: Call) -> str:
    city = call.city
    known = (city.contact_email, city.contact_phone, city.website)
    return ", ".join(part for part in known if part) or call.base


def _key_service(call: Call) -> str:
    city = call.city
    where = city.contact_email or city.website or city.contact_phone or call.base
    return _("Ask for a key, saying who you are and what you build: %(where)s") % {"where": where}
