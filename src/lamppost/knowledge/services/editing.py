"""Changing an article at the desk: written by one person, signed by another, then published."""

from __future__ import annotations

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from lamppost.catalog.book import book
from lamppost.cities.selectors import city_in_scope, languages_of
from lamppost.kernel.refusals import Conflict, Forbidden, Invalid, NotFound
from lamppost.knowledge.choices import IN_WORK, VersionState
from lamppost.knowledge.models import (
    Article,
    ArticleVersion,
    VersionAnswer,
    VersionAuthor,
    VersionLink,
    VersionRelated,
    VersionStep,
)
from lamppost.knowledge.services import telling
from lamppost.knowledge.services.checking import CODE, check
from lamppost.knowledge.services.indexing import index_articles
from lamppost.knowledge.services.publishing import (
    PLAIN_FIELDS,
    Said,
    next_review,
    put_in_force,
    said,
    write_draft,
    write_parts,
)
from lamppost.people import audit
from lamppost.people.actors import Actor
from lamppost.people.choices import AuditWhat
from lamppost.people.permissions import ALL_DEPARTMENTS, Permission, require


@transaction.atomic
def new_article(
    *, code: str, department_id: int, what: Said, note: str, actor: Actor
) -> ArticleVersion:
    """Begin an article with its first draft and return that.

    Raises ``Forbidden`` for whom may not write for that department, ``Conflict`` for a code
    that is taken, ``Invalid`` for what the draft lacks.
    """
    department = book().departments.get(department_id)
    if department is None or not department.is_active:
        # Nobody's department is no reason to call it forbidden to who may write for their own.
        require(actor, Permission.KNOWLEDGE_EDIT, detail=code)
        raise Invalid(_("Choose a department."), field="department")
    _require_edit(actor, department_id, code)
    if not CODE.match(code) or len(code) > 63:
        raise Invalid(_("Use small letters, digits and hyphens."), field="code")
    check(what, is_original=True)
    try:
        with transaction.atomic():
            article = Article.objects.create(code=code, department_id=department_id)
    except IntegrityError:
        raise Conflict(_("This code is taken."), field="code") from None
    return _drafted(article, city_in_scope().default_language, what, note, actor)


@transaction.atomic
def save_draft(
    *, article_id: int, language: str, what: Said, note: str, actor: Actor, seen: str = ""
) -> ArticleVersion:
    """Write the draft of an article in ``language``, the one there is or a new one.

    ``seen`` is the `stamp` of the draft the writer began from ('': none): a draft somebody
    else wrote meanwhile is not written over. In another language than the city's own this is
    a translation of the published version. Raises ``Conflict`` while a version waits for
    sign-off, and when the original has nothing published to translate.
    """
    article = _locked(article_id)
    _require_edit(actor, article.department_id, article.code)
    original = city_in_scope().default_language
    if language not in languages_of(city_in_scope()):
        raise Invalid(_("Choose one of the languages listed."), field="language")
    check(what, is_original=language == original)
    draft = _in_work(article, language)
    if draft is not None and draft.state == VersionState.PROPOSED:
        raise Conflict(_("This text waits for sign-off. Take it back to change it."))
    if draft is not None and stamp(draft) != seen:
        raise Conflict(_("Somebody else wrote on this draft meanwhile. Look at it first."))
    if language != original and article.current is None:
        raise Conflict(_("There is nothing published to translate yet."))
    if draft is not None and not _is_overtaken(draft):
        return _rewritten(draft, what, note, actor)
    if draft is not None:
        # Begun from a wording that has been replaced: saving it again is a new draft on top.
        _drop(draft)
    return _drafted(article, language, what, note, actor)


@transaction.atomic
def propose(*, version_id: int, actor: Actor) -> None:
    """Send a draft for sign-off and tell who may sign it."""
    version = _version(version_id)
    _require_edit(actor, version.article.department_id, version.article.code)
    _in_state(version, VersionState.DRAFT)
    version.state = VersionState.PROPOSED
    version.proposed_at = timezone.now()
    version.returned_note = ""
    version.save(update_fields=["state", "proposed_at", "returned_note"])
    _note(version, actor, "proposed")
    telling.tell_proposed(version, but=actor.user_id)


