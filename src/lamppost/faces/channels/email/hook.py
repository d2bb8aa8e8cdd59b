"""``/hooks/email``: mail a provider pushes, signed as Standard Webhooks; the body is the mail."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from lamppost.mailbox.addresses import gateway_of
from lamppost.mailbox.choices import Way
from lamppost.mailbox.recipients import recipient_in
from lamppost.mailbox.services.receiving import MAX_BYTES, receive
from lamppost.notify.choices import GatewayKind
from lamppost.notify.selectors.gateways import active_gateways, secrets_of
from lamppost.partners.signing import BadSignature, check
from lamppost.people.rates import TooManyCalls, count_call

_PER_MINUTE = 300
_HEADERS = ("webhook-id", "webhook-timestamp", "webhook-signature")
# Whom the provider delivered it to; without it the mail's own headers tell.
_RECIPIENT = "X-Envelope-To"
_SENDER = "X-Envelope-From"


@csrf_exempt
@require_POST
def take_mail(request: HttpRequest) -> HttpResponse:
    """Store one mail (message/rfc822) of the city's mailbox; the same again changes nothing.

    401 for a signature that is not right, 404 when nobody reads mail for its address, 413 when
    it is too large, 429 when there are too many; 200 when it is stored.
    """
    raw = request.read(MAX_BYTES + 1)
    if len(raw) > MAX_BYTES:
        return _refused(413, "The mail is too large.")
    gateways = active_gateways(GatewayKind.EMAIL)
    if not _is_signed(request, raw, secrets_of(gateways)):
        return _refused(401, "The signature is missing, wrong, or older than five minutes.")
    try:
        count_call("hook:email", per_minute=_PER_MINUTE)
    except TooManyCalls as refusal:
        response = _refused(429, "Too many mails; please try again later.")
        response.headers["Retry-After"] = str(refusal.retry_after)
        return response
    recipient = request.headers.get(_RECIPIENT, "") or recipient_in(raw)
    if gateway_of(recipient) is None:
        return _refused(404, "Nobody reads mail for this address here.")
    sender = request.headers.get(_SENDER, "")
    _mail, is_new = receive(raw, recipient=recipient, way=Way.HOOK, envelope_from=sender)
    return JsonResponse({"stored": True, "new": is_new})


def _is_signed(request: HttpRequest, raw: bytes, secrets: list[str]) -> bool:
    headers = {name: request.headers.get(name, "") for name in _HEADERS}
    for secret in secrets:
        try:
            check(secret, headers=headers, body=raw)
        except BadSignature:
            continue
        return True
    return False


def _refused(status: int, words: str) -> HttpResponse:
    return JsonResponse({"error": words}, status=status)
