"""Addresses of the desk for mail that came in."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path, re_path

from lamppost.faces.desk.views import mail

_REFERENCE = "(?P<reference>[0-9A-Za-z-]{1,12})"
_MAIL = "(?P<mail_id>[0-9]{1,18})"

urlpatterns: list[URLPattern | URLResolver] = [
    path("mail/", mail.mailbox, name="mail"),
    path("mail/log/", mail.log, name="mail_log"),
    re_path(rf"^mail/original/{_MAIL}/$", mail.original, name="mail_original"),
    re_path(rf"^mail/original/{_MAIL}/(?P<place>[0-9]{{1,18}})/$", mail.part, name="mail_part"),
    re_path(rf"^mail/{_REFERENCE}/$", mail.show, name="mail_one"),
    re_path(rf"^mail/{_REFERENCE}/answer/$", mail.answer, name="mail_answer"),
    re_path(
        rf"^mail/{_REFERENCE}/(?P<step>take|give-back|unwanted|wanted)/$",
        mail.act,
        name="mail_act",
    ),
]
