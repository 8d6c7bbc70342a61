"""What the rooms of deciding, helping and clearing know of households, as facts for the rules of data quality."""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date

import numpy as np
from django.utils import timezone
from numpy.typing import NDArray

from anlan.county.assist.models import Measure
from anlan.county.clear.models import Clearance
from anlan.county.decide.models import Episode
from anlan.engine.quality import RULES

# 产业、就业、金融、公益岗位: help that develops, by the kinds of the catalogue.
DEVELOPING = frozenset({
    "farm_inputs", "sales", "job_keep", "skills", "public_post", "labour_export", "loan_new", "loan_more",
    "loan_extend", "loan_renew",
})  # fmt: skip
RISKS = {"risk_water": "water", "risk_home": "home", "risk_illness": "medical"}
HELP = {"measure_water": "water", "measure_home": "home"}
KNOWN = ("monitored", "risk_known", "identified_half_a_year", "measure_development", "cleared_early", *RISKS, *HELP)


def facts_on(on: date) -> Callable[[Sequence[int]], Mapping[str, NDArray[np.bool_]]]:
    """How to ask for the facts of some households on a day: a flag each, in their order."""

    def facts(ids: Sequence[int]) -> Mapping[str, NDArray[np.bool_]]:
        held = {**_episodes(ids, on), **_measures(ids), "cleared_early": _early(ids)}
        return {name: np.array([key in held.get(name, ()) for key in ids], dtype=np.bool_) for name in KNOWN}

    return facts


def _episodes(ids: Sequence[int], on: date) -> dict[str, set[int]]:
    """Who is under monitoring, on which axes, and for how long."""
    found: dict[str, set[int]] = defaultdict(set)
    least = RULES["undeveloped"].figures["from_months"]
    running = Episode.objects.filter(household_id__among=list(ids), cleared_at__isnull=True)
    for household, axes, entered in running.values_list("household_id", "axes", "entered_at"):
        since = timezone.localtime(entered).date()
        found["monitored"].add(household)
        for name, holds in {
            "risk_known": bool(axes), **{name: axis in axes for name, axis in RISKS.items()},
            "identified_half_a_year": months(since, on) - (on.day < since.day) >= least,
        }.items():  # fmt: skip
            if holds:
                found[name].add(household)
    return found


def months(since: date, until: date) -> int:
    """How many calendar months lie between two days, whichever days of their months they are."""
    return (until.year - since.year) * 12 + until.month - since.month


def _measures(ids: Sequence[int]) -> dict[str, set[int]]:
    found: dict[str, set[int]] = defaultdict(set)
    rows = Measure.objects.filter(household_id__among=list(ids)).exclude(state="stopped")
    for household, kind, axis in rows.values_list("household_id", "kind", "axis"):
        for name, helped in HELP.items():
            if axis == helped:
                found[name].add(household)
        if kind in DEVELOPING:
            found["measure_development"].add(household)
    return found


def _early(ids: Sequence[int]) -> Collection[int]:
    """Whose monitoring ended through help in the month of entry or the next."""
    most = RULES["cleared_early"].figures["most_months"]
    rows = Clearance.objects.filter(episode__household_id__among=list(ids), state="cleared", how="assisted")
    moments = rows.values_list("episode__household_id", "episode__entered_at", "episode__cleared_at")
    return {
        household
        for household, entered, cleared in moments
        if cleared and months(timezone.localtime(entered).date(), timezone.localtime(cleared).date()) <= most
    }
