"""What was foreseen held against what was found: were the probabilities right, and did the first visits find the most?

Held against each other are the run that was there when the first visit was made and what visits and decisions found.
Of households that nobody visited nothing is known, so reliability is told of those visited; recall counts everybody
found.
"""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db.models import Min, Q
from django.utils import timezone
from numpy.typing import NDArray

from anlan.county.account.rules import HINDSIGHT
from anlan.county.decide.models import Episode
from anlan.county.foresee.models import Impact, Run
from anlan.county.foresee.queries import latest
from anlan.county.office.models import Division, User
from anlan.county.sense.models import Event
from anlan.county.verify.models import Finding, Visit
from anlan.engine import policy
from anlan.engine.skill.probabilities import BINS, Reliability, brier, brier_skill, recall_at, reliability
from anlan.engine.values.divisions import significant

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

FOUND_OUT = ("harmed", "unharmed")  # the visits that tell something
OUTCOMES = {
    "any": "score",
    "income": "p_below",
    "home": "p_home",
    "water": "p_water",
}  # and the chance foreseen of each
VISITS = (50, 100, 200, 500, 1000, 2000)
DIGITS = 4


@dataclass(frozen=True, slots=True)
class _Listed:
    """The households of a run, as columns: what was foreseen of each, whether it was visited, what was found."""

    division: NDArray[np.str_]
    rank: NDArray[np.int64]
    chance: Mapping[str, Floats]
    visited: Flags
    found: Mapping[str, Flags]
    unlisted: int  # found at risk, and on no list


def run_of(event: Event) -> Run | None:
    """The run that was there when the first visit was made; the latest where nobody has visited anybody."""
    first = Visit.objects.filter(lead__event=event).aggregate(at=Min("at"))["at"]
    runs = Run.objects.filter(event=event).order_by("-made_at", "-id")
    return (runs.filter(made_at__lte=first).first() if first else None) or latest(event)


def compare(event: Event) -> dict[str, Any] | None:
    """The comparison as one document; None where there is nothing to compare yet."""
    run = run_of(event)
    if run is None or not Visit.objects.filter(lead__event=event, outcome__in=FOUND_OUT).exists():
        return None
    listed = _listed(event, run)
    return {
        "run": {
            "made_at": timezone.localtime(run.made_at).isoformat(), "method": run.method, "basis": run.basis,
            "digest": run.digest,
        },
        "listed": len(listed.rank), "visited": int(listed.visited.sum()), "unlisted": listed.unlisted,
        "outcomes": {name: _outcome(listed, name) for name in OUTCOMES},
        "recall_at": [
            {"visits": visits, "recall": _number(recall_at(listed.rank, listed.found["any"], visits))}
            for visits in (*(each for each in VISITS if each < len(listed.rank)), len(listed.rank))
        ],
        "villages": _villages(listed),
    }  # fmt: skip


def _listed(event: Event, run: Run) -> _Listed:
    names = ("household_id", "household__division_id", "rank", *OUTCOMES.values())
    rows = list(Impact.objects.filter(run=run).order_by("rank").values_list(*names))
    household, division, rank, *chances = list(zip(*rows, strict=True)) or [()] * len(names)
    found = _found(event, run)
    visits = Visit.objects.filter(lead__event=event, outcome__in=FOUND_OUT)
    visited = set(visits.values_list("lead__household_id", flat=True))
    return _Listed(
        division=np.array(division, dtype=np.str_), rank=np.array(rank, dtype=np.int64),
        chance={name: np.array(column) for name, column in zip(OUTCOMES, chances, strict=True)},
        visited=np.array([each in visited for each in household], dtype=bool),
        found={name: np.array([each in ids for each in household], dtype=bool) for name, ids in found.items()},
        unlisted=len(found["any"] - set(household)),
    )  # fmt: skip


