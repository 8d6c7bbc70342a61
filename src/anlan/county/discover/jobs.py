"""What the room does on its own: departments' lists and reports' pictures go when their retention is over."""

from collections.abc import Callable

from anlan.county.discover.actions import forget_photos
from anlan.county.discover.comparison.actions import forget
from anlan.county.office import queries


def forget_lists() -> int:
    """Delete the rows of the lists that are due today."""
    return forget(by=queries.machine())


def forget_old_photos() -> int:
    """Delete the pictures that need not be kept any longer."""
    return forget_photos(by=queries.machine())


JOBS: tuple[Callable[[], int], ...] = (forget_lists, forget_old_photos)
