"""Addresses of the demo's telephone: in a real city nothing is there."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from lamppost.faces.channels.demo import mail, views

app_name = "demo"
urlpatterns: list[URLPattern | URLResolver] = [
    path("phone/", views.sms, name="sms"),
    path("mail/", mail.write, name="mail"),
    path("phone/call/", views.voice, name="voice"),
    path("phone/call/act/", views.act, name="voice_act"),
]
