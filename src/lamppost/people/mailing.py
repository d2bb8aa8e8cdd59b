"""Notices nobody read at the desk go out by e-mail: one mail per person, never twice.

Claim first, send after. The notices of a person are marked as mailed and that is committed
before the mail is handed to the server; when the server refuses, the mark is taken back and
the next pass tries again. A worker killed between the two leaves notices marked that never
went out: they stay unread at the desk, which is the lesser harm than a mail every minute.
"""

from __future__ import annotations

import logging
import smtplib
from datetime import datetime, timedelta

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from lamppost.cities.models import City, CityHost
from lamppost.cities.selectors import city_in_scope
from lamppost.kernel.text import in_language
from lamppost.people.models import Membership, StaffNotice, User

logger = logging.getLogger(__name__)

# Who sits at the desk reads it there; a mail is for who does not.
PATIENCE = timedelta(minutes=10)
# Older ones are no news; a city that switches mail on late is not flooded.
OLDEST = timedelta(days=2)
_MOST_LINES = 50
# Where a person finds all of them. A path: this floor knows no pages.
NOTICES_PATH = "/desk/notices/"


def mail_unread_notices(*, now: datetime | None = None, limit: int = 200) -> int:
    """Mail what has waited unread for ``PATIENCE``, at most to ``limit`` people; return how many.

    Without a mail server nothing happens and nothing is marked.
    """
    if not is_mail_on():
        return 0
    now = now or timezone.now()
    waiting = _waiting(now)
    people = list(waiting.values_list("user_id", flat=True).distinct().order_by("user_id")[:limit])
    return sum(_mail_one(user_id, now) for user_id in people)


def is_mail_on() -> bool:
    """Return whether the installation has a mail server to hand mail to."""
    return bool(getattr(settings, "MAIL_IS_ON", False))


def _waiting(now: datetime) -> QuerySet[StaffNotice]:
    willing = Membership.objects.filter(
        is_active=True, mails_notices=True, user__is_active=True
    ).values("user_id")
    return StaffNotice.objects.filter(
        user_id__in=willing,
        mailed_at__isnull=True,
        read_at__isnull=True,
        created_at__lte=now - PATIENCE,
        created_at__gt=now - OLDEST,
    )


def _mail_one(user_id: int, now: datetime) -> int:
    user = User.objects.get(pk=user_id)
    with transaction.atomic():
        claimed = list(
            _waiting(now)
            .filter(user_id=user_id)
            .select_for_update(skip_locked=True, of=("self",))
            .order_by("created_at", "id")
        )
        ids = [notice.pk for notice in claimed]
        StaffNotice.objects.filter(pk__in=ids).update(mailed_at=now)
    if not claimed:
        return 0
    try:
        _message(user, claimed, city_in_scope()).send()
    except (OSError, smtplib.SMTPException) as error:
        logger.warning("Notices of user %d were not mailed: %s", user_id, type(error).__name__)
        StaffNotice.objects.filter(pk__in=ids).update(mailed_at=None)
        return 0
    return 1


def _message(user: User, notices: list[StaffNotice], city: City) -> EmailMessage:
    with translation.override(user.language or city.default_language):
        name = in_language(city.name, translation.get_language() or "en")
        base = _address_of(city)
        count = ngettext("%(count)d notice", "%(count)d notices", len(notices)) % {
            "count": len(notices)
        }
        lines = [_("What is new for you at the desk of %(city)s:") % {"city": name}, ""]
        for notice in notices[:_MOST_LINES]:
            lines += [notice.subject, f"{base}{notice.path}", ""]
        lines += [
            _("All notices, and where to switch these mails off:"),
            f"{base}{NOTICES_PATH}",
        ]
        return EmailMessage(subject=f"{name}: {count}", body="\n".join(lines), to=[user.email])


def _address_of(city: City) -> str:
    # The first host a city was given is its own; a mail is no request that could tell.
    host = CityHost.objects.filter(city=city).order_by("id").values_list("host", flat=True).first()
    return f"https://{host}" if host else ""
