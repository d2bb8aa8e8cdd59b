"""Links through which a contractor or a utility works on one case without an account.

A token is random and signed with the installation's secret for this city, so a guessed one
is refused before anything is looked up; the database holds only its digest.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from django import forms
from django.core.exceptions import ValidationError
from django.core.signing import BadSignature, Signer
from django.utils import timezone
from django.utils.translation import gettext as _

from lamppost.cases.choices import EventAudience, EventKind
from lamppost.cases.models import Case
from lamppost.cases.services.events import record
from lamppost.cases.services.locking import locked
from lamppost.cases.services.notes import checked_note
from lamppost.catalog.book import book
from lamppost.catalog.choices import State
from lamppost.database.scope import require_city_id
from lamppost.fieldwork.choices import LinkLevel
from lamppost.fieldwork.models import PartnerLink
from lamppost.kernel.ids import digest
from lamppost.kernel.refusals import Conflict, Invalid, NotFound
from lamppost.kernel.text import clean_line
from lamppost.people.actors import Actor
from lamppost.people.permissions import Permission

MAX_DAYS = 366
# Links in use on one case: beyond it somebody makes them by mistake.
MAX_LINKS = 20
_MAX_NAME = 200
_MAX_TOKEN = 200


@dataclass(frozen=True, slots=True)
class Offer:
    """What a link is to be: for whom, what they may do, for how many days.

    ``instruction`` is shown to the partner in place of the resident's own words, when given.
    ``done_status`` is the code of the status the case takes when they report it done.
    """

    organization: str
    level: str
    days: int
    email: str = ""
    instruction: str = ""
    done_status: str = ""


@dataclass(frozen=True, slots=True)
class MadeLink:
    """A new link with its token, which is shown once and kept nowhere."""

    link: PartnerLink
    token: str


def make_link(*, case_id: int, offer: Offer, actor: Actor) -> MadeLink:
    """Make a link to a case for a partner; return it with its token.

    Raises ``Invalid`` naming the field, ``Conflict`` for a closed case and beyond
    ``MAX_LINKS``, ``Forbidden`` without the right to work on the case.
    """
    offer, status_id = _checked(offer)
    with locked(case_id, Permission.CASE_WORK, actor) as case:
        _check_case(case)
        return _made(case, offer, status_id, actor, renews=None)


def renew_link(*, link_id: int, days: int, actor: Actor) -> MadeLink:
    """Replace a link by a new one for ``days`` days with the same rights; the old one ends.

    Raises ``NotFound``, ``Invalid`` for the days, ``Conflict`` when it was renewed already or
    the case is closed, ``Forbidden`` without the right to work on the case.
    """
    old = _link(link_id)
    with locked(old.case_id, Permission.CASE_WORK, actor) as case:
        old = PartnerLink.objects.select_for_update(of=("self",)).get(pk=old.pk)
        if PartnerLink.objects.filter(renews=old).exists():
            raise Conflict(_("This link was renewed already."))
        offer, status_id = _checked(
            Offer(
                organization=old.organization,
                level=old.level,
                days=days,
                email=old.email,
                instruction=old.instruction,
                done_status=_code_of(old.done_status_id),
            )
        )
        if old.revoked_at is None:
            _end(case, old, actor)
        _check_case(case)
        return _made(case, offer, status_id, actor, renews=old)


def revoke_link(*, link_id: int, actor: Actor) -> PartnerLink:
    """End a link at once; return it. Ending it again changes nothing.

    Raises ``NotFound``, ``Forbidden`` without the right to work on the case.
    """
    link = _link(link_id)
    with locked(link.case_id, Permission.CASE_WORK, actor) as case:
        link = PartnerLink.objects.select_for_update(of=("self",)).get(pk=link.pk)
        if link.revoked_at is None:
            _end(case, link, actor)
        return link


def link_for(token: str) -> PartnerLink | None:
    """Return the link this token opens in the city in scope, ended ones too, or None.

    A token that was not signed here costs no query.
    """
    if len(token) > _MAX_TOKEN or not token.isascii():
        return None
    try:
        _signer().unsign(token)
    except BadSignature:
        return None
    return (
        PartnerLink.objects.select_related("case", "created_by")
        .filter(token_digest=digest(token))
        .first()
    )


def is_live(link: PartnerLink, *, now: datetime) -> bool:
    """Return whether the link may be used at ``now`` (aware)."""
    return link.revoked_at is None and now < link.expires_at


def _signer() -> Signer:
    return Signer(salt=f"lamppost.fieldwork.partner-link.{require_city_id()}", sep=".")


def _link(link_id: int) -> PartnerLink:
    link = PartnerLink.objects.filter(pk=link_id).first()
    if link is None:
        raise NotFound(_("This link does not exist here."))
    return link


def _check_case(case: Case) -> None:
    if case.state == State.CLOSED:
        raise Conflict(_("This case is closed: reopen it first."))
    in_use = PartnerLink.objects.filter(
        case=case, revoked_at=None, expires_at__gt=timezone.now()
    ).count()
    if in_use >= MAX_LINKS:
        raise Conflict(_("This case has as many links in use as it may. End one first."))


def _made(
    case: Case, offer: Offer, status_id: int | None, actor: Actor, *, renews: PartnerLink | None
) -> MadeLink:
    now = timezone.now()
    token = _signer().sign(secrets.token_urlsafe(32))
    link = PartnerLink.objects.create(
        case=case,
        organization=offer.organization,
        email=offer.email,
        level=offer.level,
        instruction=offer.instruction,
        token_digest=digest(token),
        done_status_id=status_id,
        created_by_id=actor.user_id,
        created_at=now,
        expires_at=now + timedelta(days=offer.days),
        renews=renews,
        accepted_at=renews.accepted_at if renews else None,
        reference=renews.reference if renews else "",
    )
    _note(case, link, "link_renewed" if renews else "link_made", actor)
    return MadeLink(link, token)


def _end(case: Case, link: PartnerLink, actor: Actor) -> None:
    link.revoked_at = timezone.now()
    link.revoked_by_id = actor.user_id
    link.save(update_fields=["revoked_at", "revoked_by"])
    _note(case, link, "link_ended", actor)


def _note(case: Case, link: PartnerLink, change: str, actor: Actor) -> None:
    record(
        case,
        EventKind.PARTNER_UPDATE,
        actor=actor,
        audience=EventAudience.STAFF,
        data={"change": change, "link": link.pk, "level": link.level},
    )


def _code_of(status_id: int | None) -> str:
    entry = book().statuses.get(status_id) if status_id is not None else None
    return entry.code if entry else ""


def _checked(offer: Offer) -> tuple[Offer, int | None]:
    organization = clean_line(offer.organization)
    if not organization or len(organization) > _MAX_NAME:
        raise Invalid(_("Write who the link is for."), field="organization")
    if offer.level not in LinkLevel.values:
        raise Invalid(_("Choose what the partner may do."), field="level")
    if not 1 <= offer.days <= MAX_DAYS:
        message = _("Choose 1 to %(limit)d days.") % {"limit": MAX_DAYS}
        raise Invalid(message, field="days")
    try:
        email = str(forms.EmailField(required=False).clean(clean_line(offer.email)))
    except ValidationError as error:
        raise Invalid(" ".join(error.messages), field="email") from error
    status_id = None
    if offer.done_status:
        status = book().status(offer.done_status)
        if status is None or status.state is not State.OPEN:
            raise Invalid(_("Choose a status in which work goes on."), field="done_status")
        status_id = status.id
    checked = Offer(
        organization=organization,
        level=offer.level,
        days=offer.days,
        email=email,
        instruction=checked_note(offer.instruction, field="instruction"),
        done_status=offer.done_status,
    )
    return checked, status_id
