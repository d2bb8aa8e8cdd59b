"""Addresses of the desk for teams, saved views, absences, notices, the overdue board."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path, re_path

from lamppost.faces.desk.views import absences, notices, overdue, saved_views, teams

_ID = "(?P<{}>[0-9]{{1,18}})"

urlpatterns: list[URLPattern | URLResolver] = [
    path("next/", teams.take, name="take_next"),
    path("teams/", teams.teams, name="teams"),
    path("teams/new/", teams.new, name="team_new"),
    re_path(rf"^teams/{_ID.format('team_id')}/$", teams.edit, name="team"),
    path("views/", saved_views.saved, name="views"),
    path("views/save/", saved_views.save, name="view_save"),
    re_path(
        rf"^views/{_ID.format('view_id')}/(?P<step>delete|default|no-default|up|down)/$",
        saved_views.change,
        name="view_change",
    ),
    path("absences/", absences.absences, name="absences"),
    path("absences/hand-over/", absences.hand_over, name="hand_over"),
    re_path(rf"^absences/{_ID.format('absence_id')}/end/$", absences.end, name="absence_end"),
    path("notices/", notices.notices, name="notices"),
    path("notices/read/", notices.read, name="notices_read"),
    path("notices/mail/", notices.mail, name="notices_mail"),
    path("overdue/", overdue.overdue, name="overdue"),
    re_path(
        rf"^transfers/{_ID.format('transfer_id')}/take-back/$",
        teams.take_back,
        name="take_back",
    ),
]
