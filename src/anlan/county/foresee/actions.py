"""Estimating an event's impact, household by household."""

import hashlib
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db import transaction
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from anlan.county import bulk, clock
from anlan.county.errors import Refused
from anlan.county.foresee.models import Impact, Run
from anlan.county.foresee.reach import Floats, reach
from anlan.county.ledger.actions import record
from anlan.county.office.models import User
from anlan.county.office.permissions import check
from anlan.county.office.queries import county
from anlan.county.registry.queries import Columns, columns
from anlan.county.sense.models import Event
from anlan.county.sense.queries import latest_readings
from anlan.engine import policy
from anlan.engine.audience import groups
from anlan.engine.hazard import field, severity, taxonomy
from anlan.engine.impact import first_cut

COLUMNS = (
    "run_id", "household_id", "reach", "confidence", "severity", "loss_yuan", "income_per_head_yuan",
    "p_below", "p_home", "p_water", "score", "group", "rank",
)  # fmt: skip
KEY_GROUPS = ("alone", "disabled", "elderly", "monitored", "ex_poor", "remote")
READING_HOURS = 48
SIGNIFICANT_DIGITS = 6  # so that two machines' last bits do not make two rankings


class EventClosed(Refused):
    """The event is over; its impact is no longer estimated."""


@dataclass(frozen=True, slots=True)
class Seen:
    """How hard the hazard is where each household stands, and what that was taken from."""

    severity: Floats
    basis: str


@transaction.atomic
def foresee(*, event: Event, by: User) -> Run:
    """Estimate the event's impact on every household it reaches, and rank them. Keeps earlier runs."""
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
    seen = _severity(event, everyone, listed)
    impact = first_cut.assess(_exposure(everyone, listed, reached.confidence), seen.severity, event.hazard, rules)
    score = _rounded(impact.score)
    rank = first_cut.rank(score, _precedence(everyone, listed))
    run = Run.objects.create(
        event=event, made_at=clock.now(), method=first_cut.METHOD, policy_day=rules.day, basis=seen.basis,
        households=len(listed), digest=_digest(everyone.code[listed], rank),
    )  # fmt: skip
    values: tuple[NDArray[Any], ...] = (
        everyone.id[listed], reached.way[listed], reached.confidence[listed], seen.severity, impact.loss_yuan,
        impact.income_per_head_yuan, impact.p_below, impact.p_home, impact.p_water, score,
        _groups(everyone, listed, impact.p_home, rules), rank,
    )  # fmt: skip
    lists = [_rounded(column).tolist() if column.dtype.kind == "f" else column.tolist() for column in values]
    bulk.insert(Impact, COLUMNS, ((run.pk, *row) for row in zip(*lists, strict=True)))
    record(
        "foresee.run", about=f"event:{event.code}", by=by.username, households=run.households,
        method=run.method, basis=run.basis, policy_day=str(rules.day), digest=run.digest,
    )  # fmt: skip
    return run


def _severity(event: Event, everyone: Columns, listed: NDArray[np.intp]) -> Seen:
    """From the gauges where they have spoken since the signal, else from the signal's level.

    A dry gauge from before the signal says nothing about what is still to come.
    """
    element = taxonomy.HAZARDS[event.hazard].element if event.hazard in taxonomy.HAZARDS else ""
    since_signal = clock.now() - (event.alert.sent_at if event.alert is not None else event.issued_at)
    hours = min(READING_HOURS, since_signal.total_seconds() / 3600)
    readings = latest_readings(element, clock.now(), hours) if element and hours > 0 else None
    if readings is None or not len(readings.value):
        return Seen(np.full(len(listed), severity.from_level(event.level)), "alert")
    value = field.interpolate(
        everyone.lon_or_village[listed], everyone.lat_or_village[listed], readings.lon, readings.lat, readings.value
    )
    return Seen(severity.from_reading(element, value), "gauges")


def _exposure(everyone: Columns, listed: NDArray[np.intp], confidence: Floats) -> first_cut.Exposure:
    plain = (
        "size", "labourers", "insured", "wage_yuan", "business_yuan", "business_cost_yuan", "property_yuan",
        "transfer_yuan", "rigid_yuan", "savings_yuan", "crop_yuan", "livestock_yuan", "equipment_yuan",
        "home_yuan", "location_m",
    )  # fmt: skip
    return first_cut.Exposure(
        **{name: getattr(everyone, name)[listed] for name in plain},
        structure=_codes(everyone.structure[listed], first_cut.STRUCTURES),
        water=_codes(everyone.water[listed], first_cut.WATER),
        confidence=confidence[listed],
    )


def _codes(words: NDArray[np.str_], known: tuple[str, ...]) -> NDArray[np.int64]:
    """Each word's place in the tuple of known words; unknown words take the first, the commonest."""
    return np.asarray(sum(np.where(words == word, place, 0) for place, word in enumerate(known)), dtype=np.int64)


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
