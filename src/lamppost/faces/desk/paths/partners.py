"""Addresses of the desk for partner systems."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path, re_path

from lamppost.faces.desk.views import partner_deliveries as deliveries
from lamppost.faces.desk.views import partner_reconciliation as reconciliation
from lamppost.faces.desk.views import partners

_ID = "[0-9]{1,18}"

urlpatterns: list[URLPattern | URLResolver] = [
    path("partners/", partners.overview, name="partners"),
    path("partners/new/", partners.new, name="partner_new"),
    path("partners/connections/<slug:code>/", partners.show, name="partner"),
    path("partners/connections/<slug:code>/<slug:step>/", partners.act, name="partner_act"),
    path("partners/deliveries/", deliveries.listing, name="partner_deliveries"),
    re_path(
        rf"^partners/deliveries/(?P<delivery_id>{_ID})/$", deliveries.show, name="partner_delivery"
    ),
    re_path(
        rf"^partners/deliveries/(?P<delivery_id>{_ID})/(?P<step>retry|give-up|phone)/$",
        deliveries.act,
        name="partner_delivery_act",
    ),
    path("partners/inbound/", deliveries.inbound, name="partner_inbound"),
    re_path(
        rf"^partners/inbound/(?P<update_id>{_ID})/(?P<step>apply|done)/$",
        deliveries.settle,
        name="partner_settle",
    ),
    path("partners/reconciliation/", reconciliation.runs, name="partner_runs"),
    re_path(
        rf"^partners/reconciliation/(?P<run_id>{_ID})/$", reconciliation.show, name="partner_run"
    ),
    re_path(
        rf"^partners/reconciliation/(?P<run_id>{_ID})/findings\.csv$",
        reconciliation.as_csv,
        name="partner_run_csv",
    ),
    re_path(
        rf"^partners/findings/(?P<finding_id>{_ID})/again/$",
        reconciliation.again,
        name="partner_again",
    ),
]
