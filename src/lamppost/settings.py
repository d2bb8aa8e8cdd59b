"""Django settings. What an operator sets is in the environment (see ``--help`` and README);
what a city sets is in its pack."""

from __future__ import annotations

import os
from ipaddress import ip_network
from pathlib import Path

from csp.constants import NONE, SELF
from django.conf.locale import LANG_INFO
from django.utils.translation import gettext_lazy as _

from lamppost.database.settings import database_settings
from lamppost.kernel.mail_settings import mail_server
from lamppost.kernel.secrets import secret_key

HOME = Path(os.environ.get("LAMPPOST_HOME", "var")).resolve()
BASE_DIR = Path(__file__).resolve().parent

DEBUG = False
SECRET_KEY = secret_key(HOME)
# The city is chosen by host name; a host nobody claimed is answered by the only city there
# is, or refused by the city middleware, so Django's own list adds nothing.
ALLOWED_HOSTS = ["*"]

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "csp",
    "django_htmx",
    "procrastinate.contrib.django",
    "lamppost.cities",
    "lamppost.places",
    "lamppost.people",
    "lamppost.catalog",
    "lamppost.sla",
    "lamppost.routing",
    "lamppost.cases",
    "lamppost.knowledge",
    "lamppost.contacts",
    "lamppost.work",
    "lamppost.fieldwork",
    "lamppost.partners",
    "lamppost.notify",
    "lamppost.mailbox",
    "lamppost.insight",
    "lamppost.faces.operations",
    "lamppost.faces.theme",
    "lamppost.faces.portal",
    "lamppost.faces.desk",
    "lamppost.faces.console",
    "lamppost.faces.field",
    "lamppost.faces.channels",
    "lamppost.faces.open311",
    "lamppost.faces.api",
]

MIDDLEWARE = [
    # Calls to Open311 and the API leave here; what follows is for pages.
    "lamppost.faces.theme.program_door.ProgramDoor",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "lamppost.faces.theme.outage.OutageMiddleware",
    "lamppost.cities.middleware.CityMiddleware",
    "lamppost.cities.middleware.LanguageMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "lamppost.people.middleware.MembershipMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "csp.middleware.CSPMiddleware",
]

ROOT_URLCONF = "lamppost.urls"
WSGI_APPLICATION = "lamppost.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.messages.context_processors.messages",
                "lamppost.faces.theme.context.page",
            ],
        },
    },
]

DATABASES = database_settings(HOME, os.environ)
# The suite runs real servers, each on a database of its own within one cluster.
if os.environ.get("LAMPPOST_TEST_DATABASE"):
    for alias in DATABASES.values():
        alias["NAME"] = os.environ["LAMPPOST_TEST_DATABASE"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "people.User"
AUTHENTICATION_BACKENDS = ["lamppost.people.authentication.EmailBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 9},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "desk:sign_in"
LOGIN_REDIRECT_URL = "desk:queue"
LOGOUT_REDIRECT_URL = "portal:home"

# Languages the software can speak; a city lists those it offers in its pack.
LANG_INFO.setdefault(
    "ht", {"bidi": False, "code": "ht", "name": "Haitian Creole", "name_local": "Kreyòl ayisyen"}
)
LANGUAGE_CODE = "en"
LANGUAGES = [
    ("en", _("English")),
    ("es", _("Spanish")),
    ("ar", _("Arabic")),
]
LANGUAGES_BIDI = ["ar", "ur"]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = HOME / "static"
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": HOME / "uploads"},
    },
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = False
WHITENOISE_KEEP_ONLY_HASHED_FILES = False

# The mail server, or none: MAIL_IS_ON says which. docs/operators.md
_MAIL = mail_server(os.environ.get("LAMPPOST_SMTP_URL", ""))
MAIL_IS_ON = _MAIL is not None
EMAIL_TIMEOUT = 10
if _MAIL is not None:
    EMAIL_HOST, EMAIL_PORT = _MAIL.host, _MAIL.port
    EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _MAIL.user, _MAIL.password
    EMAIL_USE_TLS, EMAIL_USE_SSL = _MAIL.tls == "starttls", _MAIL.tls == "implicit"
    DEFAULT_FROM_EMAIL = _MAIL.sender

# Networks of the city's own that partner systems may stand in, and be reached without TLS;
# anything else that is not on the public internet is refused. docs/operators.md
PARTNER_NETWORKS = [
    ip_network(one.strip())
    for one in os.environ.get("LAMPPOST_PARTNER_NETWORKS", "").split(",")
    if one.strip()
]
# Folders beside LAMPPOST_HOME/drops that partners' files may be exchanged in.
DROP_ROOTS = [
    Path(one.strip()) for one in os.environ.get("LAMPPOST_DROP_ROOTS", "").split(",") if one.strip()
]

# A class that asks a geocoder outside, where the city's own files have no sure answer.
OUTSIDE_GEOCODER = os.environ.get("LAMPPOST_OUTSIDE_GEOCODER", "")

# A photo report of several large pictures; one field may not be larger than a description.
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000_000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1000
DATA_UPLOAD_MAX_NUMBER_FILES = 10
FILE_UPLOAD_MAX_MEMORY_SIZE = 2_000_000

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = os.environ.get("LAMPPOST_HTTPS") == "1"
if SESSION_COOKIE_SECURE:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
CSRF_FAILURE_VIEW = "lamppost.faces.theme.errors.csrf_failure"
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "worker-src": [SELF],
        "connect-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    },
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "lamppost.kernel.logs.DiscreetFormatter",
            "format": "%(asctime)s %(levelname)s %(name)s %(message)s",
        }
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": os.environ.get("LAMPPOST_LOG_LEVEL", "WARNING")},
    # A wrong address is no event, and may hold a token; a pool without its server says so
    # every second, and whoever needed a connection says it once.
    "loggers": {"django.request": {"level": "ERROR"}, "psycopg.pool": {"level": "ERROR"}},
}
