"""What the outbox does by itself: hand over whatever is due."""

from anlan.county.dispatch.handover import run_once, worker_name


def hand_over() -> int:
    """The worker loop's turn."""
    return run_once(worker_name())


JOBS = (hand_over,)
