"""What the outbox does by itself: hand over whatever is due."""

from collections.abc import Callable

from anlan.county.dispatch.handover import run_once, worker_name


def hand_over() -> int:
    """The worker loop's turn."""
    return run_once(worker_name())


JOBS: tuple[Callable[[], int], ...] = (hand_over,)
