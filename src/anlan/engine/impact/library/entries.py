"""What an entry of the library is: a curve, what it is about, where it comes from, and how far it is to be trusted."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from importlib.resources import files

from anlan.engine.hazard.taxonomy import HAZARDS
from anlan.engine.impact.library.curve import Curve
from anlan.engine.policy import TRUSTS as POLICY_TRUSTS

REGIONS: tuple[str, ...] = ("world", "asia", "cn", "jx", "anyi")  # the more local, the later
KINDS: Mapping[str, Mapping[str, str]] = tomllib.loads(
    (files("anlan.engine.impact.library") / "kinds.toml").read_text(encoding="utf-8")
)
ASSETS: tuple[str, ...] = ("house", "crop", "livestock", "stock", "labour", "water")

# loss: the share of the value. unsafe: the chance that a house may not be lived in, or a source not drunk from.
# days: working days without work.
EFFECTS: tuple[str, ...] = ("loss", "unsafe", "days")

# memory: a figure that somebody recalled and nobody has looked up; like all but `seen` it is shown as 未核实.
TRUSTS: tuple[str, ...] = (*POLICY_TRUSTS, "memory")

# What may be handed on with the program. EC-reuse: "reuse is authorised, provided the source is acknowledged".
# cited: single figures quoted from a publication. own: ours.
BUNDLEABLE: tuple[str, ...] = ("own", "cited", "EC-reuse", "CC-BY-4.0", "CC0-1.0", "Apache-2.0", "MIT")


class LibraryInvalid(ValueError):
    """An entry that cannot be used as it stands; the text names the file and the entry or row."""


@dataclass(frozen=True, slots=True)
class Given:
    """A second intensity that must lie from `low` up to but not at `high` for an entry to apply."""

    kind: str
    low: float
    high: float

    def met(self, known: Mapping[str, float]) -> bool:
        """Whether it is known to hold."""
        return self.kind in known and self.low <= known[self.kind] < self.high


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """One version of one curve. `asset` is a class or a class and its kind, parted by points (crop.rice.tillering).

    `hazard` is empty where the intensity says it all; `rising` declares that more intensity never takes less;
    `own` marks a curve from a folder of the user's, which is not part of the program.
    """

    key: str
    version: int
    kind: str
    asset: str
    effect: str
    hazard: str
    region: str
    curve: Curve
    source: str
    licence: str
    trust: str
    since: date
    until: date | None = None
    given: tuple[Given, ...] = ()
    rising: bool = True
    own: bool = False
    note: str = ""

    @property
    def id(self) -> str:
        """What a stored figure names as its curve."""
        return f"{self.key}@{self.version}"

    @property
    def verified(self) -> bool:
        """Whether it was read in a source that binds here."""
        return self.trust == "seen"

    def holds(self, day: date) -> bool:
        """Whether the entry is valid on a day."""
        return self.since <= day and (self.until is None or day < self.until)


def check(place: str, entry: Entry) -> Entry:
    """The entry, where nothing is wrong with it. Raises LibraryInvalid."""
    for problem in (*_words(entry), *_figures(entry)):
        raise LibraryInvalid(f"{place}: {problem}")
    return entry


def _words(entry: Entry) -> Iterator[str]:
    root = entry.asset.split(".")[0]
    known = {
        "kind": (entry.kind, tuple(KINDS)), "asset": (root, ASSETS), "effect": (entry.effect, EFFECTS),
        "region": (entry.region, REGIONS), "trust": (entry.trust, TRUSTS), "hazard": (entry.hazard, ("", *HAZARDS)),
    }  # fmt: skip
    for name, (value, values) in known.items():
        if value not in values:
            yield f"{name} {value!r} is not known"
    if entry.kind == "severity" and not entry.hazard:
        yield "a curve over severity needs a hazard"
    if not entry.source.strip():
        yield "the source is empty"
    if not entry.own and entry.licence not in BUNDLEABLE:
        yield f"licence {entry.licence!r} is not one under which figures may be handed on"


def _figures(entry: Entry) -> Iterator[str]:
    if entry.version < 1:
        yield "versions count from 1"
    if entry.until is not None and entry.until <= entry.since:
        yield "it ends before it begins"
    for each in entry.given:
        if each.kind not in KINDS or each.low >= each.high:
            yield f"the condition on {each.kind!r} is not a span of a known kind"
    if entry.rising and not entry.curve.monotone:
        yield "the mean falls somewhere, though it is declared to rise"
    if (entry.effect == "days") != (entry.asset.split(".")[0] == "labour"):
        yield "days are lost of labour, and of nothing else"
    if entry.effect != "days" and not entry.curve.share:
        yield "a share or a chance is above 1"
    if entry.effect != "days" and not entry.curve.feasible:
        yield "a standard deviation is too large for its mean"
