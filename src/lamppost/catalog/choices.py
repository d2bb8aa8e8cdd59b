"""The closed sets of the catalogue: what the code knows, as opposed to what a city words."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class CaseKind(models.TextChoices):
    """What kind of need a case records."""

    SERVICE_REQUEST = "service_request", _("Service request")
    INQUIRY = "inquiry", _("Question")


class ServiceType(models.TextChoices):
    """When a caller gets the number (Open311 GeoReport v2, service list, ``type``)."""

    REALTIME = "realtime"
    BATCH = "batch"
    BLACKBOX = "blackbox"


class LocationRule(models.TextChoices):
    """Whether a case of a service has a place."""

    REQUIRED = "required"
    OPTIONAL = "optional"
    NONE = "none"


class PhotoRule(models.TextChoices):
    """Whether photos are welcome, and whether closing needs one."""

    NONE = "none"
    OPTIONAL = "optional"
    TO_CLOSE = "to_close"


class Visibility(models.TextChoices):
    """Who sees a case. Never follows from its status."""

    PUBLIC = "public", _("Public")
    LIMITED = "limited", _("Limited: status only, no text, place or photo")
    PRIVATE = "private", _("Private")


class Datatype(models.TextChoices):
    """Kinds of answer (Open311 GeoReport v2, service definition, ``datatype``)."""

    STRING = "string"
    NUMBER = "number"
    DATETIME = "datetime"
    TEXT = "text"
    SINGLEVALUELIST = "singlevaluelist"
    MULTIVALUELIST = "multivaluelist"


LIST_DATATYPES = frozenset({Datatype.SINGLEVALUELIST, Datatype.MULTIVALUELIST})


class TriageOutcome(models.TextChoices):
    """What intake does when a triage rule matches."""

    ACCEPT = "accept"
    REFER = "refer"
    EMERGENCY = "emergency"
    CRISIS = "crisis"


class State(models.TextChoices):
    """The fixed kinds of status a case can be in; the names people see are the pack's."""

    RECEIVED = "received", _("Received")
    OPEN = "open", _("In progress")
    WAITING = "waiting", _("Waiting")
    CLOSED = "closed", _("Closed")


class OutcomeKind(models.TextChoices):
    """How a case ended."""

    DONE = "done", _("Done")
    NOT_DONE = "not_done", _("Not done")
    REFERRED = "referred", _("Referred elsewhere")
    DUPLICATE = "duplicate", _("Already reported")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    NOT_FOUND = "not_found", _("Could not find it")


class Channel(models.TextChoices):
    """How a contact reached the city."""

    PHONE = "phone", _("Phone")
    WALK_IN = "walk_in", _("Walk-in")
    WEB = "web", _("Web")
    APP = "app", _("App")
    EMAIL = "email", _("E-mail")
    SMS = "sms", _("SMS")
    API = "api", _("API")
    SOCIAL = "social", _("Social media")
    LIAISON = "liaison", _("Liaison")
    STAFF = "staff", _("Staff")
    IMPORT = "import", _("Import")
