"""TwiML, the provider's language of answers, written with an XML library: nothing is pasted."""

from __future__ import annotations

from dataclasses import dataclass
from xml.etree.ElementTree import Element, SubElement, tostring

from django.http import HttpResponse

CONTENT_TYPE = "application/xml; charset=utf-8"
# What the provider takes in one <Say>.
_LONGEST_SAY = 3_000


@dataclass(frozen=True, slots=True)
class Voice:
    """How a language is spoken: the provider's tag for it and the name of a voice, or ''."""

    tag: str
    name: str = ""


class Twiml:
    """An answer being written: verbs in the order they are added."""

    def __init__(self, into: Element | None = None) -> None:
        self._root = into if into is not None else Element("Response")

    def message(self, text: str) -> Twiml:
        """Answer with an SMS; nothing for an empty text."""
        if text:
            SubElement(self._root, "Message").text = text
        return self

    def say(self, text: str, voice: Voice) -> Twiml:
        """Read ``text`` out; nothing for an empty one."""
        if text:
            attributes = {"language": voice.tag}
            if voice.name:
                attributes["voice"] = voice.name
            SubElement(self._root, "Say", attributes).text = text[:_LONGEST_SAY]
        return self

    def verb(self, name: str, text: str = "", **attributes: str) -> Twiml:
        """Add any other verb; return the answer."""
        SubElement(self._root, name, attributes).text = text or None
        return self

    def gather(self, action: str, *, digits: int = 0, finish: str = "", timeout: int = 6) -> Twiml:
        """Listen for keys and return what is said meanwhile, to be filled.

        ``digits``: end after so many, 0 for any number; ``finish``: the key that ends them;
        ``timeout``: seconds of silence. The keys go to ``action``; without any, the answer
        goes on behind.
        """
        attributes = {
            "input": "dtmf",
            "action": action,
            "method": "POST",
            "timeout": str(timeout),
            "finishOnKey": finish,
        }
        if digits:
            attributes["numDigits"] = str(digits)
        return Twiml(SubElement(self._root, "Gather", attributes))

    def inside(self, name: str, **attributes: str) -> Twiml:
        """Add a verb that holds others and return it, to be filled."""
        return Twiml(SubElement(self._root, name, attributes))

    def redirect(self, address: str) -> Twiml:
        """Go on at ``address``."""
        return self.verb("Redirect", address, method="POST")

    def response(self) -> HttpResponse:
        """Return it as the answer to the provider's call."""
        body = b'<?xml version="1.0" encoding="UTF-8"?>' + tostring(self._root, encoding="utf-8")
        answer = HttpResponse(body, content_type=CONTENT_TYPE)
        answer["Cache-Control"] = "no-store"
        return answer
