"""Residents as we know them."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Lower

from lamppost.database.letters import letters_index
from lamppost.database.models import TenantModel
from lamppost.people.choices import Consent, PointKind, Proof
from lamppost.people.models.staff import User


class Household(TenantModel):
    """People or an organization who belong together: a family, a block association, a shop.

    ``any_case`` is the name as it is looked up. A column, since row security lets no index of
    ``lower(name)`` answer: nobody vouches for ``lower`` (see database/roles.py).
    """

    name = models.CharField(max_length=200)
    any_case = models.GeneratedField(
        expression=Lower("name"), output_field=models.CharField(max_length=200), db_persist=True
    )
    is_organization = models.BooleanField(default=False)
    created_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["city", "any_case"], name="household_any_case")]

    def __str__(self) -> str:
        return f"household {self.pk}"


class Contact(TenantModel):
    """A resident as we know them. Can be erased; the case stays.

    ``email`` and ``phone`` are the addresses given first, repeated from ``points`` so that a
    case is shown from one row; only ``people.contacts`` writes either. ``merged_into`` is the
    contact that stands for this one since they were found to be one person.
    """

    name = models.CharField(max_length=200, blank=True)
    email = models.EmailField(max_length=254, blank=True)
    phone = models.CharField(max_length=40, blank=True)
    language = models.CharField(max_length=20, blank=True)
    user = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL)
    device_id = models.CharField(max_length=200, blank=True)
    external_account = models.CharField(max_length=200, blank=True)
    may_notify = models.BooleanField(default=False)
    preferred = models.CharField(max_length=10, choices=PointKind.choices, blank=True)
    household = models.ForeignKey(
        Household, null=True, blank=True, on_delete=models.SET_NULL, related_name="contacts"
    )
    note = models.TextField(blank=True)
    merged_into = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="merged"
    )
    held_since = models.DateTimeField(null=True, blank=True)
    hold_reason = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField()
    erased_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["city", "email"], condition=~models.Q(email=""), name="contact_email"
            ),
            models.Index(
                fields=["city", "phone"], condition=~models.Q(phone=""), name="contact_phone"
            ),
            letters_index("name", name="contact_name_letters"),
        ]

    def __str__(self) -> str:
        return f"contact {self.pk}"


class ContactPoint(TenantModel):
    """One address of a person: claimed, or proven to be theirs; with or without consent.

    ``value`` is E.164 for numbers, case-folded for e-mail. Consent holds from
    ``consent_at`` until ``withdrawn_at``; a consent given again clears the withdrawal.
    """

    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="points")
    kind = models.CharField(max_length=10, choices=PointKind.choices)
    value = models.CharField(max_length=500)
    proven_at = models.DateTimeField(null=True, blank=True)
    proven_by = models.CharField(max_length=10, choices=Proof.choices, blank=True)
    consent_at = models.DateTimeField(null=True, blank=True)
    consent_source = models.CharField(max_length=10, choices=Consent.choices, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["city", "contact", "kind", "value"], name="contactpoint_once"
            ),
        ]
        indexes = [models.Index(fields=["city", "value", "kind"], name="contactpoint_value")]

    def __str__(self) -> str:
        return f"{self.kind} of contact {self.contact_id}"

    @property
    def may_notify(self) -> bool:
        """Whether the person may be told news there now."""
        return self.consent_at is not None and self.withdrawn_at is None


class ContactMerge(TenantModel):
    """Two contacts were found to be one person: ``gone`` is now ``kept``, until undone."""

    kept = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="merges")
    gone = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="+")
    reason = models.CharField(max_length=300)
    merged_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    merged_at = models.DateTimeField()
    undone_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["city", "gone"],
                condition=models.Q(undone_at=None),
                name="contactmerge_one_now",
            ),
            models.CheckConstraint(
                name="contactmerge_two", condition=~models.Q(kept=models.F("gone"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.gone_id} into {self.kept_id}"


class MovedRow(TenantModel):
    """A row that changed its contact in a merge: what undoing it gives back.

    ``table`` and ``field`` name the column, ``row_id`` the row.
    """

    merge = models.ForeignKey(ContactMerge, on_delete=models.CASCADE, related_name="moved")
    table = models.CharField(max_length=80)
    field = models.CharField(max_length=60)
    row_id = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.table}.{self.field} {self.row_id}"


class Erasure(TenantModel):
    """A person was erased. Holds nothing of them: who did it, why, how much it touched.

    ``digest`` is keyed: it tells whether a contact found in a restored backup is the same one.
    """

    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField()
    by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    is_own_wish = models.BooleanField(default=False)
    reason = models.CharField(max_length=300)
    digest = models.CharField(max_length=64)
    row_count = models.PositiveIntegerField(default=0)

    class Meta:
        indexes = [models.Index(fields=["city", "-at", "-id"], name="erasure_newest")]

    def __str__(self) -> str:
        return f"erasure {self.pk}"
