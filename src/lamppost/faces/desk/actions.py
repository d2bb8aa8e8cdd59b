"""What can be done to a case from its page: each action hands what was typed to one service."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _

from lamppost.cases.choices import EventAudience, LinkKind
from lamppost.cases.models import Attachment, Case, Clock
from lamppost.cases.services import corrections, lifecycle, links, transfers
from lamppost.cases.services.assignment import assign, assign_team
from lamppost.cases.services.clocks import waive
from lamppost.cases.services.locking import on_seen_case
from lamppost.cases.services.notes import add_note
from lamppost.cases.services.photos import add_staff_photo, hide_photo
from lamppost.cases.services.priority import set_priority
from lamppost.catalog.book import book
from lamppost.catalog.choices import Visibility
from lamppost.database.fields import Point
from lamppost.faces.desk.frame import away_words
from lamppost.kernel.geo import parse_place
from lamppost.kernel.refusals import Invalid, NotFound
from lamppost.kernel.text import in_language
from lamppost.people.absences import away_now
from lamppost.people.actors import Actor

_ID = re.compile(r"[0-9]{1,18}")


@dataclass(frozen=True)
class Action:
    """One step: ``run`` does it, ``done`` says so, untranslated until shown.

    ``needs_seen`` when the step is only right for the case as its reader saw it.
    """

    run: Callable[[Case, Actor, HttpRequest], None]
    done: Callable[[], str]
    needs_seen: bool = True


def perform(action: Action, case: Case, actor: Actor, request: HttpRequest) -> str:
    """Do it and return what to tell the person. Raises what the service refuses."""
    if action.needs_seen:
        on_seen_case(
            case_id=case.pk,
            seen=request.POST.get("seen", ""),
            step=lambda: action.run(case, actor, request),
        )
    else:
        action.run(case, actor, request)
    return action.done()


def id_in(data: QueryDict, name: str) -> int:
    """Return the id sent in a field; 0, which no row has, for anything that is none."""
    text = data.get(name, "")
    return int(text) if _ID.fullmatch(text) else 0


def _move(case: Case, actor: Actor, request: HttpRequest) -> None:
    lifecycle.move(
        case_id=case.pk,
        status_code=request.POST.get("status", ""),
        actor=actor,
        note=request.POST.get("note", ""),
        public=not request.POST.get("internal"),
    )


def _close(case: Case, actor: Actor, request: HttpRequest) -> None:
    code, text = request.POST.get("outcome", ""), request.POST.get("text", "")
    outcome = book().outcome(code)
    if outcome is not None and not text.strip():
        text = in_language(outcome.sentence, case.language)
    lifecycle.close(case_id=case.pk, outcome_code=code, text=text, actor=actor)


def _note(case: Case, actor: Actor, request: HttpRequest) -> None:
    audience = request.POST.get("audience", "")
    if audience not in EventAudience.values:
        raise Invalid(_("Choose who reads the note."), field="audience")
    told = [int(text) for text in request.POST.getlist("told") if _ID.fullmatch(text)]
    people = add_note(
        case_id=case.pk,
        text=request.POST.get("text", ""),
        actor=actor,
        audience=EventAudience(audience),
        told=told,
    )
    if people:
        names = ", ".join(map(str, people))
        messages.info(request, _("Told: %(names)s.") % {"names": names})


def _assign(case: Case, actor: Actor, request: HttpRequest) -> None:
    given = request.POST.get("user", "")
    user_id = id_in(request.POST, "user") if given else None
    if "team" in request.POST:
        team = id_in(request.POST, "team") if request.POST["team"] else None
        assign_team(case_id=case.pk, team_id=team, actor=actor)
        if user_id == case.assignee_id:  # not chosen anew: the team decides who keeps it
            return
    assign(case_id=case.pk, user_id=user_id, actor=actor)
    away = away_now([user_id or 0]).get(user_id or 0)
    if away is not None and user_id != actor.user_id:
        messages.warning(request, away_words(away))


def _reopen(case: Case, actor: Actor, request: HttpRequest) -> None:
    lifecycle.reopen(case_id=case.pk, reason=request.POST.get("reason", ""), actor=actor)


def _offer(case: Case, actor: Actor, request: HttpRequest) -> None:
    transfers.offer_transfer(
        case_id=case.pk,
        department_id=id_in(request.POST, "department"),
        reason=request.POST.get("reason", ""),
        actor=actor,
    )


def _duplicate(case: Case, actor: Actor, request: HttpRequest) -> None:
    links.mark_duplicate(case_id=case.pk, of_number=request.POST.get("number", ""), actor=actor)


def _not_duplicate(case: Case, actor: Actor, request: HttpRequest) -> None:
    links.unmark_duplicate(case_id=case.pk, reason=request.POST.get("reason", ""), actor=actor)


def _relate(case: Case, actor: Actor, request: HttpRequest) -> None:
    kind = request.POST.get("kind", "")
    if kind not in {LinkKind.RELATED, LinkKind.FOLLOWS}:
        raise Invalid(_("Choose how the two cases belong together."), field="kind")
    links.relate(
        case_id=case.pk,
        to_number=request.POST.get("number", ""),
        kind=LinkKind(kind),
        actor=actor,
    )


def _recategorize(case: Case, actor: Actor, request: HttpRequest) -> None:
    corrections.recategorize(
        case_id=case.pk,
        service_code=request.POST.get("service_code", ""),
        reason=request.POST.get("reason", ""),
        actor=actor,
    )


def _correct(case: Case, actor: Actor, request: HttpRequest) -> None:
    lat, long = request.POST.get("lat", ""), request.POST.get("long", "")
    place = parse_place(long, lat) if lat.strip() or long.strip() else None
    corrections.correct(
        case_id=case.pk,
        actor=actor,
        description=request.POST.get("description"),
        address=request.POST.get("address"),
        point=Point(*place) if place else None,
    )


def _visibility(case: Case, actor: Actor, request: HttpRequest) -> None:
    visibility = request.POST.get("visibility", "")
    if visibility not in Visibility.values:
        raise Invalid(_("Choose who may see the case."), field="visibility")
    corrections.set_visibility(
        case_id=case.pk,
        visibility=Visibility(visibility),
        reason=request.POST.get("reason", ""),
        actor=actor,
    )


def _priority(case: Case, actor: Actor, request: HttpRequest) -> None:
    set_priority(
        case_id=case.pk,
        priority=request.POST.get("priority", ""),
        reason=request.POST.get("reason", ""),
        actor=actor,
    )


def _waive(case: Case, actor: Actor, request: HttpRequest) -> None:
    clock = Clock.objects.filter(case=case, pk=id_in(request.POST, "clock")).first()
    if clock is None:
        raise NotFound(_("This service level does not run on this case."), field="clock")
    waive(clock, at=timezone.now(), actor=actor, reason=request.POST.get("reason", ""))


def _photo(case: Case, actor: Actor, request: HttpRequest) -> None:
    files = request.FILES.getlist("photos")
    if not files:
        raise Invalid(_("Choose a photo first."), field="photos")
    for file in files:
        add_staff_photo(case.pk, file, actor=actor, alt=request.POST.get("alt", ""))


def _hide(case: Case, actor: Actor, request: HttpRequest) -> None:
    photo = Attachment.objects.filter(case=case, pk=id_in(request.POST, "photo")).first()
    if photo is None:
        raise NotFound(_("This photo does not exist here."), field="photo")
    hide_photo(photo, actor, request.POST.get("reason", ""))


ACTIONS: dict[str, Action] = {
    "move": Action(_move, lambda: _("Status changed.")),
    "close": Action(_close, lambda: _("Case closed.")),
    "note": Action(_note, lambda: _("Note added."), needs_seen=False),
    "assign": Action(_assign, lambda: _("Assignment changed.")),
    "reopen": Action(_reopen, lambda: _("Case opened again.")),
    "offer": Action(_offer, lambda: _("Transfer offered. The case stays yours until accepted.")),
    "duplicate": Action(_duplicate, lambda: _("Closed as already reported.")),
    "not-duplicate": Action(_not_duplicate, lambda: _("The case stands for itself again.")),
    "relate": Action(_relate, lambda: _("Cases linked."), needs_seen=False),
    "recategorize": Action(_recategorize, lambda: _("Service changed.")),
    "correct": Action(_correct, lambda: _("Corrected.")),
    "visibility": Action(_visibility, lambda: _("Visibility changed.")),
    "priority": Action(_priority, lambda: _("Priority changed.")),
    "waive": Action(_waive, lambda: _("Service level waived.")),
    "photo": Action(_photo, lambda: _("Photo added."), needs_seen=False),
    "hide-photo": Action(_hide, lambda: _("Photo hidden."), needs_seen=False),
}
