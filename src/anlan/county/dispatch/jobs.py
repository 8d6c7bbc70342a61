"""What the outbox does by itself: hand over whatever is due."""

import os
import socket

from anlan.county.dispatch.actions import dispatch_batch

BATCHES = 40  # one turn's most, so that other rooms' jobs are not kept waiting


def run_once(worker: str, *, limit: int = 500) -> int:
    """Hand over what is due, urgent first, up to one turn's worth. Returns how many messages were taken in hand."""
    done = 0
    for _turn in range(BATCHES):
        taken = dispatch_batch(worker=worker, limit=limit)
        done += taken
        if not taken:
            break
    return done


def worker_name() -> str:
    """A name no other dispatcher of this county has."""
    return f"{socket.gethostname()[:20]}-{os.getpid()}"


def hand_over() -> int:
    """The worker loop's turn."""
    return run_once(worker_name())


JOBS = (hand_over,)
