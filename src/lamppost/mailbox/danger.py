"""Words of danger in a mail: nobody waits at the other end, so the answer says what to do."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils import translation

from lamppost.cases.services.danger import stopped_by_words


@dataclass(frozen=True, slots=True)
class Heard:
    """What the words told of ('' for nothing), and what to answer."""

    what: str = ""
    told: str = ""


def heard_in(text: str, *, language: str) -> Heard:
    """Return the danger these words tell of, in any language there are words for.

    What to do is said in ``language``, and in that of the words where it is another one.
    """
    with translation.override(language or None):
        triage = stopped_by_words(text)
    if triage is None or triage.danger is None:
        return Heard()
    return Heard(triage.danger.what, triage.text)
