"""Mail that came in, and the correspondence agents lead."""

from __future__ import annotations

from django.db import models

from lamppost.database.models import TenantModel
from lamppost.mailbox.choices import Fate, MailState, PartUse, ThreadState, Way


class Thread(TenantModel):
    """Everything written back and forth with one person about one thing.

    ``reference`` is what the person is given. ``due_at`` is when the first answer is promised,
    by the opening hours of the city; late means strictly after. ``address``, ``subject`` and
    the texts below are emptied when the person is erased. ``is_urgent``: words of danger.
    """

    reference = models.CharField(max_length=12)
    subject = models.CharField(max_length=300, blank=True)
    address = models.CharField(max_length=320, blank=True)
    name = models.CharField(max_length=200, blank=True)
    contact = models.ForeignKey(
        "people.Contact",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        db_index=False,
    )
    language = models.CharField(max_length=20, blank=True)
    state = models.CharField(max_length=10, choices=ThreadState.choices, default=ThreadState.OPEN)
    is_urgent = models.BooleanField(default=False)
    case = models.ForeignKey(
        "cases.Case",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        db_index=False,
    )
    taken_by = models.ForeignKey(
        "people.User",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    taken_at = models.DateTimeField(null=True, blank=True)
    opened_at = models.DateTimeField()
    due_at = models.DateTimeField()
    last_at = models.DateTimeField()
    first_answered_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(
        "people.User",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["city", "reference"], name="thread_reference"),
        ]
        indexes = [
            # The agents' mailbox: urgent ones first, then what is due first.
            models.Index(
                fields=["city", "-is_urgent", "due_at", "id"],
                condition=models.Q(state=ThreadState.OPEN),
                name="thread_waiting",
            ),
            models.Index(fields=["city", "-last_at", "-id"], name="thread_newest"),
            models.Index(
                fields=["city", "-last_at", "-id"],
                condition=models.Q(state=ThreadState.SPAM),
                name="thread_unwanted",
            ),
            models.Index(fields=["city", "address"], name="thread_address"),
            models.Index(
                fields=["city", "case"],
                condition=models.Q(case__isnull=False),
                name="thread_case",
            ),
        ]

    def __str__(self) -> str:
        return self.reference


class Mail(TenantModel):
    """One mail that came in: stored first, read and acted upon afterwards.

    The original lies in ``path`` under the data folder until the person is erased; ``once_key``
    makes a mail that is delivered again the row there is. ``text`` is what the writer said now,
    ``quoted`` what they quoted. ``spf``, ``dkim`` and ``dmarc`` are what the city's own mail
    server found; '' is not known. ``message_id`` and ``sender`` are claims.
    ``danger`` names what the words told of.
    """

    gateway = models.ForeignKey(
        "notify.Gateway",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        db_index=False,
    )
    way = models.CharField(max_length=10, choices=Way.choices)
    recipient = models.CharField(max_length=320)
    envelope_from = models.CharField(max_length=320, blank=True)
    once_key = models.CharField(max_length=64)
    content_key = models.CharField(max_length=64)
    path = models.CharField(max_length=200, blank=True)
    size = models.PositiveIntegerField()
    received_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=MailState.choices, default=MailState.NEW)
    due_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=200, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    fate = models.CharField(max_length=10, choices=Fate.choices, blank=True)
    message_id = models.CharField(max_length=300, blank=True)
    sender = models.CharField(max_length=320, blank=True)
    sender_name = models.CharField(max_length=200, blank=True)
    subject = models.CharField(max_length=300, blank=True)
    written_at = models.DateTimeField(null=True, blank=True)
    language = models.CharField(max_length=20, blank=True)
    text = models.TextField(blank=True)
    quoted = models.TextField(blank=True)
    spf = models.CharField(max_length=20, blank=True)
    dkim = models.CharField(max_length=20, blank=True)
    dmarc = models.CharField(max_length=20, blank=True)
    danger = models.CharField(max_length=20, blank=True)
    is_automatic = models.BooleanField(default=False)
    contact = models.ForeignKey(
        "people.Contact",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        db_index=False,
    )
    case = models.ForeignKey(
        "cases.Case",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        db_index=False,
    )
    thread = models.ForeignKey(
        Thread, null=True, blank=True, on_delete=models.CASCADE, related_name="mails"
    )
    interaction = models.OneToOneField(
        "contacts.Interaction",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="mail",
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["city", "once_key"], name="mail_once"),
            models.CheckConstraint(
                name="mail_done_says_what",
                condition=models.Q(state=MailState.NEW) | ~models.Q(fate=""),
            ),
        ]
        indexes = [
            models.Index(
                fields=["city", "due_at", "id"],
                condition=models.Q(state=MailState.NEW),
                name="mail_new",
            ),
            models.Index(fields=["city", "content_key"], name="mail_content"),
            models.Index(fields=["city", "-received_at", "-id"], name="mail_newest"),
            models.Index(
                fields=["city", "case"], condition=models.Q(case__isnull=False), name="mail_case"
            ),
            models.Index(
                fields=["city", "contact"],
                condition=models.Q(contact__isnull=False),
                name="mail_contact",
            ),
        ]

    def __str__(self) -> str:
        return f"mail {self.pk}"


class MailPart(TenantModel):
    """An attachment: what it calls itself, and what was done with it. ``place`` finds it again
    in the original."""

    mail = models.ForeignKey(Mail, on_delete=models.CASCADE, related_name="parts")
    place = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=200, blank=True)
    content_type = models.CharField(max_length=100)
    size = models.PositiveIntegerField()
    use = models.CharField(max_length=10, choices=PartUse.choices, default=PartUse.KEPT)

    class Meta:
        ordering = ["place"]
        constraints = [
            models.UniqueConstraint(fields=["city", "mail", "place"], name="mailpart_place"),
        ]

    def __str__(self) -> str:
        return f"{self.mail_id}: {self.content_type}"


class Answer(TenantModel):
    """What an agent answered in a thread. It goes out as ``message``; ``article_code`` is what
    it was written from."""

    thread = models.ForeignKey(Thread, on_delete=models.CASCADE, related_name="answers")
    mail = models.ForeignKey(
        Mail, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    text = models.TextField(blank=True)
    article_code = models.SlugField(max_length=63, blank=True)
    by = models.ForeignKey(
        "people.User", null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    at = models.DateTimeField()
    message = models.ForeignKey(
        "notify.Message", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return f"answer {self.pk}"


class Fetching(TenantModel):
    """How far a mailbox has been fetched by IMAP.

    A UID means something only together with ``uid_validity`` (RFC 9051, 2.3.1.1): another one
    begins from the start, and what is stored already is known again by its content.
    """

    gateway = models.OneToOneField(
        "notify.Gateway", on_delete=models.CASCADE, related_name="fetching"
    )
    uid_validity = models.BigIntegerField(default=0)
    last_uid = models.BigIntegerField(default=0)
    asked_at = models.DateTimeField(null=True, blank=True)
    failing_since = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name_plural = "fetching"

    def __str__(self) -> str:
        return f"fetching {self.gateway_id}"
