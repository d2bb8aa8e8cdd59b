"""Django's DATABASES, from the environment, without starting or opening anything.

Aliases: `default` works as the app role under row security; `owner` is for `migrate` and has
no pool; `replica`, `replica2`... follow DATABASE_REPLICA_URL.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from lamppost.database import credentials

ENGINE = "lamppost.database.backend"
# Keys of ours in an alias' settings, read by the engine.
HOME_KEY = "LAMPPOST_HOME"
ROLE_KEY = "LAMPPOST_ROLE"
POOLER_KEY = "LAMPPOST_POOLER"

_OPTIONS: dict[str, Any] = {
    # Prepared from the second use on: a quarter more requests a second than unprepared.
    "server_side_binding": True,
    "prepare_threshold": 1,
    "connect_timeout": 10,
    "application_name": "lamppost",
}
# Two web workers and a job worker stay under the embedded server's 60 connections. After the
# timeout the engine looks whether the server is gone or only busy, and then waits on. Each
# connection is some 10 MB of the server's; of those a crowd needed one goes every half minute.
_POOL: dict[str, Any] = {"min_size": 1, "max_size": 12, "timeout": 1.0, "max_idle": 30.0}


def database_settings(home: Path, env: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """The aliases of DATABASES for a LAMPPOST_HOME and an environment.

    `DATABASE_URL` names a server of yours; without it the embedded one is meant, whose
    socket and passwords the engine reads when it first connects. `DATABASE_OWNER_URL` logs
    migrations in as somebody else. Raises ValueError naming the variable that is wrong.
    """
    url = env.get("DATABASE_URL", "").strip()
    if url:
        default = parse_url(url, "DATABASE_URL")
        owner_url = env.get("DATABASE_OWNER_URL", "").strip()
        owner = parse_url(owner_url, "DATABASE_OWNER_URL") if owner_url else parse_url(url, "")
    else:
        default = {"NAME": "lamppost", HOME_KEY: str(home), "OPTIONS": {}}
        owner = {"NAME": "lamppost", HOME_KEY: str(home), "OPTIONS": {}}
    aliases = {
        "default": _pooled(default),
        "owner": _alias(owner, role=credentials.OWNER),
    }
    replicas = [part.strip() for part in env.get("DATABASE_REPLICA_URL", "").split(",")]
    for number, replica in enumerate(filter(None, replicas), start=1):
        name = "replica" if number == 1 else f"replica{number}"
        aliases[name] = _pooled(parse_url(replica, "DATABASE_REPLICA_URL"))
        aliases[name]["TEST"] = {"MIRROR": "default"}
    return aliases


def _alias(parts: dict[str, Any], role: str) -> dict[str, Any]:
    return {
        **parts,
        "ENGINE": ENGINE,
        ROLE_KEY: role,
        "CONN_MAX_AGE": 0,
        "OPTIONS": {**_OPTIONS, **parts["OPTIONS"]},
    }


def _pooled(parts: dict[str, Any]) -> dict[str, Any]:
    alias = _alias(parts, role=credentials.APP)
    alias["OPTIONS"]["pool"] = dict(_POOL)
    return alias


def parse_url(url: str, variable: str) -> dict[str, Any]:
    """NAME, USER, PASSWORD, HOST, PORT and OPTIONS of `postgresql://user:password@host/name`.

    What follows `?` is passed to libpq (`sslmode=verify-full`, `sslrootcert=...`, `host=` for a
    socket's folder), but `pooler=session`, which says that a pooler in between keeps one server
    session for each of ours. Raises ValueError, without the password, when it is none.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ValueError(f"{variable} is not an address: {_SHAPE}") from None
    name = unquote(parts.path.lstrip("/"))
    if parts.scheme not in ("postgres", "postgresql") or not name:
        raise ValueError(f"{variable} must look like {_SHAPE}")
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    pooler = options.pop("pooler", "")
    if pooler not in ("", "session"):
        raise ValueError(f"{variable}: pooler={pooler} cannot work, only pooler=session.")
    return {
        "NAME": name,
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        # hostname alone would lower-case an encoded socket folder.
        "HOST": options.pop("host", "") or unquote(parts.hostname or ""),
        "PORT": str(port or ""),
        POOLER_KEY: pooler,
        "OPTIONS": options,
    }


_SHAPE = "postgresql://user:password@host:5432/name?sslmode=require"
