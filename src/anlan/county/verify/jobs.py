"""What the room does on its own: the estimate learns from the day's visits."""

from collections.abc import Callable

from anlan.county.foresee.doors import lesson
from anlan.county.foresee.queries import latest
from anlan.county.office.queries import machine
from anlan.county.sense.queries import open_events
from anlan.county.verify import queries
from anlan.county.verify.actions import learn


def learn_from_doors() -> int:
    """Every open event with visits that its last lesson did not know. Returns how many events learned."""
    taught = 0
    for event in open_events():
        known = lesson(latest(event))
        if queries.visited_since(event, known.made_at if known else None):
            learn(event=event, by=machine())
            taught += 1
    return taught


JOBS: tuple[Callable[[], int], ...] = (learn_from_doors,)
