"""A case's page and everything done from it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from lamppost.cases.choices import LinkKind
from lamppost.cases.models import Attachment, Case
from lamppost.cases.selectors.desk import (
    ShownLink,
    answers_of,
    areas_of,
    case_for_desk,
    clocks_of,
    links_of,
    nearby_cases,
    open_offer,
    photos_of,
)
from lamppost.cases.selectors.history import history_of
from lamppost.cases.selectors.queue import neighbors
from lamppost.cases.selectors.readers import case_readers
from lamppost.cases.selectors.transfers import Wandering, wanderings
from lamppost.cases.services.photos import photo_url
from lamppost.cases.services.transfers import accept_transfer, refuse_transfer
from lamppost.catalog.book import book
from lamppost.catalog.choices import Channel, State
from lamppost.faces.desk.access import actor_at, at_desk, status_of
from lamppost.faces.desk.actions import ACTIONS, perform
from lamppost.faces.desk.daily_forms import main_forms
from lamppost.faces.desk.fields import Fields, Typed
from lamppost.faces.desk.filters import Asked, asked
from lamppost.faces.desk.forms import Desk
from lamppost.faces.desk.frame import frame, localized, name_of_department
from lamppost.faces.desk.panels.registry import panels_of
from lamppost.faces.desk.panels.suggestion import taken_up
from lamppost.faces.desk.rarer_forms import hide_form, more_forms, waive_form
from lamppost.faces.desk.reply_choice import with_reply
from lamppost.faces.desk.rows import row_of, rows_of
from lamppost.faces.desk.views.queue import transfers_page
from lamppost.kernel.refusals import Forbidden, NotFound, Refusal
from lamppost.people.absences import away_now
from lamppost.people.actors import Actor
from lamppost.people.audit import contact_read
from lamppost.people.inbox import mark_case_read
from lamppost.people.permissions import Permission, may
from lamppost.people.teams import teams_of

_SHOWN_NEARBY = 5


@at_desk("GET", "HEAD")
def show(request: HttpRequest, number: str) -> HttpResponse:
    """Show one case with everything needed to act on it; its notices are read with it."""
    actor = actor_at(request)
    case = case_for_desk(number, actor=actor)
    if request.method == "GET":
        mark_case_read(actor=actor, case_number=case.number)
    page = _page(case, actor, request, taken_up(request.GET))
    if page["contact"] is not None:
        contact_read(case_number=case.number, actor=actor)
    return render(request, "desk/case.html", page)


@at_desk("POST")
def act(request: HttpRequest, number: str, slug: str) -> HttpResponse:
    """Do one thing to the case; refused, the page comes back with what was typed."""
    actor = actor_at(request)
    action = ACTIONS.get(slug)
    if action is None:
        raise NotFound(_("There is no such action."))
    case = case_for_desk(number, actor=actor)
    # Where it leads is worked out first: a closed case has left the queue.
    following = _following(case, actor, request) if request.POST.get("then") == "next" else ""
    if "use" in request.POST:
        typed = {slug: Typed(with_reply(request.POST, case, slug))}
        return render(request, "desk/case.html", _page(case, actor, request, typed))
    try:
        done = perform(action, case, actor, request)
    except Refusal as refusal:
        case = case_for_desk(number, actor=actor)
        typed = {slug: Typed.of(request.POST, refusal)}
        page = _page(case, actor, request, typed)
        return render(request, "desk/case.html", page, status=status_of(refusal))
    messages.success(request, done)
    return HttpResponseRedirect(following or _after(number, actor, request))


@at_desk("POST")
def decide_on_offer(request: HttpRequest, transfer_id: str, answer: str) -> HttpResponse:
    """Accept or refuse an offered case."""
    actor = actor_at(request)
    reason = request.POST.get("reason", "")
    offer_id = int(transfer_id)
    try:
        if answer == "accept":
            case = accept_transfer(transfer_id=offer_id, actor=actor)
            messages.success(request, _("The case is now with your department."))
        else:
            case = refuse_transfer(transfer_id=offer_id, reason=reason, actor=actor)
            messages.success(request, _("The offer was sent back."))
    except (Forbidden, NotFound):
        raise
    except Refusal as refusal:
        typed = Typed.of(request.POST, refusal)
        page = transfers_page(actor, refused_id=offer_id, typed=typed)
        page["problems"] = refusal.problems
        return render(request, "desk/transfers.html", page, status=status_of(refusal))
    if answer == "accept":
        return HttpResponseRedirect(reverse("desk:case", args=[case.number]))
    return HttpResponseRedirect(reverse("desk:transfers"))


def _after(number: str, actor: Actor, request: HttpRequest) -> str:
    """Where to go after a change: the case, or the queue once it is somebody else's."""
    query = _queue_of(request, actor).query()
    try:
        case_for_desk(number, actor=actor)
    except Forbidden:
        return reverse("desk:queue") + query
    return reverse("desk:case", args=[number]) + query


