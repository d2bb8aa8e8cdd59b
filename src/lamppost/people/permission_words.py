"""Each permission in plain words, for the desk and the guide."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from lamppost.people.permissions import Permission

P = Permission
WORDS: dict[Permission, str | Promise] = {
    P.CASE_FILE: _("Report a problem"),
    P.CASE_FILE_FOR_OTHERS: _("File a case for a caller or visitor"),
    P.DESK_SEE: _("Open the desk"),
    P.CASE_READ_ALL: _("Read the cases of every department"),
    P.CASE_READ_CONTACT: _("See who reported a case"),
    P.CASE_WORK: _("Work on a case: change its status, assign it"),
    P.CASE_CLOSE: _("Close a case"),
    P.CASE_REOPEN: _("Open a closed case again"),
    P.CASE_TRANSFER: _("Offer a case to another department, answer such an offer"),
    P.CASE_BULK: _("Change many cases at once"),
    P.CASE_EDIT: _("Correct a case, add notes and photos"),
    P.CASE_VISIBILITY: _("Make a case public, limited or private"),
    P.CASE_PRIORITY: _("Change how urgent a case is"),
    P.SLA_WAIVE: _("Waive a service level, with a reason"),
    P.AGREEMENT_PROPOSE: _("Propose a service level"),
    P.AGREEMENT_APPROVE_CENTER: _("Approve a service level for the 311 center"),
    P.AGREEMENT_APPROVE_DEPARTMENT: _("Approve a service level for the department"),
    P.REVIEW_HOLD: _("Hold reviews and stat meetings"),
    P.MEASURES_READ: _("Read measures and figures"),
    P.ROUTING_EDIT: _("Edit drafts of routing rules"),
    P.ROUTING_ACTIVATE: _("Put routing rules into force"),
    P.TEAM_MANAGE: _("Manage teams and absences"),
    P.WORDING_MANAGE: _("Manage reply templates and macros"),
    P.PARTNER_SEE: _("See partner systems and deliveries"),
    P.PARTNER_MANAGE: _("Set up partner systems"),
    P.REDRESS_DECIDE: _("Decide when somebody says that a closed case is not fixed"),
    P.QUALITY_REVIEW: _("Take a second look at closed cases"),
    P.CONSOLE_USE: _("Take calls and visits at the console"),
    P.CENTER_COST: _("Enter what the channels of the contact center cost"),
    P.CENTER_SUPERVISE: _("Supervise the contact center: live board, figures, staffing"),
    P.SURGE_SWITCH: _("Switch surge mode on and off"),
    P.CONTACT_MERGE: _("Find, correct and merge contacts"),
    P.CONTACT_ERASE: _("Hand out and erase what is known of a person"),
    P.KNOWLEDGE_EDIT: _("Write knowledge articles"),
    P.KNOWLEDGE_APPROVE: _("Sign off knowledge articles"),
    P.MESSAGE_READ: _("See what was sent to residents"),
    P.MESSAGE_RESEND: _("Send a message to a resident again"),
    P.CHANNEL_MANAGE: _("Set up the channels: mailboxes and numbers"),
    P.AUDIT_READ: _("Read the audit log"),
    P.CITY_ADMIN: _("Administer the city: staff, roles, settings"),
}


def in_words(permission: str) -> str:
    """Return a permission in words; one that is not in the matrix as it is written."""
    known = {one.value: words for one, words in WORDS.items()}
    known["own_case"] = _("Act on one's own report")
    known["address"] = _("Open a page or send a form")
    known["partner.update"] = _("Send updates as a partner system")
    return str(known.get(permission, permission))
