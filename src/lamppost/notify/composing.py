"""From a row to what is sent: the links are made here, and are kept nowhere."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.utils import translation
from django.utils.html import escape, urlize
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _

from lamppost.kernel.segments import plain_for_sms
from lamppost.notify.addresses import reply_address, return_address
from lamppost.notify.choices import Link, MessageChannel
from lamppost.notify.links import Purpose, address_of, token_of
from lamppost.notify.models import Message, Subscription
from lamppost.notify.senders import Outgoing

_PURPOSES = {
    Link.CASE: Purpose.CASE,
    Link.SURVEY: Purpose.CASE,
    Link.CONFIRM: Purpose.CONFIRM,
    Link.MANAGE: Purpose.MANAGE,
}


Dresser = Callable[[Message, Outgoing], Outgoing]
_DRESSERS: dict[str, Dresser] = {}


@dataclass(frozen=True, slots=True)
class _Links:
    """Addresses with what they are for; '' for none."""

    main: str = ""
    main_label: str = ""
    stop: str = ""
    one_click: str = ""


def composed(message: Message) -> Outgoing:
    """Return ``message`` as it leaves: with its links, for mail also as simple HTML.

    A mail can be unsubscribed from with one click (RFC 8058), and answered to the plus-address
    of its case where the city reads a mailbox.
    """
    language = message.language
    with translation.override(language or None):
        links = _links(message)
        if message.channel != MessageChannel.EMAIL:
            text = plain_for_sms(" ".join(filter(None, (message.text, links.main))))
            return Outgoing(
                key=message.key,
                address=message.address,
                subject=message.subject,
                text=text if message.channel == MessageChannel.SMS else message.text,
                language=language,
                url=links.main,
            )
        outgoing = Outgoing(
            key=message.key,
            address=message.address,
            subject=message.subject,
            text=_plain(message, links),
            html=_html(message, links),
            language=language,
            url=links.main,
            reply_to=reply_address(message.case) if message.case else "",
            return_path=return_address(message),
            about=f"case-{message.case_id}" if message.case_id else "",
            headers=_headers(links),
        )
        dresser = _DRESSERS.get(message.template)
        return dresser(message, outgoing) if dresser else outgoing


def dress(template: str, dresser: Dresser) -> None:
    """Have messages of ``template`` finished by an app above, which knows what they answer."""
    _DRESSERS[template] = dresser


def case_path(subscription: Subscription) -> str:
    """Return the path behind the link to the case itself."""
    return f"/c/{token_of(subscription, Purpose.CASE)}/"


def manage_path(subscription: Subscription) -> str:
    """Return the path of the page where messages are changed and stopped."""
    return f"/m/{token_of(subscription, Purpose.MANAGE)}/"


def _links(message: Message) -> _Links:
    subscription = message.subscription
    if subscription is None or message.link == Link.NONE:
        return _Links()
    language = message.language
    labels = {
        Link.CASE: _("The page of the request:"),
        Link.SURVEY: _("Answer here:"),
        Link.CONFIRM: _("Yes, write to me:"),
        Link.MANAGE: _("What you follow:"),
    }
    link = Link(message.link)
    token = token_of(subscription, _PURPOSES[link])
    ending = "survey/" if link is Link.SURVEY else ""
    main = address_of(f"/{_PURPOSES[link]}/{token}/{ending}", language)
    if link is Link.CONFIRM:
        # Who has not confirmed gets nothing that could be stopped.
        return _Links(main=main, main_label=labels[link])
    stop = address_of(manage_path(subscription), language)
    # A digest is made of many subscriptions: who stops it stops them all.
    one_click = f"{stop}stop/all/" if message.template == "digest" else f"{stop}stop/"
    return _Links(main, labels[link], stop, one_click)


def _headers(links: _Links) -> dict[str, str]:
    if not links.one_click:
        return {}
    return {
        "List-Unsubscribe": f"<{links.one_click}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }


def _plain(message: Message, links: _Links) -> str:
    parts = [message.text]
    if links.main:
        parts.append(f"{links.main_label}\n{links.main}")
    if links.stop:
        parts.append("-- \n" + _("Change or stop these messages:") + f"\n{links.stop}")
    return "\n\n".join(parts) + "\n"


def _html(message: Message, links: _Links) -> str:
    """Plain words as paragraphs: no picture, no style, nothing fetched from anywhere."""
    words = [
        "<p>" + urlize(part, autoescape=True).replace("\n", "<br>") + "</p>"
        for part in message.text.split("\n\n")
    ]
    if links.main:
        label = escape(links.main_label.rstrip(":"))
        words.append(f'<p><a href="{escape(links.main)}"><strong>{label}</strong></a></p>')
    if links.stop:
        label = escape(_("Change or stop these messages"))
        words.append(f'<hr><p><small><a href="{escape(links.stop)}">{label}</a></small></p>')
    side = "rtl" if translation.get_language_bidi() else "ltr"
    language = escape(message.language or "en")
    return mark_safe(  # noqa: S308 - every part above is escaped
        f'<!doctype html><html lang="{language}" dir="{side}"><head><meta charset="utf-8">'
        f"<title>{escape(message.subject)}</title></head><body>{''.join(words)}</body></html>"
    )
