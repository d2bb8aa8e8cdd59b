"""What is said of a case: the same to who asks an agent, the voice line or by SMS."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from lamppost.cases.models import Case
from lamppost.contacts.selectors.said_status import in_groups, said, sign_by_sign, status_words

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("is_paused", "is_late"), [(False, True), (True, False)])
def test_a_paused_case_is_called_late_by_nobody(
    is_paused: bool, is_late: bool, file_case: Callable[..., Case]
) -> None:
    case = file_case()
    case.due_at, case.is_paused = timezone.now() - timedelta(days=2), is_paused
    whole, short = " ".join(status_words(case, "en")), said(case).text
    assert ("late" in whole, "late" in short) == (is_late, is_late)


def test_a_number_is_read_out_in_groups_by_a_person_and_sign_by_sign_by_a_machine() -> None:
    assert [in_groups(one) for one in ("26000123", "1234", "A-17")] == [
        "26 000 123",
        "1234",
        "A-17",
    ]
    assert sign_by_sign("2600012") == "2 6 0, 0 0 1, 2"
