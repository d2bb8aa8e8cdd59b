"""What a city has set for its SMS and voice lines. Rows of the city pack."""

from __future__ import annotations

from django.db import models

from lamppost.database.fields import TranslatedField
from lamppost.database.models import TenantModel


class Keyword(TenantModel):
    """A word that, texted alone, gets an answer at once.

    ``words`` are separated by commas, in each language. The code of something the talk can do
    itself (stop, start, help, status …) adds words for it; any other answers with ``text`` or
    with the short answer of the article.
    """

    code = models.SlugField(max_length=63)
    words = TranslatedField()
    text = TranslatedField()
    article = models.SlugField(max_length=63, blank=True)
    order = models.PositiveSmallIntegerField(default=0)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["order", "code"]
        constraints = [models.UniqueConstraint(fields=["city", "code"], name="keyword_code")]

    def __str__(self) -> str:
        return self.code


class PhoneLine(TenantModel):
    """The wording and hours of a city's lines: one row. What is empty is said by default.

    Without a calendar agents are there at all hours. ``music`` is the address of a sound
    played while waiting.
    """

    welcome = TranslatedField()
    sms_welcome = TranslatedField()
    closed = TranslatedField()
    music = models.URLField(max_length=300, blank=True)
    calendar = models.ForeignKey(
        "sla.BusinessCalendar",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["city"], name="phoneline_one")]

    def __str__(self) -> str:
        return f"line {self.pk}"


class SpokenLanguage(TenantModel):
    """A language callers can choose; the key to press is its place (1 to 9).

    ``tag`` and ``voice`` are what the provider calls it: es-MX, Polly.Mia.
    """

    code = models.CharField(max_length=20)
    tag = models.CharField(max_length=20)
    voice = models.CharField(max_length=60, blank=True)
    order = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["order"]
        constraints = [models.UniqueConstraint(fields=["city", "code"], name="spokenlanguage_code")]

    def __str__(self) -> str:
        return self.code
