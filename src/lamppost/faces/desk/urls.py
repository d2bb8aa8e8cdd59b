"""Addresses of the desk face."""

from __future__ import annotations

from django.contrib.auth.views import LogoutView
from django.urls import URLPattern, URLResolver, path, re_path

from lamppost.faces.desk.paths import (
    agreements,
    contacts,
    fieldwork,
    gateways,
    knowledge,
    mail,
    messages,
    partners,
    quality,
    reviews,
    routing,
    teams,
    work,
)
from lamppost.faces.desk.views import account, bulk, case, filing, queue, tools

app_name = "desk"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", queue.queue, name="queue"),
    path("mine/", queue.mine, name="mine"),
    path("search/", queue.find, name="search"),
    path("new/", filing.new, name="new"),
    path("bulk/", bulk.bulk, name="bulk"),
    path("transfers/", queue.transfers, name="transfers"),
    re_path(
        r"^transfers/(?P<transfer_id>[0-9]{1,18})/(?P<answer>accept|refuse)/$",
        case.decide_on_offer,
        name="decide",
    ),
    path("cases/<str:number>/", case.show, name="case"),
    path("cases/<str:number>/<slug:slug>/", case.act, name="act"),
    path("tools/", tools.tools, name="tools"),
    *agreements.urlpatterns,
    *reviews.urlpatterns,
    *routing.urlpatterns,
    *work.urlpatterns,
    *fieldwork.urlpatterns,
    *messages.urlpatterns,
    *knowledge.urlpatterns,
    *partners.urlpatterns,
    *gateways.urlpatterns,
    *mail.urlpatterns,
    *quality.urlpatterns,
    *teams.urlpatterns,
    *contacts.urlpatterns,
    path("sign-in/", account.SignIn.as_view(), name="sign_in"),
    path("sign-out/", LogoutView.as_view(), name="sign_out"),
    path("password/", account.change_password, name="password"),
]
