"""What a subscription is about, in words."""

from __future__ import annotations

from collections.abc import Callable

from django.utils import translation
from django.utils.translation import gettext as _

from lamppost.catalog.book import book
from lamppost.cities.selectors import city_in_scope
from lamppost.kernel.refusals import NotFound
from lamppost.kernel.text import in_language
from lamppost.knowledge.selectors.articles import article
from lamppost.notify.choices import SubscriptionKind
from lamppost.notify.models import Subscription


def name_of(subscription: Subscription, language: str) -> dict[str, str]:
    """Return the values of a notice about the subscription itself: ``city`` and ``what``."""
    return {"city": city_name(language), "what": title_of(subscription, language)}


def city_name(language: str) -> str:
    """Return the city's name in ``language``."""
    city = city_in_scope()
    return in_language(city.name, language, city.default_language)


def title_of(subscription: Subscription, language: str) -> str:
    """Return what ``subscription`` is about in ``language``; one query at most."""
    with translation.override(language or city_in_scope().default_language):
        return _TITLES[SubscriptionKind(subscription.kind)](subscription, language)


def service_name(service_id: int, language: str) -> str:
    """Return the name of a kind of request."""
    entry = book().services_by_id[service_id]
    return in_language(entry.name, language, city_in_scope().default_language) or entry.code


def _case(subscription: Subscription, language: str) -> str:
    case = subscription.case
    if case is None:
        return ""
    return _("request {number}, {service}").format(
        number=case.number, service=service_name(case.service_id, language)
    )


def _area(subscription: Subscription, language: str) -> str:
    area = subscription.area
    if area is None:
        return ""
    place = in_language(area.name, language, city_in_scope().default_language)
    if subscription.service_id is None:
        return _("everything in {place}").format(place=place)
    service = service_name(subscription.service_id, language)
    return _("{service} in {place}").format(service=service, place=place)


def _service(subscription: Subscription, language: str) -> str:
    if subscription.service_id is None:
        return ""
    return service_name(subscription.service_id, language)


def _article(subscription: Subscription, language: str) -> str:
    try:
        return article(subscription.article, language=language).question
    except NotFound:
        return subscription.article


_TITLES: dict[SubscriptionKind, Callable[[Subscription, str], str]] = {
    SubscriptionKind.CASE: _case,
    SubscriptionKind.AREA: _area,
    SubscriptionKind.SERVICE: _service,
    SubscriptionKind.ARTICLE: _article,
    SubscriptionKind.NEWS: lambda _subscription, _language: _("news of the city"),
}
