"""The case itself and what hangs on it."""

from __future__ import annotations

from django.db import models

from lamppost.cases.choices import LinkKind, Priority, TransferState
from lamppost.catalog.choices import CaseKind, Channel, State, Visibility
from lamppost.database.fields import PointField
from lamppost.database.letters import letters_index
from lamppost.database.models import TenantModel, city_of_its_case
from lamppost.database.plane import place_index


class Case(TenantModel):
    """A record of somebody's need, with exactly one owning department at every moment.

    Columns repeat what events and clocks say (``due_at``, ``closed_at``, ``status_note``), so
    that lists read one row; only services write them, in the transaction of the event. Keys
    have no index of their own: lists use the ones below, and what a key points to is never
    deleted in daily work. ``public_description`` and ``public_note`` are the texts beside them
    without personal data: null where they are the same.
    """

    number = models.CharField(max_length=40)
    kind = models.CharField(max_length=20, choices=CaseKind.choices)
    service = models.ForeignKey(
        "catalog.Service", on_delete=models.PROTECT, related_name="cases", db_index=False
    )
    department = models.ForeignKey(
        "people.Department", on_delete=models.PROTECT, related_name="cases", db_index=False
    )
    assignee = models.ForeignKey(
        "people.User",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        db_index=False,
    )
    team = models.ForeignKey(
        "people.Team", null=True, blank=True, on_delete=models.SET_NULL, related_name="+",
        db_index=False,
    )  # fmt: skip
    state = models.CharField(max_length=10, choices=State.choices)
    status = models.ForeignKey(
        "catalog.Status", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    outcome = models.ForeignKey(
        "catalog.Outcome",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    status_note = models.TextField(blank=True)
    public_note = models.TextField(null=True, blank=True)
    visibility = models.CharField(max_length=10, choices=Visibility.choices)
    channel = models.CharField(max_length=10, choices=Channel.choices)
    language = models.CharField(max_length=20, blank=True)
    subject = models.CharField(max_length=200, blank=True)
    description = models.TextField(blank=True)
    public_description = models.TextField(null=True, blank=True)
    location = PointField(null=True)
    address = models.CharField(max_length=300, blank=True)
    address_id = models.CharField(max_length=100, blank=True)
    unit = models.CharField(max_length=60, blank=True)
    zipcode = models.CharField(max_length=20, blank=True)
    is_boundary_doubtful = models.BooleanField(default=False)
    is_hazard = models.BooleanField(default=False)
    priority = models.CharField(
        max_length=10,
        choices=Priority.choices,
        default=Priority.NORMAL,
        db_default=Priority.NORMAL.value,
    )
    media_url = models.TextField(blank=True)
    photo_count = models.PositiveSmallIntegerField(default=0)
    follower_count = models.PositiveIntegerField(default=0)
    reopen_count = models.PositiveSmallIntegerField(default=0)
    open_required = models.PositiveSmallIntegerField(default=0, db_default=0)
    contact = models.ForeignKey(
        "people.Contact",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="cases",
        db_index=False,
    )
    entered_by = models.ForeignKey(
        "people.User",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        db_index=False,
    )
    api_key = models.ForeignKey(
        "people.ApiKey",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    routed_by = models.ForeignKey(
        "routing.RoutingRule",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        db_index=False,
    )
    routing_reason = models.CharField(max_length=300, blank=True)
    tracking_digest = models.CharField(max_length=64, blank=True)
    source = models.CharField(max_length=60, blank=True)
    requested_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    due_at = models.DateTimeField(null=True, blank=True)
    is_paused = models.BooleanField(default=False)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["city", "number"], name="case_number"),
            models.CheckConstraint(
                name="case_closed_has_outcome",
                condition=~models.Q(state=State.CLOSED)
                | (models.Q(outcome__isnull=False) & models.Q(closed_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="case_closed_has_no_open_work",
                condition=~models.Q(state=State.CLOSED) | models.Q(open_required=0),
            ),
            models.CheckConstraint(
                name="case_inquiry_has_no_due",
                condition=~models.Q(kind=CaseKind.INQUIRY) | models.Q(due_at__isnull=True),
            ),
        ]
        indexes = [
            # Public lists: newest first, keyset on (requested_at, id).
            models.Index(
                fields=["city", "-requested_at", "-id"],
                condition=~models.Q(visibility=Visibility.PRIVATE),
                name="case_public_newest",
            ),
            models.Index(
                fields=["city", "service", "-requested_at", "-id"], name="case_service_newest"
            ),
            models.Index(
                fields=["city", "state", "-requested_at", "-id"], name="case_state_newest"
            ),
            models.Index(
                fields=["city", "department", "-requested_at", "-id"], name="case_department_newest"
            ),
            models.Index(fields=["city", "-updated_at", "-id"], name="case_updated"),
            # The desk's queue: my department's open cases by due date.
            models.Index(
                fields=["city", "department", "due_at", "id"],
                condition=~models.Q(state=State.CLOSED),
                name="case_queue",
            ),
            # The same for roles that see every department.
            models.Index(
                fields=["city", "due_at", "id"],
                condition=~models.Q(state=State.CLOSED),
                name="case_due",
            ),
            # The overdue board: counted from the index alone, see selectors/overdue.py.
            models.Index(
                fields=["city", "due_at", "id"],
                include=["department", "team", "service"],
                condition=~models.Q(state=State.CLOSED)
                & models.Q(is_paused=False, due_at__isnull=False),
                name="case_overdue",
            ),
            models.Index(
                fields=["city", "assignee", "due_at"],
                condition=models.Q(assignee__isnull=False) & ~models.Q(state=State.CLOSED),
                name="case_assignee",
            ),
            models.Index(
                fields=["city", "team", "due_at", "id"],
                condition=models.Q(team__isnull=False) & ~models.Q(state=State.CLOSED),
                name="case_team",
            ),
            models.Index(
                fields=["city", "contact"],
                condition=models.Q(contact__isnull=False),
                name="case_contact",
            ),
            # What lies near, and new, see database/plane.py.
            place_index("location", "requested_at", name="case_ground"),
            # Words, see selectors/words.py.
            letters_index("address", "description", "public_description", name="case_letters"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def words_for_all(self) -> str:
        """The description as everybody may read it."""
        return self.description if self.public_description is None else self.public_description

    @property
    def note_for_all(self) -> str:
        """The sentence on how it stands as everybody may read it."""
        return self.status_note if self.public_note is None else self.public_note


class CaseAnswer(TenantModel):
    """What was answered to one question; a multiple choice has a row per value."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="answers")
    question = models.ForeignKey("catalog.Question", on_delete=models.PROTECT, related_name="+")
    value = models.ForeignKey(
        "catalog.QuestionValue", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    text = models.TextField(blank=True)
    public_text = models.TextField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["city", "value"], name="caseanswer_value")]

    def __str__(self) -> str:
        return f"{self.case_id}:{self.question_id}"


class CaseArea(TenantModel):
    """An area the case lies in; doubtful when its boundary is nearer than the city's limit."""

    city = city_of_its_case()
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="areas", db_index=False)
    area = models.ForeignKey(
        "places.Area", on_delete=models.CASCADE, related_name="+", db_index=False
    )
    is_doubtful = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "area"], name="casearea_area"),
        ]
        indexes = [models.Index(fields=["area", "case"], name="casearea_by_area")]

    def __str__(self) -> str:
        return f"{self.case_id} in {self.area_id}"


class CaseLink(TenantModel):
    """Two cases belong together: ``from_case`` is a duplicate of, relates to or follows."""

    kind = models.CharField(max_length=15, choices=LinkKind.choices)
    from_case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="links_out")
    to_case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="links_in")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["city", "kind", "from_case", "to_case"], name="caselink_pair"
            ),
            models.UniqueConstraint(
                fields=["city", "from_case"],
                condition=models.Q(kind=LinkKind.DUPLICATE_OF),
                name="caselink_one_canonical",
            ),
            models.CheckConstraint(
                name="caselink_not_itself", condition=~models.Q(from_case=models.F("to_case"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.from_case_id} {self.kind} {self.to_case_id}"


class Transfer(TenantModel):
    """A department offers a case to another; the giver owns it until it is accepted."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="transfers")
    from_department = models.ForeignKey(
        "people.Department", on_delete=models.PROTECT, related_name="transfers_given"
    )
    to_department = models.ForeignKey(
        "people.Department", on_delete=models.PROTECT, related_name="transfers_taken"
    )
    state = models.CharField(max_length=10, choices=TransferState.choices)
    reason = models.TextField()
    answer = models.TextField(blank=True)
    offered_by = models.ForeignKey(
        "people.User", null=True, on_delete=models.SET_NULL, related_name="+"
    )
    offered_at = models.DateTimeField()
    decided_by = models.ForeignKey(
        "people.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["city", "case"],
                condition=models.Q(state=TransferState.OFFERED),
                name="transfer_one_open",
            ),
        ]
        indexes = [
            models.Index(
                fields=["city", "to_department"],
                condition=models.Q(state=TransferState.OFFERED),
                name="transfer_offered",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id}: {self.from_department_id} -> {self.to_department_id}"


class Attachment(TenantModel):
    """A photo, re-encoded; the file as it was uploaded is never kept."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="attachments")
    token = models.CharField(max_length=40, unique=True)
    path = models.CharField(max_length=300)
    sha256 = models.CharField(max_length=64)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    size = models.PositiveIntegerField()
    alt = models.CharField(max_length=300, blank=True)
    by_staff = models.BooleanField(default=False)
    is_hidden = models.BooleanField(default=False)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["city", "case"], name="attachment_case")]

    def __str__(self) -> str:
        return self.token


class Follower(TenantModel):
    """Somebody who wants to hear about a case they did not file: 'me too'."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="followers")
    contact = models.ForeignKey(
        "people.Contact", null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    token_digest = models.CharField(max_length=64)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["city", "case", "token_digest"], name="follower_token"),
        ]

    def __str__(self) -> str:
        return f"follower of {self.case_id}"


class PartnerUpdate(TenantModel):
    """An update received from another system, by its own id: the same one twice is one."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="+")
    api_key = models.ForeignKey("people.ApiKey", on_delete=models.PROTECT, related_name="+")
    update_id = models.CharField(max_length=200)
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["city", "api_key", "update_id"], name="partnerupdate_id"
            ),
        ]

    def __str__(self) -> str:
        return self.update_id