def _following(case: Case, actor: Actor, request: HttpRequest) -> str:
    """The address of the next case of the queue, or of the queue after its last."""
    place = _queue_of(request, actor)
    number = neighbors(place.wanted, case)[1]
    name, found = ("desk:case", [number]) if number else ("desk:queue", [])
    return reverse(name, args=found) + place.query()


def _queue_of(request: HttpRequest, actor: Actor) -> Asked:
    """The queue the case was opened from; a spoiled address means one's own."""
    try:
        return asked(request.GET, actor)
    except Refusal:
        return asked(request.GET.__class__(), actor)


def _page(case: Case, actor: Actor, request: HttpRequest, typed: dict[str, Typed]) -> Any:
    place = _queue_of(request, actor)
    query = place.query()
    offer = open_offer(case)
    readers = case_readers(case)
    links = links_of(case)
    clocks = clocks_of(case)
    desk = Desk(
        case=case,
        actor=actor,
        query=query,
        typed=typed,
        readers=readers,
        teams=teams_of(case.department_id),
        away=away_now([row.user_id for row in readers]),
        nearby=nearby_cases(case, actor=actor, limit=_SHOWN_NEARBY),
        links=links,
        clocks=clocks,
        offer=offer,
    )
    main, more = main_forms(desk), more_forms(desk)
    shown_forms = [*main.values(), *more]
    photos = [_photo(photo, desk) for photo in photos_of(case)]
    timers = [{"clock": clock, "form": waive_form(desk, clock)} for clock in clocks]
    shown_forms += [one["form"] for one in (*photos, *timers) if one["form"] is not None]
    return {
        **frame(actor),
        **_facts(case, actor),
        **_position(case, place, query),
        "clocks": timers,
        "photos": photos,
        "links": [_link(one, query) for one in links],
        "history": history_of(case, actor),
        "main": main,
        "main_cards": [form for slug, form in main.items() if slug != "take"],
        "more": more,
        "refused": [form for form in shown_forms if form.has_errors],
        "lost_errors": _lost_errors(typed, shown_forms),
        "nearby": _nearby(desk),
        "nearby_form": next((form for form in more if form.slug == "duplicate"), None),
        "offer": offer and _offer(offer, actor),
        "panels": panels_of(case, actor, query),
        "keys": _keys(main),
    }


def _facts(case: Case, actor: Actor) -> dict[str, Any]:
    pages, language = book(), get_language() or "en"
    reads_contact = may(actor, Permission.CASE_READ_CONTACT, department_id=case.department_id)
    return {
        "case": case,
        "row": row_of(case),
        "answers": answers_of(case, language=language),
        "areas": areas_of(case),
        "service_group": localized(pages.services_by_id[case.service_id].group_name),
        "department": name_of_department(case.department_id),
        "outcome": localized(pages.outcomes[case.outcome_id].name) if case.outcome_id else "",
        "channel": Channel(case.channel).label,
        "is_closed": case.state == State.CLOSED,
        "contact": case.contact if reads_contact else None,
        "may_read_contact": reads_contact,
        "contact_url": _contact_url(case, actor) if reads_contact else "",
        "map_here": case.location,
    }