def _found(event: Event, run: Run) -> dict[str, set[int]]:
    """The households found at risk, by outcome; `any` are those taken under monitoring for the event."""
    line = policy.on(run.policy_day).number("monitoring_line_yuan")
    findings = Finding.objects.filter(lead__event=event).order_by()
    broken = {"income": Q(income_per_head_yuan__lt=line), "home": Q(home_safe=False), "water": Q(water_safe=False)}
    ids = {
        name: set(findings.filter(condition).values_list("lead__household_id", flat=True))
        for name, condition in broken.items()
    }
    return {"any": set(Episode.objects.filter(case__event=event).values_list("household_id", flat=True)), **ids}


def _outcome(listed: _Listed, name: str) -> dict[str, Any]:
    chance, found = listed.chance[name][listed.visited], listed.found[name][listed.visited]
    return {
        "foreseen": _number(float(chance.sum())), "found": int(found.sum()), "brier": _number(brier(chance, found)),
        "skill": _number(brier_skill(chance, found)), "bins": _bins(reliability(chance, found, BINS)),
    }  # fmt: skip


def _bins(made: Reliability) -> list[dict[str, Any]]:
    columns = (made.lower, made.upper, made.count, made.foreseen, made.found)
    names = ("lower", "upper", "count", "foreseen", "found")
    rows = zip(*(column.tolist() for column in columns), strict=True)
    return [{name: _number(value) for name, value in zip(names, row, strict=True)} for row in rows if row[2]]


def _villages(listed: _Listed) -> list[dict[str, Any]]:
    sums: dict[str, list[float]] = defaultdict(lambda: [0, 0, 0.0, 0])
    rows = zip(
        listed.division.tolist(), listed.visited.tolist(), listed.chance["any"].tolist(), listed.found["any"].tolist(),
        strict=True,
    )  # fmt: skip
    for division, visited, chance, found in rows:
        for place, value in enumerate((1, visited, chance, found)):
            sums[division][place] += value
    names = dict(Division.objects.filter(pk__in=sums).values_list("code", "name"))
    told = [
        {
            "code": code, "name": names[code], "listed": int(each[0]), "visited": int(each[1]),
            "foreseen": _number(each[2]), "found": int(each[3]),
        }
        for code, each in sums.items()
    ]  # fmt: skip
    return sorted(told, key=lambda each: (-each["found"], each["code"]))


def _number(value: float) -> float | None:
    """As it is kept: rounded; None for what is no number."""
    return None if math.isnan(value) else round(value, DIGITS)


# --- the diagram -----------------------------------------------------------------------------------------

SIDE, MARGIN = 240, 32
SMALLEST, LARGEST = 4.0, 14.0


@dataclass(frozen=True, slots=True)
class Dot:
    """One bin in the diagram: where it stands, how big, and the words for whoever cannot see it."""

    x: float
    y: float
    radius: float
    count: int
    foreseen: float
    found: float


def dots(bins: Sequence[Mapping[str, Any]]) -> list[Dot]:
    """The bins of an outcome as dots: to the right what was foreseen, upwards what was found, by how many."""
    most = max((each["count"] for each in bins), default=1)
    return [
        Dot(
            x=round(MARGIN + SIDE * each["foreseen"], 1), y=round(MARGIN / 2 + SIDE * (1 - each["found"]), 1),
            radius=round(SMALLEST + (LARGEST - SMALLEST) * math.sqrt(each["count"] / most), 1), count=each["count"],
            foreseen=each["foreseen"], found=each["found"],
        )
        for each in bins
    ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Diagram:
    """One outcome's diagram: its name, its figures, its dots."""

    name: str
    title: str
    told: Mapping[str, Any]
    dots: Sequence[Dot]


def diagrams(body: Mapping[str, Any]) -> list[Diagram]:
    """The diagrams of a comparison, of every outcome that was visited for."""
    return [Diagram(name, str(HINDSIGHT[name]), told, dots(told["bins"])) for name, told in body["outcomes"].items()]


def within(body: Mapping[str, Any], user: User) -> list[Mapping[str, Any]]:
    """The villages of a comparison within a person's divisions."""
    scopes = tuple(significant(scope) for scope in user.scopes())
    return [each for each in body["villages"] if each["code"].startswith(scopes)]
