"""One address that says everything about the mail server: ``smtp://user:pass@host:587?tls=…``."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qs, unquote, urlsplit

# How the connection is protected: upgraded after the greeting, from the first byte, not at all.
TLS = ("starttls", "implicit", "none")
_PORTS = {"starttls": 587, "implicit": 465, "none": 25}


@dataclass(frozen=True, slots=True)
class MailServer:
    """The server mail is handed to. ``tls`` is one of ``TLS``."""

    host: str
    port: int
    user: str
    password: str
    tls: str
    sender: str


def mail_server(url: str) -> MailServer | None:
    """Return the server ``LAMPPOST_SMTP_URL`` names, or None: mail is off.

    ``smtp://`` upgrades to TLS (``?tls=starttls``, port 587) unless the address says
    ``?tls=none``; ``smtps://`` is TLS from the start (port 465). ``?from=`` is the sender.
    User and password are percent-encoded. Raises ``ValueError`` for anything else.
    """
    if not url.strip():
        return None
    parts = urlsplit(url.strip())
    asked = parse_qs(parts.query)
    tls = asked.get("tls", ["implicit" if parts.scheme == "smtps" else "starttls"])[-1]
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname or tls not in TLS:
        raise ValueError(
            "LAMPPOST_SMTP_URL must look like smtp://user:password@mail.example:587?tls=starttls "
            f"(tls is one of {', '.join(TLS)})"
        )
    return MailServer(
        host=parts.hostname,
        port=parts.port or _PORTS[tls],
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        tls=tls,
        sender=asked.get("from", [f"no-reply@{parts.hostname}"])[-1],
    )
