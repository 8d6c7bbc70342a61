"""What the outbox does by itself: hand over whatever is due, store what carriers answer."""

from collections.abc import Callable

from anlan.county.dispatch.handover import collect, run_once, worker_name


def hand_over() -> int:
    """The worker loop's turn."""
    return run_once(worker_name())


def receipts() -> int:
    """What carriers said since."""
    return collect()


JOBS: tuple[Callable[[], int], ...] = (hand_over, receipts)
