"""Addresses that providers of e-mail, SMS and voice call."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver

from lamppost.faces.channels.email.urls import urlpatterns as email
from lamppost.faces.channels.sms.urls import urlpatterns as sms
from lamppost.faces.channels.voice.urls import urlpatterns as voice

app_name = "channels"
urlpatterns: list[URLPattern | URLResolver] = [*email, *sms, *voice]
