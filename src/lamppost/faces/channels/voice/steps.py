"""The voice menu, key by key, as TwiML. Keys only: nothing is recorded and no speech is read.

Every step names the next one's address; the language and what was heard stand with the call,
so a step asked twice is answered the same. Wrong keys and silence are borne three times, then
an agent is called.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from urllib.parse import parse_qs, urlsplit

from django.http import HttpResponse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from lamppost.cities.models import City
from lamppost.cities.selectors import city_in_scope, languages_of
from lamppost.contacts.models import Call, CallBack, PhoneLine, SpokenLanguage
from lamppost.contacts.selectors.line import (
    featured_answers,
    is_open,
    phone_line,
    phone_of_agent,
    spoken_languages,
    surge_words,
)
from lamppost.contacts.selectors.queue_wait import wait_of
from lamppost.contacts.selectors.said_status import sign_by_sign, status_of
from lamppost.contacts.services import voice
from lamppost.contacts.services.untold import bring_back
from lamppost.faces.channels.phones import e164
from lamppost.faces.channels.provider import Answer, ProviderCall, signed
from lamppost.faces.channels.twiml import Twiml, Voice
from lamppost.faces.channels.voice import wording
from lamppost.kernel.refusals import Invalid
from lamppost.notify.choices import GatewayKind
from lamppost.notify.models import Gateway

PATIENCE = 3
_MOST_ANSWERS = 8
_OVER = frozenset({"completed", "busy", "failed", "no-answer", "canceled"})
# Rounds of waiting between two announcements of the place, and seconds of one round.
_ANNOUNCE_EVERY, _ROUND_S = 4, 8


@dataclass
class Line:
    """One request of the provider about one call, in the caller's language."""

    call: Call
    asked: ProviderCall
    city: City
    line: PhoneLine
    spoken: list[SpokenLanguage]
    say: Twiml

    @property
    def keys(self) -> str:
        """The keys that were pressed."""
        return self.asked.get("Digits").strip()

    @property
    def tries(self) -> int:
        """How often this step has been asked before."""
        found = parse_qs(urlsplit(self.asked.url).query).get("n", ["0"])[0]
        return min(int(found), 999) if found.isdigit() else 0

    @property
    def voice(self) -> Voice:
        """The voice of the caller's language."""
        return wording.voice_of(self.call.language, self.spoken, self.city)

    def tell(self, text: str, into: Twiml | None = None) -> None:
        """Say ``text`` in the caller's language."""
        (into or self.say).say(text, self.voice)

    def again(self, step: str) -> None:
        """Ask ``step`` once more, or call an agent when patience has run out."""
        tries = self.tries + 1
        self.say.redirect(address(step, tries) if tries < PATIENCE else address("agent"))


Step = Callable[[Line], None]


def address(step: str, tries: int = 0) -> str:
    """Return the address of a step."""
    return f"/hooks/voice/{step}" + (f"?n={tries}" if tries else "")


def step(work: Step) -> Answer:
    """Make ``work`` the answer to a signed call of the provider's, in the caller's language."""

    @signed(GatewayKind.VOICE)
    @wraps(work)
    def answer(asked: ProviderCall, _gateway: Gateway) -> HttpResponse:
        sid = asked.get("CallSid")
        if not sid or len(sid) > 200:
            return Twiml().verb("Hangup").response()
        call = voice.ring(
            provider_id=sid, phone=e164(asked.get("From")), line=e164(asked.get("To"))
        )
        city = city_in_scope()
        line = Line(call, asked, city, phone_line(), spoken_languages(), Twiml())
        if call.ended_at is not None:
            bring_back(call)
        if call.ended_at is not None:
            return line.say.verb("Hangup").response()
        default = city.default_language
        with translation.override(call.language or default):
            work(line)
        return line.say.response()

    return answer


@step
def begin(line: Line) -> None:
    """The first thing said: what to dial in an emergency, in every language; then which one."""
    codes = _languages(line)
    for code in codes:
        with translation.override(code):
            line.say.say(wording.emergency(line.city), _voice(line, code))
    if len(codes) == 1:
        voice.speak(line.call, codes[0])
        line.say.redirect(address("menu"))
        return
    _offer_languages(line, codes)


