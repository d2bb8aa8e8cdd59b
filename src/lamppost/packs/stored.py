"""The pack of a city as the database holds it: the same values a folder is read into."""

from __future__ import annotations

from collections import defaultdict

from lamppost.catalog.models import (
    Move,
    Outcome,
    Question,
    QuestionValue,
    Service,
    ServiceGroup,
    Status,
    TriageRule,
)
from lamppost.cities.models import City, CityFeature, CityLanguage, CityText
from lamppost.packs import content
from lamppost.packs.apply_retention import stored_retention
from lamppost.packs.read_agreements import target_order
from lamppost.packs.stored_center import (
    stored_center,
    stored_dispositions,
    stored_monitoring,
    stored_surge_texts,
)
from lamppost.packs.stored_channels import (
    stored_keywords,
    stored_phone_line,
    stored_spoken_languages,
)
from lamppost.packs.stored_knowledge import stored_articles, stored_directory, stored_topics
from lamppost.packs.stored_notices import stored_notices, stored_quiet_hours
from lamppost.packs.stored_routing import stored_rules
from lamppost.packs.stored_work import stored_items, stored_macros, stored_replies
from lamppost.people.models import Department
from lamppost.places.models import Area, AreaKind, PlaceKind
from lamppost.routing.values import active_set
from lamppost.sla.models import (
    Agreement,
    AgreementVersion,
    BusinessCalendar,
    EscalationStep,
    PauseReason,
    PausingStatus,
    SlaTarget,
)


def stored_pack(city: City) -> content.Pack:
    """Return everything in force in ``city``; must run in its scope.

    What was retired (services, rules) is left out; departments and agreements that are
    history stay, because the history of promises is public.
    """
    services = _services()
    agreements = _agreements({service.code for service in services})
    return content.Pack(
        city=_city(city),
        departments=_departments({version.department for version in agreements}),
        groups=_groups(),
        services=services,
        pause_reasons=tuple(
            content.PauseReason(code=row.code, name=row.name)
            for row in PauseReason.objects.order_by("code")
        ),
        statuses=_statuses(),
        moves=_moves(),
        outcomes=_outcomes(),
        calendars=_calendars(),
        agreements=agreements,
        escalation=_escalation(),
        routing=_routing(),
        area_kinds=_area_kinds(),
        place_kinds=tuple(
            content.PlaceKind(code=row.code, name=row.name)
            for row in PlaceKind.objects.order_by("code")
        ),
        work_items=stored_items({service.code for service in services}),
        replies=stored_replies(),
        macros=stored_macros(),
        center=stored_center(),
        phone_line=stored_phone_line(),
        spoken_languages=stored_spoken_languages(),
        keywords=stored_keywords(),
        dispositions=stored_dispositions(),
        monitoring=stored_monitoring(),
        surge_texts=stored_surge_texts(),
        retention=stored_retention(),
        topics=stored_topics(),
        articles=stored_articles(city.default_language),
        directory=stored_directory(),
        notices=stored_notices(),
        quiet_hours=stored_quiet_hours(),
        texts=tuple(
            content.CityText(key=row.key, text=row.text) for row in CityText.objects.order_by("key")
        ),
    )


def _city(city: City) -> content.CityFacts:
    long, lat = city.center or (None, None)
    return content.CityFacts(
        slug=city.slug,
        name=city.name,
        jurisdiction_id=city.jurisdiction_id,
        hosts=tuple(sorted(city.hosts.values_list("host", flat=True))),
        time_zone=city.time_zone,
        country=city.country,
        default_language=city.default_language,
        languages=tuple(CityLanguage.objects.order_by("order").values_list("code", flat=True)),
        units=city.units,
        first_weekday=city.first_weekday,
        emergency_number=city.emergency_number,
        crisis_number=city.crisis_number,
        contact=content.CityContact(
            phone=city.contact_phone, email=city.contact_email, website=city.website
        ),
        accent_color=city.accent_color,
        map=content.MapView(
            lat=lat,
            long=long,
            west=city.west,
            south=city.south,
            east=city.east,
            north=city.north,
            zoom=city.map_zoom,
        ),
        boundary_doubt_m=city.boundary_doubt_m,
        redress_days=city.redress_days,
        quality_percent=city.quality_percent,
        quality_bulk_percent=city.quality_bulk_percent,
        first_number=city.first_number,
        features=tuple(sorted(CityFeature.objects.values_list("code", flat=True))),
    )


