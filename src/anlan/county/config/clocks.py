"""The clock that fits the county: a drill's own in a synthetic county, the machine's everywhere else."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import OperationalError, ProgrammingError

from anlan.county import clock
from anlan.county.office.models import County


@contextmanager
def the_countys_time() -> Iterator[None]:
    """Hold the clock where a synthetic county's stands, for the length of a `with` block."""
    at = _held_at()
    if at is None:
        yield
        return
    with clock.held(at):
        yield


def _held_at() -> datetime | None:
    """None where no drill has set a clock, or there are no tables yet."""
    try:
        return County.objects.filter(synthetic=True).values_list("clock_at", flat=True).first()
    except (OperationalError, ProgrammingError):
        return None
