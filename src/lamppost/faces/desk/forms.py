"""A form of a case's page: what it is drawn from, and all it may need to know."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.urls import reverse

from lamppost.cases.choices import LinkKind
from lamppost.cases.models import Case, Transfer
from lamppost.cases.selectors.desk import Nearby, ShownClock, ShownLink, may_work
from lamppost.cases.services.locking import version_of
from lamppost.catalog.choices import State
from lamppost.faces.desk.fields import Fields, Typed, names_of
from lamppost.faces.desk.reply_choice import reply_field
from lamppost.people.absences import Away
from lamppost.people.actors import Actor
from lamppost.people.models import Membership, User
from lamppost.people.permissions import Permission, may
from lamppost.people.teams import ShownTeam


@dataclass(frozen=True)
class Form:
    """One form ready to draw. ``errors`` are those that belong to none of its fields."""

    slug: str
    title: str
    button: str
    url: str
    seen: str
    fields: Sequence[Mapping[str, Any]] = ()
    hidden: Mapping[str, str] = field(default_factory=dict)
    errors: Sequence[str] = ()
    is_open: bool = False
    is_danger: bool = False
    has_files: bool = False
    intro: str = ""
    reply: Mapping[str, Any] | None = None
    next_button: str = ""

    @property
    def has_errors(self) -> bool:
        """Whether this is the form that was sent and refused."""
        return bool(self.errors) or any(one.get("errors") for one in self.fields)


@dataclass(frozen=True)
class Desk:
    """All a form may need to know of the page it stands on."""

    case: Case
    actor: Actor
    query: str
    typed: Mapping[str, Typed]
    readers: Sequence[Membership] = ()
    teams: Sequence[ShownTeam] = ()
    away: Mapping[int, Away] = field(default_factory=dict)
    nearby: Sequence[Nearby] = ()
    links: Sequence[ShownLink] = ()
    clocks: Sequence[ShownClock] = ()
    offer: Transfer | None = None

    @property
    def colleagues(self) -> list[User]:
        """The people of the owning department who can be given the case, by name."""
        return [
            row.user
            for row in self.readers
            if row.department_id == self.case.department_id and may_work(row)
        ]

    def may(self, permission: Permission) -> bool:
        """Return whether the actor may do this to the case."""
        return may(self.actor, permission, department_id=self.case.department_id)

    @property
    def is_closed(self) -> bool:
        """Whether the case is closed."""
        return self.case.state == State.CLOSED

    @property
    def is_duplicate(self) -> bool:
        """Whether the case was closed as a repeat of another."""
        return any(one.kind == LinkKind.DUPLICATE_OF and one.is_outward for one in self.links)

    def fields(self, slug: str) -> Fields:
        """Return the maker of the fields of one form."""
        return Fields(slug, self.typed.get(slug, Typed()))

    def form(
        self, slug: str, title: str, button: str, fields: Sequence[Mapping[str, Any]], **more: Any
    ) -> Form:
        """Return a form with its address, version and errors."""
        typed = self.typed.get(slug, Typed())
        return Form(
            slug=slug,
            title=title,
            button=button,
            url=reverse("desk:act", args=[self.case.number, slug]) + self.query,
            seen=version_of(self.case),
            fields=fields,
            errors=typed.other_errors(names_of(fields)),
            is_open=slug in self.typed,
            reply=reply_field(self.case, slug, typed),
            **more,
        )


def fresh(form: Form) -> Form:
    """Return ``form`` as if it had not been sent: another one on the page was."""
    return replace(form, errors=(), is_open=False)
