"""What the room does by itself: end warnings in time, let go what may, ask approvers, climb the ladder, publish."""

from collections.abc import Callable
from pathlib import Path

from django.conf import settings

from anlan.county import clock
from anlan.county.office.queries import machine
from anlan.county.warn import queries
from anlan.county.warn.actions import expire
from anlan.county.warn.answers import take_up
from anlan.county.warn.climbing import climb
from anlan.county.warn.folder import publish
from anlan.county.warn.green import ask_next, go_green, release_held


def expire_overdue() -> int:
    """The worker loop's turn. Returns how many warnings it ended."""
    return expire(by=machine()) if queries.overdue(clock.now()).exists() else 0


def publish_alerts() -> int:
    """Write new alerts into the folder of the settings, where one is named. Returns how many."""
    return len(publish(Path(settings.CAP_FOLDER))) if settings.CAP_FOLDER else 0


JOBS: tuple[Callable[[], int], ...] = (
    expire_overdue, take_up, go_green, release_held, ask_next, climb, publish_alerts,
)  # fmt: skip  # answers before the ladder: whoever answered is not turned to
