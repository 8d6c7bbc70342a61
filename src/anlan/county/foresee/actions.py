"""Estimating an event's impact, household by household."""

import hashlib
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from anlan.county import bulk, clock, seal
from anlan.county.errors import Refused
from anlan.county.foresee import doors, exposure, hazards, parquet, standing
from anlan.county.foresee.models import Exposure, Impact, Lesson, Outlook, Run
from anlan.county.foresee.queries import latest
from anlan.county.foresee.reach import Floats, reach
from anlan.county.ledger.actions import record
from anlan.county.office.models import User
from anlan.county.office.permissions import check
from anlan.county.office.queries import county
from anlan.county.registry.queries import Columns, columns
from anlan.county.sense.models import Event
from anlan.engine import policy
from anlan.engine.audience import groups
from anlan.engine.outlook import estimate, ranks
from anlan.engine.outlook.villages import Numbers

METHOD = "outlook-1"
ESTIMATED = (
    "crop_yuan", "livestock_yuan", "stock_yuan", "work_yuan", "house_yuan", "loss_yuan", "loss_sd_yuan",
    "income_per_head_yuan", "p_below", "p_below_low", "p_below_high", "p_hardship", "p_home", "p_water", "score",
    "score_low", "score_high",
)  # fmt: skip
COLUMNS = ("run_id", "household_id", "reach", "confidence", "severity", "group", "rank", *ESTIMATED)
KEY_GROUPS = ("alone", "disabled", "elderly", "monitored", "ex_poor", "remote")
SIGNIFICANT_DIGITS = 6  # so that two machines' last bits do not make two rankings
REGION = "anyi"  # whose curves and amounts count first


class EventClosed(Refused):
    """The event is over; its impact is no longer estimated."""


@transaction.atomic
def expose(*, by: User, folder: Path | None = None) -> tuple[Exposure, list[str]]:
    """Write down what stands where as of today, as tables in a folder (or the installation's own).

    What has not changed is not written again: returns the state, and the townships that were written.
    """
    check(by, "foresee.run", county().division.code)
    today = clock.today()
    everyone = columns([county().division.code], today)
    owned = exposure.assets(everyone, today)
    parts = exposure.parts(everyone, owned, seal.ring().blinder("foresee.exposure"))
    written = parquet.write(folder or settings.EXPOSURE, parts)
    state = _state(parts, today, len(everyone), len(owned))
    record(
        "foresee.expose", about=f"exposure:{state.digest[:12]}", by=by.username, households=state.households,
        assets=state.assets, townships=len(written),
    )  # fmt: skip
    return state, written


@transaction.atomic
def foresee(*, event: Event, by: User, forecast: hazards.Forecast | None = None) -> Run:
    """Estimate the event's impact on every household it reaches, and rank them. Keeps earlier runs.

    The hazard is taken from the forecast given, else from the gauges, else from the warning's level.
    """
    place = county().division
    check(by, "foresee.run", place.code)
    if event.closed_at is not None:
        raise EventClosed(_("事件 %(code)s 已结束，不再研判。") % {"code": event.code})
    rules = policy.on(clock.today())
    everyone = columns([place.code], rules.day)
    reached = reach(
        divisions=everyone.division, lon=everyone.lon_or_village, lat=everyone.lat_or_village,
        location_m=everyone.location_m, codes=event.codes, polygons=event.polygons,
    )  # fmt: skip
    listed = np.flatnonzero(reached.way != "")
    owned, cell = exposure.assets(everyone, rules.day), exposure.cells(everyone)
    spots = hazards.Spots(cell[listed], everyone.location_m[listed])
    seen = hazards.seen(event, spots, clock.now(), rules, forecast)
    villages, village = np.unique(everyone.division[listed], return_inverse=True)
    spot = seen.places(spots)
    people = standing.people(everyone, listed, reached.confidence[listed], spot, village)
    things = standing.things(owned, listed, len(everyone))
    found, numbers = estimate.of(people, things, seen.threats, rules, REGION)
    score = _rounded(found.score)
    rank = ranks.of(score, _precedence(everyone, listed))
    run = Run.objects.create(
        event=event, made_at=clock.now(), method=METHOD, policy_day=rules.day, basis=seen.basis,
        households=len(listed), digest=_digest(everyone.code[listed], rank),
        exposure=_exposed(everyone, owned, rules.day), members=seen.members, hazards=hazards.pack(seen),
    )  # fmt: skip
    first: tuple[NDArray[Any], ...] = (
        everyone.id[listed], reached.way[listed], reached.confidence[listed], seen.severity(spot),
        _groups(everyone, listed, found.p_home, rules), rank,
    )  # fmt: skip
    values = (*first, *(getattr(found, name) for name in ESTIMATED))
    lists = [_rounded(column).tolist() if column.dtype.kind == "f" else column.tolist() for column in values]
    bulk.insert(Impact, COLUMNS, ((run.pk, *row) for row in zip(*lists, strict=True)))
    _keep_villages(run, villages, numbers)
    record(
        "foresee.run", about=f"event:{event.code}", by=by.username, households=run.households,
        method=run.method, basis=run.basis, policy_day=str(rules.day), digest=run.digest,
    )  # fmt: skip
    return run


