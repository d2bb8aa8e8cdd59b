"""How the talk words what it asks. Pure but for the active language."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _

from lamppost.catalog.choices import Datatype
from lamppost.catalog.forms import FormQuestion
from lamppost.contacts.talk.values import Memory, Option, World
from lamppost.kernel.segments import first_part, plain_for_sms

# What one answer may cost: four segments are 612 characters, 268 in other scripts.
MOST_SEGMENTS = 4


def numbered(options: Iterable[Option]) -> str:
    """Return the options a line each with their numbers."""
    return "\n".join(f"{place}: {one.label}" for place, one in enumerate(options, start=1))


def lines(*parts: str) -> str:
    """Return the parts that say anything, a line each."""
    return "\n".join(part for part in parts if part)


def fitting(text: str) -> tuple[str, str]:
    """Return what of ``text`` is sent now, and what MORE will show ('' for nothing)."""
    text = plain_for_sms(text)
    hint = "\n" + plain_for_sms(_("Text MORE for the rest."))
    part, rest = first_part(text, MOST_SEGMENTS, tail=hint)
    return (part + hint if rest else part), rest


def subject() -> str:
    """Ask what it is about."""
    return _("What is the problem or question? Tell us in a few words.")


def choice(options: tuple[Option, ...]) -> str:
    """Ask which of the services and answers found is meant."""
    return lines(
        _("What fits? Text its number, or 0 for none."),
        numbered(options),
    )


def nothing_found() -> str:
    """Say that no service fits these words."""
    return _("We found nothing for that. Please use other words, or text HELP.")


def question(one: FormQuestion, options: tuple[Option, ...]) -> str:
    """Ask one question of the form."""
    how = ""
    if one.datatype is Datatype.MULTIVALUELIST:
        how = _("Text the numbers that apply, like 1,3.")
    elif one.datatype is Datatype.DATETIME:
        how = _("Text a date like 2026-03-09.")
    elif one.datatype is Datatype.SINGLEVALUELIST:
        how = _("Text the number.")
    if not one.is_required:
        how = lines(how, _("0 to skip."))
    return lines(one.text, numbered(options), how)


def description() -> str:
    """Ask for the person's own words."""
    return _("Describe it in a few words; you can send photos too. 0 to skip.")


def place(*, is_required: bool) -> str:
    """Ask where it is."""
    ask = _("Where is it? Text an address, a corner or a landmark, or share your location.")
    return ask if is_required else lines(ask, _("0 to skip."))


def which(options: tuple[Option, ...]) -> str:
    """Ask which of several places is meant."""
    return lines(_("Which one? Text its number, or another address."), numbered(options))


def similar(options: tuple[Option, ...]) -> str:
    """Ask whether it is one of the cases reported nearby."""
    return lines(
        _("Reported nearby already. Is it one of these? Text its number to follow it, 0 if not."),
        numbered(options),
    )


def confirm(memory: Memory, world: World) -> str:
    """Show what will be sent and ask for the word."""
    asked = world.asked(memory.service_code, memory.answers)
    answers = []
    for one in asked:
        names = {value.key: value.name for value in one.values}
        sent = memory.answers.get(one.code, ())
        if sent:
            answers.append(", ".join(names.get(key, key) for key in sent))
    return lines(
        _("Your report: %(service)s") % {"service": world.service_name(memory.service_code)},
        "; ".join(answers),
        memory.description[:160],
        _("Where: %(place)s") % {"place": memory.address} if memory.address else "",
        _("1: send it"),
        _("2: change something"),
        _("3: finish on the web"),
        _("Photos can be sent now."),
    )


def language(options: tuple[Option, ...]) -> str:
    """Offer the languages, each in itself."""
    return numbered(options)


def not_a_choice(count: int) -> str:
    """Say that a number of the list is needed."""
    return _("Please text a number from 1 to %(count)d.") % {"count": count}


def outside() -> str:
    """Say that the place is not in this city."""
    return _("This place is outside the city.")


def place_unknown() -> str:
    """Say that the address was not found."""
    return _("We cannot find that. Please text house number and street, or two streets.")


def stuck() -> str:
    """Offer other ways to who is not understood."""
    return _("Text WEB to go on in a form on the web, BACK, or NEW to start again.")


def nothing_more() -> str:
    """Say that MORE has nothing to show."""
    return _("There is no more.")


def started_afresh() -> str:
    """Say that what was gathered is forgotten."""
    return _("All right, we start again.")


def nobody_in_danger(word: str) -> str:
    """Say that nothing was sent, and the one word that sends it all the same."""
    return _("Nothing was sent. If nobody is in danger, reply %(word)s.") % {"word": word}


def nothing_begun() -> str:
    """Say that there is nothing to go on with on the web."""
    return _("Nothing is begun. Text what the problem is.")
