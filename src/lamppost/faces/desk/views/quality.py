"""The second look at closings: what waits, one of them, and what was found so far."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from lamppost.cases.choices import SamplePool, Verdict
from lamppost.cases.models import QualitySample
from lamppost.cases.selectors.quality import (
    LEAST,
    one_sample,
    quality_counts,
    recent_draws,
    sentence_of,
    staff_photos,
    waiting_samples,
)
from lamppost.cases.selectors.redress import redress_counts
from lamppost.cases.services.locking import is_own_case
from lamppost.cases.services.photos import photo_url
from lamppost.cases.services.quality import review
from lamppost.catalog.book import book
from lamppost.cities.selectors import city_in_scope
from lamppost.faces.desk.access import actor_at, at_desk, status_of
from lamppost.faces.desk.fields import Fields, Typed
from lamppost.faces.desk.frame import frame, localized, name_of_department
from lamppost.faces.desk.rows import row_of
from lamppost.kernel.refusals import Invalid, NotFound, Refusal
from lamppost.people.actors import Actor
from lamppost.people.permissions import Permission, require

_YEAR = timedelta(days=365)


@at_desk("GET", "HEAD")
def queue(request: HttpRequest) -> HttpResponse:
    """Show the closings that wait for this person's look, or for anybody's."""
    actor = actor_at(request)
    require(actor, Permission.QUALITY_REVIEW)
    shows_all = request.GET.get("show") == "all"
    after = request.GET.get("after", "")
    if after and not (after.isdecimal() and len(after) < 19):
        raise Invalid(_("There is no such place in this list."), field="after")
    listed = waiting_samples(
        user_id=None if shows_all else actor.user_id, after=int(after) if after else None
    )
    here = reverse("desk:quality")
    part = "show=all&" if shows_all else ""
    context = {
        **frame(actor),
        "tabs": [
            {"label": _("Mine"), "url": here, "current": not shows_all},
            {"label": _("Everybody's"), "url": f"{here}?show=all", "current": shows_all},
        ],
        "shows_all": shows_all,
        "rows": [_row(one) for one in listed.rows],
        "older_url": f"{here}?{part}after={listed.next}" if listed.next else "",
    }
    return render(request, "desk/quality.html", context)


@at_desk("GET", "HEAD", "POST")
def one(request: HttpRequest, sample_id: str) -> HttpResponse:
    """Show one closing beside what it is asked about; POST keeps the answers."""
    actor = actor_at(request)
    if request.method != "POST":
        return _shown(request, int(sample_id), Typed())
    try:
        sample = _reviewed(int(sample_id), request.POST, actor)
    except NotFound:
        raise
    except Refusal as refusal:
        typed = Typed.of(request.POST, refusal)
        return _shown(request, int(sample_id), typed, status=status_of(refusal))
    messages.success(
        request,
        _("%(number)s: %(verdict)s")
        % {"number": sample.case.number, "verdict": Verdict(sample.verdict).label},
    )
    return HttpResponseRedirect(reverse("desk:quality"))


@at_desk("GET", "HEAD")
def figures(request: HttpRequest) -> HttpResponse:
    """Show, by department, what second looks and redresses of the last year came to."""
    actor = actor_at(request)
    require(actor, Permission.MEASURES_READ)
    since = timezone.now() - _YEAR
    day = since.astimezone(city_in_scope().zone).date()
    context = {
        **frame(actor),
        "least": LEAST,
        "looks": [
            {
                "count": count,
                "department": name_of_department(count.department_id),
                "pool": SamplePool(count.pool).label,
            }
            for count in quality_counts(since=day)
        ],
        "redresses": [
            {"count": count, "department": name_of_department(count.department_id)}
            for count in redress_counts(since=since)
        ],
        "days": recent_draws(),
    }
    return render(request, "desk/quality_figures.html", context)


def _reviewed(sample_id: int, data: QueryDict, actor: Actor) -> QualitySample:
    return review(
        sample_id=sample_id,
        is_true=_yes(data, "is_true"),
        is_clear=_yes(data, "is_clear"),
        is_shown=_yes(data, "is_shown") if data.get("is_shown") else None,
        note=data.get("note", ""),
        reopen=bool(data.get("reopen")),
        actor=actor,
    )


def _yes(data: QueryDict, name: str) -> bool:
    answer = data.get(name, "")
    if answer not in {"yes", "no"}:
        raise Invalid(_("Answer yes or no."), field=name)
    return answer == "yes"


def _shown(
    request: HttpRequest, sample_id: int, typed: Typed, *, status: int = 200
) -> HttpResponse:
    actor = actor_at(request)
    require(actor, Permission.QUALITY_REVIEW)
    sample = one_sample(sample_id)
    if sample is None:
        raise NotFound(_("This does not exist here."))
    photos = staff_photos(sample)
    fields = _fields(typed, has_photo=bool(photos))
    context = {
        **frame(actor),
        "one": _row(sample),
        "sentence": sentence_of(sample),
        "photos": [
            {"photo": one, "url": photo_url(one, small=True), "full_url": photo_url(one)}
            for one in photos
        ],
        "fields": fields,
        "errors": typed.other_errors([str(one["name"]) for one in fields]),
        "bar": _bar(sample, actor),
    }
    return render(request, "desk/quality_one.html", context, status=status)


def _fields(typed: Typed, *, has_photo: bool) -> list[dict[str, Any]]:
    fields = Fields("quality", typed)
    answers = [("yes", _("Yes")), ("no", _("No"))]
    shown = [
        fields.radios("is_true", _("Is what the outcome says true?"), answers, required=True),
        fields.radios(
            "is_clear", _("Can a resident understand the sentence?"), answers, required=True
        ),
    ]
    if has_photo:
        question = _("Does the photo show it?")
        shown.append(fields.radios("is_shown", question, answers, required=True))
    return [
        *shown,
        fields.area("note", _("What is wrong"), hint=_("Needed unless everything is in order.")),
        fields.box("reopen", _("Open the case again, with this as the public reason")),
    ]


def _bar(sample: QualitySample, actor: Actor) -> str:
    """Why this person does not look at it; '' when they may."""
    if actor.user_id is not None and actor.user_id == sample.closed_by_id:
        return _("You closed this case yourself: a colleague has to look at it.")
    if is_own_case(sample.case, actor):
        return _("You reported this case yourself: a colleague has to look at it.")
    return ""


def _row(sample: QualitySample) -> dict[str, Any]:
    outcome = book().outcomes.get(sample.closing.outcome_id or 0)
    return {
        "sample": sample,
        "case": row_of(sample.case),
        "url": reverse("desk:quality_one", args=[sample.pk]),
        "department": name_of_department(sample.department_id),
        "outcome": localized(outcome.name) if outcome else "",
        "pool": SamplePool(sample.pool).label,
        "is_bulk": sample.pool == SamplePool.BULK,
        "verdict": Verdict(sample.verdict).label if sample.verdict else "",
    }