@step
def language(line: Line) -> None:
    """A language was chosen, or nothing was pressed."""
    codes = _languages(line)
    if line.keys.isdigit() and 1 <= int(line.keys) <= len(codes):
        voice.speak(line.call, codes[int(line.keys) - 1])
        line.say.redirect(address("menu"))
    elif line.tries + 1 < PATIENCE:
        _offer_languages(line, codes, tries=line.tries + 1)
    else:
        voice.speak(line.call, codes[0])
        line.say.redirect(address("menu"))


@step
def menu(line: Line) -> None:
    """Say the surge's text, whether anybody is there, and the keys."""
    if not line.tries:
        line.tell(wording.welcome(line.city, line.line))
        surge = surge_words()
        if surge:
            voice.note_heard(line.call, surge=True)
            line.tell(surge)
    asking = line.say.gather(address("choice", line.tries), digits=1)
    line.tell(wording.menu(has_answers=bool(featured_answers(limit=1))), asking)
    line.again("menu")


@step
def choice(line: Line) -> None:
    """A key of the menu was pressed."""
    where = {"0": "agent", "1": "agent", "2": "status", "3": "answers", "9": "menu", "*": "begin"}
    if line.keys in where:
        line.say.redirect(address(where[line.keys]))
        return
    line.tell(_("This key has no meaning here."))
    line.again("menu")


@step
def status(line: Line) -> None:
    """Ask for the number of a request."""
    asking = line.say.gather(address("number", line.tries), finish="#", timeout=8)
    line.tell(_("Enter the number of your request, then press the pound key."), asking)
    line.again("status")


@step
def number(line: Line) -> None:
    """A number was keyed in: say how it stands, the number sign by sign."""
    found = status_of(line.keys, phone=line.call.phone) if line.keys else None
    if found is None:
        line.tell(_("There is no request with this number."))
        line.again("status")
        return
    voice.note_heard(line.call, status_of=found.case_id)
    for sentence in found.sentences:
        line.tell(sentence.replace(found.number, sign_by_sign(found.number)))
    _what_next(line)


@step
def answers(line: Line) -> None:
    """Offer the questions the city features."""
    shown = featured_answers(limit=_MOST_ANSWERS)
    if not shown:
        line.say.redirect(address("menu", 1))
        return
    asking = line.say.gather(address("answer", line.tries), digits=1)
    for key, one in enumerate(shown, start=1):
        said = _("Press %(key)d for: %(question)s") % {"key": key, "question": one.question}
        asking.say(said, _voice(line, one.language))
    line.again("answers")


@step
def answer(line: Line) -> None:
    """Read one of them out."""
    shown = featured_answers(limit=_MOST_ANSWERS)
    if line.keys == "0":
        line.say.redirect(address("agent"))
    elif line.keys.isdigit() and 1 <= int(line.keys) <= len(shown):
        one = shown[int(line.keys) - 1]
        voice.note_heard(line.call, article=one.code)
        line.say.say(one.spoken or one.answer, _voice(line, one.language))
        _what_next(line)
    else:
        line.tell(_("This key has no meaning here."))
        line.again("answers")


@step
def agent(line: Line) -> None:
    """Put the caller in the queue; where nobody is there, offer to call back."""
    now = timezone.now()
    if is_open(line.line, now):
        voice.enqueue(line.call, now=now)
        line.tell(_("Please hold for the next agent."))
        line.say.verb(
            "Enqueue",
            "agents",
            waitUrl=address("wait"),
            waitUrlMethod="POST",
            action=address("left"),
            method="POST",
        )
        return
    line.tell(wording.closed(line.line))
    asking = line.say.gather(address("callback"), digits=1)
    line.tell(_("To be called back when we are open, press 1."), asking)
    line.tell(_("Goodbye."))
    line.say.verb("Hangup")


@step
def wait(line: Line) -> None:
    """One round of waiting: the place now and then, a way out, music; or the agent is there."""
    interaction = line.call.interaction
    if interaction is None or interaction.answered_at or interaction.ended_at:
        line.say.verb("Leave")
        return
    rounds = line.tries
    asking = line.say.gather(address("callback"), digits=1, timeout=_ROUND_S)
    if rounds % _ANNOUNCE_EVERY == 0:
        line.tell(wording.place_in_queue(wait_of(interaction, now=timezone.now())), asking)
        line.tell(wording.offer_call_back(), asking)
    if line.line.music:
        asking.verb("Play", line.line.music)
    line.say.redirect(address("wait", rounds + 1))


