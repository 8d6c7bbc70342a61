"""One import at a time: the second begins when the first is in or gone, and sees what it left."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction

KEY = 0x616E6C616E  # "anlan", as a number


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """A transaction in which nobody else imports or takes an import back."""
    if connection.vendor == "postgresql":
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [KEY])
            yield
        return
    # SQLite has one writer, but whoever waits for it longer than its patience fails: wait outside.
    folder = Path(settings.IMPORTS)
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        with transaction.atomic():
            yield
