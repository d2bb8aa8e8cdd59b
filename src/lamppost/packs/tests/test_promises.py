"""Targets by priority, steps of escalation, and versions approved at the desk: in and out again."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from shutil import copytree

import pytest
from django.utils import timezone

from lamppost.catalog.models import Service
from lamppost.cities.models import City
from lamppost.database.scope import city_scope
from lamppost.kernel.refusals import Conflict
from lamppost.packs.apply import Applied, apply_pack
from lamppost.packs.check import check_pack
from lamppost.packs.diff import compare
from lamppost.packs.export import write_pack
from lamppost.packs.stored import stored_pack
from lamppost.people.actors import actor_of
from lamppost.people.choices import Role
from lamppost.people.models import Membership, User
from lamppost.sla.choices import Side, Verdict
from lamppost.sla.models import AgreementVersion, BusinessCalendar, EscalationStep, SlaTarget
from lamppost.sla.promises import promises
from lamppost.sla.services import proposals
from lamppost.sla.services.proposals import Terms
from lamppost.sla.services.publishing import TargetFacts

RIVERBEND = Path(__file__).parents[4] / "cities" / "riverbend"
STEP = "steps:\n  - {code: s, when: after, amount: 0, unit: business_hours, tell: "
HEAD = "service,effective_from,kind,amount,unit,"
SOON = timezone.localdate() + timedelta(days=40)


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    """A copy of the village's pack, to be changed."""
    return Path(copytree(RIVERBEND, tmp_path / "riverbend"))


def apply(folder: Path) -> Applied:
    reading = check_pack(folder)
    assert reading.pack is not None
    assert [str(each) for each in reading.findings.errors] == []
    return apply_pack(pack=reading.pack)


def differences(city: City, folder: Path) -> list[str]:
    reading = check_pack(folder)
    assert reading.pack is not None
    with city_scope(city.pk):
        return [str(each) for each in compare(stored_pack(city), reading.pack)]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (STEP + "[]}", "tells nobody"),
        (STEP + "[mayor]}", '"mayor" is not possible'),
        (STEP + "[managers], department: clerk}", "names a department, but no service"),
        (STEP + "[managers], service: nowhere}", 'no service "nowhere"'),
        (STEP.replace("business_hours", "hours") + "[managers]}", '"hours" is not possible'),
        (STEP.replace("after", "during") + "[managers]}", '"during" is not possible'),
        (STEP.replace("amount: 0", "amount: -1") + "[managers]}", "not a whole number"),
        (STEP + "[managers]}\n" + STEP[7:] + "[director]}", "s"),
        ("rungs: []", 'no part "rungs"'),
    ],
)
def test_wrong_steps_are_found(pack: Path, text: str, message: str) -> None:
    (pack / "escalation.yaml").write_text(text + "\n")
    found = [str(each) for each in check_pack(pack).findings.errors]
    assert any(message in each and "escalation.yaml" in each for each in found), found


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (HEAD + "priority\nroad,2026-01-01,resolve,1,hours,soon", '"soon" is not possible'),
        (
            HEAD + "priority,hazard_only\nroad,2026-01-01,resolve,1,hours,high,yes",
            "A hazard is urgent",
        ),
        (
            HEAD + "priority,hazard_only\nroad,2026-01-01,resolve,1,hours,urgent,no\n"
            "road,2026-01-01,resolve,2,hours,,yes",
            'A second "resolve" target',
        ),
    ],
)
def test_wrong_priorities_are_found(pack: Path, lines: str, message: str) -> None:
    (pack / "agreements.csv").write_text(lines + "\n")
    found = [str(each) for each in check_pack(pack).findings.errors]
    assert any(message in each for each in found), found


