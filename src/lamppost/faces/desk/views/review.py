"""One review: its evidence, what another promise would have done, the meeting and its actions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from lamppost.cities.selectors import city_in_scope
from lamppost.faces.desk.access import actor_at, at_desk, status_of
from lamppost.faces.desk.actions import id_in
from lamppost.faces.desk.fields import Typed
from lamppost.faces.desk.figures import glossary_of, shown, table_of
from lamppost.faces.desk.frame import frame, localized
from lamppost.faces.desk.review_forms import forms_of, what_if_fields
from lamppost.faces.desk.views.reviews import day_in
from lamppost.faces.desk.what_if_form import what_if_asked
from lamppost.insight.choices import Decision, GroupKind, Section, SubjectKind
from lamppost.insight.models import Review, ReviewAction
from lamppost.insight.period import Quarter
from lamppost.insight.selectors.calendar import today
from lamppost.insight.selectors.evidence import Evidence, evidence_of
from lamppost.insight.selectors.reviews import agenda_of, present_at
from lamppost.insight.services import actions, reviews
from lamppost.insight.services.access import may_hold, require_to_read
from lamppost.insight.services.telling import name_of
from lamppost.kernel.refusals import Conflict, Invalid, NotFound
from lamppost.people.actors import Actor


@at_desk("GET", "HEAD")
def show(request: HttpRequest, review_id: str) -> HttpResponse:
    """Show one review."""
    return _page(request, _review(request, review_id), {})


@at_desk("POST")
def act(request: HttpRequest, review_id: str, slug: str) -> HttpResponse:
    """Do one step of a review; what was typed comes back with what is wrong."""
    review = _review(request, review_id)
    step = _STEPS.get(slug)
    if step is None:
        raise NotFound(_("There is no such step."))
    try:
        done = step(review, actor_at(request), request)
    except (Invalid, Conflict) as refusal:
        typed = {slug: Typed.of(request.POST, refusal)}
        review.refresh_from_db()
        return _page(request, review, typed, status=status_of(refusal))
    messages.success(request, done)
    return HttpResponseRedirect(reverse("desk:review", args=[review.pk]) + f"#{slug}")


@at_desk("POST")
def finish(request: HttpRequest, action_id: str) -> HttpResponse:
    """Say that an action was done."""
    action = actions.finish_action(
        action_id=int(action_id), note=request.POST.get("note", ""), actor=actor_at(request)
    )
    messages.success(request, _("Marked as done."))
    return HttpResponseRedirect(_way_back(request, action))


def _way_back(request: HttpRequest, action: ReviewAction) -> str:
    back = id_in(request.POST, "review") or action.review_id
    return reverse("desk:review", args=[back]) + "#agenda"


def _review(request: HttpRequest, review_id: str) -> Review:
    actor = actor_at(request)
    review = (
        Review.objects.select_related(
            "subject__agreement__service", "subject__department", "held_by"
        )
        .filter(pk=int(review_id))
        .first()
    )
    if review is None:
        raise NotFound(_("This review does not exist here."))
    require_to_read(review.subject, actor)
    return review


def _page(
    request: HttpRequest, review: Review, typed: Mapping[str, Typed], *, status: int = 200
) -> HttpResponse:
    actor = actor_at(request)
    found = evidence_of(review)
    is_stat = review.subject.kind == SubjectKind.STAT
    agenda = agenda_of(review)
    present = present_at(review)
    page = {
        **frame(actor, here="tools"),
        "review": review,
        "name": name_of(review.subject),
        "department": localized(review.subject.department.name)
        if review.subject.department
        else _("The whole city"),
        "is_overdue": review.held_at is None and review.due_on < today(),
        "is_agreement": review.subject.kind == SubjectKind.AGREEMENT,
        "is_stat": is_stat,
        "decision": Decision(review.decision).label if review.decision else "",
        "as_of": found.as_of,
        "is_frozen": found.is_frozen,
        "present": present,
        "agenda": _agenda(agenda, actor),
        "forms": forms_of(review, actor, typed, present) if may_hold(review.subject, actor) else {},
        "proposal_url": _proposal_url(review),
        **(_stat_link(review) if is_stat else _evidence(found)),
        **_what_if(request, review),
    }
    return render(request, "desk/reviews/review.html", page, status=status)


def _evidence(found: Evidence) -> dict[str, Any]:
    groups = (
        (GroupKind.AREA, _("By area"), _("Area")),
        (GroupKind.LANGUAGE, _("By language"), _("Language")),
    )
    tables = [
        table_of(label, heading, found.of(Section.EVIDENCE, kind))
        for kind, label, heading in groups
    ]
    return {
        "figures": [shown(one) for one in found.of(Section.EVIDENCE)],
        "tables": [table for table in tables if table is not None],
        "glossary": glossary_of(one.measure for one in found.figures),
    }


def _stat_link(review: Review) -> dict[str, Any]:
    quarter = Quarter.of(review.period_from, review.subject.year_starts_month)
    if quarter.period.first != review.period_from:
        return {}  # the fiscal year was changed since
    return {"pack_url": reverse("desk:stat_pack", args=[quarter.year, quarter.number])}


def _what_if(request: HttpRequest, review: Review) -> dict[str, Any]:
    agreement = review.subject.agreement
    if agreement is None:
        return {}
    typed, answers = what_if_asked(request.GET, agreement, review)
    return {"what_if_fields": what_if_fields(typed), "answers": answers}


def _agenda(agenda: Any, actor: Actor) -> dict[str, list[dict[str, Any]]]:
    return {
        part: [
            {
                "action": action,
                "url": reverse("desk:review_action", args=[action.pk])
                if action.done_at is None and actions.may_finish(action, actor)
                else "",
            }
            for action in getattr(agenda, part)
        ]
        for part in ("carried", "done", "new")
    }


def _proposal_url(review: Review) -> str:
    """Where the change that was decided on is proposed, '' for another decision."""
    agreement = review.subject.agreement
    if review.decision != Decision.CHANGE or agreement is None or review.subject.department is None:
        return ""
    names = [agreement.service.code, review.subject.department.code]
    return reverse("desk:proposal_new", args=names)


def _schedule(review: Review, actor: Actor, request: HttpRequest) -> str:
    at = _moment(request.POST.get("at", ""))
    reviews.schedule(
        review_id=review.pk, at=at, place=request.POST.get("place", ""), actor=actor,
        seen=request.POST.get("seen", ""),
    )  # fmt: skip
    return _("The date is set.")


def _attendance(review: Review, actor: Actor, request: HttpRequest) -> str:
    sent = request.POST.getlist("attendance")
    chosen = [int(one) for one in sent if one.isascii() and one.isdecimal() and len(one) < 19]
    reviews.set_attendance(
        review_id=review.pk, user_ids=chosen, actor=actor, seen=request.POST.get("seen", "")
    )
    return _("Attendance is written down.")


def _minutes(review: Review, actor: Actor, request: HttpRequest) -> str:
    reviews.write_minutes(
        review_id=review.pk, minutes=request.POST.get("minutes", ""), actor=actor,
        seen=request.POST.get("seen", ""),
    )  # fmt: skip
    return _("The minutes are saved.")


def _hold(review: Review, actor: Actor, request: HttpRequest) -> str:
    reviews.hold(
        review_id=review.pk,
        decision=request.POST.get("decision", ""),
        decision_text=request.POST.get("decision_text", ""),
        minutes=review.minutes,
        actor=actor,
        seen=request.POST.get("seen", ""),
    )
    return _("The review is on record. Its figures stay as they are now.")


def _action(review: Review, actor: Actor, request: HttpRequest) -> str:
    try:
        due_on = day_in(request.POST.get("due_on", ""))
    except ValueError:
        due_on = None
    actions.add_action(
        review_id=review.pk,
        text=request.POST.get("text", ""),
        owner_id=id_in(request.POST, "owner"),
        due_on=due_on,
        actor=actor,
    )
    return _("The action is on the agenda until it is done.")


def _moment(text: str) -> datetime | None:
    if not text:
        return None
    try:
        return datetime.fromisoformat(text[:16]).replace(tzinfo=city_in_scope().zone)
    except ValueError:
        raise Invalid(_("Enter a day and a time."), field="at") from None


_STEPS: dict[str, Callable[[Review, Actor, HttpRequest], str]] = {
    "schedule": _schedule,
    "attendance": _attendance,
    "minutes": _minutes,
    "hold": _hold,
    "action": _action,
}
