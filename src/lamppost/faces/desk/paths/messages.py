"""Addresses of the desk: what was sent to people."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path, re_path

from lamppost.faces.desk.views import messages

urlpatterns: list[URLPattern | URLResolver] = [
    path("messages/", messages.listing, name="messages"),
    path("messages/words/", messages.words, name="message_words"),
    re_path(r"^messages/(?P<message_id>[0-9]{1,18})/$", messages.show, name="message"),
]
