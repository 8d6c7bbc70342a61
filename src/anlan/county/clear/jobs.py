"""What the room does on its own: an episode whose risk is gone goes to the village for a last visit."""

from collections.abc import Callable

from anlan.county import clock
from anlan.county.clear.actions import open_clearances
from anlan.county.office import queries


def open_ready() -> int:
    """Open clearances for the episodes that are ready today."""
    return open_clearances(by=queries.machine(), on=clock.today())


JOBS: tuple[Callable[[], int], ...] = (open_ready,)
