"""`ANLAN_DATABASE` in the words of a URL, turned into Django's settings."""

from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit


def database(url: str) -> dict[str, Any]:
    """Read `sqlite:///relative.db`, `sqlite:////absolute.db` or `postgresql://user:pass@host:port/name`.

    Raises ValueError, naming what is wrong, for anything else.
    """
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        return _sqlite(unquote(parts.path.removeprefix("/")))
    if parts.scheme in {"postgresql", "postgres"}:
        if not parts.path.strip("/"):
            raise ValueError("ANLAN_DATABASE names no database: postgresql://user@host/NAME")
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": unquote(parts.path.strip("/")),
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": parts.hostname or "",
            "PORT": str(parts.port or ""),
            "OPTIONS": dict(parse_qsl(parts.query)),
            "CONN_MAX_AGE": 60,
        }
    raise ValueError("ANLAN_DATABASE must begin with sqlite:/// or postgresql://")


def _sqlite(name: str) -> dict[str, Any]:
    if not name:
        raise ValueError("ANLAN_DATABASE names no file: sqlite:///county.sqlite3")
    if name != ":memory:":
        Path(name).absolute().parent.mkdir(parents=True, exist_ok=True)
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": name,
        "OPTIONS": {
            # Writers queue instead of failing half-way: a deed takes the write lock when it begins.
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": (
                "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-64000; "
                "PRAGMA wal_autocheckpoint=8000; PRAGMA temp_store=MEMORY;"
            ),
        },
    }
