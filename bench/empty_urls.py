"""The one address of the empty site: /<statement>/<which of its parameters>."""

from __future__ import annotations

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import path

from bench.empty_site import statements
from lamppost.database.scope import city_scope

_STATEMENTS = statements()


def run(_request: HttpRequest, name: str, variant: int) -> HttpResponse:
    """Run the statement and answer with its first column."""
    statement = _STATEMENTS[name]
    params = statement["variants"][variant]
    with city_scope(statement["city"]), connection.cursor() as cursor:
        cursor.execute(statement["sql"], params)
        row = cursor.fetchone()
    response = HttpResponse("" if row is None else row[0], content_type="application/json")
    # Without it the connection could not be kept; Django's CommonMiddleware sets it.
    response.headers["Content-Length"] = str(len(response.content))
    return response


urlpatterns = [path("<str:name>/<int:variant>", run)]
