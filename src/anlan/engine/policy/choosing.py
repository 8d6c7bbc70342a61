"""Which value applies on a day, and why: the most local one that holds; at one level, the latest."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from difflib import get_close_matches
from functools import lru_cache
from importlib.resources import files

from anlan.engine.policy.parameters import LEVELS, Entry, Parameter, PolicyUnknown, Value, parameter
from anlan.engine.policy.reading import read


@dataclass(frozen=True, slots=True)
class Candidate:
    """A value that was considered, and how it stood.

    `standing`: chosen, not_yet (begins later), ended, superseded (a later one of the same level holds),
    less_local (a more local one holds).
    """

    parameter: Parameter
    standing: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """How a parameter came to its value on a day.

    `why`: only (nothing else held), latest (the latest of its level), most_local (it overrides a wider level).
    """

    chosen: Parameter
    considered: tuple[Candidate, ...]
    why: str


@dataclass(frozen=True, slots=True)
class Policy:
    """All parameters as they stand on a day."""

    day: date
    _parameters: Mapping[str, Parameter] = field(repr=False, compare=False)
    changes: tuple[tuple[str, float | str], ...] = ()  # what was supposed otherwise, for a trial

    def __contains__(self, key: str) -> bool:
        """Whether a parameter has a value on the day."""
        return key in self._parameters

    def supposing(self, changes: Mapping[str, float | str]) -> "Policy":
        """The same policy with other values for a trial; they belong to nobody and are verified by nothing.

        Raises PolicyUnknown, and TypeError where a number would become a text or the other way round.
        """
        changed = {key: _supposed(self.parameter(key), value) for key, value in changes.items()}
        told = tuple(sorted({**dict(self.changes), **changes}.items()))
        return Policy(self.day, {**self._parameters, **changed}, told)

    def parameter(self, key: str) -> Parameter:
        """The parameter with its value and where that comes from. Raises PolicyUnknown."""
        try:
            return self._parameters[key]
        except KeyError:
            raise _unknown(key, self.day) from None

    def number(self, key: str) -> float:
        """The value of a parameter that is a number, in the parameter's unit. Raises PolicyUnknown, TypeError."""
        value = self.parameter(key).value
        if isinstance(value, str):
            raise TypeError(f"the policy parameter {key} is a text, not a number")
        return value

    def text(self, key: str) -> str:
        """The value of a parameter that is a text. Raises PolicyUnknown, TypeError."""
        value = self.parameter(key).value
        if not isinstance(value, str):
            raise TypeError(f"the policy parameter {key} is a number, not a text")
        return value


@lru_cache(maxsize=1)
def entries() -> Mapping[str, Entry]:
    """Every parameter of the policy files, read once."""
    return read(files("anlan.engine.policy"))


@lru_cache(maxsize=512)
def on(day: date) -> Policy:
    """The policy of a day. Parameters that have no value on that day are unknown to it."""
    known = {key: value for key, entry in entries().items() if (value := choose(entry, day)) is not None}
    return Policy(day, {key: parameter(entries()[key], value, day) for key, value in known.items()})


def names() -> list[str]:
    """The names of all parameters, sorted."""
    return sorted(entries())


def nearest(key: str) -> list[str]:
    """Names of parameters like this one, the most alike first."""
    return get_close_matches(key, names(), n=5, cutoff=0.5)


def explain(key: str, day: date) -> Explanation:
    """Which value of a parameter applies on a day, why, and what else was considered. Raises PolicyUnknown."""
    entry = entries().get(key)
    chosen = choose(entry, day) if entry else None
    if entry is None or chosen is None:
        raise _unknown(key, day)
    considered = tuple(Candidate(parameter(entry, value, day), _standing(value, chosen, day)) for value in entry.values)
    return Explanation(parameter(entry, chosen, day), considered, _why(considered))


def choose(entry: Entry, day: date) -> Value | None:
    """The value that applies on a day: the most local level's latest."""
    holding = [value for value in entry.values if value.holds(day)]
    return max(holding, key=lambda value: (LEVELS.index(value.level), value.since), default=None)


def _standing(value: Value, chosen: Value, day: date) -> str:
    if value == chosen:
        return "chosen"
    if value.since > day:
        return "not_yet"
    if not value.holds(day):
        return "ended"
    return "superseded" if value.level == chosen.level else "less_local"


def _why(considered: tuple[Candidate, ...]) -> str:
    standings = {candidate.standing for candidate in considered}
    if "less_local" in standings:
        return "most_local"
    return "latest" if "superseded" in standings else "only"


def _supposed(found: Parameter, value: float | str) -> Parameter:
    if isinstance(value, str) != isinstance(found.value, str):
        raise TypeError(f"the policy parameter {found.key} cannot be {value!r}")
    return replace(found, value=value, source="试算", trust="design", verified=False, stale=False, signed="")


def _unknown(key: str, day: date) -> PolicyUnknown:
    if key in entries():
        return PolicyUnknown(f"the policy parameter {key} has no value on {day}")
    return PolicyUnknown(f"no policy parameter {key!r}; alike: {', '.join(nearest(key)) or 'none'}")
