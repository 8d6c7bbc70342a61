"""What the outbox does by itself: hand over whatever is due, store what carriers answer."""

from collections.abc import Callable

from anlan.county.dispatch.handover import collect, run_once, worker_name
from anlan.county.dispatch.holding import beat
from anlan.county.dispatch.receipts import forget


def hand_over() -> int:
    """The worker loop's turn."""
    return run_once(worker_name())


def receipts() -> int:
    """What carriers said since."""
    return collect()


def look_after() -> int:
    """Keep an eye on every account, whether or not anything is sent. Nothing more is due because of it."""
    beat(worker_name())
    return 0


def forget_segments() -> int:
    """Delete single receipts whose time is over."""
    return forget()


JOBS: tuple[Callable[[], int], ...] = (hand_over, receipts, look_after, forget_segments)