@transaction.atomic
def take_back(*, version_id: int, actor: Actor) -> None:
    """Make a proposed version a draft again, before anybody signed it."""
    version = _version(version_id)
    _require_edit(actor, version.article.department_id, version.article.code)
    _in_state(version, VersionState.PROPOSED)
    version.state = VersionState.DRAFT
    version.save(update_fields=["state"])
    _note(version, actor, "taken back")


@transaction.atomic
def sign(*, version_id: int, actor: Actor) -> None:
    """Publish a proposed version. Who wrote on it may not sign it.

    Raises ``Conflict`` when another version was published since the draft was begun: it would
    be undone unseen.
    """
    version = _version(version_id)
    require(
        actor,
        Permission.KNOWLEDGE_APPROVE,
        department_id=version.article.department_id,
        detail=version.article.code,
    )
    _in_state(version, VersionState.PROPOSED)
    if actor.user_id is None or version.authors.filter(user=actor.user_id).exists():
        raise Forbidden(_("Somebody else has to sign what you wrote."))
    if _is_overtaken(version):
        raise Conflict(_("Another version was published meanwhile. Save the draft again first."))
    put_in_force(version, now=timezone.now(), signed_by_id=actor.user_id)
    _note(version, actor, "signed and published")
    telling.tell_signed(version, but=actor.user_id)


@transaction.atomic
def send_back(*, version_id: int, why: str, actor: Actor) -> None:
    """Return a proposed version to its writers with the reason."""
    version = _version(version_id)
    require(
        actor,
        Permission.KNOWLEDGE_APPROVE,
        department_id=version.article.department_id,
        detail=version.article.code,
    )
    _in_state(version, VersionState.PROPOSED)
    if not why.strip():
        raise Invalid(_("Say what should be different."), field="why")
    version.state = VersionState.DRAFT
    version.returned_note = why.strip()[:2000]
    version.save(update_fields=["state", "returned_note"])
    _note(version, actor, "sent back")
    telling.tell_sent_back(version, but=actor.user_id)


@transaction.atomic
def drop(*, version_id: int, actor: Actor) -> None:
    """Throw a draft away; it stays in the history as dropped."""
    version = _version(version_id)
    _require_edit(actor, version.article.department_id, version.article.code)
    if version.state not in IN_WORK:
        raise Conflict(_("Only a draft can be thrown away."))
    _drop(version)
    _note(version, actor, "dropped")


@transaction.atomic
def confirm(*, article_id: int, actor: Actor) -> None:
    """Write down that the published version is still right; the next review is due later."""
    article = _locked(article_id)
    _require_approve(actor, article)
    if article.current is None:
        raise Conflict(_("There is nothing published to review yet."))
    now = timezone.now()
    article.reviewed_at = now
    article.reviewed_by_id = actor.user_id
    article.review_by = next_review(article.current, now=now)
    article.save(update_fields=["reviewed_at", "reviewed_by", "review_by"])
    _note(article.current, actor, "reviewed")


@transaction.atomic
def set_active(*, article_id: int, is_active: bool, actor: Actor) -> None:
    """Take an article out of use, or back into it. Its versions stay, and so does it when the
    city's pack is applied again."""
    article = _locked(article_id)
    _require_approve(actor, article)
    article.is_active = is_active
    article.retired_at = None if is_active else timezone.now()
    article.save(update_fields=["is_active", "retired_at"])
    index_articles([article])
    audit.note(
        what=AuditWhat.KNOWLEDGE,
        label=article.code,
        actor=actor,
        detail="back in use" if is_active else "out of use",
    )


def writes_for(actor: Actor, department_id: int) -> bool:
    """Whether ``actor`` writes articles of a department; an editor without one, of all."""
    is_editor_of_all = actor.department_id is None or actor.role in ALL_DEPARTMENTS
    return is_editor_of_all or actor.department_id == department_id


