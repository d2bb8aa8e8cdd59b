"""Setting up how a department is reached, and what its partner's words mean."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields

from django.core.exceptions import ValidationError
from django.core.validators import validate_email, validate_slug
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from lamppost.catalog.book import book
from lamppost.catalog.choices import OutcomeKind, State
from lamppost.catalog.models import Service
from lamppost.kernel.ids import digest
from lamppost.kernel.refusals import Conflict, Invalid, NotFound, Problem
from lamppost.kernel.text import clean_line
from lamppost.kernel.vault import locked_away
from lamppost.partners.addresses import BadAddress, check_url
from lamppost.partners.choices import ConnectionKind, ConnectionState
from lamppost.partners.models import Connection, ConnectionService, StatusWord
from lamppost.partners.services.folders import folder_of
from lamppost.partners.services.inbound import fold_word
from lamppost.partners.signing import is_secret, new_secret
from lamppost.people import audit
from lamppost.people.actors import Actor
from lamppost.people.choices import AuditWhat
from lamppost.people.models import ApiKey, Department
from lamppost.people.permissions import Permission, require

_MAX_SECRET = 500
_PER_MINUTE = 600


@dataclass(frozen=True, slots=True)
class Settings:
    """What a person sets. ``secret`` '' keeps the one there is; for a webhook '' makes one.

    ``acknowledge_within_min`` None: no acknowledgement is expected. ``interval_min`` is how
    often a file is written. ``service_codes`` empty: all of the department's services.
    """

    name: str
    kind: str
    address: str
    department_code: str
    secret: str = ""
    acknowledge_within_min: int | None = None
    interval_min: int = 15
    list_url: str = ""
    jurisdiction_id: str = ""
    takes_updates: bool = True
    is_number_public: bool = False
    service_codes: Sequence[str] = field(default_factory=tuple)


@dataclass(frozen=True, slots=True)
class Made:
    """A connection that was made or changed. ``new_secret`` is to be shown this once, or ''."""

    connection: Connection
    new_secret: str = ""


def create(*, code: str, wanted: Settings, actor: Actor) -> Made:
    """Make a connection, paused; return it. Raises ``Invalid`` for what is wrong with it,
    ``Conflict`` when the code is taken."""
    require(actor, Permission.PARTNER_MANAGE, detail=code[:60])
    code = code.strip().lower()
    department = _checked(code, wanted)
    now = timezone.now()
    made = ""
    if wanted.kind == ConnectionKind.WEBHOOK and not wanted.secret:
        made = new_secret()
    try:
        with transaction.atomic():
            key = ApiKey.objects.create(
                name=clean_line(wanted.name)[:200],
                # Nobody holds this key: it only names the partner in the history of cases.
                key_digest=digest(secrets.token_urlsafe(48)),
                per_minute=_PER_MINUTE,
                may_update=True,
                created_at=now,
            )
            connection = Connection(
                code=code,
                state=ConnectionState.PAUSED,
                api_key=key,
                created_at=now,
                kind=wanted.kind,
            )
            _fill(connection, wanted, department)
            connection.secret = locked_away(wanted.secret or made)
            connection.save()
            _set_services(connection, wanted.service_codes)
            _note(connection, actor, f"made: {wanted.kind}")
    except IntegrityError:
        raise Conflict(_("There is a connection with this code already."), field="code") from None
    return Made(connection, made)


def change(*, connection_id: int, wanted: Settings, seen: str, actor: Actor) -> Made:
    """Change a connection; return it. ``seen`` is its ``updated_at`` as the form had it.

    The kind stays what it is. Raises ``Conflict`` when somebody changed it meanwhile.
    """
    connection = _found(connection_id, actor)
    if wanted.kind != connection.kind:
        raise Invalid(_("Make a new connection to reach them another way."), field="kind")
    department = _checked(connection.code, wanted)
    with transaction.atomic():
        connection = Connection.objects.select_for_update().get(pk=connection.pk)
        if connection.updated_at.isoformat() != seen:
            raise Conflict(_("Somebody changed this meanwhile. Look at it and try again."))
        before = _values(connection)
        _fill(connection, wanted, department)
        if wanted.secret:
            connection.secret = locked_away(wanted.secret)
        connection.save()
        ApiKey.objects.filter(pk=connection.api_key_id).update(name=connection.name)
        _set_services(connection, wanted.service_codes)
        changed = [name for name, value in _values(connection).items() if value != before[name]]
        _note(connection, actor, f"changed: {', '.join(changed) or 'nothing'}")
        return Made(connection)


def renew_secret(*, connection_id: int, actor: Actor) -> Made:
    """Give a webhook a new secret, shown this once; the old one is void at once."""
    connection = _found(connection_id, actor)
    if connection.kind != ConnectionKind.WEBHOOK:
        raise Invalid(_("The secret of this connection is the partner's to change."))
    made = new_secret()
    with transaction.atomic():
        connection = Connection.objects.select_for_update().get(pk=connection.pk)
        connection.secret, connection.updated_at = locked_away(made), timezone.now()
        connection.save(update_fields=["secret", "updated_at"])
        _note(connection, actor, "new secret")
    return Made(connection, made)


def set_state(*, connection_id: int, state: str, actor: Actor) -> Connection:
    """Pause a connection or let it go on; what waits is kept. Ends a pause after failures."""
    connection = _found(connection_id, actor)
    if state not in ConnectionState.values:
        raise Invalid(_("A connection is active or paused."), field="state")
    with transaction.atomic():
        connection = Connection.objects.select_for_update().get(pk=connection.pk)
        connection.state, connection.updated_at = state, timezone.now()
        connection.failures = 0
        connection.broken_since = connection.broken_until = None
        connection.save()
        _note(connection, actor, state)
        return connection


def set_word(
    *, connection_id: int, word: str, meaning: str, sentence: Mapping[str, str], actor: Actor
) -> StatusWord:
    """Say what a partner's word means: ``status:CODE``, ``outcome:CODE`` or ``note``.

    ``sentence`` (by language) goes to the resident when the partner gives none. Saying it
    again replaces it. Raises ``Invalid`` for a meaning that does not exist here.
    """
    connection = _found(connection_id, actor)
    folded = fold_word(word)
    if not folded:
        raise Invalid(_("Write the partner's word."), field="word")
    status_id, outcome_id = _meant(meaning)
    texts = {code: clean_line(text)[:500] for code, text in sentence.items() if text.strip()}
    with transaction.atomic():
        row, _made = StatusWord.objects.update_or_create(
            connection=connection,
            word=folded,
            defaults={"status_id": status_id, "outcome_id": outcome_id, "sentence": texts},
        )
        _note(connection, actor, f"word {folded}: {meaning}")
        return row


def drop_word(*, connection_id: int, word_id: int, actor: Actor) -> None:
    """Forget what a word means. Raises ``NotFound`` when it has no meaning here."""
    connection = _found(connection_id, actor)
    row = StatusWord.objects.filter(connection=connection, pk=word_id).first()
    if row is None:
        raise NotFound(_("This word has no meaning here."))
    with transaction.atomic():
        row.delete()
        _note(connection, actor, f"word {row.word} dropped")


def _meant(meaning: str) -> tuple[int | None, int | None]:
    kind, _sep, code = meaning.partition(":")
    if meaning == "note":
        return None, None
    if kind == "status":
        status = book().status(code)
        if status is not None and status.state in {State.OPEN, State.WAITING}:
            return status.id, None
    if kind == "outcome":
        outcome = book().outcome(code)
        if outcome is not None and outcome.kind is not OutcomeKind.DUPLICATE:
            return None, outcome.id
    raise Invalid(_("Choose what the word means here."), field="meaning")


def _checked(code: str, wanted: Settings) -> Department:
    problems = [*_plain_problems(code, wanted), *_address_problems(wanted)]
    department = Department.objects.filter(code=wanted.department_code, is_active=True).first()
    if department is None:
        problems.append(Problem("department", _("Choose a department.")))
    known = set(book().services)
    if not set(wanted.service_codes) <= known:
        problems.append(Problem("services", _("Choose services of this city.")))
    if problems or department is None:
        raise Invalid(problems)
    return department


def _plain_problems(code: str, wanted: Settings) -> list[Problem]:
    problems = []
    try:
        validate_slug(code)
    except ValidationError:
        problems.append(Problem("code", _("Use letters, digits and hyphens.")))
    if len(code) > 63:
        problems.append(Problem("code", _("Use at most 63 characters.")))
    if not clean_line(wanted.name) or len(wanted.name) > 100:
        problems.append(Problem("name", _("Give it a name of at most 100 characters.")))
    if wanted.kind not in ConnectionKind.values:
        problems.append(Problem("kind", _("Choose how they are reached.")))
    limit = wanted.acknowledge_within_min
    if limit is not None and not 1 <= limit <= 100_000:
        problems.append(Problem("acknowledge_within_min", _("Between 1 and 100000 minutes.")))
    if not 1 <= wanted.interval_min <= 10_080:
        problems.append(Problem("interval_min", _("Between 1 and 10080 minutes.")))
    if len(wanted.jurisdiction_id) > 100:
        problems.append(Problem("jurisdiction_id", _("Use at most 100 characters.")))
    return problems


def _address_problems(wanted: Settings) -> list[Problem]:
    problems = []
    if len(wanted.address) > 500 or len(wanted.secret) > _MAX_SECRET:
        problems.append(Problem("address", _("This is too long.")))
    try:
        if wanted.kind == ConnectionKind.EMAIL:
            validate_email(wanted.address)
        elif wanted.kind == ConnectionKind.CSV:
            folder_of(wanted.address)
        else:
            check_url(wanted.address)
    except ValidationError:
        problems.append(Problem("address", _("This is no e-mail address.")))
    except BadAddress as error:
        problems.append(Problem("address", str(error)))
    if wanted.list_url:
        try:
            check_url(wanted.list_url)
        except BadAddress as error:
            problems.append(Problem("list_url", str(error)))
    if wanted.kind == ConnectionKind.WEBHOOK and wanted.secret and not is_secret(wanted.secret):
        message = _("A secret is whsec_ and 24 to 64 bytes in base64; leave it empty to get one.")
        problems.append(Problem("secret", message))
    return problems


def _fill(connection: Connection, wanted: Settings, department: Department) -> None:
    connection.department = department
    connection.name = clean_line(wanted.name)
    connection.address = wanted.address.strip()
    connection.acknowledge_within_min = wanted.acknowledge_within_min
    connection.interval_min = wanted.interval_min
    connection.list_url = wanted.list_url.strip()
    connection.jurisdiction_id = clean_line(wanted.jurisdiction_id)
    connection.takes_updates = wanted.takes_updates
    connection.is_number_public = wanted.is_number_public
    connection.updated_at = timezone.now()


def _values(connection: Connection) -> dict[str, object]:
    names = {one.name for one in fields(Settings)} - {"department_code", "service_codes", "kind"}
    return {name: getattr(connection, name) for name in sorted(names)} | {
        "department": connection.department_id
    }


def _set_services(connection: Connection, codes: Sequence[str]) -> None:
    ConnectionService.objects.filter(connection=connection).delete()
    for service in Service.objects.filter(code__in=codes):
        ConnectionService.objects.create(connection=connection, service=service)


def _note(connection: Connection, actor: Actor, detail: str) -> None:
    audit.note(what=AuditWhat.PARTNER, label=connection.code, actor=actor, detail=detail)


def _found(connection_id: int, actor: Actor) -> Connection:
    connection = Connection.objects.filter(pk=connection_id).first()
    if connection is None:
        raise NotFound(_("This connection does not exist here."))
    require(actor, Permission.PARTNER_MANAGE, detail=connection.code)
    return connection
