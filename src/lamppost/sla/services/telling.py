"""Telling staff about proposals: who has to decide, and what was decided."""

from __future__ import annotations

from collections.abc import Callable

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from lamppost.cities.selectors import city_in_scope
from lamppost.kernel.text import in_language
from lamppost.people.choices import NoticeKind, Role
from lamppost.people.models import User
from lamppost.people.notices import staff_of, tell
from lamppost.sla.choices import ProposalState, Side, Verdict
from lamppost.sla.models import AgreementProposal


def path_of(proposal: AgreementProposal) -> str:
    """Return where a proposal is looked at, from the root of the site."""
    return f"/desk/agreements/proposals/{proposal.pk}/"


def tell_proposed(proposal: AgreementProposal, *, but: int | None) -> None:
    """Tell both sides, except the person ``but``, that a decision waits for them."""
    _tell(
        proposal,
        [user for user in _both_sides(proposal) if user.pk != but],
        "proposed",
        lambda: (
            _("Service level of %(service)s: your decision is needed")
            % {"service": _service(proposal)}
        ),
    )


def tell_withdrawn(proposal: AgreementProposal, *, but: int | None) -> None:
    """Tell both sides, except the person ``but``, that no decision is needed any more."""
    _tell(
        proposal,
        [user for user in _both_sides(proposal) if user.pk != but],
        "withdrawn",
        lambda: _("Service level of %(service)s: withdrawn") % {"service": _service(proposal)},
    )


def tell_decided(
    proposal: AgreementProposal, side: Side, verdict: Verdict, *, but: int | None
) -> None:
    """Tell the proposer what a side said, and both sides when that ended the matter."""
    people = _both_sides(proposal) if proposal.state != ProposalState.PROPOSED else []
    if proposal.proposed_by is not None:
        people = [proposal.proposed_by, *people]
    unique = {user.pk: user for user in people if user.pk != but}

    def subject() -> str:
        words = {"service": _service(proposal), "side": side.label}
        if proposal.state == ProposalState.PUBLISHED:
            return _("Service level of %(service)s: published") % words
        if verdict is Verdict.REJECTED:
            return _("Service level of %(service)s: rejected by %(side)s") % words
        return _("Service level of %(service)s: approved by %(side)s") % words

    _tell(proposal, list(unique.values()), f"{side}-{verdict}", subject)


def _tell(
    proposal: AgreementProposal, people: list[User], step: str, subject: Callable[[], str]
) -> None:
    tell(
        people,
        NoticeKind.AGREEMENT,
        subject=subject,
        path=path_of(proposal),
        once_key=f"agreement:{proposal.pk}:{step}",
        default_language=city_in_scope().default_language,
    )


def _both_sides(proposal: AgreementProposal) -> list[User]:
    directors = staff_of(roles={Role.DIRECTOR})
    managers = staff_of(roles={Role.MANAGER}, department_id=proposal.agreement.department_id)
    return [*directors, *managers]


def _service(proposal: AgreementProposal) -> str:
    service = proposal.agreement.service
    return in_language(service.name, get_language() or "en") or service.code
