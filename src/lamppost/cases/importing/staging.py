"""From past cases to the text COPY takes: everything that needs no database, done beforehand.

A batch is staged in the thread that reads ahead, while the database writes the one before.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lamppost.cases.importing.past import PastCase
from lamppost.cases.services.events import text_digest
from lamppost.cases.services.public_words import public_former
from lamppost.catalog.book import Book, OutcomeEntry, book
from lamppost.catalog.choices import CaseKind, OutcomeKind, State, Visibility
from lamppost.cities.selectors import city_in_scope
from lamppost.kernel.refusals import Invalid
from lamppost.places.locate import Located, locator_of

STAGE = """
CREATE TEMPORARY TABLE IF NOT EXISTS past_case (
  row integer, number text, kind text, service_id bigint, department_id bigint, state text,
  status_id bigint, outcome_id bigint, note text, visibility text, channel text, language text,
  subject text, description text, public_description text, public_note text,
  long double precision, lat double precision, address text,
  zipcode text, doubtful boolean, media_url text, requested_at timestamptz,
  updated_at timestamptz, closed_at timestamptz, due_at timestamptz, salt text, digest text,
  opening_status bigint, area_ids bigint[], doubtful_ids bigint[], note_language text,
  is_duplicate boolean, duplicate_of text
) ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE IF NOT EXISTS past_merged (id bigint, number text, is_new boolean)
  ON COMMIT DELETE ROWS;
-- Within a larger transaction the batch before is still there.
TRUNCATE past_case, past_merged
"""

# A number written with a letter or a dash can never meet one of ours; nor one of 16 digits.
_NO_NUMBER_OF_OURS = 10**15
_NULL = "\\N"


@dataclass(frozen=True, slots=True)
class Staged:
    """A batch as COPY's text, how many rows it has and the highest plain number, or 0."""

    block: bytes
    rows: int
    highest_number: int


class Stager:
    """Stages batches for the city in scope, whose catalogue and areas it keeps as they are now.

    Made in the thread that has the database; used in any.
    """

    def __init__(self) -> None:
        pages = book()
        self._pages: Book = pages
        self._areas_at = locator_of(city_in_scope())
        # Staging may run in a thread that has no city in scope and no database.
        self._public_form = public_former()
        self._departments = {entry.code: entry.id for entry in pages.departments.values()}
        self._statuses = {
            state: pages.default_status(state).id
            for state in (State.RECEIVED, State.OPEN, State.CLOSED)
        }
        self._outcomes = {kind: pages.outcome_of_kind(kind) for kind in OutcomeKind}

    def stage(self, cases: Sequence[PastCase]) -> Staged:
        """Return the batch. Raises ``Invalid`` for a service or outcome the city has not."""
        lines = [
            self._line(index, case, areas)
            for index, (case, areas) in enumerate(zip(cases, self._areas(cases), strict=True))
        ]
        return Staged("".join(lines).encode(), len(lines), _highest_number(cases))

    def _areas(self, cases: Sequence[PastCase]) -> list[tuple[Located, ...]]:
        found = iter(self._areas_at([case.point for case in cases if case.point]))
        return [next(found) if case.point else () for case in cases]

    def _line(self, index: int, case: PastCase, areas: tuple[Located, ...]) -> str:
        service = self._pages.services.get(case.service_code)
        if service is None:
            raise Invalid(f"case {case.number}: no service {case.service_code!r} here")
        state, outcome = _state(case), self._outcome(case)
        salt = secrets.token_hex(16) if case.note else ""
        values = (
            index,
            _text(case.number),
            service.kind,
            service.id,
            self._departments.get(case.agency, service.department_id),
            state,
            self._statuses[state],
            _NULL if outcome is None else outcome.id,
            _text(case.note),
            Visibility.PRIVATE if case.is_private else service.visibility,
            case.channel,
            _text(case.language),
            _text(case.subject),
            _text(case.description),
            _or_null(self._public_form(case.description)),
            _or_null(self._public_form(case.note)),
            case.point.long if case.point else _NULL,
            case.point.lat if case.point else _NULL,
            _text(case.address),
            _text(case.zipcode),
            any(located.is_doubtful for located in areas),
            _text(case.media_url),
            case.requested_at,
            case.updated_at,
            case.closed_at or _NULL,
            _NULL if service.kind is CaseKind.INQUIRY else case.due_at or _NULL,
            salt,
            text_digest(salt, case.note) if case.note else "",
            self._statuses[State.RECEIVED],
            _array(located.area_id for located in areas if located.is_inside),
            _array(located.area_id for located in areas if located.is_doubtful),
            _text(case.note_language),
            outcome is not None and outcome.kind is OutcomeKind.DUPLICATE,
            _text(case.duplicate_of),
        )
        return "\t".join(map(str, values)) + "\n"

    def _outcome(self, case: PastCase) -> OutcomeEntry | None:
        if case.closed_at is None:
            return None
        if not case.outcome_code:
            return self._outcomes[case.outcome or OutcomeKind.DONE]
        outcome = self._pages.outcome(case.outcome_code)
        if outcome is None:
            raise Invalid(f"case {case.number}: no outcome {case.outcome_code!r} here")
        return outcome


def _state(case: PastCase) -> State:
    if case.closed_at is not None:
        return State.CLOSED
    was_touched = bool(case.note) or case.updated_at > case.requested_at
    return State.OPEN if was_touched else State.RECEIVED


def _or_null(value: str | None) -> str:
    return _NULL if value is None else _text(value)


def _text(value: str) -> str:
    """The value as COPY's text format writes it (PostgreSQL manual, COPY, File Formats)."""
    if "\\" in value:
        value = value.replace("\\", "\\\\")
    if value.isprintable():
        return value
    return value.replace("\n", "\\n").replace("\t", "\\t").replace("\r", "\\r")


def _array(ids: Iterable[int]) -> str:
    return "{" + ",".join(map(str, ids)) + "}"


def _highest_number(cases: Iterable[PastCase]) -> int:
    plain = (int(case.number) for case in cases if case.number.isascii() and case.number.isdigit())
    return max((number for number in plain if number < _NO_NUMBER_OF_OURS), default=0)
