"""From past cases to the text COPY takes: everything that needs no database, done beforehand.

A batch is staged in the thread that reads ahead, while the database writes the one before.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from lamppost.cases.importing.past import PastCase
from lamppost.cases.services.events import text_digest
from lamppost.cases.services.public_words import public_former
from lamppost.catalog.book import Book, OutcomeEntry, book
from lamppost.catalog.choices import CaseKind, Channel, OutcomeKind, State, Visibility
from lamppost.cities.selectors import city_in_scope
from lamppost.kernel.refusals import Invalid
from lamppost.places.locate import Located, locator_of

STAGE = """
CREATE TEMPORARY TABLE IF NOT EXISTS past_case (
  row integer,
  kind text, service_id bigint, department_id bigint, state text, status_id bigint,
  outcome_id bigint, visibility text, channel text, opening_status bigint, is_duplicate boolean,
  requested_at timestamptz, updated_at timestamptz, closed_at timestamptz, due_at timestamptz,
  long double precision, lat double precision,
  doubtful boolean, area_ids bigint[], doubtful_ids bigint[],
  public_description text, public_note text, salt text, digest text,
  number text, note text, note_language text, language text, subject text, description text,
  address text, zipcode text, media_url text, duplicate_of text
) ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE IF NOT EXISTS past_merged (id bigint, number text, is_new boolean)
  ON COMMIT DELETE ROWS;
-- Within a larger transaction the batch before is still there.
TRUNCATE past_case, past_merged
"""

# A number written with a letter or a dash can never meet one of ours; nor one of 16 digits.
_NO_NUMBER_OF_OURS = 10**15
_NULL = "\\N"
_NO_PLACE = f"{_NULL}\t{_NULL}"
# A note has 4,000 characters at most: what is kept stays small.
_NOTES_KEPT = 2000
_KINDS_KEPT = 10_000


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
        # Many cases have the same notes, end in the same ways and lie in the same areas.
        self._public_note = lru_cache(_NOTES_KEPT)(self._public_form)
        self._kind_columns = lru_cache(_KINDS_KEPT)(self._kind_of)
        self._area_columns = lru_cache(_KINDS_KEPT)(_areas)

    def stage(self, cases: Sequence[PastCase]) -> Staged:
        """Return the batch. Raises ``Invalid`` for a service or outcome the city has not."""
        lines = [
            self._line(index, case, areas, salt)
            for index, (case, areas, salt) in enumerate(
                zip(cases, self._areas(cases), _salts(len(cases)), strict=True)
            )
        ]
        return Staged("".join(lines).encode(), len(lines), _highest_number(cases))

    def _areas(self, cases: Sequence[PastCase]) -> list[tuple[Located, ...]]:
        found = iter(self._areas_at([case.point for case in cases if case.point]))
        return [next(found) if case.point else () for case in cases]

    def _line(self, index: int, case: PastCase, areas: tuple[Located, ...], salt: str) -> str:
        """One line of COPY's text format, in the order of the columns of ``past_case``."""
        try:
            kind, has_due = self._kind_columns(
                case.service_code, case.agency, _state(case), case.outcome, case.outcome_code,
                case.is_private, case.channel, case.status_code,
            )  # fmt: skip
        except Invalid as refusal:
            raise Invalid(f"case {case.number}: {refusal}") from refusal
        due = case.due_at if has_due else None
        times = f"{case.requested_at}\t{case.updated_at}\t{case.closed_at or _NULL}\t{due or _NULL}"
        place = f"{case.point.long}\t{case.point.lat}" if case.point else _NO_PLACE
        secret = f"{salt}\t{text_digest(salt, case.note)}" if case.note else "\t"
        public = (
            f"{_or_null(self._public_form(case.description) if case.description else None)}\t"
            f"{_or_null(self._public_note(case.note) if case.note else None)}"
        )
        return (
            f"{index}\t{kind}\t{times}\t{place}\t{self._area_columns(areas)}\t{public}\t{secret}\t"
            f"{_words(case)}\n"
        )

    def _kind_of(
        self,
        service_code: str,
        agency: str,
        state: State,
        outcome: OutcomeKind | None,
        outcome_code: str,
        is_private: bool,
        channel: Channel,
        status_code: str,
    ) -> tuple[str, bool]:
        """The columns from ``kind`` to ``is_duplicate``, and whether there is a promise to keep."""
        service = self._pages.services.get(service_code)
        if service is None:
            raise Invalid(f"no service {service_code!r} here")
        ended = self._outcome(outcome, outcome_code) if state is State.CLOSED else None
        state, status_id = self._status(status_code, state)
        columns = (
            service.kind,
            service.id,
            self._departments.get(agency, service.department_id),
            state,
            status_id,
            _NULL if ended is None else ended.id,
            Visibility.PRIVATE if is_private else service.visibility,
            channel,
            status_id if state is State.RECEIVED else self._statuses[State.RECEIVED],
            ended is not None and ended.kind is OutcomeKind.DUPLICATE,
        )
        return "\t".join(map(str, columns)), service.kind is not CaseKind.INQUIRY

    def _status(self, code: str, state: State) -> tuple[State, int]:
        """The status with this code, or the city's first for ``state``, and what it stands for."""
        if not code:
            return state, self._statuses[state]
        status = self._pages.status(code)
        if status is None or (status.state is State.CLOSED) is not (state is State.CLOSED):
            raise Invalid(f"no status {code!r} for a case that is {state.label}")
        return status.state, status.id

    def _outcome(self, kind: OutcomeKind | None, code: str) -> OutcomeEntry:
        if not code:
            return self._outcomes[kind or OutcomeKind.DONE]
        outcome = self._pages.outcome(code)
        if outcome is None:
            raise Invalid(f"no outcome {code!r} here")
        return outcome


