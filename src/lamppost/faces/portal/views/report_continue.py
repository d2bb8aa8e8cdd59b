"""Going on with a report begun by SMS: the link opens the draft in this browser."""

from __future__ import annotations

from django.http import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from lamppost.cases.services import drafts
from lamppost.cases.services.checking import service_for
from lamppost.faces.portal import wizard
from lamppost.faces.portal.drafting import address_of, holding
from lamppost.faces.portal.web import PortalRequest, page, private, resident_of, told
from lamppost.kernel.refusals import Refusal


@never_cache
@require_safe
@told
def go_on(request: PortalRequest, token: str) -> HttpResponseBase:
    """Open the draft of the link at its first unfinished step; an old link says so."""
    draft = drafts.open_draft(token)
    if draft is None:
        return private(page(request, "link_ended", status=404))
    content = draft.content
    try:
        service = service_for(content.service_code, actor=resident_of(request))
    except Refusal:
        words = urlencode({"q": content.description[:200]}) if content.description else ""
        return redirect(f"{reverse('portal:report')}?{words}" if words else "portal:report")
    if draft.is_filed:
        step = "done"
    else:
        steps = wizard.steps_of(service)
        step = next((one for one in steps if one not in content.steps_done), steps[-1])
    return private(holding(redirect(address_of(step, service)), service, draft))
