"""What the room does on its own: departments are asked, the estimate learns from visits, old photographs go."""

from collections.abc import Callable
from datetime import timedelta

from anlan.county import clock
from anlan.county.foresee.doors import lesson
from anlan.county.foresee.queries import latest
from anlan.county.office.queries import machine
from anlan.county.sense.queries import open_events
from anlan.county.verify import queries
from anlan.county.verify.actions import learn
from anlan.county.verify.enquiring.actions import ask_named
from anlan.county.verify.field.actions import forget_photos

REST = timedelta(hours=1)  # between two lessons: each goes through the whole estimate


def learn_from_doors() -> int:
    """Every open event with visits that its last lesson did not know, or with an estimate that has none yet.

    Returns how many events learned.
    """
    taught = 0
    for event in open_events():
        run = latest(event)
        known = lesson(run)
        if run is None or (known is not None and known.made_at > clock.now() - REST):
            continue
        if known is None or queries.made(event) != known.visits:
            learn(event=event, by=machine())
            taught += 1
    return taught


def ask_departments() -> int:
    """Ask the departments that support the plan's checks about what was found since."""
    return ask_named(by=machine())


def forget_old_photos() -> int:
    """Delete the photographs that need not be kept any longer."""
    return forget_photos(by=machine())


JOBS: tuple[Callable[[], int], ...] = (ask_departments, learn_from_doors, forget_old_photos)