def _departments(in_history: set[str]) -> tuple[content.Department, ...]:
    return tuple(
        content.Department(
            code=row.code,
            name=row.name,
            email=row.email,
            phone=row.phone,
            is_catch_all=row.is_catch_all,
            is_active=row.is_active,
            teams=tuple(
                content.Team(code=team.code, name=team.name)
                for team in row.teams.all()
                if team.is_active
            ),
        )
        for row in Department.objects.order_by("code").prefetch_related("teams")
        if row.is_active or row.code in in_history
    )


def _groups() -> tuple[content.Group, ...]:
    live = set(Service.objects.filter(is_active=True).values_list("group_id", flat=True))
    retired = set(Service.objects.filter(is_active=False).values_list("group_id", flat=True))
    return tuple(
        content.Group(code=row.code, name=row.name)
        for row in ServiceGroup.objects.order_by("order", "code")
        if row.pk in live or row.pk not in retired
    )


def _services() -> tuple[content.Service, ...]:
    questions = _questions()
    triage = _triage()
    rows = Service.objects.filter(is_active=True).select_related("group", "department")
    return tuple(
        content.Service(
            code=row.code,
            name=row.name,
            description=row.description,
            keywords=row.keywords,
            group=row.group.code,
            department=row.department.code,
            kind=row.kind,
            type=row.type,
            location=row.location,
            photos=row.photos,
            visibility=row.visibility,
            notice=row.notice,
            duplicate_radius_m=row.duplicate_radius_m,
            duplicate_days=row.duplicate_days,
            reopen_days=row.reopen_days,
            order=row.order,
            is_public=row.is_public,
            questions=tuple(questions[row.pk]),
            triage=tuple(triage[row.pk]),
        )
        for row in rows.order_by("order", "code")
    )


def _questions() -> dict[int, list[content.Question]]:
    values: dict[int, list[content.Value]] = defaultdict(list)
    for value in QuestionValue.objects.order_by("order"):
        values[value.question_id].append(content.Value(code=value.key, name=value.name))
    found: dict[int, list[content.Question]] = defaultdict(list)
    rows = Question.objects.order_by("order").prefetch_related("only_if__value__question")
    for row in rows:
        found[row.service_id].append(
            content.Question(
                code=row.code,
                text=row.text,
                help=row.help,
                datatype=row.datatype,
                is_variable=row.is_variable,
                is_required=row.is_required,
                is_public=row.is_public,
                values=tuple(values[row.pk]),
                only_if=tuple(
                    sorted((each.value.question.code, each.value.key) for each in row.only_if.all())
                ),
            )
        )
    return found


def _triage() -> dict[int, list[content.TriageRule]]:
    found: dict[int, list[content.TriageRule]] = defaultdict(list)
    rows = TriageRule.objects.order_by("order").prefetch_related(
        "conditions__value__question", "areas__area__kind"
    )
    for row in rows:
        found[row.service_id].append(
            content.TriageRule(
                code=row.code,
                outcome=row.outcome,
                conditions=tuple(
                    sorted(
                        (each.value.question.code, each.value.key) for each in row.conditions.all()
                    )
                ),
                areas=tuple(
                    sorted((each.area.kind.code, each.area.code) for each in row.areas.all())
                ),
                text=row.text,
                refer_to=row.refer_to,
                refer_phone=row.refer_phone,
                refer_url=row.refer_url,
                is_hazard=row.is_hazard,
            )
        )
    return found


def _statuses() -> tuple[content.Status, ...]:
    reasons = dict(PausingStatus.objects.values_list("status_id", "reason__code"))
    return tuple(
        content.Status(
            code=row.code,
            state=row.state,
            name=row.name,
            description=row.description,
            is_default=row.is_default,
            pauses=reasons.get(row.pk, ""),
        )
        for row in Status.objects.order_by("order", "code")
    )


def _moves() -> tuple[content.Move, ...]:
    rows = Move.objects.select_related("from_status", "to_status")
    moves = (
        content.Move(
            from_status=row.from_status.code,
            to_status=row.to_status.code,
            needs_reason=row.needs_reason,
        )
        for row in rows
    )
    return tuple(sorted(moves, key=lambda move: (move.from_status, move.to_status)))


