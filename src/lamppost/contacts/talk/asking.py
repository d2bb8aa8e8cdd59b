"""What the talk asks next: the first thing a report still lacks. Pure."""

from __future__ import annotations

from dataclasses import replace

from lamppost.catalog.choices import LocationRule
from lamppost.contacts.choices import TalkStep
from lamppost.contacts.talk import wording
from lamppost.contacts.talk.values import Memory, Option, OptionKind, Turn, World

# After so many texts that say nothing for the question, other ways are offered.
PATIENCE = 3


def ask(memory: Memory, world: World, *, first: str = "") -> Turn:
    """Ask for the next thing that is missing, after saying ``first``."""
    turn = _asked(memory, world)
    return replace(turn, say=wording.lines(first, turn.say))


def _asked(memory: Memory, world: World) -> Turn:
    if memory.step is TalkStep.IDLE:
        return Turn(memory, wording.subject())
    if memory.step is TalkStep.LANGUAGE:
        options = world.languages()
        return Turn(replace(memory, options=options), wording.language(options))
    if not memory.service_code:
        if memory.step is TalkStep.CHOICE and memory.options:
            return Turn(memory, wording.choice(memory.options))
        return Turn(replace(memory, step=TalkStep.SUBJECT, options=()), wording.subject())
    if not world.service_name(memory.service_code):
        return Turn(
            replace(memory, step=TalkStep.SUBJECT, service_code="", options=()), wording.subject()
        )
    told: list[str] = []
    for one in world.asked(memory.service_code, memory.answers):
        if f"question:{one.code}" in memory.done:
            continue
        if not one.is_variable:
            told.append(one.text)
            memory = replace(memory, done=(*memory.done, f"question:{one.code}"))
            continue
        options = tuple(Option(OptionKind.VALUE, v.key, v.name) for v in one.values)
        memory = replace(memory, step=TalkStep.QUESTION, question=one.code, options=())
        return Turn(memory, wording.lines(*told, wording.question(one, options)))
    turn = _asked_after_form(memory, world)
    return replace(turn, say=wording.lines(*told, turn.say))


def _asked_after_form(memory: Memory, world: World) -> Turn:
    if "words" not in memory.done and not memory.description:
        return Turn(replace(memory, step=TalkStep.WORDS, options=()), wording.description())
    location = world.location(memory.service_code)
    if "place" not in memory.done and location is not LocationRule.NONE:
        if memory.step is TalkStep.WHICH and memory.options:
            return Turn(memory, wording.which(memory.options))
        say = wording.place(is_required=location is LocationRule.REQUIRED)
        return Turn(replace(memory, step=TalkStep.PLACE, options=()), say)
    if "similar" not in memory.done and memory.point is not None:
        options = world.similar(memory)
        if options:
            memory = replace(memory, step=TalkStep.SIMILAR, options=options)
            return Turn(memory, wording.similar(options))
    memory = replace(memory, step=TalkStep.CONFIRM, options=())
    return Turn(memory, wording.confirm(memory, world))


def not_understood(memory: Memory, problem: str, world: World) -> Turn:
    """Say what is wrong with an answer and ask again; in time, offer other ways."""
    memory = replace(memory, tries=memory.tries + 1)
    asked = ask(memory, world)
    tries = memory.tries
    say = wording.lines(problem, wording.stuck() if tries >= PATIENCE else "", asked.say)
    return Turn(replace(asked.memory, tries=tries), say)


def undone(memory: Memory) -> Memory:
    """Return the memory without its last step."""
    memory = replace(memory, tries=0, rest="", options=())
    if not memory.done:
        return Memory(language=memory.language, step=TalkStep.SUBJECT)
    last, done = memory.done[-1], memory.done[:-1]
    kind, _colon, code = last.partition(":")
    if kind == "question":
        answers = {key: sent for key, sent in memory.answers.items() if key != code}
        return replace(memory, done=done, answers=answers)
    if kind == "words":
        return replace(memory, done=done, description="")
    if kind == "place":
        return replace(memory, done=done, address="", point=None)
    return undone(replace(memory, done=done))
