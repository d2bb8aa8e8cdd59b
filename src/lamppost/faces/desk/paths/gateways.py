"""Addresses of the desk for the accounts with providers of SMS, voice and mail."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path, re_path

from lamppost.faces.desk.views import gateways

_ID = "[0-9]{1,18}"

urlpatterns: list[URLPattern | URLResolver] = [
    path("gateways/", gateways.overview, name="gateways"),
    path("gateways/new/", gateways.new, name="gateway_new"),
    re_path(rf"^gateways/(?P<gateway_id>{_ID})/$", gateways.one, name="gateway"),
    re_path(
        rf"^gateways/(?P<gateway_id>{_ID})/(?P<step>on|off)/$",
        gateways.switch,
        name="gateway_switch",
    ),
]
