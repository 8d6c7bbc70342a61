"""What the room does by itself: end warnings whose time is over, and lay its alerts out for others."""

from collections.abc import Callable
from pathlib import Path

from django.conf import settings

from anlan.county import clock
from anlan.county.office.queries import machine
from anlan.county.warn import queries
from anlan.county.warn.actions import expire
from anlan.county.warn.folder import publish


def expire_overdue() -> int:
    """The worker loop's turn. Returns how many warnings it ended."""
    return expire(by=machine()) if queries.overdue(clock.now()).exists() else 0


def publish_alerts() -> int:
    """Write new alerts into the folder of the settings, where one is named. Returns how many."""
    return len(publish(Path(settings.CAP_FOLDER))) if settings.CAP_FOLDER else 0


JOBS: tuple[Callable[[], int], ...] = (expire_overdue, publish_alerts)
