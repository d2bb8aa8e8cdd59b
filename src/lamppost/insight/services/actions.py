"""What a review agreed on: by whom, until when, and that it was done."""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from lamppost.insight.models import Review, ReviewAction
from lamppost.insight.selectors.calendar import today
from lamppost.insight.services import telling
from lamppost.insight.services.access import may_hold, require_for
from lamppost.kernel.refusals import Conflict, Invalid, NotFound, Problem
from lamppost.kernel.text import clean_text
from lamppost.people.actors import Actor
from lamppost.people.choices import Role
from lamppost.people.models import Membership

MAX_TEXT = 500
# Who may be asked to see to something: people who can open the review it came from.
OWNERS = frozenset({Role.MANAGER, Role.SUPERVISOR, Role.DIRECTOR, Role.ADMIN})


def add_action(
    *, review_id: int, text: str, owner_id: int, due_on: date | None, actor: Actor
) -> ReviewAction:
    """Write down who does what by when; return it. It stays on every agenda until it is done.

    Possible while a review is prepared and after it was held. Raises ``Invalid`` without
    words, an owner who can read the review, or a day that is not in the past.
    """
    review = Review.objects.select_related("subject").filter(pk=review_id).first()
    if review is None:
        raise NotFound(_("This review does not exist here."))
    require_for(review.subject, actor)
    text = clean_text(text)
    problems = []
    if not text or len(text) > MAX_TEXT:
        problems.append(Problem("text", _("Say what is to be done, in at most 500 characters.")))
    if due_on is None or due_on < today():
        problems.append(Problem("due_on", _("Choose a day that is not in the past.")))
    owners = possible_owners(review)
    owner = next((one.user for one in owners if one.user_id == owner_id), None)
    if owner is None:
        problems.append(Problem("owner", _("Choose who sees to it.")))
    if problems or due_on is None or owner is None:
        raise Invalid(problems)
    with transaction.atomic():
        action = ReviewAction.objects.create(
            subject=review.subject,
            review=review,
            text=text,
            owner=owner,
            due_on=due_on,
            created_at=timezone.now(),
            created_by_id=actor.user_id,
        )
        if owner.pk != actor.user_id:
            telling.owner_of(action, owner)
    return action


def finish_action(*, action_id: int, note: str, actor: Actor) -> ReviewAction:
    """Say that it was done; return it. Its owner may, and whoever may hold the review.

    Raises ``Conflict`` when it was done before.
    """
    found = ReviewAction.objects.select_related("subject").filter(pk=action_id).first()
    if found is None:
        raise NotFound(_("This action does not exist here."))
    if found.owner_id != actor.user_id or not actor.is_staff:
        require_for(found.subject, actor)
    with transaction.atomic():
        action = ReviewAction.objects.select_for_update(of=("self",)).get(pk=action_id)
        if action.done_at is not None:
            raise Conflict(_("This was done already."))
        action.done_at = timezone.now()
        action.done_by_id = actor.user_id
        action.done_note = clean_text(note)[:MAX_TEXT]
        action.save(update_fields=["done_at", "done_by", "done_note"])
    return action


def may_finish(action: ReviewAction, actor: Actor) -> bool:
    """Return whether ``finish_action`` would let the actor through."""
    is_owner = actor.user_id is not None and action.owner_id == actor.user_id
    return (is_owner and actor.is_staff) or may_hold(action.subject, actor)


def possible_owners(review: Review) -> list[Membership]:
    """Return the members of the staff who may be asked: the center and the department."""
    members = Membership.objects.filter(
        role__in=OWNERS, is_active=True, user__is_active=True
    ).select_related("user")
    department_id = review.subject.department_id
    return [
        one
        for one in members.order_by("user__name", "user_id")
        if one.role != Role.MANAGER or department_id in (None, one.department_id)
    ]
