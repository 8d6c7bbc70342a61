"""What the room does on its own: a last visit where the risk is gone, a draw of who is looked at once more."""

from collections.abc import Callable
from datetime import timedelta

from anlan.county import clock
from anlan.county.clear.actions import open_clearances
from anlan.county.clear.recheck.actions import draw
from anlan.county.clear.recheck.queries import undrawn
from anlan.county.office import queries


def open_ready() -> int:
    """Open clearances for the episodes that are ready today."""
    return open_clearances(by=queries.machine(), on=clock.today())


def draw_last_month() -> int:
    """Once a month is over, draw from what was cleared in it who is looked at once more."""
    month = clock.today().replace(day=1) - timedelta(days=1)
    return len(draw(month=month, by=queries.machine())) if undrawn(queries.machine(), month) else 0


JOBS: tuple[Callable[[], int], ...] = (open_ready, draw_last_month)