@step
def callback(line: Line) -> None:
    """A key was pressed while waiting, or when closed: 1 is the wish to be called back."""
    is_waiting = line.call.interaction is not None
    if line.keys != "1":
        line.say.redirect(address("wait", 1) if is_waiting else address("menu", 1))
    elif not line.call.phone:
        line.say.verb("Leave") if is_waiting else line.say.redirect(address("mynumber"))
    else:
        due = voice.ask_back(line.call)
        if is_waiting:
            line.say.verb("Leave")
        else:
            line.tell(wording.call_back_promised(due, line.call.phone))
            line.say.verb("Hangup")


@step
def left(line: Line) -> None:
    """The queue is left: for the agent who answered, or with a call back promised."""
    interaction = line.call.interaction
    if interaction is None or line.asked.get("QueueResult") == "hangup":
        line.say.verb("Hangup")
        return
    if interaction.answered_at is not None and interaction.agent_id is not None:
        voice.connected(line.call)
        _dial(line, interaction.agent_id, interaction.pk)
        return
    promise = CallBack.objects.filter(interaction=interaction).order_by("-id").first()
    if promise is not None:
        line.tell(wording.call_back_promised(promise.due_at, promise.phone))
        line.say.verb("Hangup")
    elif line.call.phone:
        # The provider's queue gave up; ours has not.
        line.say.redirect(address("agent"))
    else:
        line.say.redirect(address("mynumber"))


@step
def mynumber(line: Line) -> None:
    """Ask a caller without a number where to call back, and keep what is keyed in."""
    if line.keys:
        try:
            due = voice.ask_back(line.call, phone=e164(line.keys))
        except Invalid:
            line.tell(_("This number cannot be called."))
        else:
            line.tell(wording.call_back_promised(due, line.keys))
            line.say.verb("Hangup")
            return
    asking = line.say.gather(address("mynumber", line.tries + 1), finish="#", timeout=10)
    line.tell(_("Enter your phone number, then press the pound key."), asking)
    line.again("mynumber")


@signed(GatewayKind.VOICE)
def ended(asked: ProviderCall, _gateway: Gateway) -> HttpResponse:
    """The provider says what became of a call; once it is over the interaction is."""
    if asked.get("CallStatus") in _OVER:
        voice.hang_up(provider_id=asked.get("CallSid")[:200])
    return Twiml().response()


def _dial(line: Line, agent_id: int, interaction_id: int) -> None:
    phone = phone_of_agent(agent_id)
    dial = line.say.inside("Dial", answerOnBridge="true")
    if phone.startswith("sip:"):
        dial.verb("Sip", phone)
    elif phone:
        dial.verb("Number", phone)
    else:
        # An agent without a telephone on record joins this room by their own means.
        dial.verb("Conference", f"call-{interaction_id}", endConferenceOnExit="true")


def _what_next(line: Line) -> None:
    asking = line.say.gather(address("next"), digits=1)
    line.tell(
        _("Press 2 for another request, 3 for answers, 9 for the menu, or 0 for an agent."), asking
    )
    line.tell(_("Goodbye."))
    line.say.verb("Hangup")


def _offer_languages(line: Line, codes: list[str], *, tries: int = 0) -> None:
    asking = line.say.gather(address("language", tries), digits=1)
    for key, code in enumerate(codes, start=1):
        asking.say(wording.choose_language(code, key), _voice(line, code))
    line.say.redirect(address("language", tries) if tries else address("language"))


def _languages(line: Line) -> list[str]:
    offered = languages_of(line.city)
    codes = [one.code for one in line.spoken if one.code in offered]
    return codes or [line.city.default_language]


def _voice(line: Line, code: str) -> Voice:
    return wording.voice_of(code, line.spoken, line.city)


STEPS: dict[str, Answer] = {
    "": begin,
    "begin": begin,
    "language": language,
    "menu": menu,
    "choice": choice,
    "next": choice,
    "status": status,
    "number": number,
    "answers": answers,
    "answer": answer,
    "agent": agent,
    "wait": wait,
    "callback": callback,
    "left": left,
    "mynumber": mynumber,
    "ended": ended,
}
