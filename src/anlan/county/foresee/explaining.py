"""Why a household stands where it stands in a run: what it owns, what that is met by, how each term moved each chance.

It is reckoned again from the tables and the members that the run kept, by the policy of the run's day.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.conf import settings
from django.utils.translation import gettext as _

from anlan.county import seal
from anlan.county.errors import NotFound
from anlan.county.foresee import hazards, parquet, standing
from anlan.county.foresee.actions import REGION
from anlan.county.foresee.exposure import TOWNSHIP, UNITS
from anlan.county.foresee.models import Impact, Run
from anlan.county.registry.queries import names_of
from anlan.engine import policy
from anlan.engine.hazard import footprint, warned
from anlan.engine.impact.library.entries import Entry
from anlan.engine.outlook.hits import Hit, People, Terms, Things, hit, tables
from anlan.engine.outlook.shares import DEPTH, EFFECTS, Share, Threat, Where, chosen, shares
from anlan.engine.policy import Policy
from anlan.engine.welfare.explain import Explained, Ground, explain
from anlan.engine.welfare.households import Households, Shock, shock
from anlan.engine.welfare.outcomes import Settings

PARAMETERS = {
    "insurance": "insurance_pays_ratio", "house": "unsafe_home_loss_ratio", "spread": "loss_spread_ratio",
    "error": "income_error_sd", "debt": "debt_rigid_ratio",
}  # fmt: skip
"""Which figure of policy each term rests on."""


@dataclass(frozen=True, slots=True)
class Curve:
    """The curve an asset's loss was read off, the intensity it is over, and what it says is lost (a share, or days)."""

    id: str
    kind: str
    effect: str
    source: str
    trust: str
    verified: bool
    share: float


@dataclass(frozen=True, slots=True)
class Asset:
    """What stands there: its class in parts (crop, rice, tillering), how much, its worth, its curves, what is lost."""

    parts: tuple[str, ...]
    unit: str
    quantity: float
    value_yuan: float
    curves: tuple[Curve, ...]
    loss_yuan: float | None  # None where no money is lost: water, work


@dataclass(frozen=True, slots=True)
class Danger:
    """A threat where the household stands: the lowest, the middle and the highest of its members, and their source."""

    hazard: str
    kind: str
    low: float
    middle: float
    high: float
    members: int
    source: str
    trust: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """Everything a household's figures in a run rest on. `there`: the chance of standing in the area at all."""

    event: str
    code: str
    run: Run
    impact: Impact
    there: float
    members: int
    line: Any
    dangers: tuple[Danger, ...]
    assets: tuple[Asset, ...]
    outcomes: tuple[Explained, ...]
    parameters: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Case:
    """One household, read again as the run had it."""

    people: People
    things: Things
    quantities: tuple[float, ...]
    row: dict[str, Any]
    threats: tuple[Threat, ...]
    rules: Policy


def of(impact: Impact) -> Explanation:
    """The explanation of a household's figures. Refused where the run kept nothing to explain it by."""
    case = _read(impact)
    where = Where(REGION, case.rules.day, Terms.of(case.rules).loss_spread_ratio)
    found = shares(case.things.names, case.threats, where)
    shape = case.threats[0].field.values.shape
    done = hit(case.people, case.things, tables(case.things.names, found, (shape[0], shape[1])), Terms.of(case.rules))
    weights = case.threats[0].field.weights
    assets = tuple(_asset(case, number, found, where) for number in range(len(case.things.kind)))
    told = explain(
        _households(case), _members(done, weights), Settings.of(case.rules), 0, _grounds(assets, case.rules)
    )  # fmt: skip
    return Explanation(
        event=impact.run.event.code, code=impact.household.code, run=impact.run, impact=impact,
        there=impact.confidence, members=case.row["members"], line=case.rules.parameter("monitoring_line_yuan"),
        dangers=tuple(_danger(each, int(case.people.place[0]), impact.run.basis) for each in case.threats),
        assets=assets, outcomes=told,
        parameters={name: case.rules.parameter(name) for name in sorted({*PARAMETERS.values(), "local_wage_ratio"})},
    )  # fmt: skip


def _read(impact: Impact) -> _Case:
    run, town = impact.run, f"{impact.household.division_id[:TOWNSHIP]}000"
    if run.exposure is None or run.hazards is None:
        raise NotFound(_("这次研判没有保存逐项说明所需的数据；请重新研判后再看。"))
    name = seal.ring().blinder("foresee.exposure")
    wanted = [name(code) % 2**64 for code in names_of(impact.household)]
    for township in sorted(run.exposure.parts, key=lambda each: each != town):
        kept = parquet.read(settings.EXPOSURE, township, run.exposure.parts[township])
        place = np.flatnonzero(np.isin(kept["households"]["hh_id"].to_numpy(), np.array(wanted, dtype=np.uint64)))
        if len(place):
            return _case(impact, kept, int(place[0]))
    raise NotFound(_("这次研判时登记簿里还没有这一户；请重新研判后再看。"))


