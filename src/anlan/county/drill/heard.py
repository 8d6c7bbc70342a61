"""Who truly heard of the storm, by which way, and when: by the world's rules from what the rooms sent out.

No receipt and no acknowledgement is looked at to say that somebody heard: those are what the county believes.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from django.db.models import Min, Q

from anlan.county.dispatch.models import Message
from anlan.county.drill.households import Flags
from anlan.county.drill.stage import Stage
from anlan.county.warn.models import Errand, Target
from anlan.engine.audience.ladder import RUNGS

WAYS = ("sms", "voice", "loudspeaker", "cadre")
CADRE = RUNGS.index("cadre")


@dataclass(frozen=True, slots=True)
class Told:
    """A cadre at a door: whose, for which target, and when."""

    target: int
    household: int
    village: str
    at: datetime


def in_time(stage: Stage) -> dict[str, Flags]:
    """Who knew before the worst came, by each way. Nobody is warned of a storm that has passed, so it is asked once."""
    if stage.heard is None:
        stage.heard = before(stage, stage.worst_at)
    return stage.heard


def anyhow(stage: Stage) -> Flags:
    """The same, by whatever way."""
    return np.asarray(np.logical_or.reduce(list(in_time(stage).values())))


def before(stage: Stage, moment: datetime) -> dict[str, Flags]:
    """Who has heard before a moment: read a message that came, picked up a call, heard the loudspeaker, met a cadre."""
    found = {way: np.zeros(len(stage.households.size), dtype=bool) for way in WAYS}
    sent = Message.objects.filter(handed_at__isnull=False, handed_at__lt=moment)
    delay, attends = stage.luck.delivery_s, {"sms": stage.luck.reads, "voice": stage.network.picks_up}
    rows = sent.filter(kind__in=list(attends)).values_list("kind", "address", "handed_at")
    for kind, address, handed in rows.iterator(chunk_size=20_000):
        index = stage.answering(address)
        if index is None or handed is None or not stage.arrives[index]:
            continue
        late = timedelta(seconds=float(delay[index])) if kind == "sms" else timedelta(0)
        found[kind][index] |= attends[kind][index] and handed + late < moment
    loud = set(sent.filter(kind="loudspeaker").values_list("division_id", flat=True))
    told_of = np.array([village.code in loud for village in stage.villages]) & stage.network.sounds
    found["loudspeaker"] = np.asarray(told_of[stage.households.village] & stage.luck.hears)
    for told in at_the_door(stage):
        if told.at < moment:
            found["cadre"][stage.index_of[told.household]] = True
    return found


def at_the_door(stage: Stage) -> Iterator[Told]:
    """Whom the cadres told in person, in the order in which they go: errand after errand, the first tiers first.

    An errand's list is of those who had not answered when it was given; who is away costs the time all the same.
    """
    free: dict[str, datetime] = {}
    given = Errand.objects.filter(rung=CADRE, holder__isnull=False).order_by()
    errands = given.values_list("warning_id", "division_id").annotate(begun=Min("at"))
    for warning, village, begun in sorted(errands, key=lambda row: (row[2], row[0], row[1])):
        hours = 1 / (stage.world["cadres", "tells_per_hour"] * len(stage.cadres[village]))
        at = max(begun, free.get(village, begun))
        for target, household in _waiting(warning, village, begun):
            at += timedelta(hours=hours)
            if not (stage.cut_off(village) or stage.luck.absent[stage.index_of[household]]):
                yield Told(target, household, village, at)
        free[village] = at


def _waiting(warning: int, village: str, begun: datetime) -> list[tuple[int, int]]:
    silent = Q(acknowledged_at__isnull=True) | Q(acknowledged_at__gte=begun)
    mine = Target.objects.filter(silent, warning=warning, household__division=village)
    return list(mine.order_by("tier", "household__code").values_list("id", "household_id"))
