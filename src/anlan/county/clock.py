"""What time it is. In a drill the clock is held; everywhere else it is the machine's.

Nothing else in the county asks the machine for the time (a lint rule says so), so a drill can run seven
months in seconds and a test can stand at any moment.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime, timedelta

from django.utils import timezone

_held: ContextVar[datetime | None] = ContextVar("held clock", default=None)


def now() -> datetime:
    """The present moment, aware, in the county's time zone."""
    held = _held.get()
    return held if held is not None else timezone.localtime()


def machine() -> datetime:
    """The machine's own present, whatever is held: for the door and its locks alone."""
    return timezone.localtime()


def today() -> date:
    """The present day in the county."""
    return now().date()


@contextmanager
def held(at: datetime) -> Iterator[None]:
    """Hold the clock at a moment for the length of a `with` block."""
    if at.tzinfo is None:
        raise ValueError("a held clock needs a time zone")
    token = _held.set(timezone.localtime(at))
    try:
        yield
    finally:
        _held.reset(token)


def advance(by: timedelta) -> None:
    """Move a held clock on; the machine's own clock cannot be moved."""
    at = _held.get()
    if at is None:
        raise RuntimeError("the clock is not held")
    _held.set(at + by)
