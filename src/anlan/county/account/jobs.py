"""What the room does on its own.

Whoever comes into an event late gets a task, and a balance signed without them is open again. The register is held
against the rules after every change, and whole once a day.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from anlan.county import clock
from anlan.county.account import actions
from anlan.county.account.quality import KNOWN, facts_on
from anlan.county.discover.models import Sweep
from anlan.county.ledger.models import Head
from anlan.county.office.models import County
from anlan.county.office.queries import machine
from anlan.county.registry import quality
from anlan.county.registry.mending import actions as mending
from anlan.county.registry.mending import queries
from anlan.county.registry.models import Judging
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


def judge_register() -> int:
    """Judge what has changed since the last time, or all of it. Returns how many tasks were opened or ended."""
    if not County.objects.exists():
        return 0
    codes = None if queries.due_whole() else queries.changed()
    if codes is not None and not codes:
        return 0
    judged = judge_all(None if codes is None or len(codes) > queries.MANY else codes)
    return judged.opened + judged.ended


def judge_all(codes: set[str] | None = None) -> Judging:
    """Every rule that can be asked, with what the rooms of deciding, helping and clearing know."""
    rules, facts = quality.rules_of(facts=KNOWN), facts_on(clock.today())
    return mending.judge(by=machine(), rules=rules, codes=codes, facts=facts)


JOBS: tuple[Callable[[], int], ...] = (cover, judge_register)
