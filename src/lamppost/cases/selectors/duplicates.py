"""Cases near a new report that may be the same problem."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q

from lamppost.cases.duplicates import Candidate, score
from lamppost.cases.models import Attachment, Case
from lamppost.catalog.book import ServiceEntry
from lamppost.catalog.choices import State, Visibility
from lamppost.database.fields import Point
from lamppost.database.plane import in_box
from lamppost.kernel.geo import box_around, distance_m

# More than anybody compares; a heap of reports at one corner must not cost more than this.
_MOST = 200


@dataclass(frozen=True, slots=True)
class Duplicate:
    """A public case that may be the same problem, as shown to the reporter."""

    case: Case
    distance_m: float
    score: float
    photo_token: str = ""


def possible_duplicates(
    service: ServiceEntry, point: Point, *, now: datetime, limit: int = 5, text: str = ""
) -> list[Duplicate]:
    """Return public cases of ``service`` near ``point``, likeliest first, at most ``limit``.

    Radius (meters) and days are the service's own: open cases of any age, closed ones for
    that many days after they were closed. Costs two queries at most.
    """
    radius, window = service.duplicate_radius_m, timedelta(days=service.duplicate_days)
    rows = (
        Case.objects.filter(
            in_box("location", box_around(point, radius)),
            ~Q(state=State.CLOSED) | Q(closed_at__gte=now - window),
            service_id=service.id,
            visibility=Visibility.PUBLIC,
        )
        .exclude(links_out__kind="duplicate_of")
        .order_by("-requested_at")[:_MOST]
    )
    found = []
    for case in rows:
        if case.location is None:
            continue
        away = distance_m(point, case.location)
        since = case.closed_at if case.closed_at is not None else case.requested_at
        candidate = Candidate(away, now - since, case.description, case.closed_at is not None)
        points = score(candidate, radius_m=radius, window=window, text=text)
        if points > 0:
            found.append((points, away, case))
    found.sort(key=lambda one: (-one[0], one[2].pk))
    best = found[:limit]
    photos = first_photos([case.pk for _points, _away, case in best])
    return [Duplicate(case, away, points, photos.get(case.pk, "")) for points, away, case in best]


def first_photos(case_ids: list[int]) -> dict[int, str]:
    """Return the token of the first shown photo of each of these cases that has one."""
    if not case_ids:
        return {}
    rows = (
        Attachment.objects.filter(case_id__in=case_ids, is_hidden=False)
        .order_by("case_id", "id")
        .values_list("case_id", "token")
    )
    photos: dict[int, str] = {}
    for case_id, token in rows:
        photos.setdefault(case_id, token)
    return photos
