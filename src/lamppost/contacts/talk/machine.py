"""The talk by SMS, one text at a time: ``advance``. Pure: plain values in, plain values out.

What it needs of the city it asks of a ``World``; what has to be written it returns as an
``Act``. Worded in the active language.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from django.utils import translation

from lamppost.catalog.choices import LIST_DATATYPES, Datatype, LocationRule
from lamppost.catalog.forms import FormQuestion
from lamppost.contacts.choices import TalkStep
from lamppost.contacts.talk import wording
from lamppost.contacts.talk.asking import ask, not_understood, undone
from lamppost.contacts.talk.commands import Command, command_of
from lamppost.contacts.talk.values import (
    Act,
    ActKind,
    Memory,
    Option,
    OptionKind,
    Turn,
    World,
)
from lamppost.database.fields import Point
from lamppost.kernel.text import clean_line, clean_text, fold

# An address that cannot be found is taken as it was written after this many tries.
PLACE_TRIES = 2
# What is answered to words of danger when nobody is in any; the same in every language.
NO_DANGER = "NODANGER"
_POINT = re.compile(r"(-?\d{1,2}\.\d{3,})\s*(?:,|%2C)\s*\+?(-?\d{1,3}\.\d{3,})", re.IGNORECASE)
# Digits of any script, as ``int`` reads them.
_DIGITS = re.compile(r"\d{1,3}")
# Between the numbers of a list: signs, and the word for "and" of whatever language.
_BETWEEN = re.compile(r"(?<=\d)\W+(?:[^\W\d]{1,3}\W*)?(?=\d)")


def advance(memory: Memory, text: str, world: World, *, photos: int = 0) -> Turn:
    """Return the talk after one more text; ``photos`` is how many pictures came with it.

    Words of danger end whatever was going on. What is said may be long: the caller cuts it
    with ``wording.fitting`` and keeps the rest in the memory, for MORE.
    """
    text = clean_text(text)
    danger = world.danger(text) if text else None
    if danger is not None and danger.code not in memory.said_safe:
        act = Act(ActKind.DANGER, code=danger.code or danger.outcome, text=danger.outcome)
        kept = Memory(language=memory.language, stopped=text, stopped_for=danger.code)
        return Turn(kept, wording.lines(danger.text, wording.nobody_in_danger(NO_DANGER)), act)
    if memory.stopped:
        return _after_danger(memory, text, world)
    if not text:
        return _picture_only(memory, world) if photos else ask(memory, world)
    command = command_of(text, world.words(), is_idle=not memory.is_reporting)
    turn = _obeyed(memory, command, world) if command else None
    return turn or _heard(memory, text, world)


def _after_danger(memory: Memory, text: str, world: World) -> Turn:
    """The word that says nobody is in danger takes up what was stopped; any other drops it."""
    fresh = Memory(language=memory.language)
    if "".join(text.split()).upper() != NO_DANGER:
        return advance(fresh, text, world)
    fresh = replace(fresh, step=TalkStep.SUBJECT, said_safe=(memory.stopped_for,))
    return _subject(fresh, memory.stopped, world)


def _picture_only(memory: Memory, world: World) -> Turn:
    if memory.is_reporting:
        return ask(memory, world)
    return Turn(replace(memory, step=TalkStep.SUBJECT), wording.subject())


# --- commands ---------------------------------------------------------------------------


def _obeyed(memory: Memory, command: Command, world: World) -> Turn | None:
    """Return the turn a command makes; None when these words are an answer after all."""
    obey = _COMMANDS.get(command.code)
    if obey is not None:
        return obey(memory, command, world)
    if command.code in {"yes", "no", "skip"}:
        # An answer where something is asked. Alone, YES is how carriers know START.
        if memory.is_reporting or command.code != "yes":
            return None
        return Turn(memory, "", Act(ActKind.START))
    if memory.is_reporting and memory.step not in {TalkStep.SUBJECT, TalkStep.CHOICE}:
        # A city's own keyword in the middle of a report: answered, and the report goes on.
        turn = ask(memory, world)
        return replace(turn, act=Act(ActKind.KEYWORD, code=command.code, text=command.words))
    act = Act(ActKind.KEYWORD, code=command.code, text=command.words)
    return Turn(Memory(language=memory.language), "", act)


def _stop(memory: Memory, _command: Command, _world: World) -> Turn:
    return Turn(Memory(language=memory.language), "", Act(ActKind.STOP))


def _start(memory: Memory, _command: Command, _world: World) -> Turn:
    return Turn(memory, "", Act(ActKind.START))


def _help(memory: Memory, _command: Command, world: World) -> Turn:
    return Turn(memory, world.help())


def _status(memory: Memory, command: Command, world: World) -> Turn:
    turn = ask(memory, world) if memory.is_reporting else Turn(memory, "")
    return replace(turn, act=Act(ActKind.STATUS, code=command.number))


def _settled(memory: Memory, command: Command, world: World) -> Turn | None:
    kind = ActKind.DONE if command.code == "settled" else ActKind.NOT_FIXED
    if not command.number:
        return None
    turn = ask(memory, world) if memory.is_reporting else Turn(memory, "")
    return replace(turn, act=Act(kind, code=command.number, text=command.words))


def _report(memory: Memory, command: Command, world: World) -> Turn | None:
    if memory.is_reporting and command.words:
        return None
    fresh = Memory(language=memory.language, step=TalkStep.SUBJECT)
    return _subject(fresh, command.words, world) if command.words else ask(fresh, world)


def _more(memory: Memory, _command: Command, world: World) -> Turn:
    if not memory.rest:
        return ask(memory, world, first=wording.nothing_more())
    return Turn(replace(memory, rest=""), memory.rest)


def _new(memory: Memory, _command: Command, _world: World) -> Turn:
    fresh = Memory(language=memory.language, step=TalkStep.SUBJECT)
    return Turn(fresh, wording.lines(wording.started_afresh(), wording.subject()))


def _back(memory: Memory, _command: Command, world: World) -> Turn:
    if memory.step is TalkStep.LANGUAGE:
        memory = replace(memory, step=memory.before_language, options=())
        return ask(memory, world)
    return ask(undone(memory), world)


def _web(memory: Memory, _command: Command, _world: World) -> Turn:
    if not memory.is_reporting:
        return Turn(memory, wording.nothing_begun())
    return Turn(memory, "", Act(ActKind.WEB))


def _language(memory: Memory, _command: Command, world: World) -> Turn:
    options = world.languages()
    asking = memory.before_language if memory.step is TalkStep.LANGUAGE else memory.step
    memory = replace(memory, step=TalkStep.LANGUAGE, before_language=asking, options=options)
    return Turn(memory, wording.language(options))


_COMMANDS: dict[str, Callable[[Memory, Command, World], Turn | None]] = {
    "stop": _stop,
    "start": _start,
    "help": _help,
    "status": _status,
    "settled": _settled,
    "not-fixed": _settled,
    "report": _report,
    "more": _more,
    "new": _new,
    "back": _back,
    "web": _web,
    "language": _language,
}


# --- answers ----------------------------------------------------------------------------


def _heard(memory: Memory, text: str, world: World) -> Turn:
    chosen = _language_named(text, world)
    if chosen is not None and memory.step is not TalkStep.LANGUAGE:
        return _speaking(memory, chosen, world)
    return _HEARD[memory.step](memory, text, world)


def _language_named(text: str, world: World) -> Option | None:
    """ES, or the name of a language in itself."""
    said = fold(clean_line(text))
    for one in world.languages():
        if said in {fold(one.code), fold(one.label)}:
            return one
    return None


def _speaking(memory: Memory, chosen: Option, world: World) -> Turn:
    step = memory.before_language if memory.step is TalkStep.LANGUAGE else memory.step
    memory = replace(memory, language=chosen.code, step=step, rest="")
    with translation.override(chosen.code):
        return ask(memory, world) if memory.is_reporting else Turn(memory, world.help())


def _subject(memory: Memory, text: str, world: World) -> Turn:
    options = world.suggest(text)
    memory = replace(
        memory, description=text, options=options, tries=0, service_code="", answers={}, done=()
    )
    if not options:
        return Turn(replace(memory, step=TalkStep.SUBJECT), wording.nothing_found())
    return Turn(replace(memory, step=TalkStep.CHOICE), wording.choice(options))


def _choice(memory: Memory, text: str, world: World) -> Turn:
    if _is_none(text, world):
        return Turn(replace(memory, step=TalkStep.SUBJECT, options=()), wording.subject())
    picked = _picked(memory, text)
    if picked is None:
        if _number(text) is not None:
            return not_understood(memory, wording.not_a_choice(len(memory.options)), world)
        return _subject(memory, text, world)
    if picked.kind is OptionKind.ARTICLE:
        return Turn(Memory(language=memory.language), "", Act(ActKind.ARTICLE, code=picked.code))
    return ask(replace(memory, service_code=picked.code, options=(), tries=0), world)


def _question(memory: Memory, text: str, world: World) -> Turn:
    asked = world.asked(memory.service_code, memory.answers)
    question = next((one for one in asked if one.code == memory.question), None)
    if question is None:
        return ask(memory, world)
    done = (*memory.done, f"question:{question.code}")
    if not question.is_required and _is_none(text, world):
        return ask(replace(memory, done=done, question="", tries=0), world)
    sent = _sent(question, text)
    problem = wording.not_a_choice(len(question.values)) if sent is None else ""
    problem = problem or world.problem(question, sent or ())
    if problem:
        return not_understood(memory, problem, world)
    answers = {**memory.answers, question.code: sent or ()}
    memory = replace(memory, answers=answers, done=done, question="", tries=0)
    stopped = world.stop(memory)
    if stopped is not None:
        return Turn(memory, stopped.text, Act(ActKind.DIVERT, code=stopped.code))
    return ask(memory, world)


def _words(memory: Memory, text: str, world: World) -> Turn:
    said = "" if _is_none(text, world) else text
    done = (*memory.done, "words")
    return ask(replace(memory, description=said, done=done, tries=0), world)


def _place(memory: Memory, text: str, world: World) -> Turn:
    is_required = world.location(memory.service_code) is LocationRule.REQUIRED
    if not is_required and _is_none(text, world):
        return ask(replace(memory, done=(*memory.done, "place"), tries=0), world)
    point = _POINT.search(text)
    if point is not None:
        here = world.at(Point(float(point[2]), float(point[1])))
        if here is None:
            return not_understood(memory, wording.outside(), world)
        return _placed(memory, here, world)
    found = world.places(text)
    if found.sure is not None:
        return _placed(memory, found.sure, world)
    if found.options:
        memory = replace(memory, step=TalkStep.WHICH, options=found.options, tries=0)
        return Turn(memory, wording.which(found.options))
    if memory.tries + 1 >= PLACE_TRIES and len(clean_line(text)) >= 4:
        # Somebody at the department knows the place by its name.
        return _placed(memory, Option(OptionKind.PLACE, "", clean_line(text)[:300]), world)
    return not_understood(memory, wording.place_unknown(), world)


def _which(memory: Memory, text: str, world: World) -> Turn:
    picked = _picked(memory, text)
    if picked is not None:
        return _placed(memory, picked, world)
    if _number(text) is not None:
        return not_understood(memory, wording.not_a_choice(len(memory.options)), world)
    return _place(replace(memory, step=TalkStep.PLACE, options=()), text, world)


def _placed(memory: Memory, here: Option, world: World) -> Turn:
    memory = replace(
        memory,
        address=here.label,
        point=here.point,
        options=(),
        tries=0,
        done=(*memory.done, "place"),
    )
    stopped = world.stop(memory)
    if stopped is not None:
        return Turn(memory, stopped.text, Act(ActKind.DIVERT, code=stopped.code))
    return ask(memory, world)


def _similar(memory: Memory, text: str, world: World) -> Turn:
    picked = _picked(memory, text)
    if picked is None and len(memory.options) == 1 and _says(text, "yes", world):
        picked = memory.options[0]
    if picked is not None:
        act = Act(ActKind.FOLLOW, code=picked.code)
        return Turn(Memory(language=memory.language), "", act)
    if _is_none(text, world):
        return ask(replace(memory, done=(*memory.done, "similar"), options=(), tries=0), world)
    return not_understood(memory, wording.not_a_choice(len(memory.options)), world)


def _confirm(memory: Memory, text: str, world: World) -> Turn:
    said = _number(text)
    if said == 1 or _says(text, "yes", world):
        return Turn(memory, "", Act(ActKind.FILE))
    if said == 2 or _says(text, "no", world):
        return ask(undone(memory), world)
    if said == 3:
        return Turn(memory, "", Act(ActKind.WEB))
    return not_understood(memory, wording.not_a_choice(3), world)


def _language_chosen(memory: Memory, text: str, world: World) -> Turn:
    picked = _picked(memory, text) or _language_named(text, world)
    if picked is not None:
        return _speaking(memory, picked, world)
    options = world.languages()
    return Turn(replace(memory, options=options), wording.language(options))


_HEARD: dict[TalkStep, Callable[[Memory, str, World], Turn]] = {
    TalkStep.IDLE: _subject,
    TalkStep.SUBJECT: _subject,
    TalkStep.CHOICE: _choice,
    TalkStep.QUESTION: _question,
    TalkStep.WORDS: _words,
    TalkStep.PLACE: _place,
    TalkStep.WHICH: _which,
    TalkStep.SIMILAR: _similar,
    TalkStep.CONFIRM: _confirm,
    TalkStep.LANGUAGE: _language_chosen,
}


def _is_none(text: str, world: World) -> bool:
    return _number(text) == 0 or _says(text, "skip", world) or _says(text, "no", world)


def _number(text: str) -> int | None:
    """Return the number ``text`` is, None for anything else."""
    said = clean_line(text).rstrip(".)")
    return int(said) if _DIGITS.fullmatch(said) else None


def _says(text: str, code: str, world: World) -> bool:
    return world.words().get(fold(clean_line(text))) == code


def _picked(memory: Memory, text: str) -> Option | None:
    place = _number(text)
    if place is not None:
        return memory.options[place - 1] if 1 <= place <= len(memory.options) else None
    said = clean_line(text).rstrip(".)")
    named = [one for one in memory.options if fold(one.label) == fold(said)]
    return named[0] if len(named) == 1 else None


def _sent(question: FormQuestion, text: str) -> tuple[str, ...] | None:
    """Return the answer as the form wants it; None for choices that are not there."""
    if question.datatype not in LIST_DATATYPES:
        return (text,)
    whole = clean_line(text).rstrip(".)")
    several = question.datatype is Datatype.MULTIVALUELIST
    keys: list[str] = []
    for part in _BETWEEN.split(whole) if several else [whole]:
        place = _number(part)
        if place is None or not 1 <= place <= len(question.values):
            keys.clear()
            break
        keys.append(question.values[place - 1].key)
    if keys:
        return tuple(dict.fromkeys(keys))
    named = [one for one in question.values if fold(one.name) == fold(whole)]
    if len(named) != 1:
        begun = [one for one in question.values if fold(one.name).startswith(fold(whole))]
        named = begun if len(whole) >= 3 else []
    return (named[0].key,) if len(named) == 1 else None
