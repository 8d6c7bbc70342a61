"""What the room does on its own: whoever comes in late gets a task, and a balance signed without them is open again."""

from collections.abc import Callable
from datetime import datetime, timedelta

from anlan.county import clock
from anlan.county.account import actions
from anlan.county.discover.models import Sweep
from anlan.county.ledger.models import Head
from anlan.county.office.models import County
from anlan.county.sense.queries import open_events

REST = timedelta(minutes=5)  # between two looks: each goes through every household of the event
_looked: dict[str, tuple[int, datetime]] = {}  # by event: how long the ledger was, and when; another worker looks again


def cover() -> int:
    """Look over every open event whose villages were sent out, once something happened. Returns how many changed."""
    head = Head.objects.filter(pk=1).values_list("seq", flat=True).first() or 0
    if not County.objects.exists():
        return 0
    done = 0
    for event in open_events():
        seq, at = _looked.get(event.code, (-1, datetime.min.replace(tzinfo=clock.now().tzinfo)))
        if seq == head or abs(clock.now() - at) < REST or not Sweep.objects.filter(event=event).exists():
            continue
        done += bool(actions.reopen(event=event)) + bool(actions.take_up(event=event))
        _looked[event.code] = (Head.objects.get(pk=1).seq, clock.now())
    return done


JOBS: tuple[Callable[[], int], ...] = (cover,)