@transaction.atomic
def learn(*, event: Event, visits: doors.Visits, by: User) -> Lesson:
    """Hold the latest run against visits, and say whom to visit from now on."""
    check(by, "foresee.run", county().division.code)
    run = latest(event)
    if run is None:
        raise Refused(_("事件 %(code)s 还没有研判。") % {"code": event.code})
    found = doors.taught(doors.listed(run), visits, policy.on(clock.today()))
    found.run, found.made_at = run, clock.now()
    found.save()
    record(
        "foresee.learn", about=f"event:{event.code}", by=by.username, visited=found.visited, found=found.found,
        worth=found.waiting, left=round(found.left, 2),
    )  # fmt: skip
    return found


def _exposed(everyone: Columns, owned: exposure.Assets, on: date) -> Exposure:
    """The tables that a run is made from, in the installation's own folder."""
    parts = exposure.parts(everyone, owned, seal.ring().blinder("foresee.exposure"))
    parquet.write(settings.EXPOSURE, parts)
    return _state(parts, on, len(everyone), len(owned))


def _state(made: Sequence[exposure.Part], on: date, households: int, assets: int) -> Exposure:
    parts = {part.township: part.digest for part in made}
    digest = hashlib.sha256("\n".join(f"{town} {each}" for town, each in sorted(parts.items())).encode()).hexdigest()
    told = {"made_at": clock.now(), "on": on, "households": households, "assets": assets, "parts": parts}
    return Exposure.objects.get_or_create(digest=digest, defaults=told)[0]


def _keep_villages(run: Run, villages: NDArray[np.str_], numbers: Numbers) -> None:
    columns_ = (numbers.households, *(_rounded(each) for each in (numbers.expected, numbers.low, numbers.high)))
    rows = zip(villages.tolist(), *(each.tolist() for each in columns_), strict=True)
    fields = ("run_id", "division_id", "households", "expected", "low", "high")
    bulk.insert(Outlook, fields, ((run.pk, *row) for row in rows))


def _groups(everyone: Columns, listed: NDArray[np.intp], p_home: Floats, rules: policy.Policy) -> NDArray[np.str_]:
    """The one group each household is warned in. Who may lose the roof overhead is in danger."""
    flags = {name: getattr(everyone, name)[listed] for name in KEY_GROUPS}
    return groups.assign({"danger": p_home >= rules.number("visit_p_min"), **flags})


def _precedence(everyone: Columns, listed: NDArray[np.intp]) -> Floats:
    """Among equals the key groups and key places come first, then the order of codes."""
    return np.asarray(-np.sum([getattr(everyone, group)[listed] for group in KEY_GROUPS], axis=0, dtype=float))


def _rounded(values: Floats) -> Floats:
    return np.round(values, SIGNIFICANT_DIGITS)


def _digest(codes: NDArray[np.str_], rank: NDArray[np.int64]) -> str:
    order = np.argsort(rank, kind="stable")
    return hashlib.sha256("\n".join(codes[order].tolist()).encode()).hexdigest()
