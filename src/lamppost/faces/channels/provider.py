"""A call of the provider: read, checked to be the provider's, and answered as TwiML.

The stand-in pages of a demo city make the same ``ProviderCall`` with a signature of their own.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import wraps

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from lamppost.faces.channels.signature import is_signed
from lamppost.notify.choices import GatewayKind
from lamppost.notify.models import Gateway
from lamppost.notify.selectors.gateways import active_gateways, secrets_of

logger = logging.getLogger(__name__)

_MAX_BYTES = 100_000
_HEADER = "X-Twilio-Signature"


@dataclass(frozen=True)
class ProviderCall:
    """One call as it came: the address called, the form's parameters, the signature."""

    url: str
    params: Mapping[str, Sequence[str]]
    signature: str

    def get(self, name: str) -> str:
        """Return one parameter, '' for none."""
        values = self.params.get(name, ())
        return values[0] if values else ""

    @property
    def base_url(self) -> str:
        """The city's address as the caller wrote it, without a slash at the end."""
        scheme, _colon, rest = self.url.partition("://")
        return f"{scheme}://{rest.partition('/')[0]}"


Answer = Callable[[ProviderCall, Gateway], HttpResponse]
View = Callable[[HttpRequest], HttpResponse]


def signed(*kinds: GatewayKind) -> Callable[[Answer], Answer]:
    """Let a call through when one of the city's gateways of these kinds signed it, else 403.

    What is refused is logged without anything of its contents.
    """

    def decorate(answer: Answer) -> Answer:
        @wraps(answer)
        def guarded(call: ProviderCall, _gateway: Gateway | None = None) -> HttpResponse:
            for kind in kinds:
                for gateway in active_gateways(kind):
                    if is_signed(call.url, call.params, call.signature, secrets_of([gateway])):
                        return answer(call, gateway)
            logger.warning(
                "A call for %s was refused: its signature is %s.",
                "/".join(kind.value for kind in kinds),
                "wrong" if call.signature else "missing",
            )
            return HttpResponse("Not signed.\n", status=403, content_type="text/plain")

        return guarded

    return decorate


def hook(answer: Answer) -> View:
    """Return the view for a guarded ``answer``: reads the form, knows no session."""

    @csrf_exempt
    @require_POST
    @wraps(answer)
    def view(request: HttpRequest) -> HttpResponse:
        if int(request.headers.get("Content-Length") or 0) > _MAX_BYTES:
            return HttpResponse("Too large.\n", status=413, content_type="text/plain")
        call = ProviderCall(
            url=request.build_absolute_uri(),
            params={name: request.POST.getlist(name) for name in request.POST},
            signature=request.headers.get(_HEADER, ""),
        )
        return answer(call, None)  # type: ignore[arg-type]

    return view
