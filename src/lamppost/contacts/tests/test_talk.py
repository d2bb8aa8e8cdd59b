"""The talk as a pure machine: a sentence per row, no database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lamppost.catalog.choices import Datatype, LocationRule
from lamppost.catalog.forms import FormQuestion, FormValue, check_answers
from lamppost.contacts.choices import TalkStep
from lamppost.contacts.talk.commands import command_of, word_table
from lamppost.contacts.talk.machine import advance
from lamppost.contacts.talk.scripts import language_by_script
from lamppost.contacts.talk.values import (
    ActKind,
    Memory,
    Option,
    OptionKind,
    Places,
    Stopped,
)
from lamppost.contacts.talk.wording import MOST_SEGMENTS, fitting
from lamppost.database.fields import Point
from lamppost.kernel.segments import size_of

HERE = Option(OptionKind.PLACE, "", "25 Main St", Point(-75.0, 40.0))
THERE = Option(OptionKind.PLACE, "", "25 Main Ave", Point(-75.1, 40.0))


def question(code: str, datatype: Datatype, *values: str, **more: object) -> FormQuestion:
    rows = tuple(FormValue(place, one, one.title()) for place, one in enumerate(values, start=1))
    fields = {"is_required": True, "only_if": frozenset()} | more
    return FormQuestion(
        id=len(code), code=code, order=1, text=f"{code}?", help="", datatype=datatype,
        is_variable=True, is_public=True, values=rows, **fields,  # type: ignore[arg-type]
    )  # fmt: skip


class Village:
    """A city of two services and one article."""

    def __init__(self) -> None:
        self.form = (
            question("KIND", Datatype.SINGLEVALUELIST, "small", "gas"),
            question("PARTS", Datatype.MULTIVALUELIST, "top", "middle", "end"),
            question("WIDE", Datatype.NUMBER, is_required=False),
        )
        self.rule = LocationRule.REQUIRED
        self.near: tuple[Option, ...] = ()

    def danger(self, text: str) -> Stopped | None:
        return Stopped("emergency", "Call 911.", "fire") if "fire" in text else None

    def words(self) -> Mapping[str, str]:
        return word_table({"stop": "alto", "wifi": "wifi", "yes": "sí"})

    def suggest(self, text: str) -> tuple[Option, ...]:
        if "hole" not in text:
            return ()
        return (
            Option(OptionKind.SERVICE, "HOLE", "Pothole"),
            Option(OptionKind.SERVICE, "SINK", "Sinkhole"),
            Option(OptionKind.ARTICLE, "holes", "Who mends holes?"),
        )

    def service_name(self, code: str) -> str:
        return {"HOLE": "Pothole", "SINK": "Sinkhole"}.get(code, "")

    def location(self, code: str) -> LocationRule:
        return self.rule

    def asked(self, code: str, answers: Mapping[str, tuple[str, ...]]) -> tuple[FormQuestion, ...]:
        return self.form if code == "HOLE" else ()

    def problem(self, question: FormQuestion, sent: tuple[str, ...]) -> str:
        problems = check_answers((replace(question, only_if=frozenset()),), {question.code: sent})[
            1
        ]
        return problems[0].message if problems else ""

    def stop(self, memory: Memory) -> Stopped | None:
        is_gas = memory.answers.get("KIND") == ("gas",)
        return Stopped("emergency", "Call 911.", "7") if is_gas else None

    def places(self, text: str) -> Places:
        if text == "25 main st":
            return Places(sure=HERE)
        return Places(options=(HERE, THERE)) if text == "25 main" else Places()

    def at(self, point: Point) -> Option | None:
        return replace(HERE, point=point) if point.lat > 0 else None

    def similar(self, memory: Memory) -> tuple[Option, ...]:
        return self.near

    def languages(self) -> tuple[Option, ...]:
        return (
            Option(OptionKind.LANGUAGE, "en", "English"),
            Option(OptionKind.LANGUAGE, "es", "Español"),
        )

    def help(self) -> str:
        return "Text the problem."


def talk(*texts: str, village: Village | None = None, memory: Memory | None = None) -> list[object]:
    """Return the last step, act and words after these texts."""
    memory, village = memory or Memory(language="en"), village or Village()
    turn = None
    for text in texts:
        turn = advance(memory, text, village)
        memory = turn.memory
    assert turn is not None
    return [memory, turn.act.kind if turn.act else None, turn.say]


TO_FORM = ("a hole", "1")
TO_PLACE = (*TO_FORM, "1", "1,3", "0")
TO_END = (*TO_PLACE, "25 main st")

# The texts, the step after them, what is to be done.
WAYS: list[tuple[tuple[str, ...], TalkStep, ActKind | None, str]] = [
    (("report",), TalkStep.SUBJECT, None, "the bare word asks what it is"),
    (("report a hole",), TalkStep.CHOICE, None, "what follows the word is the problem"),
    (("a hole",), TalkStep.CHOICE, None, "free text is looked for"),
    (("nothing known",), TalkStep.SUBJECT, None, "no service: other words"),
    (("a hole", "9"), TalkStep.CHOICE, None, "no such number: asked again"),
    (("a hole", "0"), TalkStep.SUBJECT, None, "none of them: other words"),
    (("a hole", "sinkhole"), TalkStep.PLACE, None, "a name instead of its number"),
    (("a hole", "3"), TalkStep.IDLE, ActKind.ARTICLE, "an answer instead of a report"),
    (TO_FORM, TalkStep.QUESTION, None, "the first question"),
    ((*TO_FORM, "small"), TalkStep.QUESTION, None, "an answer by its name"),
    ((*TO_FORM, "2"), TalkStep.QUESTION, ActKind.DIVERT, "an answer the table stops"),
    ((*TO_FORM, "0"), TalkStep.QUESTION, None, "a needed answer cannot be skipped"),
    (TO_PLACE, TalkStep.PLACE, None, "then the place"),
    ((*TO_FORM, "1", "1 and 3", "wide"), TalkStep.QUESTION, None, "no number: asked again"),
    ((*TO_PLACE, "25 main"), TalkStep.WHICH, None, "two places fit"),
    ((*TO_PLACE, "25 main", "2"), TalkStep.CONFIRM, None, "one of them"),
    ((*TO_PLACE, "25 main", "25 main st"), TalkStep.CONFIRM, None, "another address instead"),
    ((*TO_PLACE, "nowhere at all"), TalkStep.PLACE, None, "unknown: asked again"),
    ((*TO_PLACE, "the old mill", "the old mill"), TalkStep.CONFIRM, None, "insisting is believed"),
    ((*TO_PLACE, "40.00000,-75.00000"), TalkStep.CONFIRM, None, "coordinates"),
    ((*TO_PLACE, "https://maps.example/?q=40.0001%2C-75.0001"), TalkStep.CONFIRM, None, "a link"),
    ((*TO_PLACE, "-40.00000,-75.00000"), TalkStep.PLACE, None, "outside the city"),
    ((*TO_END, "1"), TalkStep.CONFIRM, ActKind.FILE, "sent by number"),
    ((*TO_END, "Yes"), TalkStep.CONFIRM, ActKind.FILE, "sent by word, which here is no START"),
    ((*TO_END, "sí"), TalkStep.CONFIRM, ActKind.FILE, "and in another language"),
    ((*TO_END, "3"), TalkStep.CONFIRM, ActKind.WEB, "finished on the web"),
    ((*TO_END, "2"), TalkStep.PLACE, None, "something is to be changed"),
    ((*TO_END, "perhaps"), TalkStep.CONFIRM, None, "neither yes nor no"),
    ((*TO_END, "back"), TalkStep.PLACE, None, "BACK undoes the last step"),
    ((*TO_END, "back", "back"), TalkStep.QUESTION, None, "and the one before"),
    ((*TO_END, "new"), TalkStep.SUBJECT, None, "NEW forgets everything"),
    ((*TO_FORM, "status 1234"), TalkStep.QUESTION, ActKind.STATUS, "a status in between"),
    ((*TO_FORM, "fire!"), TalkStep.IDLE, ActKind.DANGER, "danger at any step ends the talk"),
    (("there is a fire",), TalkStep.IDLE, ActKind.DANGER, "and at the first text"),
    ((*TO_FORM, "STOP"), TalkStep.IDLE, ActKind.STOP, "STOP at any step"),
    (("Alto.",), TalkStep.IDLE, ActKind.STOP, "in the city's other language"),
    (("stop sign hole",), TalkStep.CHOICE, None, "a stop sign is no STOP"),
    (("yes",), TalkStep.IDLE, ActKind.START, "YES alone is START, as carriers have it"),
    (("1234",), TalkStep.IDLE, ActKind.STATUS, "a bare number is a case"),
    (("#1234",), TalkStep.IDLE, ActKind.STATUS, "with its sign too"),
    (("١٢٣٤",), TalkStep.IDLE, ActKind.STATUS, "in the digits of the person's script"),
    (("a hole", "٢"), TalkStep.PLACE, None, "which choose from a list as well"),
    ((*TO_END, "१"), TalkStep.CONFIRM, ActKind.FILE, "and send a report"),
    (("wifi 41st & Main",), TalkStep.IDLE, ActKind.KEYWORD, "a keyword of the city with words"),
    ((*TO_PLACE, "wifi"), TalkStep.PLACE, ActKind.KEYWORD, "in between, and the report goes on"),
    (("done 1234",), TalkStep.IDLE, ActKind.DONE, "it is settled"),
    (("not fixed 1234 still there",), TalkStep.IDLE, ActKind.NOT_FIXED, "it is not"),
    (("web",), TalkStep.IDLE, None, "nothing begun: nothing to open"),
    ((*TO_FORM, "web"), TalkStep.QUESTION, ActKind.WEB, "the form on the web"),
    (("lang",), TalkStep.LANGUAGE, None, "which languages there are"),
    ((*TO_FORM, "lang", "2"), TalkStep.QUESTION, None, "the report goes on in it"),
    ((*TO_FORM, "es"), TalkStep.QUESTION, None, "by its code"),
    (("",), TalkStep.IDLE, None, "an empty text does no harm"),
]  # fmt: skip


@pytest.mark.parametrize(("texts", "step", "act", "why"), WAYS)
def test_where_texts_lead(
    texts: tuple[str, ...], step: TalkStep, act: ActKind | None, why: str
) -> None:
    memory, done, say = talk(*texts)
    assert isinstance(memory, Memory)
    assert (memory.step, done) == (step, act), (why, say)


def test_what_was_said_is_kept_as_answers() -> None:
    memory = talk(*TO_END)[0]
    assert isinstance(memory, Memory)
    assert memory.answers == {"KIND": ("small",), "PARTS": ("top", "end")}
    assert (memory.description, memory.address) == ("a hole", "25 Main St")


@pytest.mark.parametrize(
    "said", ["1,3", "1 3", "1 and 3", "1 y 3", "1 و3", "1، 3", "1 & 3.", "١ و ٣"]
)
def test_several_are_chosen_whatever_joins_them(said: str) -> None:
    memory = talk(*TO_FORM, "1", said)[0]
    assert isinstance(memory, Memory)
    assert memory.answers["PARTS"] == ("top", "end")


def test_three_texts_that_say_nothing_bring_other_ways() -> None:
    assert "WEB" not in str(talk(*TO_FORM, "x", "y")[2])
    assert "WEB" in str(talk(*TO_FORM, "x", "y", "z")[2])


def test_a_case_nearby_is_offered_once_and_can_be_declined() -> None:
    village = Village()
    village.near = (Option(OptionKind.CASE, "77", "77, about 10 m away"),)
    assert talk(*TO_END, village=village)[0].step is TalkStep.SIMILAR  # type: ignore[attr-defined]
    assert talk(*TO_END, "yes", village=village)[1] is ActKind.FOLLOW
    assert talk(*TO_END, "0", village=village)[0].step is TalkStep.CONFIRM  # type: ignore[attr-defined]


def test_a_service_without_a_place_asks_for_none() -> None:
    village = Village()
    village.rule = LocationRule.NONE
    assert talk(*TO_PLACE, village=village)[0].step is TalkStep.CONFIRM  # type: ignore[attr-defined]


def test_the_language_named_lasts() -> None:
    assert talk(*TO_FORM, "Español")[0].language == "es"  # type: ignore[attr-defined]


def test_a_long_answer_comes_in_parts_and_more_brings_the_rest() -> None:
    long = "A sentence of some length that says something. " * 40
    first, rest = fitting(long)
    assert size_of(first).segments <= MOST_SEGMENTS
    assert "MORE" in first
    memory = Memory(language="en", rest=rest)
    assert advance(memory, "more", Village()).say == rest
    assert "no more" in advance(replace(memory, rest=""), "more", Village()).say


TEXTS = st.one_of(
    st.sampled_from(["1", "2", "0", "9", "a hole", "back", "new", "yes", "es", "lang", "more",
                     "25 main", "25 main st", "status 1234", "web", "help", "stop", "wifi"]),
    st.text(max_size=30),
)  # fmt: skip


@given(st.lists(TEXTS, max_size=12))
@settings(max_examples=200, deadline=None)
def test_no_texts_break_it_and_every_answer_fits(texts: list[str]) -> None:
    memory = Memory(language="en")
    for text in texts:
        turn = advance(memory, text, Village())
        memory = turn.memory
        part, _rest = fitting(turn.say)
        assert size_of(part).segments <= MOST_SEGMENTS
        assert turn.say or turn.act


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("STOP", "stop"),
        ("Stop!", "stop"),
        ("stopall", "stop"),
        ("Unsubscribe.", "stop"),
        ("Opt out", "stop"),
        ("REVOKE", "stop"),
        ("ALTO", "stop"),
        ("stop the noise", None),
        ("end of the street is dark", None),
        ("start", "start"),
        ("info", "help"),
        ("status", "status"),
        ("status of my report", None),
        ("status: 1234", "status"),
    ],
)
def test_commands(text: str, code: str | None) -> None:
    found = command_of(text, word_table({"stop": "alto"}), is_idle=True)
    assert (found.code if found else None) == code


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("حفرة في الشارع", "ar"),
        ("дыра на дороге", "ru"),
        ("яма на вулиці, є", "uk"),
        ("路上有个坑", "zh-hans"),
        ("道に穴があります", "ja"),
        ("도로에 구멍", "ko"),
        ("រណ្តៅនៅលើផ្លូវ", "km"),
        ("လမ်းပေါ်မှာ အပေါက်", "my"),
        ("a pothole", ""),
        ("un bache", ""),
        ("12345", ""),
    ],
)
def test_letters_tell_the_language(text: str, language: str) -> None:
    offered = ["en", "es", "ar", "ru", "uk", "zh-hans", "ja", "ko", "km", "my"]
    assert language_by_script(text, offered) == language
    assert language_by_script(text, ["en", "es"]) == ""


def test_the_word_that_nobody_is_in_danger_takes_up_what_was_stopped() -> None:
    memory, act, said = talk("a hole near the fire place")
    assert act is ActKind.DANGER
    assert "NODANGER" in str(said)
    memory, _act, _said = talk("no danger", memory=memory)  # type: ignore[arg-type]
    assert isinstance(memory, Memory)
    assert (memory.step, memory.said_safe) == (TalkStep.CHOICE, ("fire",))
    assert memory.description == "a hole near the fire place"


def test_any_other_word_after_danger_drops_what_was_stopped() -> None:
    memory, _act, _said = talk("a hole near the fire place", "a hole")
    assert isinstance(memory, Memory)
    assert (memory.stopped, memory.said_safe, memory.description) == ("", (), "a hole")


def test_the_word_alone_says_nothing() -> None:
    memory, _act, _said = talk("NODANGER")
    assert isinstance(memory, Memory)
    assert memory.said_safe == ()
