"""What learning took from a case, and what people said to a suggestion."""

from __future__ import annotations

from django.db import models

from lamppost.cases.choices import SuggestionAnswerKind
from lamppost.cases.models.case import Case
from lamppost.database.models import TenantModel


class LearnedCase(TenantModel):
    """A case whose words were counted for a service, with what was guessed just before.

    ``rank`` is the place the true service had among the guesses made without this case, 0 when
    it was not among them; ``was_usual`` whether the most frequent service would have been right;
    ``suggested`` what would have been suggested against the service first ``chosen``. None of
    it is known for a case without words. The digest of the words is keyed: it only tells
    whether they have changed since.
    """

    case = models.OneToOneField(Case, on_delete=models.CASCADE, related_name="learned")
    service = models.ForeignKey("catalog.Service", on_delete=models.CASCADE, related_name="+")
    chosen = models.ForeignKey("catalog.Service", on_delete=models.CASCADE, related_name="+")
    suggested = models.ForeignKey(
        "catalog.Service", null=True, on_delete=models.CASCADE, related_name="+"
    )
    weight = models.PositiveSmallIntegerField()
    text_digest = models.CharField(max_length=32)
    rank = models.PositiveSmallIntegerField()
    was_usual = models.BooleanField()
    learned_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["city", "-id"], name="learnedcase_newest")]

    def __str__(self) -> str:
        return f"{self.case_id}: {self.service_id}"


class SuggestionAnswer(TenantModel):
    """Somebody took up or dismissed what was suggested for a case. Never changes the case."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="suggestion_answers")
    answer = models.CharField(max_length=10, choices=SuggestionAnswerKind.choices)
    chosen = models.ForeignKey("catalog.Service", on_delete=models.CASCADE, related_name="+")
    suggested = models.ForeignKey("catalog.Service", on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey("people.User", null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["city", "case", "answer"], name="suggestion_once"),
        ]
        indexes = [models.Index(fields=["city", "-at"], name="suggestion_newest")]

    def __str__(self) -> str:
        return f"{self.case_id} {self.answer}"
