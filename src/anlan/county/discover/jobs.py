"""What the room does on its own: departments are asked, lists in the folder compared, rows and pictures forgotten."""

from collections.abc import Callable
from pathlib import Path

from django.conf import settings

from anlan.county.discover.actions import forget_photos
from anlan.county.discover.comparison import asking, folder
from anlan.county.discover.comparison.actions import forget
from anlan.county.office import queries


def compare_lists() -> int:
    """Compare the lists that departments' people put into the folder."""
    return folder.take_up(queries.machine()) if Path(settings.LISTS).is_dir() else 0


def ask_departments() -> int:
    """Ask the departments that the plan names for their lists, for every event that was opened since."""
    return sum(asking.ask(event=each, by=queries.machine()) for each in asking.unasked())


def forget_lists() -> int:
    """Delete the rows of the lists that are due today."""
    return forget(by=queries.machine())


def forget_old_photos() -> int:
    """Delete the pictures that need not be kept any longer."""
    return forget_photos(by=queries.machine())


JOBS: tuple[Callable[[], int], ...] = (ask_departments, compare_lists, forget_lists, forget_old_photos)
