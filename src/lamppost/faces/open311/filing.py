"""POST service request: from the standard's fields to one report, filed like any other."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.http import QueryDict
from django.utils.translation import gettext as _

from lamppost.cases.models import IntakeToken
from lamppost.cases.reports import Filed, Report, Reporter, Triage
from lamppost.cases.services.intake import submit
from lamppost.catalog.book import book
from lamppost.catalog.choices import Channel, ServiceType
from lamppost.database.fields import Point
from lamppost.faces.open311.answers import Answer, answer_of
from lamppost.faces.open311.calls import Call
from lamppost.faces.open311.catalogue import published_type
from lamppost.faces.open311.requests import ROOT
from lamppost.kernel.geo import parse_place
from lamppost.kernel.images import DAMAGED, Photo, reencode
from lamppost.kernel.refusals import Invalid
from lamppost.people.actors import Actor
from lamppost.people.api_keys import calling_key
from lamppost.people.choices import Role
from lamppost.people.models import ApiKey

MAX_PHOTOS = 5
_ATTRIBUTE = re.compile(r"attribute\[([^\[\]]{1,100})\](?:\[\])?")


def key_of(call: Call) -> ApiKey:
    """Return the key the caller holds, after counting the call.

    From the field, the query or an ``Authorization: Bearer`` header. Raises
    ``Unauthenticated`` for no or a wrong one, ``TooManyCalls`` beyond what it is good for.
    """
    secret = call.sent("api_key")
    if not secret:
        scheme, _space, secret = call.request.headers.get("Authorization", "").partition(" ")
        secret = secret.strip() if scheme.lower() == "bearer" else ""
    return calling_key(secret)


def file_request(call: Call) -> Answer:
    """File the request and answer with its number, its token, or neither."""
    key = key_of(call)
    report = _report(call, key)
    actor = Actor(role=Role.RESIDENT, api_key_id=key.pk, name=key.name)
    filed = _rehearsed(report, actor) if call.is_rehearsal else submit(report, actor=actor)
    if filed.case_id is None:
        raise Invalid(_diverted(filed.triage))
    return _filed(call, filed, report)


def _rehearsed(report: Report, actor: Actor) -> Filed:
    with transaction.atomic():
        filed = submit(report, actor=actor)
        transaction.set_rollback(True)
    return filed


def _filed(call: Call, filed: Filed, report: Report) -> Answer:
    entry = book().services[report.service_code.strip()]
    row: dict[str, str | None] = {}
    kind = published_type(entry)
    if kind is ServiceType.REALTIME:
        row["service_request_id"] = filed.number
    elif kind is ServiceType.BATCH:
        row["token"] = filed.tracking_token or _token_of(filed)
    row["service_notice"] = " ".join(_notices(call, filed, report)) or None
    row["account_id"] = None
    return answer_of(ROOT, [row], status=200 if filed.repeated else 201)


def _notices(call: Call, filed: Filed, report: Report) -> Iterator[str]:
    if call.is_rehearsal:
        yield _("This was a test: nothing was filed.")
    elif filed.notice:
        yield filed.notice
    if len(report.photos) < len(_files(call)):
        yield _("A photo could not be read and was left out.")


def _token_of(filed: Filed) -> str | None:
    row = IntakeToken.objects.filter(case__number=filed.number).first()
    return row.token if row else None


def _report(call: Call, key: ApiKey) -> Report:
    form = call.form
    if form is None:
        raise Invalid(_("Send the fields as a form."))
    fields = form.fields
    links = [link.strip() for link in fields.getlist("media_url") if link.strip()]
    return Report(
        service_code=_field(fields, "service_code"),
        channel=Channel.API,
        description=_with_links(_field(fields, "description"), links[1:]),
        answers=answers_of(fields),
        point=_point(fields),
        address=_field(fields, "address_string"),
        address_id=_field(fields, "address_id"),
        media_url=links[0] if links else "",
        photos=photos_of(call),
        reporter=Reporter(
            name=" ".join((_field(fields, "first_name"), _field(fields, "last_name"))).strip(),
            email=_field(fields, "email"),
            phone=_field(fields, "phone"),
            language=call.language,
            device_id=_field(fields, "device_id"),
            account_id=_field(fields, "account_id"),
        ),
        language=call.language,
        idempotency_key=call.request.headers.get("Idempotency-Key", "").strip(),
        caller=f"key:{key.pk}",
    )


def answers_of(fields: QueryDict) -> Mapping[str, tuple[str, ...]]:
    """Return the answers by question code.

    ``attribute[C]``, ``attribute[C][]`` and either of them repeated mean the same: clients
    disagree on how several values are sent.
    """
    answers: dict[str, tuple[str, ...]] = {}
    for name in fields:
        found = _ATTRIBUTE.fullmatch(name)
        if found:
            sent = tuple(str(value) for value in fields.getlist(name))
            answers[found[1]] = answers.get(found[1], ()) + sent
    return answers


def _field(fields: QueryDict, name: str) -> str:
    return str(fields.get(name, ""))


def _point(fields: QueryDict) -> Point | None:
    lat, long = _field(fields, "lat").strip(), _field(fields, "long").strip()
    if not lat and not long:
        return None
    if not (lat and long):
        raise Invalid(_("Send lat and long together."), field="lat" if long else "long")
    return Point(*parse_place(long, lat))


def photos_of(call: Call) -> tuple[Photo, ...]:
    """Return the photos sent, re-encoded; one whose pixels cannot be read is left out.

    A report is worth more than its photo, and the caller is told in the notice. Every
    file is a photo, whatever its field is called: media, media[], photo1. Raises ``Invalid``
    for a file that is no picture, or too many.
    """
    found = (_readable(file) for file in _files(call))
    return tuple(photo for photo in found if photo is not None)


def _readable(file: UploadedFile[bytes]) -> Photo | None:
    try:
        return reencode(file, field="media")
    except Invalid as refusal:
        if all(problem.code == DAMAGED for problem in refusal.problems):
            return None
        raise


def _files(call: Call) -> list[UploadedFile[bytes]]:
    if call.form is None:
        return []
    files = [file for _name, several in call.form.files.lists() for file in several]
    if len(files) > MAX_PHOTOS:
        message = _("Send at most %(count)d photos.") % {"count": MAX_PHOTOS}
        raise Invalid(message, field="media")
    return files


def _with_links(description: str, links: list[str]) -> str:
    # A case has room for one link beside its own photos; the others are kept in words.
    if len(links) >= MAX_PHOTOS:
        message = _("Send at most %(count)d photos.") % {"count": MAX_PHOTOS}
        raise Invalid(message, field="media_url")
    return "\n".join([description, *links])


def _diverted(triage: Triage) -> str:
    parts = (triage.text, triage.refer_to, triage.refer_phone, triage.refer_url)
    text = " ".join(part for part in parts if part)
    return text or _("This cannot be reported here.")
