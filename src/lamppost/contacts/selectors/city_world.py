"""What a talk by SMS asks of the city in scope, worded in the active language."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from babel import Locale, UnknownLocaleError
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from lamppost.cases.choices import OnDanger
from lamppost.cases.reports import Report, Reporter, Triage
from lamppost.cases.selectors.duplicates import possible_duplicates
from lamppost.cases.services.checking import check
from lamppost.cases.services.danger import stopped_by_words
from lamppost.cases.services.drafts import early_triage
from lamppost.cases.services.intake import triage_of
from lamppost.catalog.book import ServiceEntry, book
from lamppost.catalog.choices import Channel, LocationRule, TriageOutcome
from lamppost.catalog.forms import FormQuestion, check_answers
from lamppost.cities.models import City
from lamppost.cities.selectors import city_in_scope, languages_of
from lamppost.contacts.models import Keyword
from lamppost.contacts.selectors.likely import likely_services
from lamppost.contacts.talk.commands import word_table
from lamppost.contacts.talk.values import Memory, Option, OptionKind, Places, Stopped
from lamppost.contacts.talk.wording import lines
from lamppost.database.fields import Point
from lamppost.kernel.refusals import Invalid
from lamppost.kernel.text import in_language
from lamppost.knowledge.selectors.search import search
from lamppost.people.actors import ANONYMOUS
from lamppost.places.geocoding.lookup import geocode, place_from_text, reverse
from lamppost.places.geocoding.matches import MatchKind
from lamppost.places.locate import is_outside

_MOST_SERVICES, _MOST_ARTICLES, _MOST_PLACES, _MOST_SIMILAR = 4, 2, 4, 3
# Below this an address found has little to do with the one typed.
_POOR = 0.5


def report_of(memory: Memory, *, phone: str, key: str = "") -> Report:
    """Return the report a talk amounts to so far."""
    return Report(
        service_code=memory.service_code,
        channel=Channel.SMS,
        description=memory.description,
        answers=memory.answers,
        point=memory.point,
        address=memory.address,
        reporter=Reporter(phone=phone, language=memory.language, may_notify=True),
        language=memory.language,
        on_danger=OnDanger.SAID_SAFE if memory.said_safe else OnDanger.STOP,
        idempotency_key=key,
        caller="sms",
    )


class CityWorld:
    """The city in scope as a talk with ``phone`` (E.164) sees it."""

    def __init__(self, *, phone: str) -> None:
        self._phone = phone

    def danger(self, text: str) -> Stopped | None:
        """Return what to say when the words mean danger, in any language there are words for."""
        told = stopped_by_words(text)
        if told is None or told.danger is None:
            return None
        return Stopped(told.outcome, told.text, told.danger.what)

    def words(self) -> Mapping[str, str]:
        """Return folded word to code of every keyword, built in and the city's own."""
        return self._table

    def suggest(self, text: str) -> tuple[Option, ...]:
        """Return services and articles these words may mean."""
        language = get_language() or "en"
        services = [
            Option(OptionKind.SERVICE, one.code, in_language(one.name, language) or one.code)
            for one in likely_services(text, language=language, limit=_MOST_SERVICES)
        ]
        articles = _articles(text, language)
        # Who asks wants an answer first.
        return tuple(articles + services if _is_question(text) else services + articles)

    def service_name(self, code: str) -> str:
        """Return the name of a service the public may ask for, else ''."""
        service = _service(code)
        return (in_language(service.name, get_language() or "en") or code) if service else ""

    def location(self, code: str) -> LocationRule:
        """Return whether a report of the service has a place."""
        service = _service(code)
        return service.location if service else LocationRule.NONE

    def asked(self, code: str, answers: Mapping[str, tuple[str, ...]]) -> tuple[FormQuestion, ...]:
        """Return the questions and texts these answers call for, in order."""
        service = _service(code)
        if service is None:
            return ()
        form = service.form(get_language() or "en")
        chosen = _chosen(service, answers)
        return tuple(one for one in form if not one.only_if or one.only_if & chosen)

    def problem(self, question: FormQuestion, sent: tuple[str, ...]) -> str:
        """Return what is wrong with an answer, whatever it depends on."""
        lone = FormQuestion(
            id=question.id,
            code=question.code,
            order=question.order,
            text=question.text,
            help="",
            datatype=question.datatype,
            is_variable=True,
            is_required=question.is_required,
            is_public=False,
            values=question.values,
        )
        _answers, problems = check_answers((lone,), {question.code: sent})
        return problems[0].message if problems else ""

    def stop(self, memory: Memory) -> Stopped | None:
        """Return what the service's table says, as soon as answers and place decide it."""
        triage = self.triage(memory)
        if triage is None:
            return None
        return Stopped(triage.outcome, stop_words(triage), str(triage.rule_id or ""))

    def triage(self, memory: Memory) -> Triage | None:
        """Return what the table says when it stops the report; None while it does not."""
        service = _service(memory.service_code)
        if service is None:
            return None
        if "place" in memory.done:
            found = self._full(memory)
        else:
            found = early_triage(service, _chosen(service, memory.answers))
        return None if found is None or found.is_accepted else found

    def places(self, text: str) -> Places:
        """Return the place a text surely means, or a few it may mean."""
        city = city_in_scope()
        sure = place_from_text(city, text)
        found = [one for one in geocode(city, text, limit=8) if one.score >= _POOR]
        if sure is not None:
            label = next((one.label for one in found if one.point == sure), text)
            return Places(sure=Option(OptionKind.PLACE, "", label, sure))
        options = {
            one.label: Option(OptionKind.PLACE, "", one.label, one.point)
            for one in found
            if one.kind is not MatchKind.STREET and not is_outside(city, one.point)
        }
        return Places(options=tuple(options.values())[:_MOST_PLACES])

    def at(self, point: Point) -> Option | None:
        """Return the place at a point, None outside the city."""
        city = city_in_scope()
        if is_outside(city, point) or not _is_on_map(city, point):
            return None
        match = reverse(city, point)
        label = match.label if match else f"{point.lat:.5f}, {point.long:.5f}"
        return Option(OptionKind.PLACE, "", label, point)

    def similar(self, memory: Memory) -> tuple[Option, ...]:
        """Return open cases nearby that may be the same, as a number and a distance each."""
        service = _service(memory.service_code)
        if service is None or memory.point is None:
            return ()
        found = possible_duplicates(
            service, memory.point, now=timezone.now(), limit=_MOST_SIMILAR, text=memory.description
        )
        return tuple(
            Option(OptionKind.CASE, one.case.number, _near(one.case.number, one.distance_m))
            for one in found
            if one.case.closed_at is None
        )

    def languages(self) -> tuple[Option, ...]:
        """Return the languages of the city, each named in itself."""
        codes = languages_of(city_in_scope())
        return tuple(Option(OptionKind.LANGUAGE, code, endonym(code)) for code in codes)

    def help(self) -> str:
        """Return what can be texted, and who else to ask."""
        city = city_in_scope()
        name = in_language(city.name, get_language() or "en")
        phone = _("Or call %(phone)s.") % {"phone": city.contact_phone}
        return lines(
            _("%(city)s 311. In an emergency call %(number)s.")
            % {"city": name, "number": city.emergency_number},
            _("Text the problem or question in your own words."),
            _("STATUS and a number: how a report stands. LANG: other languages. STOP: no texts."),
            phone if city.contact_phone else "",
        )

    @cached_property
    def _table(self) -> Mapping[str, str]:
        rows = Keyword.objects.filter(is_active=True)
        return word_table({row.code: ",".join(row.words.values()) for row in rows})

    def _full(self, memory: Memory) -> Triage | None:
        try:
            return triage_of(check(report_of(memory, phone=self._phone), actor=ANONYMOUS))
        except Invalid:
            return None


