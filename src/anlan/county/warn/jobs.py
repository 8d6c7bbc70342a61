"""What the room does by itself: end warnings whose time is over, let go what may, ask approvers, climb the ladder."""

from collections.abc import Callable

from anlan.county import clock
from anlan.county.office.queries import machine
from anlan.county.warn import queries
from anlan.county.warn.actions import expire
from anlan.county.warn.climbing import climb
from anlan.county.warn.green import ask_next, go_green, release_held


def expire_overdue() -> int:
    """The worker loop's turn. Returns how many warnings it ended."""
    return expire(by=machine()) if queries.overdue(clock.now()).exists() else 0


JOBS: tuple[Callable[[], int], ...] = (expire_overdue, go_green, release_held, ask_next, climb)
