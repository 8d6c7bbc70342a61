"""What the room does on its own: a matched finding becomes a case."""

from collections.abc import Callable

from anlan.county.decide.actions import open_cases
from anlan.county.office import queries


def open_new() -> int:
    """Open a case for every finding the departments have matched."""
    return open_cases(by=queries.machine())


JOBS: tuple[Callable[[], int], ...] = (open_new,)
