"""What the room does on its own: a matched finding becomes a case, and what is reported later opens one again."""

from collections.abc import Callable

from anlan.county.decide.actions import open_cases, reopen
from anlan.county.office import queries


def open_new() -> int:
    """Open a case for every finding the departments have matched."""
    return open_cases(by=queries.machine())


def reopen_told() -> int:
    """Open decided cases again where somebody has reported something new."""
    return reopen(by=queries.machine())


JOBS: tuple[Callable[[], int], ...] = (open_new, reopen_told)
