"""One call: whose city, which language, what was sent."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from urllib.parse import unquote_to_bytes

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, QueryDict, RawPostDataException, UnreadablePostError
from django.utils import timezone, translation
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _

from lamppost.cities.models import City
from lamppost.cities.selectors import city_by_jurisdiction, languages_of, sandbox_city
from lamppost.database.scope import city_scope, current_city_id
from lamppost.kernel.refusals import Invalid, NotFound

FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"
# Five photos as large as a photo may be, and the form around them.
MAX_BODY_BYTES = 80_000_000
_CHUNK = 64 * 1024
_MOST_DRAINED = 20_000_000
_JURISDICTION = re.compile(r"[\w.:/-]{1,100}")


@dataclass(frozen=True, slots=True)
class Form:
    """The body of a POST, decoded: fields and files, several of a name each."""

    fields: QueryDict
    files: MultiValueDict[str, UploadedFile[bytes]]


@dataclass(frozen=True)
class Call:
    """What a handler works with.

    ``base`` is the address of the site as the caller knows it, without a slash at the end.
    ``is_rehearsal`` is a call to the test endpoint of an installation without a sandbox
    city: everything is checked and answered, nothing is kept.
    """

    request: HttpRequest
    city: City
    language: str
    base: str
    is_rehearsal: bool = False
    form: Form | None = None
    path: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def _queried(self) -> dict[str, str]:
        # A list asks for a score of names, and Django's own form looks for each three times.
        return {name: str(value) for name, value in self.request.GET.items()}

    def query(self, name: str) -> str:
        """Return a query parameter without blanks around it; empty when it was not sent."""
        return self._queried.get(name, "").strip()

    def sent(self, name: str) -> str:
        """Return a field of the body as it was sent, else the query parameter of that name."""
        value = self.form.fields.get(name, "") if self.form else ""
        return str(value) or str(self.request.GET.get(name, ""))


def read_form(request: HttpRequest) -> Form:
    """Decode the body of a POST.

    Raises ``Invalid`` for another content type, text that is not UTF-8, and a body that is
    too large, has too many fields or is broken (Django's own exceptions for those pass, the
    front door knows them).
    """
    kind = request.content_type or ""
    if kind not in {FORM, MULTIPART}:
        raise Invalid(
            _("Send the fields as a form: %(kinds)s.") % {"kinds": f"{FORM}, {MULTIPART}"}
        )
    if _declared_length(request) > MAX_BODY_BYTES:
        raise Invalid(_("The request is too large."))
    if kind == FORM:
        try:
            unquote_to_bytes(request.body.replace(b"+", b" ")).decode()
        except UnicodeDecodeError:
            raise Invalid(_("Send the text in UTF-8.")) from None
    return Form(request.POST, request.FILES)


def drain(request: HttpRequest) -> bool:
    """Read what is left of a body nobody wants; return whether all of it was read.

    A server closes a connection on which a body was left unread, and the caller's next call
    on it, already sent, is lost.
    """
    try:
        for _chunk in range(_MOST_DRAINED // _CHUNK):
            if not request.read(_CHUNK):
                return True
    except (UnreadablePostError, RawPostDataException):
        return True
    return False


def _declared_length(request: HttpRequest) -> int:
    length = request.META.get("CONTENT_LENGTH") or "0"
    return int(length) if length.isascii() and length.isdigit() else 0


def city_for(host_city: City, jurisdiction_id: str) -> City:
    """Return the city that ``jurisdiction_id`` names; without one, the host's.

    Raises ``NotFound`` when there is none of that name. A sandbox is reached by its own host
    or the test endpoint, never by name from outside.
    """
    wanted = jurisdiction_id.strip()
    if not wanted or wanted.casefold() == host_city.jurisdiction_id.casefold():
        return host_city
    city = city_by_jurisdiction(wanted) if _JURISDICTION.fullmatch(wanted) else None
    if city is None or city.is_sandbox:
        raise NotFound(
            _("This jurisdiction_id does not exist here. Leave it out, or use %(known)s.")
            % {"known": host_city.jurisdiction_id},
            field="jurisdiction_id",
        )
    return city


def test_city_for(host_city: City, jurisdiction_id: str) -> tuple[City, bool]:
    """Return the city of the test endpoint, and whether the call is only a rehearsal.

    The sandbox stands in for every city, so it is also reached under their names.
    """
    sandbox = sandbox_city()
    if sandbox is None:
        return city_for(host_city, jurisdiction_id), True
    if jurisdiction_id.strip().casefold() != sandbox.jurisdiction_id.casefold():
        city_for(host_city, jurisdiction_id)
    return sandbox, False


@contextmanager
def working_for(city: City, language: str) -> Iterator[None]:
    """Work in the scope, the time zone and the language of a call until the block ends."""
    if city.pk == current_city_id() and language == translation.get_language():
        # The host's city in its own language, as most calls are: the middleware saw to it.
        yield
        return
    with city_scope(city.pk), timezone.override(city.zone), translation.override(language):
        yield


def language_of(request: HttpRequest, city: City) -> str:
    """Return the language to answer in.

    The language in the path, else ``locale`` as far as the city offers it, else the city's
    first. What the browser prefers is not asked: two callers of one address get one answer.
    """
    if getattr(request, "language_is_fixed", False):
        return translation.get_language() or city.default_language
    wanted = request.GET.get("locale", "").strip().lower().replace("_", "-")
    if not wanted:
        return city.default_language
    offered = languages_of(city)
    for tag in (wanted, wanted.split("-")[0]):
        if tag in offered:
            return tag
    return city.default_language
