"""Who hears of a review: the 311 center, and the department it concerns."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date

from django.utils.formats import date_format
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from lamppost.cities.selectors import city_in_scope
from lamppost.insight.choices import SubjectKind
from lamppost.insight.models import Review, ReviewAction, ReviewSubject
from lamppost.kernel.text import in_language
from lamppost.people.choices import NoticeKind, Role
from lamppost.people.models import User
from lamppost.people.notices import staff_of, tell

CENTER = frozenset({Role.SUPERVISOR, Role.DIRECTOR})
_LIST = "/desk/reviews/"


def opened(reviews: Sequence[Review]) -> None:
    """Tell both sides that these reviews were opened: one notice a person, however many."""
    if not reviews:
        return
    _tell_some(staff_of(roles=CENTER), reviews, "center")
    by_department: dict[int, list[Review]] = defaultdict(list)
    for review in reviews:
        if review.subject.department_id is not None:
            by_department[review.subject.department_id].append(review)
        else:
            _tell_some(staff_of(roles={Role.MANAGER}), [review], "managers")
    for department_id, theirs in by_department.items():
        people = staff_of(roles={Role.MANAGER}, department_id=department_id)
        _tell_some(people, theirs, str(department_id))


def overdue(*, on: date) -> None:
    """Tell both sides once of each review that was opened in time and not held by its day."""
    late = Review.objects.filter(held_at__isnull=True, due_on__lt=on).select_related(
        "subject__agreement__service"
    )
    zone = city_in_scope().zone
    for review in late:
        if review.opened_at.astimezone(zone).date() > review.due_on:
            continue  # its notice of opening has said so
        _tell_late(review)


def owner_of(action: ReviewAction, owner: User) -> None:
    """Tell somebody that a review asked something of them."""
    tell(
        [owner],
        NoticeKind.REVIEW,
        subject=lambda: (
            _("A review asks something of you, due %(day)s") % {"day": date_format(action.due_on)}
        ),
        path=f"{_LIST}{action.review_id}/",
        once_key=f"review-action-{action.pk}",
        default_language=city_in_scope().default_language,
    )


def name_of(subject: ReviewSubject) -> str:
    """Return what a subject is called, in the language in force."""
    language = get_language() or city_in_scope().default_language
    if subject.kind == SubjectKind.STAT:
        return _("Stat meeting")
    if subject.agreement is not None:
        service = subject.agreement.service
        return in_language(service.name, language) or service.code
    return in_language(subject.name, language)


def _tell_late(review: Review) -> None:
    people = [*staff_of(roles=CENTER), *_managers(review.subject)]
    tell(
        people,
        NoticeKind.REVIEW,
        subject=lambda: _("Overdue for review: %(subject)s") % {"subject": name_of(review.subject)},
        path=f"{_LIST}{review.pk}/",
        once_key=f"review-overdue-{review.pk}",
        default_language=city_in_scope().default_language,
    )


def _managers(subject: ReviewSubject) -> list[User]:
    return staff_of(roles={Role.MANAGER}, department_id=subject.department_id)


def _tell_some(people: Sequence[User], reviews: Sequence[Review], side: str) -> None:
    first = reviews[0]

    def subject() -> str:
        if len(reviews) == 1:
            return _("Review due %(day)s: %(subject)s") % {
                "day": date_format(first.due_on),
                "subject": name_of(first.subject),
            }
        return ngettext("%(number)d review is due", "%(number)d reviews are due", len(reviews)) % {
            "number": len(reviews)
        }

    tell(
        people,
        NoticeKind.REVIEW,
        subject=subject,
        path=f"{_LIST}{first.pk}/" if len(reviews) == 1 else _LIST,
        # A review is opened once, so this is never the key of others opened the same day.
        once_key=f"reviews-opened-{first.pk}-{side}",
        default_language=city_in_scope().default_language,
    )
