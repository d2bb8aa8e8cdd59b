"""The center itself: what its agents do, what it promised, whether it is in a surge."""

from __future__ import annotations

from django.db import models

from lamppost.contacts.choices import AgentStateKind
from lamppost.contacts.models.interaction import Interaction
from lamppost.database.fields import TranslatedField
from lamppost.database.models import TenantModel


class CenterRules(TenantModel):
    """What the center promises and expects of itself: one row of the city pack.

    Service level: ``answer_percent`` of calls answered within ``answer_seconds``.
    ``call_back_minutes`` and ``answer_mail_minutes`` (until the first answer to a mail) are
    minutes of opening hours of the city's own calendar.
    ``inquiry_service`` is where an inquiry answered at once is kept; without one the
    interaction alone is the record.
    """

    answer_seconds = models.PositiveIntegerField(default=20)
    answer_percent = models.PositiveSmallIntegerField(default=80)
    wrap_limit_seconds = models.PositiveIntegerField(default=90)
    call_back_minutes = models.PositiveIntegerField(default=120)
    answer_mail_minutes = models.PositiveIntegerField(default=960)
    inquiry_service = models.ForeignKey(
        "catalog.Service", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["city"], name="centerrules_one"),
            models.CheckConstraint(
                name="centerrules_percent", condition=models.Q(answer_percent__lte=100)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.answer_percent}/{self.answer_seconds}"


class AgentState(TenantModel):
    """What an agent did from one moment to the next; the open row is what they do now."""

    agent = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=AgentStateKind.choices)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["city", "agent"],
                condition=models.Q(until=None),
                name="agentstate_one_now",
            ),
            models.CheckConstraint(
                name="agentstate_order",
                condition=models.Q(until=None) | models.Q(until__gte=models.F("since")),
            ),
        ]
        indexes = [models.Index(fields=["city", "since"], name="agentstate_since")]

    def __str__(self) -> str:
        return f"{self.agent_id} {self.kind}"


class Shift(TenantModel):
    """When an agent is to be on the line, as the center has planned it."""

    agent = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="+")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["city", "agent", "starts_at"], name="shift_once"),
            models.CheckConstraint(
                name="shift_order", condition=models.Q(ends_at__gt=models.F("starts_at"))
            ),
        ]
        indexes = [models.Index(fields=["city", "starts_at"], name="shift_starts")]

    def __str__(self) -> str:
        return f"{self.agent_id} from {self.starts_at}"


class CallBack(TenantModel):
    """A promise to call somebody back, with its own clock.

    ``phone`` is emptied when the person is erased. Late means strictly after ``due_at``.
    """

    interaction = models.ForeignKey(
        Interaction, on_delete=models.CASCADE, related_name="call_backs"
    )
    contact = models.ForeignKey(
        "people.Contact", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    phone = models.CharField(max_length=40, blank=True)
    about = models.TextField(blank=True)
    language = models.CharField(max_length=20, blank=True)
    promised_by = models.ForeignKey(
        "people.User", null=True, on_delete=models.PROTECT, related_name="+"
    )
    taken_by = models.ForeignKey(
        "people.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    promised_at = models.DateTimeField()
    due_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    done_at = models.DateTimeField(null=True, blank=True)
    given_up_at = models.DateTimeField(null=True, blank=True)
    breached_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["city", "due_at"],
                condition=models.Q(done_at=None, given_up_at=None),
                name="callback_open",
            ),
        ]

    def __str__(self) -> str:
        return f"call back {self.pk}"


class Surge(TenantModel):
    """The center is overrun: what home page, voice menu and SMS say instead, in all languages.

    The row without an end is the surge that is on.
    """

    message = TranslatedField()
    topic_article = models.SlugField(max_length=63, blank=True)
    started_at = models.DateTimeField()
    started_by = models.ForeignKey(
        "people.User", null=True, on_delete=models.PROTECT, related_name="+"
    )
    ends_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(
        "people.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["city"], condition=models.Q(ended_at=None), name="surge_one_on"
            ),
        ]

    def __str__(self) -> str:
        return f"surge {self.started_at}"


class SurgeText(TenantModel):
    """A text prepared for a surge, to be taken as it is or changed. Of the pack."""

    code = models.SlugField(max_length=63)
    name = TranslatedField()
    message = TranslatedField()
    article = models.SlugField(max_length=63, blank=True)
    order = models.PositiveSmallIntegerField(default=0)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["order", "code"]
        constraints = [models.UniqueConstraint(fields=["city", "code"], name="surgetext_code")]

    def __str__(self) -> str:
        return self.code
