"""How SQLite's moments become Python's: it keeps them as texts, and few of them are shared by very many rows.

Django reads each anew and then gives it a time zone, which costs more than all else about reading a row.
"""

import sqlite3
from datetime import UTC, datetime
from functools import lru_cache

import django.db.backends.sqlite3.base  # noqa: F401 (registers Django's own way first)


@lru_cache(maxsize=65_536)
def moment(text: bytes) -> datetime:
    """A moment as Django wrote it: UTC, without saying so."""
    return datetime.fromisoformat(text.decode()).replace(tzinfo=UTC)


def text(at: datetime) -> str:
    """A moment as Django writes it, for statements that go past Django: what was read can be written back."""
    return (at if at.tzinfo is None else at.astimezone(UTC).replace(tzinfo=None)).isoformat(" ")


sqlite3.register_converter("datetime", moment)
sqlite3.register_adapter(datetime, text)
