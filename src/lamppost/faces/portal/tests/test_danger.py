"""Words of danger in the steps of a report, without JavaScript."""

from __future__ import annotations

from django.test import Client

from lamppost.cases.models import Case, Diversion
from lamppost.faces.portal.tests.conftest import Reporting

GAS = "It smells like gas in the hallway"


def test_the_way_on_without_words_of_danger_is_refused(web: Client, reporting: Reporting) -> None:
    assert web.post("/report/POTHOLE/safe/").status_code == 302
    reporting.details()
    assert web.post("/report/POTHOLE/safe/").status_code == 409
    assert web.get("/report/POTHOLE/safe/").status_code == 405


def test_words_stop_at_once_and_only_a_deliberate_word_goes_on(
    web: Client, reporting: Reporting
) -> None:
    response = reporting.details(description=GAS)
    assert response["Location"].endswith("/stopped/")
    page = web.get(response["Location"]).content.decode()
    assert 'href="tel:911"' in page
    assert "Nobody is in danger" in page
    assert GAS not in page
    assert Diversion.objects.get().said_safe_at is None
    # Written once, however often the page is loaded or the same words are sent.
    reporting.details(description=GAS)
    assert Diversion.objects.count() == 1
    on = web.post("/report/POTHOLE/safe/")
    assert on.status_code == 302
    assert not on["Location"].endswith("/stopped/")
    assert Diversion.objects.get().said_safe_at is not None
    assert not Case.objects.exists()


def test_danger_goes_before_a_field_left_empty(web: Client, reporting: Reporting) -> None:
    response = reporting.details(description=GAS, **{"attribute[WHERE]": ""})
    assert response["Location"].endswith("/stopped/")
    on = web.post("/report/POTHOLE/safe/")
    assert on["Location"].endswith("/details/")


def test_other_words_are_read_anew(web: Client, reporting: Reporting) -> None:
    reporting.details(description=GAS)
    web.post("/report/POTHOLE/safe/")
    again = reporting.details(description="The house next door is on fire")
    assert again["Location"].endswith("/stopped/")
    assert Diversion.objects.count() == 2
