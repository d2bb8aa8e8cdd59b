"""How each department is reached: its connections, set up, tried out, paused."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from lamppost.catalog.book import book
from lamppost.faces.desk.access import actor_at, at_desk, status_of
from lamppost.faces.desk.actions import id_in
from lamppost.faces.desk.fields import Typed
from lamppost.faces.desk.frame import frame, localized
from lamppost.faces.desk.partner_forms import (
    connection_fields,
    settings_of,
    word_fields,
)
from lamppost.kernel.refusals import NotFound, Refusal
from lamppost.partners.choices import AttemptResult, ConnectionKind, ConnectionState
from lamppost.partners.models import Connection, StatusWord
from lamppost.partners.selectors import connection_by_code, connections, health_of, own_department
from lamppost.partners.services import connections as setting_up
from lamppost.partners.services.decisions import retry_dead
from lamppost.partners.services.reconciling import reconcile_now
from lamppost.partners.services.testing import send_test
from lamppost.people.actors import Actor
from lamppost.people.permissions import Permission, may, require

# Does one thing to a connection and says what was done; a new secret is shown by the page.
Step = Callable[[Connection, Actor, QueryDict], str]


@at_desk("GET", "HEAD")
def overview(request: HttpRequest) -> HttpResponse:
    """Show every department with how it is reached and how that does."""
    actor = actor_at(request)
    rows = connections(actor)
    health = health_of(rows)
    own = own_department(actor)
    departments = [
        {
            "name": localized(entry.name) or entry.code,
            "rows": [_row(row, health[row.pk]) for row in rows if row.department_id == entry.id],
        }
        for entry in book().departments.values()
        if entry.is_active and own in {None, entry.id}
    ]
    page = {
        **frame(actor, here="tools"),
        "departments": departments,
        "may_manage": may(actor, Permission.PARTNER_MANAGE),
    }
    return render(request, "desk/partners/overview.html", page)


@at_desk("GET", "HEAD", "POST")
@never_cache
def new(request: HttpRequest) -> HttpResponse:
    """Make a connection; a secret made with it is shown once."""
    actor = actor_at(request)
    require(actor, Permission.PARTNER_MANAGE)
    typed, status = Typed(), 200
    if request.method == "POST":
        try:
            wanted = settings_of(request.POST)
            made = setting_up.create(code=request.POST.get("code", ""), wanted=wanted, actor=actor)
        except Refusal as refusal:
            typed, status = Typed.of(request.POST, refusal), status_of(refusal)
        else:
            messages.success(request, _("Connection made. It is paused: try it, then start it."))
            return _after(request, made)
    fields = connection_fields(None, typed)
    page = {
        **frame(actor, here="tools"),
        "fields": fields,
        "errors": typed.other_errors(one["name"] for one in fields),
    }
    return render(request, "desk/partners/new.html", page, status=status)


@at_desk("GET", "HEAD")
def show(request: HttpRequest, code: str) -> HttpResponse:
    """Show one connection with everything that can be set."""
    actor = actor_at(request)
    connection = connection_by_code(code, actor)
    return render(request, "desk/partners/connection.html", _page(connection, actor))


@at_desk("POST")
@never_cache
def act(request: HttpRequest, code: str, step: str) -> HttpResponse:
    """Do one thing to a connection."""
    actor = actor_at(request)
    connection = connection_by_code(code, actor)
    try:
        if step == "secret":
            made = setting_up.renew_secret(connection_id=connection.pk, actor=actor)
            return _after(request, made)
        if step not in _STEPS:
            raise NotFound(_("There is no such action."))
        messages.success(request, _STEPS[step](connection, actor, request.POST))
    except NotFound:
        raise
    except Refusal as refusal:
        typed = {step: Typed.of(request.POST, refusal)}
        page = _page(connection_by_code(code, actor), actor, typed)
        return render(request, "desk/partners/connection.html", page, status=status_of(refusal))
    return HttpResponseRedirect(reverse("desk:partner", args=[code]))


def _after(request: HttpRequest, made: setting_up.Made) -> HttpResponse:
    """The connection's page; a new secret is on this one answer and nowhere else."""
    if not made.new_secret:
        return HttpResponseRedirect(reverse("desk:partner", args=[made.connection.code]))
    actor = actor_at(request)
    connection = connection_by_code(made.connection.code, actor)
    page = {**_page(connection, actor), "new_secret": made.new_secret}
    return render(request, "desk/partners/connection.html", page)


def _save(connection: Connection, actor: Actor, data: QueryDict) -> str:
    setting_up.change(
        connection_id=connection.pk,
        wanted=settings_of(data, kind=connection.kind),
        seen=data.get("seen", ""),
        actor=actor,
    )
    return _("Saved.")