def _case(impact: Impact, kept: Mapping[str, Any], row: int) -> _Case:
    run = impact.run
    household = standing.one(kept["households"], row)
    seen = hazards.unpack(bytes(run.hazards or b""), run.basis)
    spot = hazards.Spots(np.array([household["cell"]]), np.array([household["location_m"]]))
    place = int(seen.places(spot)[0])
    things, quantities = standing.things_of(kept["assets"], row)
    return _Case(
        people=standing.people_of(household, 1.0, place), things=things, quantities=quantities, row=household,
        threats=seen.threats, rules=policy.on(run.policy_day),
    )  # fmt: skip


def _households(case: _Case) -> Households:
    row, people = case.row, case.people
    money = {"wage": "wage", "business": "business_in", "business_cost": "business_out", "property": "property"}
    money |= {"transfer": "transfer", "rigid": "rigid", "savings": "savings", "debt": "debt_due"}
    columns = {f"{name}_yuan": np.array([row[f"{source}_yuan"]]) for name, source in money.items()}
    line = np.array([case.rules.number("monitoring_line_yuan")])
    return Households(
        members=people.size, claims_yuan=np.zeros(1), line_yuan=line, insured=people.insured, **columns
    )  # fmt: skip


def _members(done: Hit, weights: Any) -> list[tuple[float, Shock]]:
    """Each member twice: the house stands, or it is unsafe and must be made safe."""
    found = []
    for number, weight in enumerate(weights.tolist()):
        columns = {
            "crop": done.crop, "livestock": done.livestock, "stock": done.stock, "work": done.work,
            "insurance": done.paid, "spread": done.spread, "water_unsafe": done.water,
        }  # fmt: skip
        same = {name: float(column[number][0]) for name, column in columns.items()}
        broken = float(done.home[number][0])
        found.append((weight * (1.0 - broken), shock(1, **same)))
        found.append((weight * broken, shock(1, **same, home_unsafe=1.0, house=float(done.rebuilding[0]))))
    return found


def _asset(case: _Case, number: int, found: Mapping[tuple[str, str], Share], where: Where) -> Asset:
    name = case.things.names[case.things.kind[number]]
    value, place = float(case.things.value_yuan[number]), int(case.people.place[0])
    weights = case.threats[0].field.weights
    parts = tuple(name.split("."))
    curves = []
    lost: float | None = None
    for effect in EFFECTS[parts[0]]:
        share = float(weights @ found[name, effect].mean[:, place])
        for threat in case.threats:
            if (choice := chosen(name, effect, threat, where)) is not None:
                curves.append(_curve(choice[1].entry, choice[0], effect, share))
        if effect == "loss":
            lost = share * value
    return Asset(parts, UNITS[parts[0]], case.quantities[number], value, tuple(curves), lost)


def _curve(entry: Entry, kind: str, effect: str, share: float) -> Curve:
    return Curve(entry.id, kind, effect, entry.source, entry.trust, entry.verified, share)


def _danger(threat: Threat, place: int, basis: str) -> Danger:
    field = threat.field
    values = field.values[:, place]
    signal = warned.signals().get(threat.hazard, warned.signals()[warned.OTHER])
    known = basis == hazards.ALERT
    return Danger(
        hazard=threat.hazard, kind=field.kind, low=float(values.min()), middle=float(field.middle[place]),
        high=float(values.max()), members=len(values), source=signal.source if known else "",
        trust=signal.trust if known else "",
    )  # fmt: skip


def _grounds(assets: tuple[Asset, ...], rules: Policy) -> dict[str, Ground]:
    """What each term rests on: the curve through which most is lost, and the figure of policy."""
    grounds = {
        code: Ground(parameter=key, source=rules.parameter(key).source, trust=rules.parameter(key).trust)
        for code, key in PARAMETERS.items()
    }
    for asset in sorted(assets, key=lambda each: each.loss_yuan or 0.0):
        for curve in asset.curves:
            code = "work" if curve.effect == "days" else asset.parts[0]
            if curve.effect == "unsafe":
                code = "home_unsafe" if asset.parts[0] == "house" else "water_unsafe"
            if code != "house":
                grounds[code] = Ground(curve=curve.id, source=curve.source, trust=curve.trust)
    return grounds


def footprinted(explanation: Explanation) -> Any:
    """The footprint that stood between rain and the house, where one did."""
    deep = any(curve.kind == DEPTH for asset in explanation.assets for curve in asset.curves)
    return footprint.footprints()[footprint.HOMES] if deep else None
