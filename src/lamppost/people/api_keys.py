"""Programs that call us, known by a key of which only the digest is kept."""

from __future__ import annotations

from django.utils.translation import gettext as _

from lamppost.kernel.ids import digest
from lamppost.kernel.refusals import Unauthenticated
from lamppost.people.models import ApiKey

_MAX_KEY = 200


def key_for(secret: str) -> ApiKey:
    """Return the key in use in the city in scope whose secret this is.

    Raises ``Unauthenticated`` when it is missing, wrong or revoked; which of these is not
    told apart.
    """
    if not secret:
        raise Unauthenticated(_("An api_key is needed for this."), field="api_key")
    key = None
    if len(secret) <= _MAX_KEY:
        key = ApiKey.objects.filter(
            key_digest=digest(secret.encode("utf-8", "replace").decode()), revoked_at=None
        ).first()
    if key is None:
        raise Unauthenticated(_("This api_key is not valid here."), field="api_key")
    return key
