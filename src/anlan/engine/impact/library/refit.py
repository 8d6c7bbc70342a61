"""A curve fitted anew to the county's own loss records: a new version, and the old one kept.

Two ways. `scaled` keeps the curve's shape and finds by how much intensity must be stretched, by maximum likelihood of
a logit for shares (Papke and Wooldridge 1996), with a weak prior that the stretch is one, so that a few records or
records beyond the curve's end settle nothing wild; the scatter left is that of a Beta of one dispersion. `isotonic`
takes the records' own shape: means of equal weight, pooled where they fall (PAVA).
"""

from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from numpy.typing import NDArray

from anlan.engine.impact.library.curve import LAST_BITS, Curve
from anlan.engine.impact.library.entries import Entry, check

Floats = NDArray[np.float64]

RECORDS_MIN = 30
INTENSITIES_MIN = 4
BINS_MAX = 24
STRETCH_MAX = 8.0
PRIOR_SD = 1.0  # of the stretch's logarithm; as much evidence as a record or so
_EDGE = 1e-6  # shares nearer to 0 or 1 tell a logit no more
_FEASIBLE = 0.999


class TooFewRecords(ValueError):
    """The records cannot carry a curve; the text says how many it takes."""


@dataclass(frozen=True, slots=True, eq=False)
class Records:
    """The county's records: intensity where a thing stood, the share of it that was lost, how much it counts for.

    `first` and `last` are the days of the earliest and the latest record. Raises ValueError, naming the row from 1.
    """

    intensity: Floats
    ratio: Floats
    weight: Floats
    first: date
    last: date

    def __post_init__(self) -> None:
        if not len(self.intensity) == len(self.ratio) == len(self.weight):
            raise ValueError("intensities, ratios and weights are of equal length")
        good = np.isfinite(self.intensity) & (self.intensity > 0) & (self.ratio >= 0) & (self.ratio <= 1)
        good &= np.isfinite(self.weight) & (self.weight > 0)
        for row in np.flatnonzero(~good)[:1]:
            raise ValueError(f"record {row + 1}: needs an intensity and a weight above 0 and a ratio from 0 to 1")

    def __len__(self) -> int:
        return len(self.intensity)


def isotonic(records: Records) -> Curve:
    """The rising curve closest to the records in weighted squares, in at most BINS_MAX points after the origin.

    Raises TooFewRecords.
    """
    _enough(records)
    bins = _binned(records)
    mean = _pooled(bins[:, 1], bins[:, 2])
    intensity = np.concatenate([[0.0], bins[:, 0]])
    room = np.maximum(0.0, mean * (1 - mean) - LAST_BITS)  # where hardly anything was lost there is none
    std = np.minimum(bins[:, 3], _FEASIBLE * np.sqrt(room))
    return Curve(intensity, np.concatenate([[0.0], mean]), np.concatenate([[0.0], std]))


def scaled(curve: Curve, records: Records) -> Curve:
    """The curve with its intensities divided by the stretch that makes the records likeliest. Raises TooFewRecords."""
    _enough(records)
    stretch = np.exp(_best(curve, records))
    fitted = Curve(curve.intensity / stretch, curve.ratio)
    share = records.weight / records.weight.sum()
    mean = np.clip(fitted.at(records.intensity), _EDGE, 1 - _EDGE)
    dispersion = min(_FEASIBLE, float((share * (records.ratio - mean) ** 2 / (mean * (1 - mean))).sum()))
    return replace(fitted, std=np.sqrt(dispersion * fitted.ratio * (1 - fitted.ratio)))


def refit(entry: Entry, records: Records, *, way: str, region: str, since: date) -> Entry:
    """A new version of an entry from records, by `scaled` or `isotonic`, for a region from a day on.

    The old entry is not touched and goes on standing beside it. Raises TooFewRecords; ValueError for another way, and
    for a curve of days, of which no share is lost.
    """
    if entry.effect == "days":
        raise ValueError(f"{entry.key}: records are shares, and this curve tells days")
    if way not in ("scaled", "isotonic"):
        raise ValueError(f"no such way to refit: {way!r}")
    curve = isotonic(records) if way == "isotonic" else scaled(entry.curve, records)
    source = f"本县灾损记录{len(records)}条，{records.first}至{records.last}"
    fresh = replace(
        entry, version=entry.version + 1, curve=curve, source=source, licence="own", trust="seen", region=region,
        since=since, until=None, rising=True, note=f"{way}; {entry.id}",
    )  # fmt: skip
    return check(f"refit: {entry.key}", fresh)


def _enough(records: Records) -> None:
    kinds = len(np.unique(records.intensity))
    if len(records) < RECORDS_MIN or kinds < INTENSITIES_MIN:
        raise TooFewRecords(
            f"{len(records)} records at {kinds} intensities; it takes {RECORDS_MIN} at {INTENSITIES_MIN}"
        )


def _binned(records: Records) -> Floats:
    """Bins of about equal weight, in order of intensity: rows of mean intensity, mean ratio, weight, deviation.

    Records of one intensity stay together, so neither their order nor how they are split up matters.
    """
    values, which = np.unique(records.intensity, return_inverse=True)
    weight, lost, squared = (
        np.asarray(np.bincount(which, records.weight * power)) for power in (1.0, records.ratio, records.ratio**2)
    )
    middle = (np.cumsum(weight) - weight / 2) / weight.sum()
    _bins, place = np.unique(np.floor(middle * BINS_MAX), return_inverse=True)
    heavy, depths, losses, squares = (np.bincount(place, each) for each in (weight, weight * values, lost, squared))
    mean = losses / heavy
    return np.column_stack([depths / heavy, mean, heavy, np.sqrt(np.maximum(0.0, squares / heavy - mean**2))])


def _pooled(ratio: Floats, weight: Floats) -> Floats:
    """The closest rising row: neighbours that fall are pooled until none does."""
    blocks: list[tuple[float, float, int]] = []
    for value, heavy in zip(ratio.tolist(), weight.tolist(), strict=True):
        block = (value, heavy, 1)
        while blocks and blocks[-1][0] >= block[0]:
            mean, more, count = blocks.pop()
            total = more + block[1]
            block = ((mean * more + block[0] * block[1]) / total, total, count + block[2])
        blocks.append(block)
    pooled = np.repeat([mean for mean, _weight, _count in blocks], [count for _mean, _weight, count in blocks])
    return np.asarray(np.minimum(1.0, pooled))


def _best(curve: Curve, records: Records) -> float:
    """The logarithm of the likeliest stretch: the best of a grid, refined by golden section beside it."""
    edge = np.log(STRETCH_MAX)
    grid = np.linspace(-edge, edge, 65)
    best = int(np.argmax([_likelihood(curve, records, each) for each in grid]))
    low, high = grid[max(best - 1, 0)], grid[min(best + 1, len(grid) - 1)]
    golden = (np.sqrt(5.0) - 1) / 2
    for _step in range(40):
        left, right = high - golden * (high - low), low + golden * (high - low)
        if _likelihood(curve, records, left) < _likelihood(curve, records, right):
            low = left
        else:
            high = right
    return float((low + high) / 2)


def _likelihood(curve: Curve, records: Records, log_stretch: float) -> float:
    mean = np.clip(curve.at(records.intensity * np.exp(log_stretch)), _EDGE, 1 - _EDGE)
    told = records.ratio * np.log(mean) + (1 - records.ratio) * np.log1p(-mean)
    heavy = records.weight * (len(records) / records.weight.sum())
    return float((heavy * told).sum() - 0.5 * (log_stretch / PRIOR_SD) ** 2)
