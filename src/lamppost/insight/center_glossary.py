"""The measures of the contact center, each defined once. All of them add up from counts.

The words follow those of call centers everywhere; the arithmetic is in ``center`` and in the
queries of ``services.center_counts``. Examples worked out by hand: docs/contact-center.md.
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from lamppost.insight.measure import Measure, MeasureUnit

_CONTACTS = _("Contacts of the center")
_STATES = _("States of the agents")
_CODING = _("Coding of the contacts")

CENTER_ENTRIES = (
    Measure(
        "offered", _("Offered"),
        _(
            "Incoming contacts that were answered or abandoned. Apart from them: who hung up "
            "within 5 seconds, who left in the menu, who was helped without an agent, who asked "
            "to be called back."
        ),
        MeasureUnit.CONTACTS, _CONTACTS,
    ),
    Measure(
        "answered", _("Answered"), _("Incoming contacts an agent answered."),
        MeasureUnit.CONTACTS, _CONTACTS,
    ),
    Measure(
        "abandoned", _("Abandoned"),
        _("Callers who hung up while waiting, after 5 seconds or later."),
        MeasureUnit.CONTACTS, _CONTACTS,
    ),
    Measure(
        "abandon_rate", _("Abandoned, share"), _("Abandoned ÷ offered."),
        MeasureUnit.SHARE, _CONTACTS,
    ),
    Measure(
        "short_abandoned", _("Hung up at once"),
        _("Callers who hung up in less than 5 seconds. No part of what was offered."),
        MeasureUnit.CONTACTS, _CONTACTS,
    ),
    Measure(
        "service_level", _("Service level"),
        _(
            "Answered within the seconds of the center's rule ÷ (answered + abandoned). Calls an "
            "agent began by hand have no waiting time and are left out above and below."
        ),
        MeasureUnit.SHARE, _CONTACTS,
    ),
    Measure(
        "speed_of_answer", _("Speed of answer"),
        _(
            "Sum of the seconds from offered to answered ÷ contacts answered, without those an "
            "agent began by hand."
        ),
        MeasureUnit.SECONDS, _CONTACTS,
    ),
    Measure(
        "abandon_wait", _("Wait before hanging up"),
        _("Sum of the seconds abandoned callers waited ÷ abandoned."),
        MeasureUnit.SECONDS, _CONTACTS,
    ),
    Measure(
        "handle_time", _("Handle time"),
        _(
            "Sum of talk, hold and after-call seconds of the answered contacts that have ended ÷ "
            "their number. Parts of a second are left out of each duration."
        ),
        MeasureUnit.SECONDS, _CONTACTS,
    ),
    Measure(
        "talk_time", _("Talk"),
        _("Sum of the seconds from answered to ended, without hold ÷ contacts that have ended."),
        MeasureUnit.SECONDS, _CONTACTS,
    ),
    Measure(
        "hold_time", _("Hold"), _("Sum of the seconds on hold ÷ contacts that have ended."),
        MeasureUnit.SECONDS, _CONTACTS,
    ),
    Measure(
        "wrap_time", _("After-call work"),
        _("Sum of the seconds from the end of the line to the end of the work ÷ contacts that "
          "have ended."),
        MeasureUnit.SECONDS, _CONTACTS,
    ),
    Measure(
        "occupancy", _("Occupancy"),
        _(
            "Seconds of talk, hold and after-call work ÷ those seconds and the seconds agents "
            "were ready. Breaks and meetings are in neither. Of one state at most 12 hours count."
        ),
        MeasureUnit.SHARE, _STATES,
    ),
    Measure(
        "adherence", _("Adherence"),
        _(
            "Seconds of the planned shifts in which the agent was signed on, breaks and meetings "
            "included ÷ seconds planned."
        ),
        MeasureUnit.SHARE, _STATES,
    ),
    Measure(
        "agents_on", _("Agents on the line"),
        _("Seconds agents were ready, talking or in after-call work ÷ the seconds of the span."),
        MeasureUnit.PEOPLE, _STATES,
    ),
    Measure(
        "first_contact", _("Resolved on first contact"),
        _(
            "Contacts coded as closed on contact without a second contact of the same caller on "
            "the same topic within 7 days ÷ coded contacts of a known caller (person or number). "
            "The topic is the service, else the article read out, else the coding. Left out: "
            "nobody there, sent to the emergency number, and the last 7 days, of which nobody "
            "knows yet."
        ),
        MeasureUnit.SHARE, _CODING,
    ),
    Measure(
        "coded", _("Coded"),
        _("Answered contacts that have ended and are coded ÷ answered contacts that have ended."),
        MeasureUnit.SHARE, _CODING,
    ),
    Measure(
        "passed_on", _("Passed on"),
        _("Contacts passed on to an office, announced or not ÷ answered contacts that have "
          "ended. Hand-overs to the emergency number are apart."),
        MeasureUnit.SHARE, _CONTACTS,
    ),
    Measure(
        "emergencies", _("Sent to the emergency number"),
        _("Contacts an agent handed to the emergency number."),
        MeasureUnit.CONTACTS, _CONTACTS,
    ),
    Measure(
        "diversions", _("Stopped as an emergency"),
        _("Reports and contacts of every channel that were stopped with the word to call the "
          "emergency number or a crisis line, each counted once."),
        MeasureUnit.CONTACTS, _("Stopped reports"),
    ),
    Measure(
        "interpreted", _("With an interpreter"),
        _("Answered contacts that needed an interpreter."), MeasureUnit.CONTACTS, _CONTACTS,
    ),
    Measure(
        "information_contacts", _("Information"),
        _("Answered contacts coded as a question answered, a status told or an address given."),
        MeasureUnit.CONTACTS, _CODING,
    ),
    Measure(
        "request_contacts", _("Service requests"),
        _("Answered contacts coded as a service request filed."), MeasureUnit.CONTACTS, _CODING,
    ),
    Measure(
        "deflected", _("Helped without an agent"),
        _("Callers who heard the recorded message or answer and needed nobody."),
        MeasureUnit.CONTACTS, _CONTACTS,
    ),
    Measure(
        "surge_deflection", _("Helped by the surge message"),
        _("Calls on the line while surge mode was on that heard its message and ended without "
          "asking for an agent ÷ calls that heard it."),
        MeasureUnit.SHARE, _("Calls on the line"),
    ),
    Measure(
        "spared_reports", _("Answered instead of filed"),
        _("Residents who began a request, read an answer offered to them and said it was enough."),
        MeasureUnit.CONTACTS, _("Feedback on answers"),
    ),
    Measure(
        "call_backs_kept", _("Call backs kept"),
        _("Call backs promised in the period and made no later than due ÷ those promised that "
          "were made, given up or due by now."),
        MeasureUnit.SHARE, _("Promised call backs"),
    ),
    Measure(
        "channel_contacts", _("Contacts"),
        _(
            "By phone, at the counter, by SMS and by e-mail: contacts answered or helped without "
            "an agent. By the other channels: requests received."
        ),
        MeasureUnit.CONTACTS, _CONTACTS,
    ),
    Measure(
        "channel_cost", _("Cost"),
        _("What the channel cost in the months of the period, as entered from the books."),
        MeasureUnit.MONEY, _("Entered by the director"),
    ),
    Measure(
        "cost_per_contact", _("Cost per contact"),
        _("Cost of the channel ÷ its contacts, over the whole months with a cost entered."),
        MeasureUnit.MONEY, _("Entered by the director"),
    ),
    Measure(
        "monitoring_score", _("Quality of contacts"),
        _("Sum of the points given ÷ sum of the points possible, of the contacts drawn by lot "
          "and looked at in the period. Questions that did not apply count in neither."),
        MeasureUnit.SHARE, _("Monitored contacts"),
    ),
)  # fmt: skip
