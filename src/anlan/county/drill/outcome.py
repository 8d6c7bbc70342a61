"""What the drill knows and the county does not: who truly was at risk, who was found, who was missed and why.

And beside it what the county can show of its warnings, so that the two can be compared.
"""

from typing import Any

import numpy as np
from django.db.models import Count, Q, Sum

from anlan.county.decide.models import Case, Episode
from anlan.county.discover.models import Lead, Release
from anlan.county.dispatch.models import Message
from anlan.county.drill import heard
from anlan.county.drill.baselines import compared
from anlan.county.drill.households import Flags
from anlan.county.drill.stage import Stage
from anlan.county.registry.models import Household
from anlan.county.sense.models import Event
from anlan.county.verify.models import Visit
from anlan.county.warn.models import Errand, Target
from anlan.county.warn.queries import TOLD, unreached
from anlan.county.warn.rules import ACKNOWLEDGED_HOW
from anlan.engine.audience.ladder import RUNGS


def truth(stage: Stage) -> dict[str, Any]:
    """The `truth` block of the after-action report."""
    axes = stage.truth.at_risk(stage.households, heard.anyhow(stage), stage.line_yuan)
    at_risk = np.logical_or.reduce(list(axes.values()))
    monitored = _known(stage, Episode.objects.filter(case__event=stage.event).values_list("household_id", flat=True))
    found = at_risk & monitored
    at, right, taken = int(at_risk.sum()), int(found.sum()), int(monitored.sum())
    visits = Visit.objects.filter(lead__event=stage.event).count()
    needy = [each for each in stage.ids[at_risk].tolist() if each]
    return {
        "at_risk": at,
        "at_risk_by_axis": {axis: int(flags.sum()) for axis, flags in axes.items()},
        "found": right,
        "missed": at - right,
        "missed_why": _why(stage, at_risk & ~monitored),
        "recall": round(right / at, 4) if at else None,
        "precision": round(right / taken, 4) if taken else None,
        "visits": visits,
        "visits_per_found": round(visits / right, 2) if right else None,
        "false_leads": Lead.objects.filter(event=stage.event).exclude(household_id__among=needy).count(),
        "days_to_decision": _days(stage),
        "warned": _warned(stage),
        **compared(stage, at_risk, right / at if at else None),
    }


def _days(stage: Stage) -> dict[str, float] | None:
    """From the first sign to the decision, in days: of half of the cases, and of nine in ten."""
    rows = Case.objects.filter(event=stage.event).values_list("lead_at", "closed_at")
    days = [(closed - lead).total_seconds() / 86_400 for lead, closed in rows if closed is not None]
    if not days:
        return None
    half, most = np.quantile(days, (0.5, 0.9))
    return {"p50": round(float(half), 1), "p90": round(float(most), 1)}


def reach(stage: Stage) -> dict[str, Any]:
    """The `reach` block: whom the county can show to have been reached, by channel, and why it cannot for the rest.

    A household counts under each way by which it was reached; a loudspeaker counts villages, and answers for nobody.
    """
    mine = Target.objects.filter(warning__event=stage.event).order_by()
    arrived = {"sms": Q(message__delivered_at__isnull=False), "voice": Q(call__delivered_at__isnull=False)}
    arrived |= {how: Q(acknowledged_how=how) for how in ACKNOWLEDGED_HOW}
    ways = mine.aggregate(**{way: Count("household", distinct=True, filter=which) for way, which in arrived.items()})
    loud = Message.objects.filter(kind="loudspeaker", key__startswith=f"{stage.event.code}.").order_by()
    rest: Any = unreached(stage.event)
    why = rest.order_by().values_list("reason").annotate(number=Count("pk")).order_by("reason")
    unheld = Count("pk", filter=Q(holder__isnull=True))
    errands = Errand.objects.filter(warning__event=stage.event).order_by("rung").values_list("rung")
    turned = errands.annotate(number=Count("pk"), households=Sum("households"), unheld=unheld)
    return {
        "targeted": mine.values("household").distinct().count(), "by_channel": ways,
        "loudspeaker": loud.aggregate(
            villages=Count("address", distinct=True),
            played=Count("address", distinct=True, filter=Q(delivered_at__isnull=False)),
        ),
        "unreached_by_reason": dict(why),
        "ladder": {
            RUNGS[rung]: {"errands": number, "households": households, "unheld": nobody}
            for rung, number, households, nobody in turned
        },
    }  # fmt: skip


def _warned(stage: Stage) -> dict[str, Any]:
    """Who truly heard before the worst came, by each way; and how far the county's records are from it."""
    ways, heard_it = heard.in_time(stage), heard.anyhow(stage)
    shown = _known(
        stage, Target.objects.filter(TOLD, warning__event=stage.event).values_list("household_id", flat=True)
    )
    return {
        "heard": int(heard_it.sum()), "by_way": {way: int(flags.sum()) for way, flags in ways.items()},
        "only_by": {
            way: int((flags & ~np.logical_or.reduce([each for other, each in ways.items() if other != way])).sum())
            for way, flags in ways.items()
        },
        "not_heard": int((~heard_it).sum()), "heard_not_shown": int((heard_it & ~shown).sum()),
        "shown_not_heard": int((shown & ~heard_it).sum()),
    }  # fmt: skip


def _known(stage: Stage, ids: Any) -> Flags:
    marked = np.zeros(len(stage.households.size), dtype=bool)
    marked[[stage.index_of[household] for household in ids if household in stage.index_of]] = True
    return marked


def _why(stage: Stage, missed: Flags) -> dict[str, int]:
    """Each missed household once, by the furthest step it came to."""
    event: Event = stage.event
    at_step: list[tuple[str, Any]] = [
        ("not_confirmed", Case.objects.filter(event=event, state="not_confirmed").values_list("household_id")),
        ("still_open", Case.objects.filter(event=event).exclude(state="entered").values_list("household_id")),
        ("judged_unharmed", Lead.objects.filter(event=event, outcome="unharmed").values_list("household_id")),
        ("not_at_home", Lead.objects.filter(event=event, visits__isnull=False).values_list("household_id")),
        ("lead_not_visited", Lead.objects.filter(event=event).values_list("household_id")),
        ("taken_off_the_list", Release.objects.filter(event=event).values_list("household_id")),
        ("not_reached", Household.objects.values_list("id")),
    ]
    why: dict[str, int] = {}
    left = missed.copy()
    for reason, ids in at_step:
        here = left & _known(stage, (row[0] for row in ids))
        why[reason] = int(here.sum())
        left &= ~here
    why["unknown_to_the_registry"] = int(left.sum())
    return why
