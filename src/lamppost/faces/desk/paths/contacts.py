"""Addresses of the desk for residents' data and for what the public reads of words."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path, re_path

from lamppost.faces.desk.views import contacts, retention, words

_CONTACT = r"^contacts/(?P<contact_id>[0-9]{1,18})"

urlpatterns: list[URLPattern | URLResolver] = [
    path("contacts/", contacts.find, name="contacts"),
    re_path(rf"{_CONTACT}/$", contacts.contact, name="contact"),
    re_path(rf"{_CONTACT}/export/$", contacts.export, name="contact_export"),
    re_path(
        rf"{_CONTACT}/(?P<step>change|merge|undo|confirm|agree|withdraw|hold|lift|erase)/$",
        contacts.act,
        name="contact_act",
    ),
    path("retention/", retention.rules, name="retention"),
    path("words/<str:number>/", words.words, name="words"),
]
