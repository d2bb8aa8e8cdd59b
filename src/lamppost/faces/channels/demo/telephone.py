"""A telephone on paper: plays TwiML as the provider would, for a person who reads along. Pure."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any
from urllib.parse import urljoin
from xml.etree import ElementTree

MOST_LINES = 60


@dataclass(frozen=True, slots=True)
class Heard:
    """One thing heard: words with the tag of their language, or a note of what happens."""

    text: str
    tag: str = ""
    is_note: bool = False


@dataclass(frozen=True, slots=True)
class Telephone:
    """A call as it stands. ``keys_to`` is where pressed keys go, ``silence_to`` where saying
    nothing leads; ``queue_left_to`` is where leaving the queue leads, while in it.
    """

    sid: str
    heard: tuple[Heard, ...] = ()
    keys_to: str = ""
    silence_to: str = ""
    queue_left_to: str = ""
    agent: str = ""
    is_over: bool = False

    def stored(self) -> dict[str, Any]:
        """Return it as a session keeps it."""
        return asdict(self)


def restored(stored: dict[str, Any]) -> Telephone:
    """Return the telephone a session kept."""
    return Telephone(**(stored | {"heard": tuple(Heard(**one) for one in stored["heard"])}))


@dataclass(frozen=True, slots=True)
class Next:
    """The telephone after an answer, and the address the provider would ask at once, or ''."""

    telephone: Telephone
    ask: str = ""
    queue_result: str = ""


def played(telephone: Telephone, twiml: bytes, at: str) -> Next:
    """Play the answer to a call of ``at`` (a path) verb by verb, up to where it waits.

    The answers are our own; verbs the menu does not use are passed over.
    """
    now = replace(telephone, keys_to="", silence_to="")
    for verb in ElementTree.fromstring(twiml):  # noqa: S314 - written by ourselves
        text = (verb.text or "").strip()
        if verb.tag == "Say":
            now = _hear(now, Heard(text, verb.get("language", "")))
        elif verb.tag == "Gather":
            for one in verb:
                now = _hear(now, _inside(one))
            now = replace(now, keys_to=urljoin(at, verb.get("action", "")))
        elif verb.tag == "Redirect":
            address = urljoin(at, text)
            # Where keys are wanted, the redirect is what silence leads to.
            return Next(replace(now, silence_to=address)) if now.keys_to else Next(now, address)
        elif verb.tag == "Enqueue":
            now = replace(now, queue_left_to=urljoin(at, verb.get("action", "")))
            return Next(now, urljoin(at, verb.get("waitUrl", "")))
        elif verb.tag == "Leave":
            address = now.queue_left_to
            return Next(replace(now, queue_left_to=""), address, "leave")
        elif verb.tag == "Dial":
            target = "".join(verb.itertext()).strip()
            return Next(replace(now, agent=target))
        elif verb.tag == "Hangup":
            return Next(replace(now, is_over=True))
    return Next(now if now.keys_to else replace(now, is_over=True))


def _inside(verb: ElementTree.Element) -> Heard:
    if verb.tag == "Say":
        return Heard((verb.text or "").strip(), verb.get("language", ""))
    return Heard("♪", is_note=True)


def _hear(telephone: Telephone, one: Heard) -> Telephone:
    if not one.text:
        return telephone
    return replace(telephone, heard=(*telephone.heard, one)[-MOST_LINES:])
