"""The contact center of a city, as the database holds it."""

from __future__ import annotations

from lamppost.contacts.models import CenterRules, Disposition, MonitoringQuestion, SurgeText
from lamppost.packs import center_content


def stored_center() -> center_content.CenterRules:
    """Return the rules of the center; the defaults where nothing was applied."""
    row = CenterRules.objects.select_related("inquiry_service").first()
    if row is None:
        return center_content.CenterRules()
    return center_content.CenterRules(
        answer_seconds=row.answer_seconds,
        answer_percent=row.answer_percent,
        wrap_limit_seconds=row.wrap_limit_seconds,
        call_back_minutes=row.call_back_minutes,
        answer_mail_minutes=row.answer_mail_minutes,
        inquiries=row.inquiry_service.code if row.inquiry_service else "",
    )


def stored_dispositions() -> tuple[center_content.Disposition, ...]:
    """Return the dispositions in order; what was retired is left out."""
    return tuple(
        center_content.Disposition(
            code=row.code,
            name=row.name,
            kind=row.kind,
            key=row.key,
            is_resolved=row.is_resolved,
        )
        for row in Disposition.objects.filter(is_active=True).order_by("order", "code")
    )


def stored_monitoring() -> tuple[center_content.MonitoringQuestion, ...]:
    """Return the form of monitoring in order; what was retired is left out."""
    return tuple(
        center_content.MonitoringQuestion(code=row.code, text=row.text, points=row.points)
        for row in MonitoringQuestion.objects.filter(is_active=True).order_by("order", "code")
    )


def stored_surge_texts() -> tuple[center_content.SurgeText, ...]:
    """Return the texts prepared for a surge, in order."""
    return tuple(
        center_content.SurgeText(
            code=row.code, name=row.name, message=row.message, article=row.article
        )
        for row in SurgeText.objects.filter(is_active=True).order_by("order", "code")
    )
