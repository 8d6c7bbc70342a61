"""The outlook of every household: expected losses by kind, three outcomes side by side, and how sure they are.

Members are worked through a stretch of households at a time. The outcomes: (a) income below the line, (b) what is left
of it after spending that cannot be avoided below the line, (c) an unsafe house, and no safe water. `score` is the
chance that the event adds (a) or brings (c): households long known to be poor do not crowd out those it newly ruins.
Every probability and expectation counts the chance of standing in the area at all.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from anlan.engine.outlook.falling import Losses, Need, below
from anlan.engine.outlook.hits import Hit, People, Shares, Terms, Things, hit, tables
from anlan.engine.outlook.shares import Threat, Where, shares
from anlan.engine.outlook.villages import Numbers, bounds
from anlan.engine.policy import Policy

Floats = NDArray[np.float64]

CHUNK = 1 << 10  # households at a time: what 51 members need of them stays in the processor's cache
NINE_IN_TEN = 1.2815515655446004  # nine in ten of a standard normal variable lie below
NEVER = 1e-4  # a chance at which it makes no difference whether a house stands, or curves are off
LOSSES = ("crop", "livestock", "stock", "work", "house")


@dataclass(frozen=True, slots=True)
class Line:
    """What is needed and how sure the figures are: the policy of a day as far as welfare goes."""

    line_yuan: float
    income_error_sd: float
    curve_error_sd: float  # of the logarithm of a factor on all losses at once

    @classmethod
    def of(cls, policy: Policy) -> "Line":
        """As the policy of a day has them."""
        names = ("monitoring_line_yuan", "income_error_sd", "curve_error_sd")
        return cls(*(policy.number(name) for name in names))


@dataclass(frozen=True, slots=True)
class Outlook:
    """One place a household. Losses are expected ones in yuan, before insurance.

    `loss_sd_yuan`: how far the losses of income together scatter, over members and from household to household. `_low`
    and `_high`: were all curves as far off, down or up, as they are in one case of ten.
    """

    crop_yuan: Floats
    livestock_yuan: Floats
    stock_yuan: Floats
    work_yuan: Floats
    house_yuan: Floats
    loss_yuan: Floats
    loss_sd_yuan: Floats
    income_per_head_yuan: Floats
    p_below: Floats
    p_below_low: Floats
    p_below_high: Floats
    p_hardship: Floats
    p_home: Floats
    p_water: Floats
    score: Floats
    score_low: Floats
    score_high: Floats


@dataclass(frozen=True, slots=True)
class Tallies:
    """By member and village: mean and variance of the number newly at risk."""

    mean: Floats
    variance: Floats


def of(
    people: People, things: Things, threats: Sequence[Threat], rules: Policy, region: str
) -> tuple[Outlook, Numbers]:
    """The outlook of every household and the numbers of every village, by the curves and the policy of a day."""
    terms = Terms.of(rules)
    where = Where(region, rules.day, terms.loss_spread_ratio)
    weights = threats[0].field.weights
    table = shares(things.names, threats, where)
    found, tallies = estimate(people, things, table, weights, (terms, Line.of(rules)))
    households = np.bincount(people.village, minlength=tallies.mean.shape[1])
    return found, bounds(households, tallies.mean, tallies.variance, weights)


def estimate(
    people: People, things: Things, table: Shares, weights: Floats, rules: tuple[Terms, Line]
) -> tuple[Outlook, Tallies]:
    """The outlook of every household and the tallies of every village, under members with these weights."""
    terms, line = rules
    places = next(iter(table.values())).mean.shape[1] if table else 1
    laid, ordered = tables(things.names, table, (len(weights), places)), things.sorted()
    villages = int(people.village.max()) + 1 if len(people) else 0
    tallies = Tallies(np.zeros((len(weights), villages)), np.zeros((len(weights), villages)))
    found = {each.name: np.zeros(len(people)) for each in fields(Outlook)}
    for first in range(0, len(people), CHUNK):
        rows = slice(first, min(first + CHUNK, len(people)))
        part = people.rows(rows)
        done = hit(part, ordered.rows(rows), laid, terms)
        at_risk = _fill(found, rows, (part, done), weights, line)
        for number, row in enumerate(at_risk * part.there):
            tallies.mean[number] += np.bincount(part.village, row, villages)
            tallies.variance[number] += np.bincount(part.village, row * (1.0 - row), villages)
    return Outlook(**found), tallies


def _fill(found: dict[str, Floats], rows: slice, about: tuple[People, Hit], weights: Floats, line: Line) -> Floats:
    """Put some households' figures in their places; their chances of being newly at risk, by member."""
    people, done = about
    there = people.there
    for name in LOSSES:
        found[f"{name}_yuan"][rows] = there * (weights @ getattr(done, name))
        found["loss_yuan"][rows] += found[f"{name}_yuan"][rows]
    income = done.income
    mean = weights @ income
    square = weights @ (income**2 + done.deviation**2)
    found["loss_sd_yuan"][rows] = np.sqrt(np.maximum(there * square - (there * mean) ** 2, 0.0))
    kept = people.income_yuan - there * (mean - weights @ done.paid)
    found["income_per_head_yuan"][rows] = kept / np.maximum(people.size, 1)
    found["p_home"][rows] = there * (weights @ done.home)
    found["p_water"][rows] = there * (weights @ done.water)
    need = Need(line.line_yuan * np.maximum(people.size, 1), people.income_yuan, line.income_error_sd)
    before, losses = need.without_loss(), Losses.of(income, done.spread)
    falls = below(need, losses, done.paid)
    at_risk = _at_risk(np.maximum(falls - before, 0.0), done.home, done.water)
    found["p_below"][rows], found["score"][rows] = there * (weights @ falls), there * (weights @ at_risk)
    for ending, bound in _bounds((need, losses, done), (falls, before), weights, line).items():
        found[f"p_below{ending}"][rows] = there * (weights @ bound[0])
        found[f"score{ending}"][rows] = there * (weights @ bound[1])
    found["p_hardship"][rows] = there * (weights @ _hardship(need.more(people.rigid_yuan), losses, done))
    return at_risk


