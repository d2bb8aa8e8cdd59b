"""Events in, sentences out: what a resident reads of each."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import translation

from lamppost.cases.choices import EventKind
from lamppost.cases.selectors.timeline import Happening, Words, timeline

AT = datetime(2026, 1, 5, 15, 0, tzinfo=UTC)
WORDS = Words(
    statuses={1: "Received", 2: "In progress", 3: "Waiting for weather", 4: "Closed"},
    services={1: "Pothole", 2: "Cave-in"},
    departments={1: "Streets", 2: "Water"},
    outcomes={1: "Done"},
    pause_reasons={1: "Weather"},
)


def event(kind: EventKind, minutes: int = 0, **more: Any) -> Happening:
    fields = {"state": "open", "status_id": 2, "service_id": 1, "department_id": 1, **more}
    return Happening(kind=kind, at=AT + timedelta(minutes=minutes), **fields)


def titles(*events: Happening, with_text: bool = True) -> list[str]:
    with translation.override("en"):
        return [entry.title for entry in timeline(events, WORDS, with_text=with_text)]


@pytest.mark.parametrize(
    "kind",
    [
        EventKind.EDITED, EventKind.ASSIGNED, EventKind.TRANSFER_OFFERED,
        EventKind.TRANSFER_REFUSED, EventKind.LINKED, EventKind.UNLINKED, EventKind.VISIBILITY,
        EventKind.PHOTO_HIDDEN, EventKind.REDACTED,
    ],
)  # fmt: skip
def test_inner_affairs_are_not_told(kind: EventKind) -> None:
    assert titles(event(kind, text="secret")) == []


@pytest.mark.parametrize(
    ("happening", "title"),
    [
        (event(EventKind.ROUTED), "Sent to Streets"),
        (event(EventKind.MOVED), "In progress"),
        (event(EventKind.MOVED, status_id=3, data={"pause": 1}), "Waiting: Weather"),
        (event(EventKind.MOVED, data={"pause": None}), "In progress"),
        (event(EventKind.CLOSED, outcome_id=1), "Closed: Done"),
        (event(EventKind.REOPENED), "Opened again"),
        (event(EventKind.NOTE), "News from the city"),
        (event(EventKind.RESIDENT_COMMENT), "Comment by the person who reported it"),
        (event(EventKind.RECATEGORIZED, service_id=2), "Now treated as: Cave-in"),
        (
            event(EventKind.TRANSFER_ACCEPTED, department_id=2, data={"from": 1}),
            "Water took over",
        ),
        (
            event(EventKind.CLOCK, data={"kind": "resolve", "change": "breach"}),
            "The promised time has passed",
        ),
        (event(EventKind.PHOTO, photo_url="/x.jpg", data={"by_staff": True}), "Photo by the city"),
    ],
)  # fmt: skip
def test_each_event_in_words(happening: Happening, title: str) -> None:
    assert titles(happening) == [title]


def test_newest_first_and_the_first_event_says_where_it_went() -> None:
    assert titles(event(EventKind.RECEIVED), event(EventKind.CLOSED, 5, outcome_id=1)) == [
        "Closed: Done", "Sent to Streets", "Received",
    ]  # fmt: skip


def test_a_broken_promise_to_answer_first_is_the_desks_affair() -> None:
    clock = {"kind": "acknowledge", "change": "breach"}
    assert titles(event(EventKind.CLOCK, data=clock)) == []


def test_a_hidden_photo_leaves_no_line() -> None:
    assert titles(event(EventKind.PHOTO)) == []


def test_neighbors_in_a_row_are_one_line_and_news_between_starts_another() -> None:
    followed = EventKind.FOLLOWED
    assert titles(
        event(followed), event(followed, 1), event(EventKind.MOVED, 2), event(followed, 3)
    ) == ["1 more person reported the same", "In progress", "2 more people reported the same"]


def test_of_a_limited_case_only_the_steps_remain() -> None:
    events = (
        event(EventKind.RECEIVED, text="my words"),
        event(EventKind.NOTE, 1, text="about 12 Main St"),
        event(EventKind.PHOTO, 2, photo_url="/photos/x.jpg"),
        event(EventKind.FOLLOWED, 3),
        event(EventKind.CLOSED, 4, outcome_id=1, text="Found at 12 Main St"),
    )
    with translation.override("en"):
        entries = timeline(events, WORDS, with_text=False)
    assert [entry.title for entry in entries] == ["Closed: Done", "Sent to Streets", "Received"]
    assert all(not entry.text and not entry.photo_url for entry in entries)


def test_words_taken_out_are_said_to_be() -> None:
    with translation.override("en"):
        (entry,) = timeline([event(EventKind.NOTE, is_redacted=True)], WORDS)
    assert entry.text == "This text was removed."


def test_a_pause_tells_its_reason_and_that_the_time_stands_still() -> None:
    paused = event(EventKind.MOVED, status_id=3, text="Snow", data={"pause": 1})
    with translation.override("en"):
        (entry,) = timeline([paused], WORDS)
    assert entry.text.splitlines() == [
        "Snow", "The time allowed for the work stands still until it goes on.",
    ]  # fmt: skip
