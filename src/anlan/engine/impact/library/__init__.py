"""The vulnerability library: curves as dated, sourced data, from intensity to what is lost.

`*.toml` hold what was found in the literature and what we designed; `fallback` makes the severity curves of the first
cut part of it, so that no hazard is without; `choose` takes the most local valid entry and says why; `read_user`
reads a user's own; `refit` makes a new version from the county's own losses, and keeps the old one.
"""

from anlan.engine.impact.library.choosing import Case, Choice, Considered, CurveUnknown, choose, entries
from anlan.engine.impact.library.curve import Curve, CurveInvalid
from anlan.engine.impact.library.entries import (
    ASSETS,
    BUNDLEABLE,
    EFFECTS,
    KINDS,
    REGIONS,
    TRUSTS,
    Entry,
    Given,
    LibraryInvalid,
    check,
)
from anlan.engine.impact.library.own import read_user

__all__ = [
    "ASSETS", "BUNDLEABLE", "EFFECTS", "KINDS", "REGIONS", "TRUSTS", "Case", "Choice", "Considered", "Curve",
    "CurveInvalid", "CurveUnknown", "Entry", "Given", "LibraryInvalid", "check", "choose", "entries", "read_user",
]  # fmt: skip
