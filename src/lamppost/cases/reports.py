"""What a channel hands to intake, and what it gets back: plain values, the same for all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from lamppost.cases.choices import OnDanger
from lamppost.catalog.choices import Channel, TriageOutcome
from lamppost.catalog.danger import Danger
from lamppost.database.fields import Point
from lamppost.people.choices import PointKind


@dataclass(frozen=True, slots=True)
class Reporter:
    """Who reports, as far as they wish to say. Everything may be empty.

    ``contact_id`` is the contact an agent chose who speaks with the person. ``proven`` are the
    kinds of address the channel itself has proven; no form ever sets it.
    """

    name: str = ""
    email: str = ""
    phone: str = ""
    language: str = ""
    device_id: str = ""
    account_id: str = ""
    may_notify: bool = False
    contact_id: int | None = None
    proven: frozenset[PointKind] = frozenset()

    @property
    def is_anonymous(self) -> bool:
        """Whether nothing is known of the person."""
        known = self.name or self.email or self.phone or self.account_id or self.device_id
        return self.contact_id is None and not known


@dataclass(frozen=True, slots=True)
class Report:
    """One filing, not yet checked.

    ``answers`` maps question codes to the values sent (several for a multiple choice; keys
    for lists, text otherwise). ``point`` is WGS 84. ``photos`` are tokens of draft photos or
    raw uploads. ``idempotency_key`` makes a repeat of the same filing give the same case.
    ``checked_duplicates`` says the reporter has seen the cases nearby and still files.
    """

    service_code: str
    channel: Channel
    description: str = ""
    answers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    point: Point | None = None
    address: str = ""
    address_id: str = ""
    unit: str = ""
    zipcode: str = ""
    media_url: str = ""
    photos: tuple[Any, ...] = ()
    reporter: Reporter = field(default_factory=Reporter)
    language: str = ""
    idempotency_key: str = ""
    caller: str = ""
    source: str = ""
    requested_at: datetime | None = None
    on_danger: OnDanger = OnDanger.STOP


@dataclass(frozen=True, slots=True)
class Triage:
    """What to do with a report, by the service's table or by the person's words.

    ``text`` is for the reporter; a second line is the same in the language the words are in,
    ``heard_in``, when that is not the reader's. ``danger`` is what the words told of, also
    when the report was taken: an e-mail always is, and who says that nobody is in danger.
    """

    outcome: TriageOutcome
    text: str = ""
    refer_to: str = ""
    refer_phone: str = ""
    refer_url: str = ""
    is_hazard: bool = False
    rule_id: int | None = None
    danger: Danger | None = None
    heard_in: str = ""

    @property
    def is_danger(self) -> bool:
        """Whether the person has to be told to call for help, filed or not."""
        stops = (TriageOutcome.EMERGENCY, TriageOutcome.CRISIS)
        return self.danger is not None or self.outcome in stops

    @property
    def may_go_on(self) -> bool:
        """Whether words alone stopped it: saying that nobody is in danger files it."""
        return self.danger is not None and not self.is_accepted

    @property
    def is_accepted(self) -> bool:
        """Whether a case may be filed."""
        return self.outcome is TriageOutcome.ACCEPT


@dataclass(frozen=True, slots=True)
class Filed:
    """A filing that was taken, or stopped by triage.

    ``number`` is empty when it was stopped. ``tracking_token`` is the reporter's secret for
    following without an account; it is given once and kept only as a digest. ``repeated``
    tells that the idempotency key had been used and nothing new was written. ``diversion_id``
    is the row that counts a stopped one.
    """

    triage: Triage
    case_id: int | None = None
    number: str = ""
    tracking_token: str = ""
    notice: str = ""
    repeated: bool = False
    diversion_id: int | None = None