@pytest.mark.django_db
def test_all_of_it_comes_out_as_it_went_in(pack: Path, tmp_path: Path) -> None:
    """A pack that says ``hazard_only`` is written with priorities and means the same."""
    (pack / "agreements.csv").write_text(
        "service,effective_from,kind,amount,unit,priority,hazard_only\n"
        "road,2026-01-01,resolve,9,business_days,,\n"
        "road,2026-01-01,resolve,5,business_days,high,\n"
        "road,2026-01-01,resolve,4,hours,,yes\n"
    )
    (pack / "escalation.yaml").write_text(
        STEP + "[director, assignee]}\n"
        "  - code: own\n    kind: resolve\n    when: before\n    amount: 1\n"
        "    unit: business_days\n    tell: [managers]\n    wording: Nearly late\n"
        "    service: road\n    department: clerk\n"
    )
    city = apply(pack).city
    assert not apply(pack).tally.has_changes
    with city_scope(city.pk):
        targets = SlaTarget.objects.filter(version__agreement__service__code="road")
        assert {row.priority: row.amount for row in targets} == {"": 9, "high": 5, "urgent": 4}
        assert {row.code: bool(row.agreement_id) for row in EscalationStep.objects.all()} == {
            "s": False, "own": True,
        }  # fmt: skip
        write_pack(stored_pack(city), tmp_path / "out")
    assert differences(city, pack) == []
    assert differences(city, tmp_path / "out") == []
    assert "hazard_only" not in (tmp_path / "out" / "agreements.csv").read_text()
    assert not apply(tmp_path / "out").tally.has_changes


@pytest.mark.django_db
def test_steps_change_and_go(pack: Path) -> None:
    city = apply(pack).city
    path = pack / "escalation.yaml"
    path.write_text(path.read_text().replace("amount: 4", "amount: 6"))
    assert any("due-soon/amount" in line for line in differences(city, pack))
    with city_scope(city.pk):
        since = EscalationStep.objects.get(code="due-soon").since
    apply(pack)
    path.unlink()
    with city_scope(city.pk):
        step = EscalationStep.objects.get(code="due-soon")
        assert (step.amount, step.since) == (6, since)
    apply(pack)
    with city_scope(city.pk):
        assert not EscalationStep.objects.exists()


@pytest.mark.django_db
def test_a_version_approved_at_the_desk_outlives_the_pack(pack: Path, tmp_path: Path) -> None:
    city = apply(pack).city
    with city_scope(city.pk):
        _approve()
        found = AgreementVersion.objects.filter(effective_from=SOON)
        assert found.count() == 1
    assert differences(city, pack) == []
    apply(pack)
    with city_scope(city.pk):
        assert found.count() == 1
        write_pack(stored_pack(city), tmp_path / "out")
    exported = (tmp_path / "out" / "agreements.csv").read_text()
    assert f"road,clerk,{SOON}" in exported
    assert not apply(tmp_path / "out").tally.has_changes

    # Nor can a pack say that something else was approved.
    changed = exported.replace("46,business_days", "99,business_days")
    assert changed != exported
    (tmp_path / "out" / "agreements.csv").write_text(changed)
    reading = check_pack(tmp_path / "out")
    assert reading.pack is not None
    with pytest.raises(Conflict):
        apply_pack(pack=reading.pack)


def _approve() -> None:
    service = Service.objects.get(code="road")
    people = []
    for role in (Role.MANAGER, Role.DIRECTOR):
        user = User.objects.create(email=f"{role}@staff.example", name=str(role))
        department = service.department if role is Role.MANAGER else None
        Membership.objects.create(user=user, role=role, department=department)
        people.append(actor_of(user))
    manager, director = people
    made = proposals.draft(
        service_id=service.pk,
        department_id=service.department_id,
        terms=Terms(
            effective_from=SOON,
            calendar_id=BusinessCalendar.objects.get(is_default=True).pk,
            targets=(TargetFacts("resolve", 46, "business_days"),),
            reason="Fewer crews",
        ),
        actor=manager,
    )
    proposals.propose(proposal_id=made.pk, actor=manager)
    for side, by in ((Side.DEPARTMENT, manager), (Side.CENTER, director)):
        proposals.decide(
            proposal_id=made.pk, side=side, verdict=Verdict.APPROVED, words="", actor=by
        )
    held = promises().in_effect(service_id=service.pk, department_id=service.department_id, on=SOON)
    assert [one.target.days for one in held] == [46]
