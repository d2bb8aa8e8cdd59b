"""The permissions matrix: the one place that says which role may do what.

A service asks ``require(actor, Permission.X, department_id=…)``; a face only hides what
would be refused anyway. Department permissions hold for cases of the actor's own department.
"""

from __future__ import annotations

from enum import StrEnum

from django.utils.translation import gettext as _

from lamppost.kernel.refusals import Forbidden, Unauthenticated
from lamppost.people import denials
from lamppost.people.actors import Actor
from lamppost.people.choices import Role


class Permission(StrEnum):
    """Something a role may be allowed to do."""

    CASE_FILE = "case.file"
    CASE_FILE_FOR_OTHERS = "case.file_for_others"
    DESK_SEE = "desk.see"
    CASE_READ_ALL = "case.read_all"
    CASE_READ_CONTACT = "case.read_contact"
    CASE_WORK = "case.work"
    CASE_CLOSE = "case.close"
    CASE_REOPEN = "case.reopen"
    CASE_TRANSFER = "case.transfer"
    CASE_BULK = "case.bulk"
    CASE_EDIT = "case.edit"
    CASE_VISIBILITY = "case.visibility"
    CASE_PRIORITY = "case.priority"
    SLA_WAIVE = "sla.waive"
    AGREEMENT_PROPOSE = "agreement.propose"
    AGREEMENT_APPROVE_CENTER = "agreement.approve_center"
    AGREEMENT_APPROVE_DEPARTMENT = "agreement.approve_department"
    REVIEW_HOLD = "review.hold"
    MEASURES_READ = "measures.read"
    ROUTING_EDIT = "routing.edit"
    ROUTING_ACTIVATE = "routing.activate"
    TEAM_MANAGE = "team.manage"
    WORDING_MANAGE = "wording.manage"
    PARTNER_SEE = "partner.see"
    PARTNER_MANAGE = "partner.manage"
    REDRESS_DECIDE = "redress.decide"
    QUALITY_REVIEW = "quality.review"
    CONSOLE_USE = "console.use"
    CENTER_SUPERVISE = "center.supervise"
    CENTER_COST = "center.cost"
    SURGE_SWITCH = "surge.switch"
    CONTACT_MERGE = "contact.merge"
    CONTACT_ERASE = "contact.erase"
    KNOWLEDGE_EDIT = "knowledge.edit"
    KNOWLEDGE_APPROVE = "knowledge.approve"
    MESSAGE_READ = "message.read"
    MESSAGE_RESEND = "message.resend"
    CHANNEL_MANAGE = "channel.manage"
    AUDIT_READ = "audit.read"
    CITY_ADMIN = "city.admin"


_P = Permission
_EVERYONE = frozenset({_P.CASE_FILE})
_CALL_CENTER = frozenset(
    {
        _P.CASE_FILE,
        _P.CASE_FILE_FOR_OTHERS,
        _P.DESK_SEE,
        _P.CASE_READ_ALL,
        _P.CASE_READ_CONTACT,
        _P.CASE_EDIT,
        _P.CASE_REOPEN,
        _P.PARTNER_SEE,
        _P.CONSOLE_USE,
        _P.CONTACT_MERGE,
        _P.MESSAGE_READ,
        _P.MESSAGE_RESEND,
    }
)
_DEPARTMENT = frozenset(
    {
        _P.CASE_FILE,
        _P.DESK_SEE,
        _P.CASE_READ_CONTACT,
        _P.CASE_WORK,
        _P.CASE_CLOSE,
        _P.CASE_TRANSFER,
        _P.CASE_BULK,
        _P.CASE_EDIT,
        _P.PARTNER_SEE,
    }
)

MATRIX: dict[Role, frozenset[Permission]] = {
    Role.RESIDENT: _EVERYONE,
    Role.LIAISON: _EVERYONE,
    Role.AGENT: _CALL_CENTER,
    Role.SUPERVISOR: _CALL_CENTER
    | {
        _P.CASE_WORK,
        _P.CASE_CLOSE,
        _P.CASE_TRANSFER,
        _P.CASE_BULK,
        _P.CASE_VISIBILITY,
        _P.CASE_PRIORITY,
        _P.AGREEMENT_PROPOSE,
        _P.REVIEW_HOLD,
        _P.MEASURES_READ,
        _P.ROUTING_EDIT,
        _P.TEAM_MANAGE,
        _P.WORDING_MANAGE,
        _P.REDRESS_DECIDE,
        _P.QUALITY_REVIEW,
        _P.CENTER_SUPERVISE,
        _P.SURGE_SWITCH,
        _P.CONTACT_ERASE,
        _P.KNOWLEDGE_EDIT,
        _P.KNOWLEDGE_APPROVE,
    },
    Role.WORKER: _DEPARTMENT,
    Role.MANAGER: _DEPARTMENT
    | {
        _P.CASE_REOPEN,
        _P.CASE_VISIBILITY,
        _P.CASE_PRIORITY,
        _P.AGREEMENT_PROPOSE,
        _P.AGREEMENT_APPROVE_DEPARTMENT,
        _P.REVIEW_HOLD,
        _P.MEASURES_READ,
        _P.TEAM_MANAGE,
        _P.WORDING_MANAGE,
        _P.KNOWLEDGE_EDIT,
        _P.KNOWLEDGE_APPROVE,
        _P.MESSAGE_READ,
    },
    Role.EDITOR: frozenset({_P.CASE_FILE, _P.KNOWLEDGE_EDIT}),
    Role.DIRECTOR: frozenset(
        {
            _P.CASE_FILE,
            _P.DESK_SEE,
            _P.CASE_READ_ALL,
            _P.SLA_WAIVE,
            _P.AGREEMENT_PROPOSE,
            _P.AGREEMENT_APPROVE_CENTER,
            _P.REVIEW_HOLD,
            _P.MEASURES_READ,
            _P.ROUTING_EDIT,
            _P.ROUTING_ACTIVATE,
            _P.PARTNER_SEE,
            _P.REDRESS_DECIDE,
            _P.QUALITY_REVIEW,
            _P.CENTER_SUPERVISE,
            _P.CENTER_COST,
            _P.SURGE_SWITCH,
            _P.CONTACT_ERASE,
            _P.KNOWLEDGE_APPROVE,
            _P.MESSAGE_READ,
            _P.AUDIT_READ,
        }
    ),
    Role.COUNCIL: frozenset({_P.CASE_FILE}),
    Role.ADMIN: frozenset(Permission),
}

# Roles that act on every department's cases; the others only on their own department's.
ALL_DEPARTMENTS = frozenset({Role.AGENT, Role.SUPERVISOR, Role.DIRECTOR, Role.ADMIN})


def may(actor: Actor, permission: Permission, *, department_id: int | None = None) -> bool:
    """Return whether ``actor`` may do this, for a case of ``department_id`` when given."""
    if permission not in MATRIX[actor.role]:
        return False
    if department_id is None or actor.role in ALL_DEPARTMENTS:
        return True
    if permission is Permission.CASE_FILE:
        return True
    return actor.department_id == department_id


def require(
    actor: Actor, permission: Permission, *, department_id: int | None = None, detail: str = ""
) -> None:
    """Raise ``Unauthenticated`` or ``Forbidden`` unless the actor may; denials are kept.

    ``detail`` names what it was about for the auditor, by number or code.
    """
    if may(actor, permission, department_id=department_id):
        return
    if actor.user_id is None and actor.api_key_id is None:
        raise Unauthenticated(_("Please sign in first."))
    denials.keep(actor, permission.value, department_id=department_id, detail=detail)
    raise Forbidden(_("Your role does not allow this."))
