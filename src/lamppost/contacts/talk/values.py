"""What the talk is made of. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from lamppost.catalog.choices import LocationRule
from lamppost.catalog.forms import FormQuestion
from lamppost.contacts.choices import TalkStep
from lamppost.database.fields import Point


class OptionKind(StrEnum):
    """What a numbered line stands for."""

    SERVICE = "service"
    ARTICLE = "article"
    VALUE = "value"
    PLACE = "place"
    CASE = "case"
    LANGUAGE = "language"


@dataclass(frozen=True, slots=True)
class Option:
    """One numbered line: what it stands for, by code, and its words. ``point``: of a place."""

    kind: OptionKind
    code: str
    label: str
    point: Point | None = None


@dataclass(frozen=True, slots=True)
class Places:
    """What a text may mean as a place: one surely, or several to choose from, or none."""

    sure: Option | None = None
    options: tuple[Option, ...] = ()


@dataclass(frozen=True, slots=True)
class Stopped:
    """This is not for a report: an emergency, a crisis, or somebody else's. ``text`` says so.

    ``code`` tells what stopped it, for the record.
    """

    outcome: str
    text: str
    code: str = ""


@dataclass(frozen=True, slots=True)
class Memory:
    """Everything the talk knows between two texts.

    ``done`` are the steps behind us in order (``question:CODE``, ``words``, ``place``,
    ``similar``): going back undoes the last. ``rest`` is what MORE will show.
    """

    step: TalkStep = TalkStep.IDLE
    language: str = ""
    service_code: str = ""
    answers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    description: str = ""
    address: str = ""
    point: Point | None = None
    question: str = ""
    options: tuple[Option, ...] = ()
    done: tuple[str, ...] = ()
    tries: int = 0
    rest: str = ""
    before_language: TalkStep = TalkStep.IDLE
    # Words that were stopped, what danger they told of, and the dangers said to be none.
    stopped: str = ""
    stopped_for: str = ""
    said_safe: tuple[str, ...] = ()

    @property
    def is_reporting(self) -> bool:
        """Whether a report has been begun."""
        return self.step is not TalkStep.IDLE


class ActKind(StrEnum):
    """What has to be done beside answering."""

    FILE = "file"
    FOLLOW = "follow"
    DIVERT = "divert"
    DANGER = "danger"
    STOP = "stop"
    START = "start"
    STATUS = "status"
    ARTICLE = "article"
    KEYWORD = "keyword"
    WEB = "web"
    DONE = "done"
    NOT_FIXED = "not_fixed"


@dataclass(frozen=True, slots=True)
class Act:
    """Something to be done: on the case, article or keyword ``code``, with the words ``text``."""

    kind: ActKind
    code: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Turn:
    """The talk after a text: what it knows now, what it says, what is to be done first."""

    memory: Memory
    say: str
    act: Act | None = None


class World(Protocol):
    """What the talk asks of the city, worded in the active language."""

    def danger(self, text: str) -> Stopped | None:
        """Return what to say when the words mean danger."""

    def words(self) -> Mapping[str, str]:
        """Return folded word to code of everything the city or the talk answers to."""

    def suggest(self, text: str) -> tuple[Option, ...]:
        """Return services and answers these words may mean, likeliest first."""

    def service_name(self, code: str) -> str:
        """Return the name of a service; '' for one that cannot be asked for any more."""

    def location(self, code: str) -> LocationRule:
        """Return whether a report of the service has a place."""

    def asked(self, code: str, answers: Mapping[str, tuple[str, ...]]) -> tuple[FormQuestion, ...]:
        """Return the questions these answers call for, in order."""

    def problem(self, question: FormQuestion, sent: tuple[str, ...]) -> str:
        """Return what is wrong with an answer; '' when nothing is."""

    def stop(self, memory: Memory) -> Stopped | None:
        """Return what the service's table says as far as the answers decide it."""

    def places(self, text: str) -> Places:
        """Return what a text may mean as a place."""

    def at(self, point: Point) -> Option | None:
        """Return the place at a point, None outside the city."""

    def similar(self, memory: Memory) -> tuple[Option, ...]:
        """Return open cases nearby that may be the same."""

    def languages(self) -> tuple[Option, ...]:
        """Return the languages offered, each named in itself."""

    def help(self) -> str:
        """Return what can be texted, and who else to ask."""
