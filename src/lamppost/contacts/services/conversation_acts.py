"""What a text brings about beside its answer: a case filed, followed, asked about …

Each act is done in the transaction of the text that wanted it, and says how it went. A refusal
of a service is told to the person and the talk goes on.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime

from django.db import transaction
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from lamppost.cases.choices import DiversionSource
from lamppost.cases.models import Case, Diversion
from lamppost.cases.reports import Reporter, Triage
from lamppost.cases.services import drafts
from lamppost.cases.services.links import follow
from lamppost.cases.services.redress import dispute
from lamppost.cases.services.reporter import withdraw
from lamppost.catalog.book import book
from lamppost.catalog.choices import Channel, State, TriageOutcome
from lamppost.cities.selectors import city_in_scope
from lamppost.contacts.choices import CaseTie, DispositionKind, TalkStep
from lamppost.contacts.models import (
    Conversation,
    Interaction,
    InteractionAnswer,
    InteractionCase,
    Keyword,
)
from lamppost.contacts.selectors.city_world import CityWorld, stop_words
from lamppost.contacts.selectors.rules import disposition_of
from lamppost.contacts.selectors.said_status import own_cases, said, status_of
from lamppost.contacts.services.conversation_store import draft_of, drop_draft
from lamppost.contacts.talk import wording
from lamppost.contacts.talk.asking import ask
from lamppost.contacts.talk.values import Act, ActKind, Memory, Turn
from lamppost.kernel.refusals import NotFound, Refusal
from lamppost.kernel.text import in_language
from lamppost.knowledge.selectors.articles import article
from lamppost.people.actors import ANONYMOUS
from lamppost.people.contacts import contact_for

# What an interaction is coded as when it was about several things: the first of these.
_WEIGHT = (
    DispositionKind.EMERGENCY,
    DispositionKind.COMPLAINT,
    DispositionKind.REQUEST,
    DispositionKind.STATUS,
    DispositionKind.NOT_OURS,
    DispositionKind.INFORMATION,
    DispositionKind.NOBODY,
)


@dataclass
class Talk:
    """One talk while a text is answered; ``kinds`` gathers what it was about."""

    row: Conversation
    world: CityWorld
    phone: str
    base_url: str
    now: datetime
    consent: str = ""
    case_id: int | None = None
    kinds: list[DispositionKind] = field(default_factory=list)

    def tie(self, case: Case, tie: CaseTie) -> None:
        """Tie a case to the interaction, once per way."""
        InteractionCase.objects.get_or_create(
            interaction=self.row.interaction, case=case, tie=tie, defaults={"at": self.now}
        )
        self.case_id = case.pk
        if tie is CaseTie.FILED:
            interaction = self.row.interaction
            interaction.service_id = case.service_id
            interaction.contact_id = case.contact_id

    def tie_filed(self, case_id: int) -> None:
        """Tie the case that was filed from this talk."""
        self.tie(Case.objects.get(pk=case_id), CaseTie.FILED)


def act(talk: Talk, turn: Turn) -> Turn:
    """Do what ``turn`` wants and return it with what that has to say put first."""
    if turn.act is None:
        return turn
    try:
        with transaction.atomic():
            done = _ACTS[turn.act.kind](talk, turn, turn.act)
    except Refusal as refusal:
        said_why = wording.lines(*dict.fromkeys(one.message for one in refusal.problems))
        return replace(turn, say=wording.lines(said_why, turn.say), act=None)
    return done


def code_as(interaction: Interaction, kind: DispositionKind, *, at: datetime) -> None:
    """Code an interaction by itself, unless what it has weighs more; the caller saves it."""
    held = interaction.disposition
    if held is not None and _weight(held.kind) <= _weight(kind):
        return
    found = disposition_of(kind)
    if found is not None:
        interaction.disposition = found
        interaction.coded_at = at


def _weight(kind: str) -> int:
    order = [one.value for one in _WEIGHT]
    return order.index(kind) if kind in order else len(order)


def _saying(turn: Turn, *first: str) -> Turn:
    return replace(turn, say=wording.lines(*first, turn.say))


def _file(talk: Talk, turn: Turn, _act: Act) -> Turn:
    memory = turn.memory
    draft = draft_of(talk.row, memory)
    try:
        filed = drafts.file_draft(draft, actor=ANONYMOUS)
    except NotFound:
        raise
    except Refusal as refusal:
        return _sent_back(talk, memory, refusal)
    if not filed.triage.is_accepted:
        return _diverted(talk, memory, filed.triage)
    case = Case.objects.get(number=filed.number)
    talk.tie(case, CaseTie.FILED)
    talk.kinds.append(DispositionKind.REQUEST)
    drop_draft(talk.row)
    due = ""
    if case.due_at is not None:
        day = date_format(case.due_at.astimezone(city_in_scope().zone), "DATE_FORMAT")
        due = _("It is promised by %(day)s.") % {"day": day}
    say = wording.lines(
        _("Thank you. Your report has the number %(number)s.") % {"number": case.number},
        due,
        filed.notice,
        _("Text the number to see how it stands."),
    )
    return Turn(Memory(language=memory.language), say)


def _sent_back(talk: Talk, memory: Memory, refusal: Refusal) -> Turn:
    """Ask again for what intake refused: the place, or the answer to a question."""
    fields = {problem.field for problem in refusal.problems}
    wrong = {f"question:{one.removeprefix('attribute[').rstrip(']')}" for one in fields}
    if fields & {"location", "address", "lat", "long"}:
        wrong.add("place")
    memory = replace(
        memory, step=TalkStep.PLACE, done=tuple(one for one in memory.done if one not in wrong)
    )
    why = wording.lines(*dict.fromkeys(problem.message for problem in refusal.problems))
    return ask(memory, talk.world, first=why)


def _divert(talk: Talk, turn: Turn, _act: Act) -> Turn:
    """The service's table stopped the report as its answers came in."""
    service = book().services[turn.memory.service_code]
    draft = draft_of(talk.row, turn.memory)
    stopped = talk.world.triage(turn.memory)
    if stopped is None:
        return ask(turn.memory, talk.world)
    drafts.divert(draft, stopped, service)
    return _diverted(talk, turn.memory, stopped)


