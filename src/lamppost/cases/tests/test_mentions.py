"""Mentions in notes: who is found by which name, who is refused, who hears of it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from lamppost.cases.choices import EventAudience, EventKind
from lamppost.cases.models import Case, CaseEvent
from lamppost.cases.services.notes import add_note
from lamppost.kernel.refusals import Forbidden, Invalid
from lamppost.people.actors import Actor
from lamppost.people.choices import NoticeKind, Role
from lamppost.people.models import StaffNotice, User

pytestmark = pytest.mark.django_db
S, D, P = EventAudience.STAFF, EventAudience.DEPARTMENT, EventAudience.PUBLIC


@pytest.fixture
def case(file_case: Callable[..., Case], person: Callable[..., User]) -> Case:
    """A case of the streets department, and people with names to be told apart."""
    for role, department, name in (
        (Role.WORKER, "streets", "Wanda Walker"),
        (Role.WORKER, "streets", "Zoë Park"),
        (Role.MANAGER, "streets", "Sam Stone"),
        (Role.WORKER, "streets", "Sam Stone Junior"),
        (Role.WORKER, "parks", "Pat Pine"),
        (Role.AGENT, "center", "Ann Agent"),
    ):
        person(role, department, name)
    return file_case()


def _add(case: Case, worker: Actor, text: str, audience: EventAudience = S) -> list[str]:
    told = add_note(case_id=case.pk, text=text, actor=worker, audience=audience)
    return sorted(user.name for user in told)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("@Wanda Walker please look", ["Wanda Walker"]),
        ("@wanda please", ["Wanda Walker"]),
        ("ask @zoe, she knows", ["Zoë Park"]),
        ("@Zoë Park and @Wanda, both", ["Wanda Walker", "Zoë Park"]),
        ("@Sam Stone Junior: yours", ["Sam Stone Junior"]),
        ("@Sam Stone: yours", ["Sam Stone"]),
        ("@Ann of the 311 center", ["Ann Agent"]),
        ("write to someone@Wanda.example", []),
        ("meet @ 5 at the corner", []),
        ("@5th and Main", []),
        ("@Wandaland is closed", []),
        ("no at sign, Wanda", []),
    ],
)
def test_whom_a_note_tells(text: str, told: list[str], case: Case, worker: Actor) -> None:
    assert _add(case, worker, text) == told
    notices = StaffNotice.objects.filter(kind=NoticeKind.MENTION)
    assert sorted(one.user.name for one in notices) == told
    assert {one.case_number for one in notices} <= {case.number}
    assert all("look" not in one.subject + one.text for one in notices), "never its words"


@pytest.mark.parametrize(
    ("text", "audience", "says"),
    [
        ("@Sam, look", S, "could be several people"),
        ("@Pat Pine, yours?", S, "Pat Pine may not read this case. Ask for a work item"),
        ("@Ann, a secret", D, "Ann Agent will not read a note for your department only"),
        ("@Wanda will come", P, "Residents read this note"),
    ],
)
def test_a_mention_that_is_refused(
    text: str, audience: EventAudience, says: str, case: Case, worker: Actor
) -> None:
    with pytest.raises(Invalid, match=says):
        _add(case, worker, text, audience)
    assert not StaffNotice.objects.exists()
    assert not CaseEvent.objects.filter(case=case, kind=EventKind.NOTE).exists()


def test_chosen_in_the_list(case: Case, worker: Actor) -> None:
    ids = {user.name: user.pk for user in User.objects.all()}

    def tell(names: list[str], audience: EventAudience = S) -> list[str]:
        told = add_note(
            case_id=case.pk, text="Look", actor=worker, audience=audience,
            told=[ids[name] for name in names],
        )  # fmt: skip
        return sorted(user.name for user in told)

    assert tell(["Wanda Walker", "Ann Agent"]) == ["Ann Agent", "Wanda Walker"]
    assert tell(["Wanda Walker"], P) == ["Wanda Walker"], "the words of a public note stay clean"
    assert tell(["Sam Stone"], D) == ["Sam Stone"]
    assert tell([worker.name]) == [], "nobody is told of their own note"
    event = CaseEvent.objects.filter(case=case, kind=EventKind.NOTE).order_by("seq")[0]
    assert sorted(event.data["told"]) == sorted([ids["Wanda Walker"], ids["Ann Agent"]])
    with pytest.raises(Invalid, match="Pat Pine may not read"):
        tell(["Pat Pine"])
    with pytest.raises(Invalid, match="does not work here"):
        add_note(case_id=case.pk, text="x", actor=worker, audience=S, told=[10**9])


def test_a_stranger_learns_nothing_by_trying(case: Case, actor: Callable[..., Actor]) -> None:
    with pytest.raises(Forbidden):
        _add(case, actor(Role.WORKER, "parks"), "@Wanda")
    assert not StaffNotice.objects.exists()
