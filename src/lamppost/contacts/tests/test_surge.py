"""Surge mode: who switches it, what every channel says while it is on, when it ends."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone, translation

from lamppost.cities.models import City
from lamppost.contacts.models import Surge
from lamppost.contacts.selectors.line import surge_words
from lamppost.contacts.selectors.surge import current_surge
from lamppost.contacts.services.surge import MOST_CHARACTERS, end_due_surges, switch_off, switch_on
from lamppost.database.scope import city_scope
from lamppost.kernel.refusals import Conflict, Forbidden, Invalid, NotFound
from lamppost.people.actors import Actor
from lamppost.people.choices import Role
from lamppost.people.models import AuditEntry, StaffNotice

pytestmark = pytest.mark.django_db
SNOW = {
    "en": "Snow: plows are out.",
    "es": "Nieve: las palas trabajan.",
    "ar": "ثلج: الجرافات تعمل.",
}


@pytest.fixture
def supervisor(actor: Callable[..., Actor]) -> Actor:
    """Somebody who may switch."""
    return actor(Role.SUPERVISOR, "center")


@pytest.mark.parametrize("role", [Role.RESIDENT, Role.AGENT, Role.WORKER, Role.EDITOR])
def test_who_may_not_switch_is_refused(city: City, role: Role, actor: Callable[..., Actor]) -> None:
    with pytest.raises(Forbidden):
        switch_on(message=SNOW, actor=actor(role))
    assert current_surge() is None


@pytest.mark.parametrize(
    ("message", "field"),
    [
        ({**SNOW, "es": ""}, "message_es"),
        ({**SNOW, "en": " "}, "message_en"),
        ({**SNOW, "en": "x" * (MOST_CHARACTERS + 1)}, "message_en"),
    ],
)
def test_every_language_has_a_text_that_can_be_said(
    city: City, supervisor: Actor, message: dict[str, str], field: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        switch_on(message=message, actor=supervisor)
    assert [problem.field for problem in refusal.value.problems] == [field]


def test_an_end_that_is_past_is_refused(city: City, supervisor: Actor) -> None:
    with pytest.raises(Invalid):
        switch_on(message=SNOW, actor=supervisor, ends_at=timezone.now())


def test_an_article_residents_cannot_read_is_not_named(city: City, supervisor: Actor) -> None:
    with pytest.raises(Invalid) as refusal:
        switch_on(message=SNOW, actor=supervisor, article_code="staff-only")
    assert [problem.field for problem in refusal.value.problems] == ["article"]


def test_home_page_voice_and_sms_change_at_once_and_back(
    city: City, supervisor: Actor, client: Client
) -> None:
    host = {"HTTP_HOST": "springfield.example"}
    assert b"plows" not in client.get("/", **host).content
    surge = switch_on(message=SNOW, actor=supervisor)
    assert b"Snow: plows are out." in client.get("/", **host).content
    assert "las palas" in client.get("/es/", **host).content.decode()
    for language, text in SNOW.items():
        with translation.override(language):
            assert surge_words() == text
    switch_off(surge_id=surge.pk, actor=supervisor)
    assert b"plows" not in client.get("/", **host).content
    assert surge_words() == ""
    assert [entry.detail for entry in AuditEntry.objects.order_by("id")] == ["on", "off"]
    assert StaffNotice.objects.filter(kind="center").count() == 2


def test_only_one_is_on_and_it_ends_once(city: City, supervisor: Actor) -> None:
    surge = switch_on(message=SNOW, actor=supervisor)
    with pytest.raises(Conflict):
        switch_on(message=SNOW, actor=supervisor)
    switch_off(surge_id=surge.pk, actor=supervisor)
    with pytest.raises(Conflict):
        switch_off(surge_id=surge.pk, actor=supervisor)


def test_it_is_over_when_its_time_is_whether_or_not_written(city: City, supervisor: Actor) -> None:
    end = timezone.now() + timedelta(hours=2)
    surge = switch_on(message=SNOW, actor=supervisor, ends_at=end)
    assert current_surge(now=end - timedelta(seconds=1)) == surge
    assert current_surge(now=end) is None
    assert end_due_surges(now=end) == 1
    assert end_due_surges(now=end) == 0
    surge.refresh_from_db()
    assert (surge.ended_at, surge.ended_by_id) == (end, None)
    # The next one need not wait for anybody to tidy up.
    switch_on(message=SNOW, actor=supervisor)


def test_one_whose_time_has_passed_does_not_stop_the_next(city: City, supervisor: Actor) -> None:
    now = timezone.now()
    switch_on(message=SNOW, actor=supervisor, ends_at=now + timedelta(hours=1))
    switch_on(message=SNOW, actor=supervisor, now=now + timedelta(hours=2))
    assert Surge.objects.filter(ended_at=None).count() == 1


def test_another_city_knows_nothing_of_it(city: City, other_city: City, supervisor: Actor) -> None:
    surge = switch_on(message=SNOW, actor=supervisor)
    with city_scope(other_city.pk):
        assert current_surge() is None
        with pytest.raises(NotFound):
            switch_off(surge_id=surge.pk, actor=supervisor)
