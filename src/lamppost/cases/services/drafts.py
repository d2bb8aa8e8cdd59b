"""A report on its way, kept on the server so that every step works without JavaScript.

Who holds the draft's token holds the draft; the database keeps only its digest. What must be
shown again when a page is loaded twice (the tracking token) is sealed with the draft's own
token, so the database alone cannot open it.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, fields, replace
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from lamppost.cases.choices import OnDanger
from lamppost.cases.models import Diversion, Draft, DraftPhoto
from lamppost.cases.reports import Filed, Report, Reporter, Triage
from lamppost.cases.services import danger
from lamppost.cases.services.intake import submit
from lamppost.cases.services.links import follow
from lamppost.cases.services.photos import Upload, remove_draft_photo, store_draft_photo
from lamppost.catalog.book import ServiceEntry, book
from lamppost.catalog.choices import Channel, TriageOutcome
from lamppost.database.fields import Point
from lamppost.kernel.ids import digest, new_token
from lamppost.kernel.images import reencode
from lamppost.kernel.refusals import Conflict, Invalid, NotFound, Refusal
from lamppost.kernel.text import in_language
from lamppost.people.actors import Actor

LIFETIME = timedelta(hours=24)
_TOKEN = re.compile(r"[A-Za-z0-9_-]{20,60}")


@dataclass(frozen=True, slots=True)
class Content:
    """What a draft holds. Everything is as it was typed; intake checks it when it is filed.

    ``shown`` are codes of the questions the person has been asked so far, ``point`` is WGS 84
    ``(long, lat)``, ``dismissed`` tells that the possible duplicates were looked at,
    ``said_safe`` names the dangers the person was told of and says nobody is in.
    """

    service_code: str
    answers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    shown: tuple[str, ...] = ()
    description: str = ""
    address: str = ""
    point: Point | None = None
    dismissed: bool = False
    name: str = ""
    email: str = ""
    phone: str = ""
    may_notify: bool = False
    language: str = ""
    steps_done: tuple[str, ...] = ()
    said_safe: tuple[str, ...] = ()

    def report(
        self, *, photos: tuple[str, ...] = (), key: str = "", channel: Channel = Channel.WEB
    ) -> Report:
        """Return the filing this draft amounts to; ``key`` makes a repeat the same case.

        ``channel`` is where the draft was begun, wherever it is finished.
        """
        return Report(
            service_code=self.service_code,
            channel=channel,
            description=self.description,
            answers=self.answers,
            point=self.point,
            address=self.address,
            photos=photos,
            reporter=Reporter(
                name=self.name,
                email=self.email,
                phone=self.phone,
                language=self.language,
                may_notify=self.may_notify,
            ),
            language=self.language or get_language() or "",
            idempotency_key=key,
            caller="portal",
            on_danger=OnDanger.SAID_SAFE if self.said_safe else OnDanger.STOP,
        )

    def danger(self) -> Triage | None:
        """Return what to tell the person when the words mean a danger not yet denied."""
        stopped = danger.stopped_by_words(danger.words_of(self.report()))
        if stopped is None or stopped.danger is None or stopped.danger.what in self.said_safe:
            return None
        return stopped


@dataclass(frozen=True, slots=True)
class OpenDraft:
    """A draft somebody holds the token of."""

    row: Draft
    token: str
    content: Content

    @property
    def photos(self) -> list[DraftPhoto]:
        """Its photos, oldest first."""
        return list(self.row.photos.all())

    @property
    def is_filed(self) -> bool:
        """Whether it has become a case."""
        return self.row.case_id is not None


def open_draft(token: str) -> OpenDraft | None:
    """Return the draft this token opens in the city in scope; None for a wrong or old one."""
    if not _TOKEN.fullmatch(token):
        return None
    row = (
        Draft.objects.select_related("case")
        .filter(token_digest=digest(token), expires_at__gt=timezone.now())
        .first()
    )
    return OpenDraft(row, token, _content(row.fields)) if row else None


def start_draft(*, content: Content, channel: Channel = Channel.WEB) -> OpenDraft:
    """Keep a new draft and return it with its token, which is given only now."""
    now, token = timezone.now(), new_token()
    row = Draft.objects.create(
        token_digest=digest(token),
        channel=channel,
        language=content.language,
        fields=_plain(content),
        created_at=now,
        expires_at=now + LIFETIME,
    )
    return OpenDraft(row, token, content)


def save_draft(draft: OpenDraft, content: Content) -> OpenDraft:
    """Keep ``content`` instead; return the draft.

    Raises ``Conflict`` when it has become a case in the meantime.
    """
    with _locked(draft) as row:
        row.fields = {**_private(row), **_plain(content)}
        row.expires_at = timezone.now() + LIFETIME
        row.save(update_fields=["fields", "expires_at"])
        return OpenDraft(row, draft.token, content)


def add_photos(draft: OpenDraft, uploads: list[Upload]) -> list[Refusal]:
    """Keep what can be kept of ``uploads`` and return a refusal for each other one."""
    refused: list[Refusal] = []
    for upload in uploads:
        try:
            store_draft_photo(draft.row, reencode(upload))
        except Refusal as refusal:
            refused.append(refusal)
    return refused


def remove_photo(draft: OpenDraft, token: str) -> None:
    """Take one photo out of the draft; one that is not there any more is no problem."""
    photo = draft.row.photos.filter(token=token).first()
    if photo is not None:
        remove_draft_photo(photo)


def divert(draft: OpenDraft, triage: Triage, service: ServiceEntry) -> None:
    """Write down, once per draft and reason, that it was stopped before it was filed."""
    reason = triage.rule_id if triage.danger is None else triage.danger.what
    with _locked(draft) as row:
        if row.fields.get("diverted") == reason:
            return
        counted = danger.count_diversion(
            triage, channel=row.channel, language=draft.content.language, service_id=service.id
        )
        row.fields = {**row.fields, "diverted": reason, "diversion": counted}
        row.save(update_fields=["fields"])


def say_safe(draft: OpenDraft) -> OpenDraft:
    """The person was told to call for help and says that nobody is in danger; return the draft.

    Once, on record, and only for the danger that the words tell of now: other words are read
    anew. Raises ``Conflict`` when no words stop the draft.
    """
    stopped = draft.content.danger()
    if stopped is None or stopped.danger is None:
        raise Conflict(_("Nothing in these words has to be confirmed."))
    said = (*draft.content.said_safe, stopped.danger.what)
    saved = save_draft(draft, replace(draft.content, said_safe=said))
    counted = saved.row.fields.get("diversion")
    Diversion.objects.filter(pk=counted, said_safe_at=None).update(said_safe_at=timezone.now())
    return saved


def early_triage(service: ServiceEntry, chosen: frozenset[int]) -> Triage | None:
    """Return what the table says before the place is known; None while a place could decide.

    ``chosen`` are the ids of the values chosen so far. The first rule that holds wins, so a
    rule for certain areas whose answers fit leaves the question open.
    """
    language = get_language() or "en"
    for entry, conditions in service.triage:
        if not all(wanted & chosen for wanted in conditions.values.values()):
            continue
        if conditions.areas:
            return None
        return Triage(
            outcome=entry.outcome,
            text=in_language(entry.text, language),
            refer_to=in_language(entry.refer_to, language),
            refer_phone=entry.refer_phone,
            refer_url=entry.refer_url,
            is_hazard=entry.is_hazard,
            rule_id=entry.id,
        )
    return Triage(TriageOutcome.ACCEPT)


def file_draft(draft: OpenDraft, *, actor: Actor) -> Filed:
    """File the draft as a case; a second time returns the same case and tracking token.

    Raises what ``intake.submit`` raises; nothing is written then. Afterwards the draft holds
    nothing of the person any more.
    """
    with transaction.atomic():
        row = Draft.objects.select_for_update(of=("self",)).get(pk=draft.row.pk)
        if row.case_id is not None:
            return _filed_before(row, draft.token)
        content = _content(row.fields)
        photos = tuple(row.photos.values_list("token", flat=True))
        report = content.report(photos=photos, key=row.token_digest, channel=Channel(row.channel))
        filed = submit(report, actor=actor)
        if filed.case_id is None:
            return filed
        row.case_id = filed.case_id
        row.fields = {
            "service_code": content.service_code,
            "sealed": seal(filed.tracking_token, draft.token),
        }
        row.save(update_fields=["case", "fields"])
        return filed


def follow_instead(draft: OpenDraft, *, number: str, actor: Actor) -> str:
    """Follow an existing case instead of filing this draft; return the follower's token.

    A second time for the same number returns the same token. Raises what ``links.follow``
    raises.
    """
    with _locked(draft) as row:
        before = row.fields.get("followed", {})
        if number in before:
            return unseal(before[number], draft.token)
        token = follow(number=number, actor=actor)
        row.fields = {**row.fields, "followed": {**before, number: seal(token, draft.token)}}
        row.save(update_fields=["fields"])
        return token


def tracking_token(draft: OpenDraft) -> str:
    """Return the tracking token of the case this draft became; empty before that."""
    sealed = draft.row.fields.get("sealed", "")
    return unseal(sealed, draft.token) if sealed else ""


def purge_drafts(*, now: datetime) -> int:
    """Delete expired drafts of the city in scope with their photos; return how many."""
    gone = 0
    for row in Draft.objects.filter(expires_at__lt=now).order_by("id")[:1000]:
        for photo in row.photos.all():
            remove_draft_photo(photo)
        row.delete()
        gone += 1
    return gone


def seal(secret: str, token: str) -> str:
    """Return ``secret`` hidden from who does not hold ``token``; both are our own tokens.

    A one-time pad from the token's SHA-256, used for this one value: the secret may be up to
    32 bytes long, longer raises ``ValueError``.
    """
    return base64.urlsafe_b64encode(_padded(secret.encode(), token)).decode()


def unseal(sealed: str, token: str) -> str:
    """Return what was sealed with ``token``."""
    return _padded(base64.urlsafe_b64decode(sealed), token).decode()


def _padded(text: bytes, token: str) -> bytes:
    pad = hashlib.sha256(f"sealed by draft {token}".encode()).digest()
    if len(text) > len(pad):
        raise ValueError("too long to be sealed")
    return bytes(one ^ other for one, other in zip(text, pad, strict=False))


def _filed_before(row: Draft, token: str) -> Filed:
    case = row.case
    if case is None:
        raise NotFound(_("This report does not exist any more."))
    sealed = row.fields.get("sealed", "")
    return Filed(
        triage=Triage(TriageOutcome.ACCEPT),
        case_id=case.pk,
        number=case.number,
        tracking_token=unseal(sealed, token) if sealed else "",
        notice=in_language(book().services_by_id[case.service_id].notice, get_language() or "en"),
        repeated=True,
    )


@contextmanager
def _locked(draft: OpenDraft) -> Iterator[Draft]:
    with transaction.atomic():
        row = Draft.objects.select_for_update().filter(pk=draft.row.pk).first()
        if row is None:
            raise Invalid(_("This report was kept for a day and is gone. Please start again."))
        if row.case_id is not None:
            raise Conflict(_("This report was already sent."))
        yield row


def _private(row: Draft) -> dict[str, Any]:
    known = {part.name for part in fields(Content)}
    return {name: value for name, value in row.fields.items() if name not in known}


def _plain(content: Content) -> dict[str, Any]:
    plain = {part.name: getattr(content, part.name) for part in fields(Content)}
    plain["answers"] = {code: list(values) for code, values in content.answers.items()}
    plain["point"] = list(content.point) if content.point else None
    return plain


def _content(stored: Mapping[str, Any]) -> Content:
    known = {part.name for part in fields(Content)}
    values = {name: value for name, value in stored.items() if name in known}
    values["answers"] = {code: tuple(sent) for code, sent in values.get("answers", {}).items()}
    point = values.get("point")
    values["point"] = Point(*point) if point else None
    for name in ("shown", "steps_done", "said_safe"):
        values[name] = tuple(values.get(name, ()))
    values.setdefault("service_code", "")
    return Content(**values)
