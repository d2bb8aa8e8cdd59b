"""Addresses of the field: an inspector's round, and the page of a partner's link."""

from __future__ import annotations

from django.urls import path, re_path

from lamppost.faces.field.views import inspection, partner, phone, round

app_name = "field"
urlpatterns = [
    path("field/", round.today, name="round"),
    path("field/from/", round.start_here, name="start_here"),
    re_path(
        r"^field/inspections/(?P<inspection_id>[0-9]{1,18})/$",
        inspection.show,
        name="inspection",
    ),
    path("field/session.json", phone.session, name="session"),
    path("field/offline/", phone.offline, name="offline"),
    path("field/worker.js", phone.worker, name="worker"),
    path("partner/<str:token>/", partner.show, name="partner"),
]
