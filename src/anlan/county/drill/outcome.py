"""What the drill knows and the county does not: who truly was at risk, who was found, who was missed and why."""

from typing import Any

import numpy as np

from anlan.county.decide.models import Case, Episode
from anlan.county.discover.models import Lead, Release
from anlan.county.drill.baselines import compared
from anlan.county.drill.households import Flags
from anlan.county.drill.stage import Stage
from anlan.county.registry.models import Household
from anlan.county.sense.models import Event
from anlan.county.verify.models import Visit


def truth(stage: Stage) -> dict[str, Any]:
    """The `truth` block of the after-action report."""
    axes = stage.truth.at_risk(stage.households, stage.warned_once, stage.line_yuan)
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
