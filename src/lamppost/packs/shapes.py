"""The format of a pack: which keys each kind of row has. See docs/packs.md."""

from __future__ import annotations

from lamppost.catalog.choices import (
    CaseKind,
    Datatype,
    LocationRule,
    OutcomeKind,
    PhotoRule,
    ServiceType,
    State,
    TriageOutcome,
    Visibility,
)
from lamppost.cities.models import Units
from lamppost.packs import content
from lamppost.packs.calendar_kinds import Answers, Holidays, WeekHours
from lamppost.packs.kinds import (
    COLOR,
    COUNTRY,
    EMAIL,
    FLAG,
    HOST,
    LANGUAGE,
    URL,
    WEEKDAY,
    ZONE,
    Listed,
    Part,
    Ref,
    Refs,
    Rows,
    Translated,
    choice,
    code,
    degrees,
    free_code,
    line,
    whole,
)
from lamppost.packs.routing_kinds import TimeWindow, Weekdays
from lamppost.packs.schema import Key, Shape
from lamppost.sla.choices import Audience, StepMoment, TargetKind, UnitChoice

NO_TEXTS: content.Texts = {}
CONTACT = Shape(
    "contact",
    content.CityContact,
    (Key("phone", line(40), ""), Key("email", EMAIL, ""), Key("website", URL, "")),
    code="",
)
MAP = Shape(
    "map",
    content.MapView,
    (
        Key("lat", degrees(90), None),
        Key("long", degrees(180), None),
        Key("west", degrees(180), None),
        Key("south", degrees(90), None),
        Key("east", degrees(180), None),
        Key("north", degrees(90), None),
        Key("zoom", whole(1, 20), 12),
    ),
    code="",
)
CITY = Shape(
    "city",
    content.CityFacts,
    (
        Key("slug", code()),
        Key("name", Translated()),
        Key("jurisdiction_id", free_code(100)),
        Key("hosts", Listed(HOST, is_ordered=False), ()),
        Key("time_zone", ZONE),
        Key("country", COUNTRY),
        Key("language", LANGUAGE, field="default_language"),
        Key("languages", Listed(LANGUAGE)),
        Key("units", choice(Units.values), str(Units.METRIC)),
        Key("first_weekday", WEEKDAY, 0),
        Key("emergency_number", line(20)),
        Key("crisis_number", line(20), ""),
        Key("contact", Part(CONTACT), content.CityContact()),
        Key("accent_color", COLOR, ""),
        Key("map", Part(MAP), content.MapView()),
        Key("boundary_doubt_m", whole(0, 5000), 30),
        Key("redress_days", whole(1, 60), 2),
        Key("quality_percent", whole(0, 100), 2),
        Key("quality_bulk_percent", whole(0, 100), 10),
        Key("first_number", whole(1, 10**15), 1),
        Key("features", Listed(code(), is_ordered=False), ()),
    ),
    code="",
)
TEAM = Shape("team", content.Team, (Key("code", code()), Key("name", Translated())))
DEPARTMENT = Shape(
    "department",
    content.Department,
    (
        Key("code", code()),
        Key("name", Translated()),
        Key("email", EMAIL, ""),
        Key("phone", line(40), ""),
        Key("catch_all", FLAG, False, "is_catch_all"),
        Key("active", FLAG, True, "is_active"),
        Key("teams", Rows(TEAM), ()),
    ),
)
GROUP = Shape(
    "group", content.Group, (Key("code", code()), Key("name", Translated())), is_ordered=True
)
QUESTION = Shape(
    "question",
    content.Question,
    (
        Key("code", code()),
        Key("text", Translated(1000)),
        Key("help", Translated(1000), NO_TEXTS),
        Key("datatype", choice(Datatype.values)),
        Key("variable", FLAG, True, "is_variable"),
        Key("required", FLAG, False, "is_required"),
        Key("public", FLAG, False, "is_public"),
        Key("only_if", Refs(("question", "value"), is_local=True), ()),
        Key("values", Answers(), ()),
    ),
    is_ordered=True,
)
TRIAGE_RULE = Shape(
    "triage rule",
    content.TriageRule,
    (
        Key("code", code()),
        Key("if", Refs(("question", "value"), is_local=True), (), "conditions"),
        Key("in", Refs(("area kind", "area")), (), "areas"),
        Key("then", choice(TriageOutcome.values), field="outcome"),
        Key("hazard", FLAG, False, "is_hazard"),
        Key("text", Translated(2000, is_block=True), NO_TEXTS),
        Key("refer_to", Translated(), NO_TEXTS),
        Key("phone", line(40), "", "refer_phone"),
        Key("url", URL, "", "refer_url"),
    ),
    is_ordered=True,
)
SERVICE = Shape(
    "service",
    content.Service,
    (
        Key("code", free_code(63)),
        Key("name", Translated()),
        Key("description", Translated(4000, is_block=True), NO_TEXTS),
        Key("keywords", Translated(500), NO_TEXTS),
        Key("group", Ref("group")),
        Key("department", Ref("department")),
        Key("kind", choice(CaseKind.values), str(CaseKind.SERVICE_REQUEST)),
        Key("type", choice(ServiceType.values), str(ServiceType.REALTIME)),
        Key("location", choice(LocationRule.values), str(LocationRule.REQUIRED)),
        Key("photos", choice(PhotoRule.values), str(PhotoRule.OPTIONAL)),
        Key("visibility", choice(Visibility.values), str(Visibility.PUBLIC)),
        Key("notice", Translated(2000, is_block=True), NO_TEXTS),
        Key("duplicate_radius_m", whole(0, 5000), 50),
        Key("duplicate_days", whole(0, 3650), 14),
        Key("reopen_days", whole(0, 3650), 30),
        Key("order", whole(0, 32000), 100),
        Key("public", FLAG, True, "is_public"),
        Key("questions", Rows(QUESTION), ()),
        Key("triage", Rows(TRIAGE_RULE), ()),
    ),
)
PAUSE_REASON = Shape(
    "pause reason", content.PauseReason, (Key("code", code()), Key("name", Translated()))
)
STATUS = Shape(
    "status",
    content.Status,
    (
        Key("code", code()),
        Key("state", choice(State.values)),
        Key("name", Translated()),
        Key("description", Translated(1000), NO_TEXTS),
        Key("default", FLAG, False, "is_default"),
        Key("pauses", Ref("pause reason"), ""),
    ),
    is_ordered=True,
)
OUTCOME = Shape(
    "outcome",
    content.Outcome,
    (
        Key("code", code()),
        Key("kind", choice(OutcomeKind.values)),
        Key("name", Translated()),
        Key("sentence", Translated(1000), NO_TEXTS),
        Key("invites_reply", FLAG, False),
    ),
    is_ordered=True,
)
CALENDAR = Shape(
    "calendar",
    content.Calendar,
    (
        Key("code", code()),
        Key("name", Translated()),
        Key("time_zone", ZONE),
        Key("default", FLAG, False, "is_default"),
        Key("hours", WeekHours(), ()),
        Key("holidays", Holidays(), (), "days"),
    ),
)
ROUTING_RULE = Shape(
    "routing rule",
    content.RoutingRule,
    (
        Key("code", code()),
        Key("note", line(300), ""),
        Key("services", Refs(("service",)), ()),
        Key("areas", Refs(("area kind", "area")), ()),
        Key("answers", Refs(("service", "question", "value")), ()),
        Key("weekdays", Weekdays(), ""),
        Key("hours", TimeWindow(), None, "window"),
        Key("hazard_only", FLAG, False),
        Key("department", Ref("department")),
        Key("team", code(), ""),
    ),
    is_ordered=True,
)
ESCALATION_STEP = Shape(
    "escalation step",
    content.EscalationStep,
    (
        Key("code", code(40)),
        Key("kind", choice(TargetKind.values), ""),
        Key("when", choice(StepMoment.values)),
        Key("amount", whole(0, 1000)),
        Key("unit", choice((UnitChoice.BUSINESS_HOURS, UnitChoice.BUSINESS_DAYS))),
        Key("tell", Listed(choice(Audience.values), is_ordered=False)),
        Key("wording", Translated(), NO_TEXTS),
        Key("service", Ref("service"), ""),
        Key("department", Ref("department"), ""),
    ),
)
PLACE_KIND = Shape(
    "place kind", content.PlaceKind, (Key("code", code()), Key("name", Translated()))
)