def _require_edit(actor: Actor, department_id: int, code: str) -> None:
    own = None if writes_for(actor, department_id) else department_id
    require(actor, Permission.KNOWLEDGE_EDIT, department_id=own, detail=code[:63])


def _require_approve(actor: Actor, article: Article) -> None:
    require(
        actor,
        Permission.KNOWLEDGE_APPROVE,
        department_id=article.department_id,
        detail=article.code,
    )


def _locked(article_id: int) -> Article:
    rows = Article.objects.select_for_update(of=("self",)).select_related("current")
    article = rows.filter(pk=article_id).first()
    if article is None:
        raise NotFound(_("There is no such article."))
    return article


def _version(version_id: int) -> ArticleVersion:
    """Return a version under the lock of its article."""
    article_id = (
        ArticleVersion.objects.filter(pk=version_id).values_list("article_id", flat=True).first()
    )
    if article_id is None:
        raise NotFound(_("There is no such version."))
    article = _locked(article_id)
    version = ArticleVersion.objects.get(pk=version_id)
    version.article = article
    return version


def _in_work(article: Article, language: str) -> ArticleVersion | None:
    rows = ArticleVersion.objects.filter(article=article, language=language, state__in=IN_WORK)
    version = rows.first()
    if version is not None:
        version.article = article
    return version


def _in_state(version: ArticleVersion, state: VersionState) -> None:
    if version.state != state:
        now = VersionState(version.state).label
        raise Conflict(_("This version is not there any more: it is %(state)s.") % {"state": now})


def _is_overtaken(version: ArticleVersion) -> bool:
    """Whether what the draft was begun from is published no more."""
    newer = ArticleVersion.objects.filter(
        article=version.article, language=version.language, published_at__isnull=False
    )
    if newer.filter(n__gt=version.n).exists():
        return True
    return version.translates_id is not None and version.translates_id != version.article.current_id


def _drafted(
    article: Article, language: str, what: Said, note: str, actor: Actor
) -> ArticleVersion:
    is_original = language == city_in_scope().default_language
    version = write_draft(
        article,
        language,
        what,
        now=timezone.now(),
        written_by_id=actor.user_id,
        translates=None if is_original else article.current,
        note=note.strip()[:2000],
    )
    _written_by(version, actor)
    _note(version, actor, "draft begun")
    return version


def _rewritten(draft: ArticleVersion, what: Said, note: str, actor: Actor) -> ArticleVersion:
    for name in PLAIN_FIELDS:
        setattr(draft, name, getattr(what, name))
    draft.note = note.strip()[:2000]
    draft.written_at = timezone.now()
    draft.save()
    for part in (VersionStep, VersionLink, VersionAnswer, VersionRelated):
        part.objects.filter(version=draft).delete()
    write_parts([(draft, what)])
    _written_by(draft, actor)
    return draft


def _drop(version: ArticleVersion) -> None:
    version.state = VersionState.DROPPED
    version.save(update_fields=["state"])


def _written_by(version: ArticleVersion, actor: Actor) -> None:
    if actor.user_id is not None:
        VersionAuthor.objects.get_or_create(version=version, user_id=actor.user_id)


def _note(version: ArticleVersion, actor: Actor, did: str) -> None:
    audit.note(
        what=AuditWhat.KNOWLEDGE,
        label=version.article.code,
        actor=actor,
        detail=f"{version.language} {version.n}: {did}",
    )


def stamp(draft: ArticleVersion | None) -> str:
    """Return what tells one state of a draft from another; '' for no draft."""
    return f"{draft.n}-{draft.written_at:%Y%m%d%H%M%S%f}" if draft else ""


def beginning(article: Article, language: str) -> Said:
    """Return what a form for a new draft begins with: the words there are, or none."""
    rows = ArticleVersion.objects.filter(article=article, language=language)
    held = rows.filter(state__in=[*IN_WORK, VersionState.PUBLISHED]).order_by("-n").first()
    return said(held) if held is not None else Said(question="", answer="")