def _hardship(need: Need, losses: Losses, done: Hit) -> Floats:
    """The chances of (b): of a house that stands, and of one that must be made safe."""
    stands = below(need, losses, done.paid)
    rows = np.flatnonzero(done.home.max(axis=0, initial=0.0) > NEVER)
    broken = below(need.more(done.rebuilding).rows(rows), losses.rows(rows), done.paid[:, rows])
    stands[:, rows] += done.home[:, rows] * (broken - stands[:, rows])
    return stands


def _bounds(
    about: tuple[Need, Losses, Hit], central: tuple[Floats, Floats], weights: Floats, line: Line
) -> dict[str, tuple[Floats, Floats]]:
    """By ending, the chances of (a) and of being newly at risk, were all curves so far off.

    `central`: the chances as the curves say, and without an event. Of those who hardly can fall (a) stays as it is.
    """
    need, losses, done = about
    falls, before = central
    off = float(np.exp(NINE_IN_TEN * line.curve_error_sd))
    rows = np.flatnonzero(weights @ falls > NEVER)
    found = {}
    for ending, times in (("_low", 1.0 / off), ("_high", off)):
        moved = falls.copy()
        moved[:, rows] = below(need.rows(rows), losses.rows(rows), done.paid[:, rows], times)
        home, water = (np.minimum(1.0, chance * times) for chance in (done.home, done.water))
        found[ending] = (moved, _at_risk(np.maximum(moved - before, 0.0), home, water))
    return found


def _at_risk(added: Floats, home: Floats, water: Floats) -> Floats:
    return np.asarray(1.0 - (1.0 - added) * (1.0 - home) * (1.0 - water))
