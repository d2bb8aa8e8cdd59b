"""The closed sets of people: roles, and what the staff is told.

What each role may do stands in ``permissions.py``.
"""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """What a person is in a city."""

    RESIDENT = "resident", _("Resident")
    LIAISON = "liaison", _("Neighborhood liaison")
    AGENT = "agent", _("311 agent")
    SUPERVISOR = "supervisor", _("311 supervisor")
    WORKER = "worker", _("Department worker")
    MANAGER = "manager", _("Department manager")
    EDITOR = "editor", _("Knowledge editor")
    DIRECTOR = "director", _("311 director")
    COUNCIL = "council", _("Council office")
    ADMIN = "admin", _("Administrator")


class NoticeKind(models.TextChoices):
    """Why a member of the staff is told something."""

    MENTION = "mention", _("Mentioned")
    ASSIGNED = "assigned", _("Assigned")
    ESCALATION = "escalation", _("Service level")
    TRANSFER = "transfer", _("Transfer")
    WORK = "work", _("Work item")
    REVIEW = "review", _("Review")
    AGREEMENT = "agreement", _("Agreement")
    ROUTING = "routing", _("Routing")
    PARTNER = "partner", _("Partner system")
    REDRESS = "redress", _("Said to be not fixed")
    QUALITY = "quality", _("Quality")
    KNOWLEDGE = "knowledge", _("Answers")
    CENTER = "center", _("Contact center")
    DANGER = "danger", _("Words of danger")


class PointKind(models.TextChoices):
    """By what somebody can be reached."""

    PHONE = "phone", _("Phone")
    SMS = "sms", _("Text messages")
    EMAIL = "email", _("E-mail")
    PUSH = "push", _("Browser or phone app")
    ACCOUNT = "account", _("Account")


class Proof(models.TextChoices):
    """How it was proven that an address is the person's own."""

    CHANNEL = "channel", _("Wrote from it")
    CODE = "code", _("Entered a code sent to it")
    ACCOUNT = "account", _("Signed in with it")
    AGENT = "agent", _("Confirmed to an agent")


class Consent(models.TextChoices):
    """Where the consent to be told news came from."""

    REPORT = "report", _("Report")
    AGENT = "agent", _("Told an agent")
    KEYWORD = "keyword", _("Keyword")
    LINK = "link", _("Link")


class Retained(models.TextChoices):
    """Personal data that a rule may remove when it is old."""

    CONTACTS = "contacts", _("Contacts without an open case")
    INTERACTIONS = "interactions", _("Numbers and words of calls, visits and texts")
    MESSAGES = "messages", _("Addresses and words of what was sent")
    SEARCHES = "searches", _("Searches in the answers")
    DRAFTS = "drafts", _("Words of reports that were begun")
    NOTICES = "notices", _("Notices staff has read")


class AuditWhat(models.TextChoices):
    """What the audit log keeps beside cases and refusals."""

    AGREEMENT = "agreement", _("Service level changed")
    CALENDAR = "calendar", _("Calendar changed")
    ROUTING = "routing", _("Routing changed")
    PARTNER = "partner", _("Partner system changed")
    STAFF = "staff", _("Staff changed")
    ROLE = "role", _("Role changed")
    TEAM = "team", _("Team changed")
    ABSENCE = "absence", _("Absence changed")
    WORDING = "wording", _("Wording changed")
    REVIEW = "review", _("Review changed")
    KNOWLEDGE = "knowledge", _("Answer changed")
    SETTING = "setting", _("Setting changed")
    PACK = "pack", _("City pack applied")
    EXPORT = "export", _("Data exported")
    BULK = "bulk", _("Many cases changed at once")
    CONTACT_READ = "contact_read", _("Contact looked at")
    CONTACT = "contact", _("Contact changed")
    ERASED = "erased", _("Contact erased")
    RETENTION = "retention", _("Old personal data removed")
