"""What the room does on its own: departments' lists are deleted when their retention is over."""

from collections.abc import Callable

from anlan.county.discover.comparison.actions import forget
from anlan.county.office import queries


def forget_lists() -> int:
    """Delete the rows of the lists that are due today."""
    return forget(by=queries.machine())


JOBS: tuple[Callable[[], int], ...] = (forget_lists,)
