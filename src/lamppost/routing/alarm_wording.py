"""An alarm in words."""

from __future__ import annotations

from django.utils.translation import gettext as _

from lamppost.kernel.text import in_language
from lamppost.routing.choices import AlarmKind
from lamppost.routing.faults import FaultKind
from lamppost.routing.models import RoutingAlarm
from lamppost.routing.wording import owner_name


def alarm_title(alarm: RoutingAlarm, language: str) -> str:
    """Return what an alarm is about, without figures of a moment; names in ``language``."""
    if alarm.kind == AlarmKind.FAULT:
        return _fault(alarm, language)
    if alarm.kind == AlarmKind.CATCH_ALL:
        return _("More cases than usual land with the catch-all department")
    if alarm.department is None:
        return str(AlarmKind.SHIFT.label)
    owner = owner_name(alarm.department, alarm.team, language)
    return _("Unusually many of the new cases go to %(owner)s") % {"owner": owner}


def _fault(alarm: RoutingAlarm, language: str) -> str:
    code = alarm.subject.split(":")[0]
    department = alarm.department
    owner = in_language(department.name, language) if department is not None else ""
    if alarm.detail == FaultKind.NO_DEPARTMENT:
        words = _("Routing rule %(code)s names a department that is closed: %(owner)s")
    elif alarm.detail == FaultKind.NO_TEAM:
        words = _("Routing rule %(code)s names a team that is not at work any more")
    elif alarm.detail == FaultKind.FOREIGN_TEAM:
        words = _("Routing rule %(code)s names a team of another department than %(owner)s")
    elif alarm.detail == FaultKind.NO_SERVICE:
        words = _("Routing rule %(code)s names a service that is not offered any more")
    else:
        words = _("Routing rule %(code)s asks for an answer its services do not have")
    return words % {"code": code, "owner": owner}
