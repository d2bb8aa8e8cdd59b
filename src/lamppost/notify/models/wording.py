"""What a city itself says in a notice."""

from __future__ import annotations

from django.db import models

from lamppost.database.fields import TranslatedField
from lamppost.database.models import TenantModel


class NoticeText(TenantModel):
    """The city's own words for one notice; what is empty is said in the words shipped."""

    code = models.SlugField(max_length=63)
    subject = TranslatedField()
    text = TranslatedField()
    sms = TranslatedField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["city", "code"], name="noticetext_code")]

    def __str__(self) -> str:
        return self.code