def _pause(connection: Connection, actor: Actor, _data: QueryDict) -> str:
    state = ConnectionState.PAUSED
    setting_up.set_state(connection_id=connection.pk, state=state, actor=actor)
    return _("Paused. What is to be sent waits.")


def _start(connection: Connection, actor: Actor, _data: QueryDict) -> str:
    state = ConnectionState.ACTIVE
    setting_up.set_state(connection_id=connection.pk, state=state, actor=actor)
    return _("Active. What waited goes out within half a minute.")


def _test(connection: Connection, actor: Actor, _data: QueryDict) -> str:
    answer = send_test(connection, actor=actor)
    code = f" ({answer.code})" if answer.code else ""
    if answer.result == AttemptResult.TAKEN:
        return _("The test was taken%(code)s.") % {"code": code}
    return _("The test failed%(code)s: %(reason)s") % {"code": code, "reason": answer.reason}


def _word(connection: Connection, actor: Actor, data: QueryDict) -> str:
    language = get_language() or "en"
    setting_up.set_word(
        connection_id=connection.pk,
        word=data.get("word", ""),
        meaning=data.get("meaning", ""),
        sentence={language: data.get("sentence", "")},
        actor=actor,
    )
    return _("The word has a meaning now.")


def _drop_word(connection: Connection, actor: Actor, data: QueryDict) -> str:
    setting_up.drop_word(connection_id=connection.pk, word_id=id_in(data, "id"), actor=actor)
    return _("The word has no meaning here any more.")


def _retry_dead(connection: Connection, actor: Actor, _data: QueryDict) -> str:
    count = retry_dead(connection=connection, actor=actor)
    text = ngettext(
        "%(count)d delivery is sent again.", "%(count)d deliveries are sent again.", count
    )
    return text % {"count": count}


def _compare(connection: Connection, actor: Actor, _data: QueryDict) -> str:
    reconcile_now(connection, actor=actor)
    return _("Compared: see the daily comparison.")


_STEPS: Mapping[str, Step] = {
    "save": _save,
    "pause": _pause,
    "start": _start,
    "test": _test,
    "word": _word,
    "drop-word": _drop_word,
    "retry-dead": _retry_dead,
    "compare": _compare,
}


def _page(
    connection: Connection, actor: Actor, typed: Mapping[str, Typed] | None = None
) -> dict[str, Any]:
    typed = typed or {}
    save, word = typed.get("save", Typed()), typed.get("word", Typed())
    fields, words = connection_fields(connection, save), word_fields(word)
    other = [
        problem.message
        for step, one in typed.items()
        if step not in {"save", "word"}
        for problem in one.problems
    ]
    names = [one["name"] for one in fields]
    return {
        **frame(actor, here="tools"),
        **_row(connection, health_of([connection])[connection.pk]),
        "department": localized(connection.department.name),
        "fields": fields,
        "word_fields": words,
        "errors": [
            *other,
            *save.other_errors(names),
            *word.other_errors(one["name"] for one in words),
        ],
        "words": [_shown(row) for row in StatusWord.objects.filter(connection=connection)],
        "seen": connection.updated_at.isoformat(),
        "may_manage": may(actor, Permission.PARTNER_MANAGE),
        "is_webhook": connection.kind == ConnectionKind.WEBHOOK,
        "hook_url": reverse("hooks:partner", args=[connection.code]),
        "acts": {
            step.replace("-", "_"): reverse("desk:partner_act", args=[connection.code, step])
            for step in (*_STEPS, "secret")
        },
    }


def _row(connection: Connection, health: Any) -> dict[str, Any]:
    now = timezone.now()
    return {
        "connection": connection,
        "kind": ConnectionKind(connection.kind).label,
        "health": health,
        "url": reverse("desk:partner", args=[connection.code]),
        "deliveries_url": f"{reverse('desk:partner_deliveries')}?connection={connection.code}",
        "is_paused": connection.state == ConnectionState.PAUSED,
        "is_broken": bool(connection.broken_until and connection.broken_until > now),
    }


def _shown(row: StatusWord) -> dict[str, Any]:
    pages = book()
    outcome = pages.outcomes.get(row.outcome_id or 0)
    status = pages.statuses.get(row.status_id or 0)
    meaning = _("Only a note")
    if outcome is not None:
        meaning = _("Closed: %(outcome)s") % {"outcome": localized(outcome.name)}
    elif status is not None:
        meaning = localized(status.name)
    return {
        "id": row.pk,
        "word": row.word,
        "meaning": meaning,
        "sentence": localized(row.sentence),
    }