def _diverted(talk: Talk, memory: Memory, triage: Triage) -> Turn:
    is_danger = triage.outcome in {TriageOutcome.EMERGENCY, TriageOutcome.CRISIS}
    talk.kinds.append(DispositionKind.EMERGENCY if is_danger else DispositionKind.NOT_OURS)
    drop_draft(talk.row)
    return Turn(Memory(language=memory.language), stop_words(triage))


def _danger(talk: Talk, turn: Turn, act: Act) -> Turn:
    Diversion.objects.create(
        at=talk.now,
        channel=Channel.SMS,
        language=talk.row.language,
        outcome=act.text if act.text in TriageOutcome.values else TriageOutcome.EMERGENCY,
        source=DiversionSource.WORDS,
        what=act.code,
    )
    talk.kinds.append(DispositionKind.EMERGENCY)
    drop_draft(talk.row)
    return turn


def _follow(talk: Talk, turn: Turn, act: Act) -> Turn:
    reporter = Reporter(phone=talk.phone, language=turn.memory.language, may_notify=True)
    contact_id = contact_for(reporter, user_id=None, now=talk.now)
    follow(number=act.code, actor=ANONYMOUS, contact_id=contact_id)
    talk.row.interaction.contact_id = contact_id
    talk.tie(Case.objects.get(number=act.code), CaseTie.FOLLOWED)
    talk.kinds.append(DispositionKind.REQUEST)
    drop_draft(talk.row)
    say = _("Thank you. You follow %(number)s now. Text the number to see how it stands.")
    return _saying(turn, say % {"number": act.code})


def _status(talk: Talk, turn: Turn, act: Act) -> Turn:
    talk.kinds.append(DispositionKind.STATUS)
    if act.code:
        found = status_of(act.code, phone=talk.phone)
        if found is None:
            return _saying(turn, _no_such_number())
        talk.tie(Case.objects.get(pk=found.case_id), CaseTie.ASKED)
        return _saying(turn, found.text)
    own = own_cases(talk.phone)
    for case in own:
        talk.tie(case, CaseTie.ASKED)
    if not own:
        return _saying(turn, _("Text STATUS and the number of the report."))
    return _saying(turn, *(said(case, phone=talk.phone).text for case in own))


