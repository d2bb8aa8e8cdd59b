"""Telling the staff: a notice per person, in that person's language, once.

Called in the transaction of the change that gives the reason, so that neither is without the
other. Floors above decide who is told and why; the desk shows it, the worker mails it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable

from django.utils import timezone, translation

from lamppost.cities.selectors import city_in_scope
from lamppost.people.absences import with_covers
from lamppost.people.choices import NoticeKind, Role
from lamppost.people.models import Membership, StaffNotice, User


def tell(
    users: Iterable[User],
    kind: NoticeKind,
    *,
    subject: Callable[[], str],
    path: str,
    once_key: str,
    text: Callable[[], str] = str,
    case_number: str = "",
    default_language: str = "",
) -> int:
    """Write a notice for each of ``users`` and who stands in for them; return how many are new.

    ``subject`` and ``text`` are called in each reader's language, of who chose none in
    ``default_language`` or the city's; neither may hold a
    resident's personal data, since notices are mailed. ``path`` is where to look, from the
    root of the site. The same ``once_key`` (at most 120 characters) reaches a person once,
    however often the pass that tells runs.
    """
    now = timezone.now()
    usual = default_language or city_in_scope().default_language
    rows = []
    for user in with_covers(users, now=now):
        with translation.override(user.language or usual):
            rows.append(
                StaffNotice(
                    user=user,
                    kind=kind,
                    subject=subject()[:200],
                    text=text(),
                    path=path,
                    case_number=case_number,
                    once_key=once_key,
                    created_at=now,
                )
            )
    before = StaffNotice.objects.filter(once_key=once_key).count()
    StaffNotice.objects.bulk_create(rows, ignore_conflicts=True)
    return StaffNotice.objects.filter(once_key=once_key).count() - before


def staff_of(*, roles: Collection[Role], department_id: int | None = None) -> list[User]:
    """Return the active members of the city in scope with one of ``roles``.

    With ``department_id`` only those of that department.
    """
    found = Membership.objects.filter(role__in=roles, is_active=True, user__is_active=True)
    if department_id is not None:
        found = found.filter(department_id=department_id)
    return [membership.user for membership in found.select_related("user").order_by("user_id")]
