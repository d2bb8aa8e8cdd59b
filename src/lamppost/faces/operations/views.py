"""/healthz, /readyz and /metrics."""

from __future__ import annotations

import hmac
import logging

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from lamppost.database.errors import DatabaseUnavailable
from lamppost.faces.operations import metrics as figures
from lamppost.faces.operations import state
from lamppost.kernel.secrets import secret

logger = logging.getLogger(__name__)

TOKEN_NAME = "metrics-token"  # noqa: S105 - the name of the file
_LOOPBACK = ("127.0.0.1", "::1", "::ffff:127.0.0.1")
_FORWARDED = ("X-Forwarded-For", "Forwarded", "X-Real-Ip", "X-Forwarded-Host")
# Once the structure is complete it stays so for this process: a newer program is a new one.
_complete = False


@require_safe
@never_cache
def healthz(_request: HttpRequest) -> HttpResponse:
    """This process answers. Says nothing about the database: a restart would not mend that."""
    return _text("ok")


@require_safe
@never_cache
def readyz(_request: HttpRequest) -> HttpResponse:
    """Whether pages can be served: the database answers and has the structure we need."""
    try:
        missing = _missing()
    except (DatabaseError, DatabaseUnavailable) as error:
        # What the driver says names hosts and roles: for the log, not for whoever asks.
        logger.error("not ready: %s", str(error).strip().partition("\n")[0])
        return _text("the database does not answer", status=503)
    if missing:
        return _text(f"{missing} migrations are missing; run `lamppost migrate`", status=503)
    return _text("ready")


def _missing() -> int:
    global _complete
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    if _complete:
        return 0
    missing = len(state.pending_migrations())
    _complete = not missing
    return missing


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """Figures for a monitor on this machine, or one that has the token."""
    if not (_is_local(request) or _has_token(request)):
        response = _text("The token in secrets/metrics-token is needed.", status=401)
        response.headers["WWW-Authenticate"] = "Bearer"
        return response
    try:
        body = figures.text()
    except (DatabaseError, DatabaseUnavailable):
        return _text("the database does not answer", status=503)
    return HttpResponse(body, content_type=figures.CONTENT_TYPE)


def _is_local(request: HttpRequest) -> bool:
    # A proxy on this machine is local too; what it passes on is not.
    return request.META.get("REMOTE_ADDR") in _LOOPBACK and not any(
        name in request.headers for name in _FORWARDED
    )


def _has_token(request: HttpRequest) -> bool:
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    expected = secret(settings.HOME, TOKEN_NAME)
    return scheme.lower() == "bearer" and hmac.compare_digest(
        given.strip().encode(), expected.encode()
    )


def _text(line: str, status: int = 200) -> HttpResponse:
    response = HttpResponse(line + "\n", status=status, content_type="text/plain; charset=utf-8")
    # Expected answers to a monitor are no events: Django would log each 503 with a trace.
    response._has_been_logged = True  # type: ignore[attr-defined]
    return response
