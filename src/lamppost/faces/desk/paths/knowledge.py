"""Addresses of the desk for articles and what is missing among them."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path, re_path

from lamppost.faces.desk.views import knowledge, knowledge_edit

_ACTIONS = "propose|take-back|sign|send-back|drop|confirm|retire|restore"

urlpatterns: list[URLPattern | URLResolver] = [
    path("knowledge/", knowledge.overview, name="knowledge"),
    path("knowledge/new/", knowledge_edit.new, name="knowledge_new"),
    re_path(
        r"^knowledge/gaps/(?P<gap_id>[0-9]{1,18})/(?P<verdict>answer|dismiss)/$",
        knowledge.gap,
        name="knowledge_gap",
    ),
    path("knowledge/articles/<slug:code>/", knowledge.show, name="knowledge_article"),
    path("knowledge/articles/<slug:code>/edit/", knowledge_edit.edit, name="knowledge_edit"),
    re_path(
        r"^knowledge/articles/(?P<code>[-a-zA-Z0-9_]+)/versions/(?P<version_id>[0-9]{1,18})/$",
        knowledge.version,
        name="knowledge_version",
    ),
    re_path(
        rf"^knowledge/articles/(?P<code>[-a-zA-Z0-9_]+)/(?P<action>{_ACTIONS})/$",
        knowledge.act,
        name="knowledge_act",
    ),
]
