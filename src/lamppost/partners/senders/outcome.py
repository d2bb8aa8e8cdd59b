"""From what HTTP said to how the attempt ended."""

from __future__ import annotations

from django.utils import timezone

from lamppost.partners.choices import AttemptResult
from lamppost.partners.pacing import is_permanent, retry_after
from lamppost.partners.senders import Answer
from lamppost.partners.web import Response


def refusal_of(response: Response) -> Answer | None:
    """Return how a response other than 2xx ends the attempt; None for a 2xx."""
    code = response.code
    if 200 <= code < 300:
        return None
    if is_permanent(code):
        return Answer(AttemptResult.REFUSED, code, f"the partner answered {code}")
    return Answer(
        AttemptResult.AGAIN,
        code,
        f"the partner answered {code}",
        again_in=retry_after(response.headers.get("retry-after"), timezone.now()),
    )


def number_in(value: object) -> str:
    """Return a number or token as text, or '' for anything that cannot be one."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    text = str(value).strip()
    return text if len(text) <= 100 and text.isprintable() else ""