def _contact_url(case: Case, actor: Actor) -> str:
    """The page of who reported it, for those who read contacts of all departments."""
    if case.contact_id is None or not may(actor, Permission.CONTACT_MERGE):
        return ""
    return reverse("desk:contact", args=[case.contact_id])


def _position(case: Case, place: Asked, query: str) -> dict[str, Any]:
    before, after = neighbors(place.wanted, case)
    return {
        "queue_url": f"{reverse('desk:queue')}{query or '?show=all'}#case-{case.pk}",
        "previous_url": reverse("desk:case", args=[before]) + query if before else "",
        "next_url": reverse("desk:case", args=[after]) + query if after else "",
        "query": query,
    }


def _photo(photo: Attachment, desk: Desk) -> dict[str, Any]:
    return {
        "photo": photo,
        "url": photo_url(photo, small=True),
        "full_url": photo_url(photo),
        "form": None if photo.is_hidden else hide_form(desk, photo.pk),
    }


def _link(link: ShownLink, query: str) -> dict[str, Any]:
    words = {
        (LinkKind.DUPLICATE_OF, True): _("Repeats"),
        (LinkKind.DUPLICATE_OF, False): _("Repeated by"),
        (LinkKind.RELATED, True): _("Related to"),
        (LinkKind.RELATED, False): _("Related to"),
        (LinkKind.FOLLOWS, True): _("Follows"),
        (LinkKind.FOLLOWS, False): _("Followed by"),
    }
    pages = book()
    return {
        "words": words[link.kind, link.is_outward],
        "number": link.number,
        "url": reverse("desk:case", args=[link.number]) + query,
        "service": localized(pages.services_by_id[link.service_id].name),
        "state": link.state,
        "status": localized(pages.statuses[link.status_id].name),
    }


def _nearby(desk: Desk) -> list[dict[str, Any]]:
    if desk.is_closed:
        return []
    linked = {link.number for link in desk.links}
    found = [one for one in desk.nearby if one.case.number not in linked]
    rows = rows_of((one.case for one in found), query=desk.query)
    return [
        {"row": row, "distance": round(one.distance_m), "text": one.case.description[:200]}
        for row, one in zip(rows, found, strict=True)
    ]


def _offer(offer: Any, actor: Actor) -> dict[str, Any]:
    fields = Fields("refuse", Typed())
    road = wanderings([offer.case_id]).get(offer.case_id, Wandering())
    return {
        "times": road.times,
        "was_here": offer.to_department_id in road.givers,
        "may_take_back": may(
            actor, Permission.CASE_TRANSFER, department_id=offer.from_department_id
        ),
        "transfer": offer,
        "giver": name_of_department(offer.from_department_id),
        "taker": name_of_department(offer.to_department_id),
        "may_decide": may(actor, Permission.CASE_TRANSFER, department_id=offer.to_department_id),
        "reason": fields.text("reason", _("Why it is not yours"), attrs={"maxlength": 4000}),
    }


def _lost_errors(typed: dict[str, Typed], forms: list[Any]) -> list[str]:
    """What was refused of a form this page does not show any more."""
    shown = {form.slug for form in forms if form.has_errors}
    return [
        problem.message
        for slug, one in typed.items()
        if slug not in shown
        for problem in one.problems
    ]


def _keys(main: dict[str, Any]) -> list[dict[str, str]]:
    keys = [
        {"key": "n", "label": _("Next case of the queue")},
        {"key": "p", "label": _("Previous case of the queue")},
        {"key": "u", "label": _("Back to the queue")},
    ]
    by_form = (
        ("take", "a", _("Assign to me")),
        ("move", "m", _("Choose the next status")),
        ("close", "c", _("Close the case")),
        ("note", "e", _("Write a note")),
        ("assign", "g", _("Give the case to somebody")),
    )
    return keys + [{"key": key, "label": label} for slug, key, label in by_form if slug in main]
