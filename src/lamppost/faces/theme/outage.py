"""When the database or the disk is away: a plain answer at once, in the caller's own form.

``server_error`` (``handler500``) turns the failure of one request into it. The middleware
spares the next requests the wait: while the database is away one of them looks whether it is
back, the others are answered without trying.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from http import HTTPStatus

import psycopg
from django.db import InterfaceError, OperationalError, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from lamppost.database.errors import DatabaseUnavailable
from lamppost.faces.theme.programs import for_programs
from lamppost.kernel.disk import is_full

logger = logging.getLogger(__name__)

Handler = Callable[[HttpRequest], HttpResponse]
RETRY_AFTER_S = 5
_LOOK_LIMIT_S = 3
_AWAY = (OperationalError, InterfaceError, DatabaseUnavailable)
# Answered even then: they say themselves how things are.
_ALWAYS = ("/healthz", "/readyz", "/metrics")


def is_outage(error: BaseException | None) -> bool:
    """Whether ``error`` means that nothing can be read or stored just now, by anybody."""
    if error is None:
        return False
    if isinstance(error, _AWAY) or is_full(error):
        return True
    return is_outage(error.__cause__)


def unavailable(request: HttpRequest) -> HttpResponse:
    """Return 503 with a time to try again: a page, a problem document or Open311's errors."""
    body, content_type = _body(request.path_info)
    response = HttpResponse(body, status=503, content_type=content_type)
    response.headers["Retry-After"] = str(RETRY_AFTER_S)
    response.headers["Cache-Control"] = "no-store"
    # Told in one line below; Django would add a trace for every request.
    response._has_been_logged = True  # type: ignore[attr-defined]
    return response


def _body(path: str) -> tuple[str, str]:
    text = _("We cannot answer just now. Please try again.")
    body = for_programs(path, HTTPStatus.SERVICE_UNAVAILABLE, text)
    if body is not None:
        return body
    return render_to_string("errors/503.html"), "text/html; charset=utf-8"


class OutageMiddleware:
    """Stands before everything that reads the database."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response
        self._away = False
        self._looking = threading.Lock()

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, or say at once that we cannot."""
        if request.path_info in _ALWAYS:
            return self.get_response(request)
        if self._away and not self._is_back():
            return unavailable(request)
        response = self.get_response(request)
        # Faces with a form of their own say 503 themselves.
        if response.status_code == 503 and not database_answers():
            if not self._away:
                logger.error("the database does not answer; requests are put off")
            self._away = True
        return response

    def _is_back(self) -> bool:
        if not self._looking.acquire(blocking=False):
            return False
        try:
            if not database_answers():
                return False
            # Connections of before are dead, and the pool waits ever longer between tries.
            connection: BaseDatabaseWrapper = connections["default"]
            connection.close()
            close_pool = getattr(connection, "close_pool", None)
            if close_pool is not None:
                close_pool()
            self._away = False
            logger.warning("the database answers again")
            return True
        finally:
            self._looking.release()


def database_answers() -> bool:
    """Whether a new connection, past the pool, can be made."""
    try:
        parameters = connections["default"].get_connection_params()
        psycopg.connect(**{**parameters, "connect_timeout": _LOOK_LIMIT_S}).close()
    except (DatabaseUnavailable, psycopg.Error):
        return False
    return True
