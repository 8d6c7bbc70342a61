"""A curve for every hazard of the taxonomy: the design curves over severity, as entries.

Where gauges measure the hazard on a scale of severity, the same curve is there over what they measure, too.
"""

from collections.abc import Iterator, Mapping
from datetime import date

import numpy as np
from numpy.typing import NDArray

from anlan.engine.hazard.taxonomy import HAZARDS
from anlan.engine.impact import fragility
from anlan.engine.impact.fragility import STRUCTURES, WATER, Curves
from anlan.engine.impact.library.curve import Curve
from anlan.engine.impact.library.entries import Entry, check
from anlan.engine.impact.library.forms import over_scale

Floats = NDArray[np.float64]
Row = tuple[str, str, Floats]  # asset, effect, six figures

SINCE = date(2023, 2, 17)  # the county's plan
MEASURED: Mapping[str, str] = {"rain24h_mm": "rain_24h_mm", "gust_ms": "gust_m_s"}  # kind: element


def entries() -> Iterator[Entry]:
    """All of them, hazard by hazard."""
    for hazard in HAZARDS.values():
        curves = fragility.of(hazard.key)
        for asset, effect, row in _rows(curves):
            yield _entry("severity", Curve(fragility.SEVERITIES, row), asset, effect, curves)
            for kind in (kind for kind, element in MEASURED.items() if element == hazard.element):
                yield _entry(kind, over_scale(row, hazard.element), asset, effect, curves)


def _rows(curves: Curves) -> Iterator[Row]:
    rows: list[Row] = [
        ("crop", "loss", curves.crop),
        ("livestock", "loss", curves.livestock),
        ("stock", "loss", curves.equipment),
        ("labour", "days", curves.work_days),
    ]
    every = range(len(STRUCTURES)), range(len(WATER))
    rows += [(f"house.{STRUCTURES[each]}", "unsafe", curves.home * curves.home_factor[each]) for each in every[0]]
    rows += [(f"water.{WATER[each]}", "unsafe", curves.water * curves.water_factor[each]) for each in every[1]]
    for asset, effect, row in rows:
        if row.any():
            yield asset, effect, row if effect == "days" else np.minimum(1.0, row)


def _entry(kind: str, curve: Curve, asset: str, effect: str, curves: Curves) -> Entry:
    key = f"{kind}_{curves.hazard}_{asset.replace('.', '_')}"
    entry = Entry(
        key=key, version=1, kind=kind, asset=asset, effect=effect, hazard=curves.hazard, region="anyi", curve=curve,
        source=curves.source, licence="own", trust="design", since=SINCE,
    )  # fmt: skip
    return check(f"fallback: {key}", entry)
