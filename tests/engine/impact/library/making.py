"""Entries for tests, plain unless told otherwise."""

from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np

from anlan.engine.impact.library import Curve, Entry

DAY = date(2026, 6, 18)


def curve(*ratios: float, std: list[float] | None = None) -> Curve:
    """Ratios at 0, 1, 2 …"""
    return Curve(np.arange(float(len(ratios))), np.array(ratios), None if std is None else np.array(std))


def entry(**fields: Any) -> Entry:
    plain = Entry(
        key="plain", version=1, kind="flood_depth_m", asset="house", effect="loss", hazard="", region="cn",
        curve=curve(0, 0.5, 1), source="a source", licence="own", trust="design", since=date(2020, 1, 1),
    )  # fmt: skip
    return replace(plain, **fields)
