"""Every address of an installation. Addresses that must not drift: docs/contracts.md."""

from __future__ import annotations

from django.urls import include, path

urlpatterns = [
    # Looked through from the top for each request: those with short answers first.
    path("open311/", include("lamppost.faces.open311.urls")),
    path("api/v1/", include("lamppost.faces.api.urls")),
    path("", include("lamppost.faces.operations.urls")),
    path("", include("lamppost.faces.theme.urls")),
    path("hooks/", include("lamppost.faces.api.hooks_urls")),
    path("hooks/", include("lamppost.faces.channels.urls")),
    path("demo/", include("lamppost.faces.channels.demo.urls")),
    path("desk/", include("lamppost.faces.desk.urls")),
    path("console/", include("lamppost.faces.console.urls")),
    path("", include("lamppost.faces.field.urls")),
    path("", include("lamppost.faces.portal.urls")),
]

handler400 = "lamppost.faces.theme.errors.bad_request"
handler403 = "lamppost.faces.theme.errors.forbidden"
handler404 = "lamppost.faces.theme.errors.not_found"
handler500 = "lamppost.faces.theme.errors.server_error"
