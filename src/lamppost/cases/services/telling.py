"""Telling colleagues about a case: a notice that leads to its page at the desk."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from urllib.parse import quote

from lamppost.cases.models import Case
from lamppost.cities.selectors import city_in_scope
from lamppost.people.choices import NoticeKind
from lamppost.people.models import User
from lamppost.people.notices import tell


def desk_path(case: Case) -> str:
    """Return where the case stands at the desk, from the root of the site."""
    return f"/desk/cases/{quote(case.number, safe='')}/"


def tell_about(
    case: Case,
    users: Iterable[User],
    kind: NoticeKind,
    *,
    subject: Callable[[], str],
    once_key: str,
) -> int:
    """Write a notice about ``case`` for each of ``users``; return how many are new.

    ``subject`` is called in each reader's language and names no resident.
    """
    return tell(
        users,
        kind,
        subject=subject,
        path=desk_path(case),
        once_key=once_key,
        case_number=case.number,
        default_language=city_in_scope().default_language,
    )
