"""One import at a time: the second begins when the first is in or gone, and sees what it left. And reading in peace."""

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


@contextmanager
def standing_still() -> Iterator[None]:
    """A reading for whose length the register stands still to the reader, while others may go on writing."""
    if connection.in_atomic_block:  # it stands still already
        yield
        return
    if connection.vendor == "postgresql":
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield
        return
    with connection.cursor() as cursor:
        cursor.execute("BEGIN")  # not as our transactions begin: this one takes no lock from those who write
        try:
            yield
        finally:
            cursor.execute("COMMIT")


@contextmanager
def alone(folder: Path) -> Iterator[bool]:
    """Whether nobody else on this machine is at work in a folder, for the length of a `with` block."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (folder / "lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True
