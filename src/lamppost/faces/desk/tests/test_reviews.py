"""Reviews, measures and stat meetings at the desk."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from lamppost.cases.models import Case
from lamppost.insight.choices import SubjectKind
from lamppost.insight.models import Review
from lamppost.insight.services.daily import refresh
from lamppost.insight.services.reviews import open_due_reviews
from lamppost.people.choices import Role

pytestmark = pytest.mark.django_db
Desk = Callable[..., Client]
FileCase = Callable[..., Case]


@pytest.fixture
def review(file_case: FileCase) -> Review:
    """The review of the pothole agreement, open."""
    file_case()
    refresh()
    open_due_reviews()
    return Review.objects.get(subject__kind=SubjectKind.AGREEMENT)


def test_pages_open(signed_in: Desk, review: Review) -> None:
    client = signed_in(Role.DIRECTOR)
    stat = Review.objects.get(subject__kind=SubjectKind.STAT)
    for path in (
        "/desk/tools/", "/desk/measures/", "/desk/measures/?department=streets", "/desk/reviews/",
        "/desk/reviews/held/", "/desk/reviews/calendar/", "/desk/reviews/participation/",
        f"/desk/reviews/{review.pk}/", f"/desk/reviews/{stat.pk}/",
        f"/desk/reviews/{review.pk}/?amount=5&unit=business_days",
        f"/desk/reviews/calendar/{review.subject_id}/", "/desk/stat/", "/desk/stat/2026/3/",
        "/desk/stat/2026/3/stat.pdf",
    ):  # fmt: skip
        assert client.get(path).status_code == 200, path