def _salts(count: int) -> list[str]:
    """A salt of 128 bits for each of so many texts."""
    digits = secrets.token_hex(16 * count)
    return [digits[at : at + 32] for at in range(0, len(digits), 32)]


def _areas(areas: tuple[Located, ...]) -> str:
    """The columns from ``doubtful`` to ``doubtful_ids``."""
    doubtful = [located.area_id for located in areas if located.is_doubtful]
    inside = [located.area_id for located in areas if located.is_inside]
    return f"{bool(doubtful)}\t{_array(inside)}\t{_array(doubtful)}"


def _words(case: PastCase) -> str:
    """The columns from ``number`` to ``duplicate_of``."""
    words = (
        case.number, case.note, case.note_language, case.language, case.subject, case.description,
        case.address, case.zipcode, case.media_url, case.duplicate_of,
    )  # fmt: skip
    plain = "".join(words)
    if plain.isprintable() and "\\" not in plain:
        return "\t".join(words)
    return "\t".join(map(_text, words))


def _state(case: PastCase) -> State:
    if case.closed_at is not None:
        return State.CLOSED
    was_touched = bool(case.note) or case.updated_at > case.requested_at
    return State.OPEN if was_touched else State.RECEIVED


def _or_null(value: str | None) -> str:
    return _NULL if value is None else _text(value)


def _text(value: str) -> str:
    """The value as COPY's text format writes it (PostgreSQL manual, COPY, File Formats)."""
    value = value.replace("\\", "\\\\")
    return value.replace("\n", "\\n").replace("\t", "\\t").replace("\r", "\\r")


def _array(ids: Iterable[int]) -> str:
    return "{" + ",".join(map(str, ids)) + "}"


def _highest_number(cases: Iterable[PastCase]) -> int:
    plain = (int(case.number) for case in cases if case.number.isascii() and case.number.isdigit())
    return max((number for number in plain if number < _NO_NUMBER_OF_OURS), default=0)
