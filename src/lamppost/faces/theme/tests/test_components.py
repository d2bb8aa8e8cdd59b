"""Tags and components: what hostile text becomes, and that no state is told by color alone."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django import forms
from django.template import Context, Template
from django.utils import timezone, translation
from lxml import html

from lamppost.database.fields import Point

HOSTILE = "<img src=x onerror=alert(1)>\"'&"
NOW = datetime(2026, 11, 22, 15, 30, tzinfo=UTC)


def draw(source: str, **context: Any) -> str:
    return Template("{% load i18n lamppost %}" + source).render(Context(context))


def tree(source: str, **context: Any) -> html.HtmlElement:
    return html.fragment_fromstring(draw(source, **context), create_parent="div")


@pytest.mark.parametrize(
    "source",
    [
        '{% icon "search" hostile %}',
        "{% icon hostile %}",
        "{% icon 'search' css=hostile %}",
        '{% status_tag "open" hostile %}',
        "{% status_tag hostile %}",
        "{% field question %}",
        "{% error_summary questions %}",
        "{% error_summary questions hostile %}",
        "{% map_view source=hostile label=hostile id=hostile areas=hostile %}",
        "{% map_pick lat_name=hostile value_lat=hostile %}",
        '{% include "lamppost/components/timeline.html" %}',
        '{% include "lamppost/components/photo.html" with url=hostile alt=hostile '
        "caption=hostile %}",
        '{% include "lamppost/components/empty.html" with title=hostile text=hostile '
        "icon_name=hostile action_url=hostile action_label=hostile %}",
        '{% include "lamppost/components/alert.html" with kind=hostile title=hostile '
        "text=hostile %}",
        '{% include "lamppost/components/confirmation.html" with title=hostile number=hostile %}',
        '{% include "lamppost/components/confirm_box.html" with title=hostile text=hostile '
        "action_url=hostile action_label=hostile cancel_url=hostile %}",
        '{% include "lamppost/components/pager.html" with newer_url=hostile older_url=hostile %}',
        '{% include "lamppost/components/breadcrumb.html" %}',
        '{% include "lamppost/components/steps.html" with current=1 %}',
        '{% include "lamppost/components/nav_links.html" %}',
        '{% include "lamppost/components/messages.html" %}',
        '{% include "lamppost/components/footer.html" %}',
        '{% include "lamppost/components/emergency.html" with emergency_number=hostile %}',
        '{% include "lamppost/components/brand.html" with city_name=hostile home=hostile '
        "note=hostile %}",
    ],
)
def test_hostile_text_stays_text(source: str) -> None:
    question = {
        "name": HOSTILE, "label": HOSTILE, "hint": HOSTILE, "value": HOSTILE, "errors": [HOSTILE],
        "attrs": {"placeholder": HOSTILE}, "id": HOSTILE,
    }  # fmt: skip
    group = {**question, "kind": "radios", "choices": [(HOSTILE, HOSTILE, HOSTILE)]}
    parsed = tree(
        source,
        hostile=HOSTILE,
        question=group,
        questions=[question, group],
        entries=[{"at": NOW, "title": HOSTILE, "text": HOSTILE, "by": HOSTILE, "state": HOSTILE}],
        crumbs=[(HOSTILE, HOSTILE), (HOSTILE, "")],
        steps=[HOSTILE],
        nav=[{"label": HOSTILE, "url": HOSTILE, "count": HOSTILE}],
        messages=[SimpleNamespace(level_tag=HOSTILE, __str__=lambda self: HOSTILE)],
        city=SimpleNamespace(contact_phone=HOSTILE, contact_email=HOSTILE, website=HOSTILE),
        city_name=HOSTILE,
    )
    assert len(parsed), "the component drew nothing"
    assert not parsed.xpath("//*[@onerror]")
    assert not [image for image in parsed.xpath("//img") if image.get("src") == "x"]


def test_every_kind_of_field_escapes_what_it_is_given() -> None:
    for kind in (
        "text",
        "textarea",
        "select",
        "radios",
        "checkboxes",
        "checkbox",
        "hidden",
        "file",
    ):
        question = {
            "name": "q", "label": HOSTILE, "kind": kind, "value": HOSTILE,
            "choices": [(HOSTILE, HOSTILE)], "attrs": {"data-note": HOSTILE},
        }  # fmt: skip
        assert not tree("{% field q %}", q=question).xpath("//img"), kind


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("received", "Received"),
        ("open", "In progress"),
        ("waiting", "Waiting"),
        ("closed", "Closed"),
        ("overdue", "Overdue"),
        ("soon", "Due soon"),
    ],
)
def test_a_status_is_told_in_words(state: str, words: str) -> None:
    assert tree("{% status_tag state %}", state=state).text_content().strip() == words


def test_the_citys_own_name_of_a_status_wins() -> None:
    drawn = tree('{% status_tag "open" "Crew on its way" %}')
    assert drawn.text_content().strip() == "Crew on its way"
    assert drawn.xpath("//@data-status") == ["open"]


def test_a_state_nobody_knows_is_shown_plainly() -> None:
    drawn = tree('{% status_tag "limbo" %}')
    assert drawn.text_content().strip() == "limbo"
    assert "lp-tag--plain" in drawn.xpath("//span/@class")[0]


@pytest.mark.parametrize(
    ("due_in", "done_in", "state", "words"),
    [
        # Days ahead: the whole days left.
        (timedelta(days=3, hours=5), None, "ahead", "Due in 3 days"),
        # Within a day it is soon.
        (timedelta(hours=24), None, "soon", "Due in 24 hours"),
        (timedelta(minutes=59), None, "soon", "Due in 59 minutes"),
        # Due exactly now is not late: late is strictly after.
        (timedelta(0), None, "soon", "Due in 1 minute"),
        (timedelta(seconds=-1), None, "overdue", "Overdue by 1 minute"),
        (timedelta(days=-2, hours=-3), None, "overdue", "Overdue by 2 days"),
        # Done at the very moment counts as on time.
        (timedelta(hours=-4), timedelta(hours=-4), "met", "Done on time"),
        (timedelta(hours=-4), timedelta(hours=-3), "late", "Done late"),
    ],
)
def test_where_a_promise_stands(
    due_in: timedelta, done_in: timedelta | None, state: str, words: str
) -> None:
    done_at = None if done_in is None else NOW + done_in
    drawn = tree(
        "{% due_line due done_at=done_at now=now %}", due=NOW + due_in, done_at=done_at, now=NOW
    )
    assert drawn.xpath("//@data-due") == [state]
    assert drawn.xpath("//strong")[0].text_content() == words


def test_a_resident_is_told_plainly_that_it_takes_longer() -> None:
    source = '{% due_line due now=now voice="resident" %}'
    late = tree(source, due=NOW - timedelta(days=1), now=NOW).text_content()
    assert "taking longer than promised" in late
    assert "Overdue" not in late
    assert "Expected by" in tree(source, due=NOW + timedelta(days=1), now=NOW).text_content()


def test_without_a_promise_nothing_is_said() -> None:
    assert draw("{% due_line None %}").strip() == ""


def test_a_time_is_shown_in_the_active_zone() -> None:
    with timezone.override("America/New_York"):
        drawn = tree("{% when at %}", at=NOW)
    assert drawn.xpath("//time/@datetime") == ["2026-11-22T10:30:00-05:00"]
    assert "10:30" in drawn.text_content()


def test_a_date_has_no_hour() -> None:
    assert tree("{% when at %}", at=date(2026, 11, 22)).text_content() == "Nov. 22, 2026"
    assert draw("{% when None %}") == ""


class ReportForm(forms.Form):
    """A form with each kind of widget the pages use."""

    place = forms.CharField(help_text="A street address")
    count = forms.IntegerField(required=False)
    kind = forms.ChoiceField(choices=[("a", "A"), ("b", "B")], widget=forms.RadioSelect)
    more = forms.MultipleChoiceField(
        choices=[("a", "A"), ("b", "B")], widget=forms.CheckboxSelectMultiple, required=False
    )
    since = forms.ChoiceField(choices=[("a", "A")])
    text = forms.CharField(widget=forms.Textarea, required=False)
    photo = forms.FileField(required=False)
    agree = forms.BooleanField()
    token = forms.CharField(widget=forms.HiddenInput, required=False)


def test_a_field_of_a_form_is_tied_to_its_label_hint_and_error() -> None:
    drawn = tree("{% field form.place %}", form=ReportForm({"place": ""}))
    control = drawn.xpath("//input")[0]
    assert drawn.xpath("//label/@for") == [control.get("id")]
    described = [
        drawn.xpath(f"//*[@id='{part}']")[0].text_content().strip()
        for part in control.get("aria-describedby").split()
    ]
    assert described[0] == "A street address"
    assert "This field is required." in described[1]
    assert control.get("aria-invalid") == "true"
    assert "required" in drawn.xpath("//label")[0].text_content()


@pytest.mark.parametrize("name", ["kind", "more"])
def test_a_group_of_choices_is_a_fieldset_with_a_legend(name: str) -> None:
    drawn = tree("{% field bound %}", bound=ReportForm({"kind": "b", "more": ["b"]})[name])
    assert name.title() in drawn.xpath("//fieldset/legend")[0].text_content()
    assert drawn.xpath("//input[@checked]/@value") == ["b"]
    assert len(drawn.xpath("//label//input")) == 2


def test_every_control_of_a_form_is_named() -> None:
    drawn = tree("{% for bound in form %}{% field bound %}{% endfor %}", form=ReportForm())
    labels = set(drawn.xpath("//label/@for"))
    for control in drawn.xpath("//input | //select | //textarea"):
        if control.get("type") == "hidden":
            continue
        assert control.get("id") in labels or control.xpath("ancestor::label"), control.get("name")


def test_the_error_summary_leads_to_controls_that_exist() -> None:
    form = ReportForm({"place": ""})
    source = "{% error_summary form %}{% for bound in form %}{% field bound %}{% endfor %}"
    drawn = tree(source, form=form)
    targets = [link.removeprefix("#") for link in drawn.xpath("//*[@role='alert']//a/@href")]
    assert len(targets) == len(form.errors) == 4
    for target in targets:
        assert drawn.xpath(f"//*[@id='{target}']"), target


def test_errors_of_the_whole_form_are_in_the_summary() -> None:
    form = ReportForm({})
    form.add_error(None, "Sent twice")
    assert "Sent twice" in tree("{% error_summary form %}", form=form).text_content()


def test_no_summary_without_errors() -> None:
    assert draw("{% error_summary form %}", form=ReportForm()).strip() == ""


def test_a_question_of_the_catalog_draws_like_a_field_of_a_form() -> None:
    question = {
        "name": "size", "label": "How big?", "kind": "radios", "required": True, "value": "2",
        "choices": [("1", "Small"), ("2", "Large", "Larger than a plate")],
        "errors": ["Choose one"],
    }  # fmt: skip
    drawn = tree("{% field question %}", question=question)
    assert drawn.xpath("//input[@checked]/@value") == ["2"]
    assert "Larger than a plate" in drawn.text_content()
    assert "Choose one" in drawn.xpath("//*[@id='id_size-error']")[0].text_content()
    assert drawn.xpath("//fieldset/@aria-describedby") == ["id_size-error"]


def test_a_kind_of_field_nobody_knows_is_refused() -> None:
    with pytest.raises(ValueError, match="'slider' is not a kind of field"):
        draw("{% field question %}", question={"name": "q", "label": "Q", "kind": "slider"})


def test_a_field_needs_a_label() -> None:
    with pytest.raises(KeyError):
        draw("{% field question %}", question={"name": "q"})


@pytest.mark.parametrize("language", ["en", "es", "ar"])
def test_scripts_read_numbers_with_a_point_in_every_language(language: str) -> None:
    city = SimpleNamespace(
        center=Point(-75.1652, 39.9526), map_zoom=13, west=-75.2, south=39.9, east=-75.1, north=40.0
    )
    question = {"name": "q", "label": "Q", "kind": "number", "attrs": {"step": 0.5}}
    with translation.override(language):
        drawn = tree(
            "{% map_view source='/p.geojson' %}{% field question %}", city=city, question=question
        )
        picked = tree("{% map_pick value_lat=39.9526 value_long=-75.1652 %}", city=city)
    assert drawn.xpath("//@data-long") == ["-75.1652"]
    assert drawn.xpath("//@data-bounds") == ["-75.2,39.9,-75.1,40.0"]
    assert drawn.xpath("//input/@step") == ["0.5"]
    assert picked.xpath("//input/@value") == ["39.9526", "-75.1652"]


@pytest.mark.parametrize(
    ("texts", "language", "shown"),
    [
        ({"en": "Pothole", "es": "Bache"}, "es", "Bache"),
        ({"en": "Pothole"}, "ar", "Pothole"),
        ("plain", "es", "plain"),
        (None, "en", ""),
    ],
)
def test_a_translated_text_is_shown_in_the_pages_language(
    texts: Any, language: str, shown: str
) -> None:
    with translation.override(language):
        assert draw("{{ texts|localized }}", texts=texts) == shown


@pytest.mark.parametrize(
    ("number", "address"),
    [
        ("(215) 686-1776", "tel:2156861776"),
        ("+44 20 7946 0000", "tel:+442079460000"),
        ("911", "tel:911"),
    ],
)
def test_a_telephone_number_can_be_called(number: str, address: str) -> None:
    assert draw("{{ number|phone_href }}", number=number) == address


def test_pages_of_a_list_are_older_and_newer() -> None:
    source = '{% include "lamppost/components/pager.html" with newer_url=newer older_url=older %}'
    assert tree(source, newer="/?a", older="/?b").xpath("//a/@rel") == ["prev", "next"]
    assert tree(source, newer="", older="/?b").xpath("//a/@href") == ["/?b"]
    assert draw(source, newer="", older="").strip() == ""
