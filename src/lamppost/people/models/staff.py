"""Departments, staff and their roles, programs that call us, and what is kept of both."""

from __future__ import annotations

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Upper

from lamppost.database.fields import TranslatedField
from lamppost.database.models import TenantModel
from lamppost.people.choices import NoticeKind, Role


class Department(TenantModel):
    """A service department: owner of cases, party to agreements."""

    code = models.SlugField(max_length=63)
    name = TranslatedField()
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=40, blank=True)
    is_active = models.BooleanField(default=True)
    is_catch_all = models.BooleanField(default=False)

    class Meta:
        ordering = ["code"]
        constraints = [
            models.UniqueConstraint(fields=["city", "code"], name="department_code"),
            models.UniqueConstraint(
                fields=["city"],
                condition=models.Q(is_catch_all=True),
                name="department_one_catch_all",
            ),
        ]

    def __str__(self) -> str:
        return self.code


class UserManager(BaseUserManager["User"]):
    """Finds accounts by e-mail, whatever its case."""

    def get_by_natural_key(self, username: str | None) -> User:
        """Return the account with this e-mail address; raises ``User.DoesNotExist``."""
        return self.get(email__iexact=username)


class User(AbstractBaseUser):
    """An account: one person, known by e-mail, with a membership per city."""

    email = models.EmailField(max_length=254, unique=True)
    name = models.CharField(max_length=150)
    language = models.CharField(max_length=20, blank=True)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["name"]
    objects = UserManager()

    class Meta:
        constraints = [
            # In capitals, as __iexact compares: signing in reads one row.
            models.UniqueConstraint(Upper("email"), name="user_email_any_case"),
        ]

    def __str__(self) -> str:
        return self.name or self.email


class Membership(TenantModel):
    """What a person is in one city: a role, and for department roles the department.

    ``mails_notices``: notices left unread are also sent by e-mail.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=30, choices=Role.choices)
    department = models.ForeignKey(
        Department, null=True, blank=True, on_delete=models.PROTECT, related_name="members"
    )
    is_active = models.BooleanField(default=True)
    mails_notices = models.BooleanField(default=True, db_default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["city", "user"], name="membership_one_per_city"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id}:{self.role}"


class Team(TenantModel):
    """People of one department who share a queue: a crew, a district yard, a desk."""

    department = models.ForeignKey(Department, on_delete=models.PROTECT, related_name="teams")
    code = models.SlugField(max_length=63)
    name = TranslatedField()
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["department", "code"]
        constraints = [
            models.UniqueConstraint(fields=["city", "department", "code"], name="team_code"),
        ]

    def __str__(self) -> str:
        return self.code


class TeamMember(TenantModel):
    """Somebody belongs to a team."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="members")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="teams")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["city", "team", "user"], name="teammember_once"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.team_id}"


class Absence(TenantModel):
    """Somebody is away from one local day to another, both included, and who covers."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="absences")
    first_day = models.DateField()
    last_day = models.DateField()
    covered_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["first_day"]
        constraints = [
            models.CheckConstraint(
                name="absence_order", condition=models.Q(last_day__gte=models.F("first_day"))
            ),
        ]
        indexes = [models.Index(fields=["city", "user", "last_day"], name="absence_user")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.first_day} to {self.last_day}"


class StaffNotice(TenantModel):
    """Something a member of the staff is to know: shown at the desk until read.

    ``subject`` and ``text`` are written in the reader's own language when the notice is made.
    ``once_key`` makes the same notice of a repeated pass one row.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="notices")
    kind = models.CharField(max_length=20, choices=NoticeKind.choices)
    subject = models.CharField(max_length=200)
    text = models.TextField(blank=True)
    path = models.CharField(max_length=200)
    case_number = models.CharField(max_length=40, blank=True)
    once_key = models.CharField(max_length=120)
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)
    mailed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["city", "user", "once_key"], name="staffnotice_once"),
        ]
        indexes = [
            models.Index(fields=["city", "user", "-created_at", "-id"], name="staffnotice_newest"),
            models.Index(
                fields=["city", "user"],
                condition=models.Q(read_at__isnull=True),
                name="staffnotice_unread",
            ),
            models.Index(
                fields=["city", "created_at"],
                condition=models.Q(mailed_at__isnull=True),
                name="staffnotice_unmailed",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} to {self.user_id}"


class ApiKey(TenantModel):
    """A program allowed to file and update cases. Only the digest of the key is kept."""

    name = models.CharField(max_length=200)
    contact_email = models.EmailField(blank=True)
    key_digest = models.CharField(max_length=64)
    per_minute = models.PositiveIntegerField(default=60)
    may_update = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["city", "key_digest"], name="apikey_digest"),
        ]

    def __str__(self) -> str:
        return self.name


class RateWindow(TenantModel):
    """How often somebody called in one minute: a counter that survives a restart."""

    subject = models.CharField(max_length=80)
    minute = models.DateTimeField()
    count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["city", "subject", "minute"], name="ratewindow_minute"),
        ]

    def __str__(self) -> str:
        return f"{self.subject} {self.minute}"


class Denial(TenantModel):
    """Somebody was refused: who, what, when. Kept for the auditor; rows are only added."""

    at = models.DateTimeField()
    user = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT)
    role = models.CharField(max_length=30, blank=True)
    permission = models.CharField(max_length=60)
    department = models.ForeignKey(
        Department, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    detail = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["city", "-at", "-id"], name="denial_at"),
            models.Index(fields=["city", "user", "-at", "-id"], name="denial_user"),
        ]

    def __str__(self) -> str:
        return f"{self.permission} {self.at}"


class AuditEntry(TenantModel):
    """Somebody changed the set-up of the city or looked at personal data; rows are only added."""

    at = models.DateTimeField()
    user = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    role = models.CharField(max_length=30, blank=True)
    what = models.CharField(max_length=30)
    label = models.CharField(max_length=200)
    detail = models.TextField(blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["city", "-at", "-id"], name="auditentry_at"),
            models.Index(fields=["city", "user", "-at", "-id"], name="auditentry_user"),
        ]

    def __str__(self) -> str:
        return f"{self.what} {self.label}"
