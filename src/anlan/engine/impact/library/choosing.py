"""Which curve applies: the most local valid one; at one level the one that says most exactly what it is about."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from importlib.resources import files

from anlan.engine.impact.library import fallback
from anlan.engine.impact.library.entries import REGIONS, Entry
from anlan.engine.impact.library.reading import read


class CurveUnknown(LookupError):
    """Nothing in the library fits."""


@dataclass(frozen=True, slots=True)
class Case:
    """What else is known of the case: the effect asked for, the hazard, and other intensities (kind to figure)."""

    effect: str = "loss"
    hazard: str = ""
    given: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Considered:
    """An entry that was looked at, and how it stood.

    `standing`: chosen, not_yet (begins later), ended, elsewhere (of a place more local than asked for), unmet (its
    condition is not known to hold), less_local, less_exact, superseded (an older version, or one from earlier).
    """

    entry: Entry
    standing: str


@dataclass(frozen=True, slots=True)
class Choice:
    """The entry that applies, and why: only (nothing else fits), most_local, most_exact, or latest."""

    entry: Entry
    why: str
    considered: tuple[Considered, ...]


PLAIN = Case()


@lru_cache(maxsize=1)
def entries() -> Mapping[str, Entry]:
    """Every entry that comes with the program, by id, read once."""
    found = read(files("anlan.engine.impact.library"))
    return found | {entry.id: entry for entry in fallback.entries()}


def choose(
    kind: str, asset: str, region: str, on: date, case: Case = PLAIN, among: Iterable[Entry] | None = None
) -> Choice:
    """The curve of a kind of intensity for an asset class in a region (of REGIONS) on a day.

    `asset` may be more exact than any entry: house.adobe.1 takes house.adobe, or house. Over severity a hazard must
    be named. `among`: other entries than the program's own. Raises CurveUnknown.
    """
    looked = [each for each in (entries().values() if among is None else among) if _about(each, kind, asset, case)]
    open_ = [each for each in looked if not _bar(each, region, on, case)]
    chosen = max(open_, key=_order, default=None)
    if chosen is None:
        words = " ".join(filter(None, (case.hazard, case.effect)))
        raise CurveUnknown(f"no curve over {kind} for {asset} ({words}) in {region} on {on}")
    told = tuple(Considered(each, _bar(each, region, on, case) or _standing(each, chosen)) for each in looked)
    return Choice(chosen, _why({each.standing for each in told}), told)


def _about(entry: Entry, kind: str, asset: str, case: Case) -> bool:
    return (
        entry.kind == kind
        and entry.effect == case.effect
        and entry.hazard in ("", case.hazard)
        and f"{asset}.".startswith(f"{entry.asset}.")
    )


def _bar(entry: Entry, region: str, on: date, case: Case) -> str:
    """What speaks against an entry by itself; empty for nothing."""
    if entry.since > on:
        return "not_yet"
    if not entry.holds(on):
        return "ended"
    if REGIONS.index(entry.region) > REGIONS.index(region):
        return "elsewhere"
    return "" if all(each.met(case.given) for each in entry.given) else "unmet"


def _local(entry: Entry) -> int:
    return REGIONS.index(entry.region)


def _exact(entry: Entry) -> tuple[int, bool, int]:
    return entry.asset.count("."), bool(entry.hazard), len(entry.given)


def _order(entry: Entry) -> tuple[int, tuple[int, bool, int], date, int]:
    return _local(entry), _exact(entry), entry.since, entry.version


def _standing(entry: Entry, chosen: Entry) -> str:
    if entry is chosen:
        return "chosen"
    if _local(entry) < _local(chosen):
        return "less_local"
    return "less_exact" if _exact(entry) < _exact(chosen) else "superseded"


def _why(standings: set[str]) -> str:
    for standing, why in (("less_local", "most_local"), ("less_exact", "most_exact"), ("superseded", "latest")):
        if standing in standings:
            return why
    return "only"
