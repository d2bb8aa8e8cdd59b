from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from lamppost.notify.services import handing
from lamppost.notify.tests.mailserver import MailServer


@pytest.fixture
def home(settings: object, tmp_path: Path) -> Path:
    """A data folder of its own: the marks of messages in hand lie in it."""
    settings.HOME = tmp_path  # type: ignore[attr-defined]
    handing.home_name.cache_clear()
    return tmp_path


@pytest.fixture
def mail(settings: object, home: Path) -> Iterator[MailServer]:
    """A real SMTP server, and an installation that sends by it."""
    server = MailServer().start()
    for name, value in {
        "MAIL_IS_ON": True, "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": "127.0.0.1", "EMAIL_PORT": server.port, "EMAIL_USE_TLS": False,
        "EMAIL_USE_SSL": False, "EMAIL_HOST_USER": "", "EMAIL_HOST_PASSWORD": "",
        "DEFAULT_FROM_EMAIL": "311@city.example",
    }.items():  # fmt: skip
        setattr(settings, name, value)
    yield server
    server.stop()
    handing.home_name.cache_clear()