def stop_words(triage: Triage) -> str:
    """Return what to tell somebody whose report the table stops."""
    city = city_in_scope()
    first = ""
    if triage.outcome is TriageOutcome.EMERGENCY:
        first = _("Call %(number)s now. We cannot send help from here.") % {
            "number": city.emergency_number
        }
    elif triage.outcome is TriageOutcome.CRISIS:
        number = city.crisis_number or city.emergency_number
        first = _("Call or text %(number)s now: somebody is there for you.") % {"number": number}
    refer = " ".join(
        part for part in (triage.refer_to, triage.refer_phone, triage.refer_url) if part
    )
    return lines(first, triage.text, refer)


def endonym(code: str) -> str:
    """Return how the language ``code`` names itself; the code where that is not known."""
    base, *rest = code.split("-")
    tag = "_".join([base, *(part.title() if len(part) == 4 else part.upper() for part in rest)])
    try:
        name = Locale.parse(tag).get_display_name(tag) or code
    except (UnknownLocaleError, ValueError):
        return code
    return name[:1].upper() + name[1:]


def _service(code: str) -> ServiceEntry | None:
    service = book().services.get(code)
    return service if service and service.is_active and service.is_public else None


def _chosen(service: ServiceEntry, answers: Mapping[str, tuple[str, ...]]) -> frozenset[int]:
    good = check_answers(service.form("en"), answers)[0]
    return frozenset(value.id for answer in good for value in answer.values)


def _is_on_map(city: City, point: Point) -> bool:
    """Whether a point is on the city's map: a typing error in a number leads far away."""
    if city.west is None or city.south is None or city.east is None or city.north is None:
        return True
    is_across = city.west > city.east
    inside = (point.long >= city.west, point.long <= city.east)
    return (any(inside) if is_across else all(inside)) and city.south <= point.lat <= city.north


def _near(number: str, distance_m: float) -> str:
    return _("%(number)s, about %(meters)d m away") % {
        "number": number,
        "meters": max(10, round(distance_m, -1)),
    }


def _is_question(text: str) -> bool:
    return any(sign in text for sign in "?？؟¿")


def _articles(text: str, language: str) -> list[Option]:
    return [
        Option(OptionKind.ARTICLE, hit.code, hit.title)
        for hit in search(text, language=language, limit=_MOST_ARTICLES)
    ]