def _outcomes() -> tuple[content.Outcome, ...]:
    return tuple(
        content.Outcome(
            code=row.code,
            kind=row.kind,
            name=row.name,
            sentence=row.sentence,
            invites_reply=row.invites_reply,
        )
        for row in Outcome.objects.order_by("order", "code")
    )


def _calendars() -> tuple[content.Calendar, ...]:
    rows = BusinessCalendar.objects.order_by("code").prefetch_related("hours", "days")
    return tuple(
        content.Calendar(
            code=row.code,
            name=row.name,
            time_zone=row.time_zone,
            is_default=row.is_default,
            hours=tuple(
                content.OpenHours(weekday=each.weekday, opens=each.opens, closes=each.closes)
                for each in row.hours.all()
            ),
            days=tuple(
                content.Day(day=each.day, name=each.name, opens=each.opens, closes=each.closes)
                for each in row.days.all()
            ),
        )
        for row in rows
    )


def _target(row: SlaTarget) -> content.Target:
    return content.Target(
        kind=row.kind,
        amount=row.amount,
        unit=row.unit,
        day_end=row.day_end,
        area=(row.area.kind.code, row.area.code) if row.area else (),
        priority=row.priority,
    )


def stored_version(row: AgreementVersion) -> content.AgreementVersion:
    """Return a version as a value; its agreement, calendar and targets are loaded with it."""
    return content.AgreementVersion(
        service=row.agreement.service.code,
        department=row.agreement.department.code,
        effective_from=row.effective_from,
        effective_to=row.effective_to,
        calendar=row.calendar.code,
        approved_by=row.approved_by,
        evidence=row.evidence,
        targets=tuple(sorted((_target(each) for each in row.targets.all()), key=target_order)),
        of_desk=getattr(row, "proposal", None) is not None,
    )


def stored_versions() -> dict[tuple[str, str, str], AgreementVersion]:
    """Return the rows of all agreement versions by service, department and first day."""
    rows = AgreementVersion.objects.select_related(
        "agreement__service", "agreement__department", "calendar", "proposal"
    ).prefetch_related("targets__area__kind")
    return {
        (
            row.agreement.service.code,
            row.agreement.department.code,
            row.effective_from.isoformat(),
        ): row
        for row in rows
    }


def _agreements(services: set[str]) -> tuple[content.AgreementVersion, ...]:
    return tuple(
        stored_version(row)
        for (service, _department, _day), row in sorted(
            stored_versions().items(), key=lambda item: item[0]
        )
        if service in services
    )


def _escalation() -> tuple[content.EscalationStep, ...]:
    rows = EscalationStep.objects.select_related(
        "agreement__service", "agreement__department"
    ).prefetch_related("audiences")
    return tuple(
        content.EscalationStep(
            code=row.code,
            kind=row.kind,
            when=row.moment,
            amount=row.amount,
            unit=row.unit,
            tell=tuple(sorted(one.whom for one in row.audiences.all())),
            wording=row.wording,
            service=row.agreement.service.code if row.agreement else "",
            department=_other_department(row.agreement) if row.agreement else "",
        )
        for row in rows.order_by("code")
    )


def _other_department(agreement: Agreement) -> str:
    """Return the department of an agreement, '' for the service's own: it goes without saying."""
    if agreement.department_id == agreement.service.department_id:
        return ""
    return str(agreement.department.code)


def _routing() -> tuple[content.RoutingRule, ...]:
    rule_set = active_set()
    return () if rule_set is None else stored_rules(rule_set)


def _area_kinds() -> tuple[content.AreaKind, ...]:
    areas: dict[int, list[content.Area]] = defaultdict(list)
    for row in Area.objects.order_by("code"):
        areas[row.kind_id].append(
            content.Area(
                code=row.code,
                name=row.name,
                boundary=row.boundary,
                is_approximate=row.is_approximate,
                source=row.source,
            )
        )
    return tuple(
        content.AreaKind(
            code=row.code,
            name=row.name,
            is_public=row.is_public,
            is_limits=row.is_limits,
            areas=tuple(areas[row.pk]),
        )
        for row in AreaKind.objects.order_by("order", "code")
    )
