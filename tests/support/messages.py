"""Messages of a city under test: a row of every table, with names a query would notice."""

from __future__ import annotations

from datetime import time

from django.utils import timezone

from lamppost.cases.models import Case
from lamppost.notify.choices import GatewayKind, MessageChannel, StopSource, SubscriptionKind
from lamppost.notify.models import (
    DigestItem,
    Gateway,
    LineOutage,
    NoticeText,
    PushDevice,
    QuietHours,
    Recipient,
    Subscription,
    SurveyAnswer,
)
from lamppost.notify.services.outbox import About, queue
from lamppost.notify.services.stops import stop


def add_messages(slug: str) -> None:
    """Give the city in scope somebody who follows a case, was written to, and was asked."""
    now = timezone.now()
    case = Case.objects.order_by("-id")[0]
    Gateway.objects.create(kind=GatewayKind.EMAIL, address=f"box@{slug}.example", is_active=False)
    recipient = Recipient.objects.create(
        channel=MessageChannel.EMAIL, address=f"fan@{slug}.example", created_at=now, proven_at=now
    )
    subscription = Subscription.objects.create(
        recipient=recipient, kind=SubscriptionKind.CASE, case=case, created_at=now,
        confirmed_at=now,
    )  # fmt: skip
    queue(
        channel=MessageChannel.EMAIL, address=recipient.address, subject=f"News of {slug}",
        text=f"words for {slug}", once_key=f"seeded-{slug}", now=now,
        about=About(case_id=case.pk, subscription_id=subscription.pk, template="case_news"),
    )  # fmt: skip
    DigestItem.objects.create(
        recipient=recipient, subscription=subscription, case=case, template="case_news",
        subject=f"News of {slug}", once_key=f"seeded-{slug}", created_at=now,
    )  # fmt: skip
    device = PushDevice.objects.create(
        endpoint=f"https://push.{slug}.example/1", endpoint_digest=slug, public_key="k", auth="a",
        created_at=now,
    )  # fmt: skip
    Recipient.objects.create(
        channel=MessageChannel.PUSH, device=device, created_at=now, proven_at=now
    )
    SurveyAnswer.objects.create(
        subscription=subscription, case=case, service_id=case.service_id,
        department_id=case.department_id, is_fixed=True, rating=4,
        channel=MessageChannel.EMAIL, at=now,
    )  # fmt: skip
    LineOutage.objects.create(
        channel=MessageChannel.SMS, since=now, last_failed_at=now, ended_at=now, reason=slug
    )
    QuietHours.objects.create(channel=MessageChannel.SMS, quiet_from=time(22), quiet_to=time(7))
    NoticeText.objects.create(code="case_late", subject={"en": f"Late in {slug}"})
    stop(channel=MessageChannel.EMAIL, address=f"left-alone@{slug}.example", source=StopSource.LINK)
