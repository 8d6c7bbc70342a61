"""What the room does on its own: lists in the folder are compared; rows and pictures go when their time is over."""

from collections.abc import Callable
from pathlib import Path

from django.conf import settings

from anlan.county.discover.actions import forget_photos
from anlan.county.discover.comparison import folder
from anlan.county.discover.comparison.actions import forget
from anlan.county.office import queries


def compare_lists() -> int:
    """Compare the lists that departments' people put into the folder."""
    return folder.take_up(queries.machine()) if Path(settings.LISTS).is_dir() else 0


def forget_lists() -> int:
    """Delete the rows of the lists that are due today."""
    return forget(by=queries.machine())


def forget_old_photos() -> int:
    """Delete the pictures that need not be kept any longer."""
    return forget_photos(by=queries.machine())


JOBS: tuple[Callable[[], int], ...] = (compare_lists, forget_lists, forget_old_photos)