def _article(talk: Talk, turn: Turn, act: Act) -> Turn:
    talk.kinds.append(DispositionKind.INFORMATION)
    shown = article(act.code, language=translation.get_language() or "en")
    _cite(talk, shown.code)
    return _saying(turn, shown.spoken or shown.answer)


def _keyword(talk: Talk, turn: Turn, act: Act) -> Turn:
    talk.kinds.append(DispositionKind.INFORMATION)
    row = Keyword.objects.get(code=act.code, is_active=True)
    language = translation.get_language() or "en"
    text = in_language(row.text, language)
    if row.article:
        try:
            shown = article(row.article, language=language)
        except NotFound:
            return _saying(turn, text or wording.nothing_found())
        _cite(talk, shown.code)
        text = wording.lines(text, shown.spoken or shown.answer)
    return _saying(turn, text)


def _cite(talk: Talk, code: str) -> None:
    """Write down which article answered: a question that needed nobody."""
    InteractionAnswer.objects.get_or_create(
        interaction=talk.row.interaction, article_code=code, defaults={"at": talk.now}
    )


def _web(talk: Talk, turn: Turn, _act: Act) -> Turn:
    return _saying(turn, web_words(talk.row, turn.memory, base_url=talk.base_url))


def web_words(row: Conversation, memory: Memory, *, base_url: str) -> str:
    """Return the sentence with the link that opens what was begun as a form on the web."""
    draft = draft_of(row, memory)
    address = f"{base_url}/report/continue/{draft.token}/"
    return _("Go on in the form on the web, for a day: %(address)s") % {"address": address}


def _stop(talk: Talk, turn: Turn, _act: Act) -> Turn:
    talk.consent = "stop"
    drop_draft(talk.row)
    city = in_language(city_in_scope().name, translation.get_language() or "en")
    say = _("You get no more texts from %(city)s 311. Text START to get them again.")
    return _saying(turn, say % {"city": city})


def _start(talk: Talk, turn: Turn, _act: Act) -> Turn:
    talk.consent = "start"
    return _saying(turn, _("You get texts about your reports again. Text STOP to end them."))


def _settled(talk: Talk, turn: Turn, act: Act) -> Turn:
    case = _own(talk, act.code)
    talk.tie(case, CaseTie.ASKED)
    talk.kinds.append(DispositionKind.STATUS)
    if case.state == State.CLOSED:
        return _saying(turn, said(case, phone=talk.phone).text)
    case = withdraw(
        case_id=case.pk,
        actor=ANONYMOUS,
        text=_("The person who reported it says that it is settled."),
    )
    return _saying(turn, _("Thank you. %(number)s is closed.") % {"number": case.number})


def _not_fixed(talk: Talk, turn: Turn, act: Act) -> Turn:
    case = _own(talk, act.code)
    dispute(
        case_id=case.pk,
        text=act.text or _("Said to be not fixed, by SMS."),
        actor=ANONYMOUS,
        at=timezone.now(),
    )
    talk.tie(case, CaseTie.DISPUTED)
    talk.kinds.append(DispositionKind.COMPLAINT)
    say = _("%(number)s is open again; the 311 center looks at it.")
    return _saying(turn, say % {"number": case.number})


def _own(talk: Talk, number: str) -> Case:
    """Return the case if it was reported from this very number: the text proves the phone."""
    case = Case.objects.filter(number=number, contact__phone=talk.phone).first()
    if case is None:
        raise NotFound(_("No report with this number came from your phone."))
    return case


def _no_such_number() -> str:
    return _("There is no report with this number here.")


_ACTS: dict[ActKind, Callable[[Talk, Turn, Act], Turn]] = {
    ActKind.FILE: _file,
    ActKind.FOLLOW: _follow,
    ActKind.DIVERT: _divert,
    ActKind.DANGER: _danger,
    ActKind.STOP: _stop,
    ActKind.START: _start,
    ActKind.STATUS: _status,
    ActKind.ARTICLE: _article,
    ActKind.KEYWORD: _keyword,
    ActKind.WEB: _web,
    ActKind.DONE: _settled,
    ActKind.NOT_FIXED: _not_fixed,
}
